//! How a room stands, so that another process can go on with it: its game, and who sits where. Links, and what is on its way
//! down them, are not part of it: players come back by their tokens and are told all anew.

use std::time::Duration;

use protocol::ids::{PlayerId, SessionId};
use protocol::name::PlayerName;
use protocol::seat::Seat;
use protocol::tick::Tick;
use serde::{Deserialize, Serialize};
use tracing::{info_span, warn};
use uuid::Uuid;

use super::session::Session;
use super::{Room, RoomSetup};
use crate::game::{self, Context, Game, Refusal};

/// How long a room that was taken up again stands still for its first player to come back.
const PAUSE: Duration = Duration::from_secs(5);

/// A room at a tick.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomCheckpoint {
    /// The room's own id.
    pub incarnation: Uuid,
    tick: Tick,
    /// Matches that it has finished.
    finished: u32,
    /// Who sits where.
    pub seats: Vec<SeatCheckpoint>,
    /// The game's own.
    game: Vec<u8>,
}

/// A session and its player.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeatCheckpoint {
    /// The session that has the seat.
    pub session: SessionId,
    seat: u8,
    player: PlayerId,
    name: String,
    is_guest: bool,
    /// As JSON, for its claims have any form.
    login: Option<String>,
}

impl SeatCheckpoint {
    fn of(session: SessionId, seat: Seat, player: &game::Player) -> Self {
        Self {
            session,
            seat: seat.0,
            player: player.id,
            name: player.name.to_string(),
            is_guest: player.is_guest,
            login: player
                .login
                .as_ref()
                .and_then(|login| serde_json::to_string(login).ok()),
        }
    }

    /// The player; nothing where it can't be read.
    #[must_use]
    pub fn player(&self) -> Option<game::Player> {
        let login = self.login.as_deref().map(serde_json::from_str).transpose();
        Some(game::Player {
            id: self.player,
            name: PlayerName::parse(&self.name).ok()?,
            is_guest: self.is_guest,
            login: login.ok()?,
        })
    }
}

impl<G: Game> Room<G> {
    /// How the room stands; nothing where the game keeps no checkpoints, or nobody is there.
    #[must_use]
    pub fn checkpoint(&self) -> Option<RoomCheckpoint> {
        if self.sessions.is_empty() || self.is_ended {
            return None;
        }
        let seats = self.sessions.iter();
        let seats =
            seats.map(|(id, session)| SeatCheckpoint::of(*id, session.seat, &session.player));
        Some(RoomCheckpoint {
            incarnation: self.setup.incarnation,
            tick: self.context.tick(),
            finished: self.finished,
            seats: seats.collect(),
            game: self.game.checkpoint()?,
        })
    }

    /// Goes on with a room, in a game that was created for it and has had no tick. Its players have no links; until the
    /// first of them is back the game stands still, for a few seconds at most.
    ///
    /// # Errors
    /// The game can't go on from it.
    pub fn restore(
        now: Duration,
        mut game: G,
        setup: RoomSetup,
        checkpoint: &RoomCheckpoint,
    ) -> Result<Self, Refusal> {
        game.restore(&checkpoint.game)?;
        let mut room = Self::new(now, game, setup);
        room.context = Context::new(checkpoint.tick, room.setup.tick_rate);
        room.finished = checkpoint.finished;
        room.paused_until = Some(now + PAUSE);
        for saved in &checkpoint.seats {
            let seat = Seat(saved.seat);
            match saved.player().filter(|_| room.is_free(seat)) {
                Some(player) => room.restore_session(now, saved.session, (player, seat)),
                None => {
                    warn!(room = %room.setup.id, seat = seat.0, "a saved seat can't be given back");
                    room.game.leave(&mut room.context, seat);
                    room.setup.host.end(saved.session);
                }
            }
        }
        Ok(room)
    }

    fn restore_session(
        &mut self,
        now: Duration,
        id: SessionId,
        (player, seat): (game::Player, Seat),
    ) {
        let mut session = Session::new(player, seat, now);
        session.is_parked = true;
        session.span = info_span!("session", session = %id, room = %self.setup.id, seat = seat.0);
        self.sessions.insert(id, session);
        self.game.park(&mut self.context, seat, true);
    }

    /// Has the room saved as it stands.
    pub(super) fn save(&self) {
        if self.setup.host.saves_checkpoints() {
            self.setup.host.save(self.checkpoint());
        }
    }

    /// Whether the game stands still: nobody is back yet, or it may have gone on elsewhere.
    pub(super) fn is_paused(&mut self, now: Duration) -> bool {
        if !self.setup.host.may_run() {
            return true;
        }
        let is_alone = !self.sessions.values().any(Session::is_linked);
        self.paused_until = self.paused_until.filter(|until| is_alone && now < *until);
        self.paused_until.is_some()
    }
}
