//! What a room does to its game between ticks, as a recording keeps it.

use crate::wire::{GameAction, Name};
use protocol::ids::PlayerId;
use protocol::name::PlayerName;
use protocol::seat::Seat;
use serde::{Deserialize, Serialize};
use server::game::{Game, Player};

use crate::{BattleCircles, Ctx, NoOptions};

/// A call of [`Game`]'s that changes the game, beside its ticks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Call {
    Admit(Name),
    Leave(Seat),
    Park(Seat, bool),
    Act(Seat, GameAction),
}

impl Call {
    /// Whether a room can have made it.
    pub(super) fn is_possible(&self) -> bool {
        match self {
            Self::Admit(name) => PlayerName::parse(name).is_ok(),
            Self::Leave(_) | Self::Park(..) | Self::Act(..) => true,
        }
    }

    /// Makes the call again. What the game refuses now it refused then.
    pub(super) fn make(&self, game: &mut BattleCircles, ctx: &mut Ctx) {
        match self {
            Self::Admit(name) => {
                // The game asks for no more of a player than its name.
                let who =
                    PlayerName::parse(name).map(|name| Player::guest(PlayerId::from_bits(0), name));
                if let Ok(who) = who {
                    drop(game.admit(ctx, &who, NoOptions {}));
                }
            }
            Self::Leave(seat) => game.leave(ctx, *seat),
            Self::Park(seat, parked) => game.park(ctx, *seat, *parked),
            Self::Act(seat, action) => drop(game.act(ctx, *seat, *action)),
        }
    }
}
