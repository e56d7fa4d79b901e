//! What a room does to its game between ticks, as a recording keeps it.

use crate::wire::{GameAction, Name};
use protocol::name::PlayerName;
use protocol::seat::Seat;
use serde::{Deserialize, Serialize};
use server::game::Game;

use crate::respawn::Fingerprint;
use crate::{BattleCircles, Ctx};

/// A call of [`Game`]'s that changes the game, beside its ticks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Call {
    Admit(Name, Option<Fingerprint>),
    Leave(Seat),
    Park(Seat, bool),
    Act(Seat, GameAction),
}

impl Call {
    /// Whether a room can have made it.
    pub(super) fn is_possible(&self) -> bool {
        match self {
            Self::Admit(name, _) => PlayerName::parse(name).is_ok(),
            Self::Leave(_) | Self::Park(..) | Self::Act(..) => true,
        }
    }

    /// Makes the call again. What the game refuses now it refused then.
    pub(super) fn make(&self, game: &mut BattleCircles, ctx: &mut Ctx) {
        match self {
            Self::Admit(name, fingerprint) => drop(game.seat_newcomer(name, *fingerprint)),
            Self::Leave(seat) => game.leave(ctx, *seat),
            Self::Park(seat, parked) => game.park(ctx, *seat, *parked),
            Self::Act(seat, action) => drop(game.act(ctx, *seat, *action)),
        }
    }
}
