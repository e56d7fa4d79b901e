//! What a room is told when it begins, and whom it tells of its sessions.

use std::sync::Arc;
use std::time::Duration;

use protocol::ids::{RoomId, SessionId};
use uuid::Uuid;

use super::{FinishedGame, RoomCheckpoint};

/// What a room needs beside its game.
pub struct RoomSetup {
    /// What the room stands on.
    pub host: Arc<dyn RoomHost>,
    /// Its name.
    pub id: RoomId,
    /// Its own id: another one for a later room of the same name, and the same when it is taken up again.
    pub incarnation: Uuid,
    /// The node that it is on, for the games that it finishes.
    pub node: String,
    /// Seats that the game may give: from 0 to one less.
    pub seats: usize,
    /// Ticks a second.
    pub tick_rate: u16,
    /// Snapshots a second; the tick rate is a whole multiple.
    pub snapshot_rate: u16,
    /// How long a seat is kept for a player of whom nothing is heard.
    pub seat_timeout: Duration,
    /// How long an empty room waits for somebody to come.
    pub linger: Duration,
    /// Wall clock at the origin of the room's times, as time since 1970.
    pub unix_origin: Duration,
}

/// What a room stands on: the list of its sessions, and whoever keeps what outlives it.
pub trait RoomHost: Send + Sync {
    /// Whether the session has its place still. Links of a session that has just ended may be on
    /// their way.
    fn holds(&self, session: SessionId) -> bool;

    /// A fresh token for a session that lives, and how long until it is to have the next one.
    fn renew_token(&self, session: SessionId) -> (String, Duration);

    /// The session is over; its place is free.
    fn end(&self, session: SessionId);

    /// The room is over: its name is free, and so are all places in it.
    fn end_room(&self);

    /// A match is over.
    fn finished(&self, game: FinishedGame) {
        let _ = game;
    }

    /// Whether [`Self::save`] does anything.
    fn saves_checkpoints(&self) -> bool {
        false
    }

    /// Whether the room may run now: it might go on elsewhere.
    fn may_run(&self) -> bool {
        true
    }

    /// How the room stands, once a second; nothing where there is nothing to go on with.
    fn save(&self, checkpoint: Option<RoomCheckpoint>) {
        let _ = checkpoint;
    }

    /// Takes the room off the list if nobody holds a place in it; says whether it did.
    fn retire_room(&self) -> bool;
}
