//! Rankings: leaderboards held ready in order, so that a rank costs no count of rows. The database is the truth; a ranking is
//! filled from it when it is first asked for, follows each finished game, and is made anew where it was lost.

mod memory;
mod redis;

use std::fmt::Debug;

use async_trait::async_trait;
use protocol::ids::PlayerId;
use signaling::{LeaderboardEntry, LeaderboardWish};
use thiserror::Error;

pub use self::memory::MemoryRankings;
pub use self::redis::RedisRankings;
use super::scores::Board;

/// The rankings can't be asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the rankings can't be reached: {0}")]
pub struct RankingsError(String);

/// What a player has on a board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Who.
    pub player: PlayerId,
    /// Its name.
    pub name: String,
    /// Points.
    pub score: i64,
    /// Games, by which a newer sum is told from an older one.
    pub games: u64,
    /// Those it won.
    pub won: u64,
}

impl Sum {
    fn at(&self, rank: u64) -> LeaderboardEntry {
        LeaderboardEntry {
            rank,
            player: self.player.to_string(),
            name: self.name.clone(),
            score: self.score,
            games: self.games,
            won: self.won,
        }
    }
}

/// A part of a ranking.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// In order, one more than was wished for where there is one.
    pub entries: Vec<LeaderboardEntry>,
    /// Of the player that was asked for.
    pub own: Option<LeaderboardEntry>,
}

/// The rank of a part's first entry: parts follow one another, whatever was won meanwhile.
pub(super) fn first_rank(wish: &LeaderboardWish) -> u64 {
    wish.after.map_or(1, |after| after.rank.saturating_add(1))
}

/// Tells one filling of a ranking from the others.
pub type Filling = u64;

/// Rankings by points, the most first, and of equals the greater id.
#[async_trait]
pub trait Rankings: Debug + Send + Sync {
    /// A part; nothing where the ranking isn't whole, or has changed where the part begins.
    async fn read(
        &self,
        board: &Board,
        wish: &LeaderboardWish,
    ) -> Result<Option<Part>, RankingsError>;

    /// Takes sums that are newer than what is there, into a ranking that is whole or being filled; with `filling` only while
    /// that one goes on.
    async fn put(
        &self,
        board: &Board,
        sums: &[Sum],
        filling: Option<Filling>,
    ) -> Result<(), RankingsError>;

    /// Forgets a player, whatever comes of it later. A filling that goes on ends, for it may have read it before.
    async fn remove(&self, board: &Board, player: PlayerId) -> Result<(), RankingsError>;

    /// Begins to fill a ranking anew; nothing where somebody does so already, or it can't be held.
    async fn begin(&self, board: &Board) -> Result<Option<Filling>, RankingsError>;

    /// A ranking is whole, where that filling is still the one.
    async fn finish(&self, board: &Board, filling: Filling) -> Result<(), RankingsError>;

    /// A ranking may have missed something: it is whole no more, and whoever fills it begins anew.
    async fn doubt(&self, board: &Board) -> Result<(), RankingsError>;
}
