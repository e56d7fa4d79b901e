//! What is kept of players and their games, as the routes need it. A server that keeps nothing has none.

use async_trait::async_trait;
use protocol::ids::{PlayerId, RoomId};
use protocol::name::PlayerName;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use crate::schemas;

/// Most entries of a leaderboard at once.
pub(crate) const MAX_ENTRIES: u16 = 100;

/// Reads and changes what is kept of players.
#[async_trait]
pub trait PlayerRecords: Send + Sync {
    /// What is kept of a player; nothing before its first finished game.
    ///
    /// # Errors
    /// [`RecordsError`]; it was deleted, too.
    async fn player(&self, id: PlayerId) -> Result<Option<PlayerRecord>, RecordsError>;

    /// Gives a player another name; nothing where none is kept.
    ///
    /// # Errors
    /// [`RecordsError`].
    async fn rename(
        &self,
        id: PlayerId,
        name: &PlayerName,
    ) -> Result<Option<PlayerRecord>, RecordsError>;

    /// Deletes a player with all its rows. Games of it that come later are kept without it.
    ///
    /// # Errors
    /// [`RecordsError`].
    async fn delete(&self, id: PlayerId) -> Result<(), RecordsError>;

    /// A part of a leaderboard.
    ///
    /// # Errors
    /// [`RecordsError`].
    async fn leaderboard(&self, wish: &LeaderboardWish) -> Result<Leaderboard, RecordsError>;
}

/// Why records can't be read or changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecordsError {
    /// The player has asked to be forgotten, with this very identity.
    #[error("this player was deleted; draw another identity")]
    Deleted,
    /// The store doesn't answer, or not in time.
    #[error("the records can't be reached; try again in a moment")]
    Unavailable,
}

/// A player as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlayerRecord {
    /// The player's id.
    #[schema(schema_with = schemas::player)]
    pub id: String,
    /// The last name that it played under.
    pub name: String,
    /// Finished games that it was in.
    pub games_played: u64,
    /// Those that it won.
    pub games_won: u64,
    /// Points of all of them.
    pub total_score: i64,
    /// When its first one ended (RFC 3339).
    #[schema(format = DateTime)]
    pub first_seen: String,
    /// When its last one ended (RFC 3339).
    #[schema(format = DateTime)]
    pub last_seen: String,
}

/// Which games a leaderboard counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// Those that ended today, by UTC.
    Day,
    /// Those that ended in this week, from Monday on, by UTC.
    Week,
    /// All.
    #[default]
    All,
}

/// A part of a leaderboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaderboardWish {
    /// Which games count.
    pub window: Window,
    /// Only those of rooms with this name.
    pub room: Option<RoomId>,
    /// Most entries, from 1.
    pub limit: u16,
    /// Begins behind this one; at the top where there is none.
    pub after: Option<Cursor>,
    /// Whose own entry is wanted beside.
    pub player: Option<PlayerId>,
}

/// The last entry of a part: the next one begins behind it, whatever was won meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Its rank.
    pub rank: u64,
    /// Its score.
    pub score: i64,
    /// Its player.
    pub player: PlayerId,
}

impl Cursor {
    /// Takes the form that [`std::fmt::Display`] gives.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (rank, rest) = text.split_once('_')?;
        let (score, player) = rest.split_once('_')?;
        let cursor = Self {
            rank: rank.parse().ok().filter(|rank| *rank < 1 << 53)?,
            score: score.parse().ok()?,
            player: PlayerId::parse(player)?,
        };
        (cursor.to_string() == text).then_some(cursor)
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}_{}_{}", self.rank, self.score, self.player)
    }
}

/// A part of a leaderboard: the most points first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Leaderboard {
    /// Which games count.
    pub window: Window,
    /// Only those of rooms with this name.
    pub room: Option<String>,
    /// Best first.
    pub entries: Vec<LeaderboardEntry>,
    /// The entry of the player that was asked for; null where it has none.
    pub own: Option<LeaderboardEntry>,
    /// What to ask for as `after` for the next part; null at the end.
    pub next: Option<String>,
}

/// One player in a leaderboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LeaderboardEntry {
    /// From 1.
    pub rank: u64,
    /// The player's id.
    #[schema(schema_with = schemas::player)]
    pub player: String,
    /// Its name.
    pub name: String,
    /// Points of the games that count.
    pub score: i64,
    /// How many those are.
    pub games: u64,
    /// How many of them it won.
    pub won: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_has_one_form() {
        let cursor = Cursor {
            rank: 20,
            score: -7,
            player: PlayerId::from_bits(9),
        };
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
        let rest = format!("_-7_{}", cursor.player);
        for bad in [
            "",
            "1_2",
            "1_2_3",
            &format!("+20{rest}"),
            &format!("9007199254740992{rest}"),
        ] {
            assert!(Cursor::parse(bad).is_none(), "{bad}");
        }
    }
}
