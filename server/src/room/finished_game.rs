//! A finished game, as rooms hand it over and stores keep it.

use protocol::ids::{PlayerId, RoomId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A game that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinishedGame {
    /// Its id: whoever keeps one twice keeps it once.
    pub id: Uuid,
    /// The room that it was played in.
    pub room: RoomId,
    /// The node that the room was on; empty where it stands alone.
    pub node: String,
    /// When it began, in milliseconds since 1970.
    pub started: i64,
    /// When it ended, in milliseconds since 1970.
    pub ended: i64,
    /// Who played it to its end, bots left out; each player once.
    pub standings: Vec<PlayerStanding>,
}

/// One player's outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayerStanding {
    /// The player; nothing for a guest.
    pub player: Option<PlayerId>,
    /// The name that it played under.
    pub name: String,
    /// From 1; equal where players share one.
    pub place: u16,
    /// Its points.
    pub score: i64,
}

impl FinishedGame {
    /// The id of a room's game with a number: the same when a room that was taken up again from a checkpoint plays the end
    /// of a match a second time.
    #[must_use]
    pub fn id_of(room: Uuid, number: u32) -> Uuid {
        let hash = Sha256::new()
            .chain_update(b"game of room 1")
            .chain_update(room)
            .chain_update(number.to_be_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash.finalize()[..16]);
        Uuid::new_v8(bytes)
    }

    /// The player who won alone; nothing where a bot or a guest did, or several.
    #[must_use]
    pub fn winner(&self) -> Option<PlayerId> {
        let mut first = self.standings.iter().filter(|standing| standing.place == 1);
        let winner = first.next()?;
        winner.player.filter(|_| first.next().is_none())
    }
}
