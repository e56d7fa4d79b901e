//! What the routes of players and leaderboards read and change.

use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use signaling::{
    Leaderboard, LeaderboardWish, PlayerId, PlayerName, PlayerRecord, PlayerRecords, RecordsError,
};
use tracing::warn;

use super::database::Database;
use super::leaderboards::Leaderboards;
use super::{players, scores};
use crate::clock::Clock;
use crate::counters;

/// How long the database may take for an answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The records of a database.
#[derive(Clone, Debug)]
pub struct Records {
    pub(super) database: Database,
    pub(super) clock: Clock,
    pub(super) leaderboards: Leaderboards,
}

impl Records {
    /// Whether the database answered when it was last asked.
    #[must_use]
    pub fn is_reachable(&self) -> bool {
        self.database.is_reachable()
    }

    /// Ends all connections: a SQLite file is then whole by itself. No question is answered any more.
    pub async fn close(&self) {
        self.database.close().await;
    }

    /// What was found; where nothing was, why.
    async fn unless_deleted(
        &self,
        id: PlayerId,
        found: Option<PlayerRecord>,
    ) -> Result<Option<PlayerRecord>, RecordsError> {
        let deleted = players::is_deleted(self.database.pool(), id);
        if found.is_none() && self.answer(deleted).await? {
            return Err(RecordsError::Deleted);
        }
        Ok(found)
    }

    /// Waits for an answer, though not for ever.
    async fn answer<T>(
        &self,
        query: impl Future<Output = Result<T, sqlx::Error>>,
    ) -> Result<T, RecordsError> {
        let fault = match tokio::time::timeout(TIMEOUT, query).await {
            Ok(Ok(answer)) => {
                self.database.note(true);
                return Ok(answer);
            }
            Ok(Err(fault)) => fault.to_string(),
            Err(_) => format!("no answer in {} s", TIMEOUT.as_secs()),
        };
        self.database.note(false);
        counters::storage_faults("database").increment(1);
        warn!(fault, "the database can't be asked");
        Err(RecordsError::Unavailable)
    }
}

#[async_trait]
impl PlayerRecords for Records {
    async fn player(&self, id: PlayerId) -> Result<Option<PlayerRecord>, RecordsError> {
        let found = self.answer(players::find(self.database.pool(), id)).await?;
        self.unless_deleted(id, found).await
    }

    async fn rename(
        &self,
        id: PlayerId,
        name: &PlayerName,
    ) -> Result<Option<PlayerRecord>, RecordsError> {
        let renamed = players::rename(self.database.pool(), id, name);
        let found = self.answer(renamed).await?;
        let sums = scores::sums_of(self.database.pool(), id);
        self.leaderboards.put(self.answer(sums).await?).await;
        self.unless_deleted(id, found).await
    }

    async fn delete(&self, id: PlayerId) -> Result<(), RecordsError> {
        let deleted = players::delete(self.database.pool(), id, self.clock.unix_ms());
        let boards = self.answer(deleted).await?;
        self.leaderboards.remove(id, boards).await;
        Ok(())
    }

    async fn leaderboard(&self, wish: &LeaderboardWish) -> Result<Leaderboard, RecordsError> {
        self.answer(self.leaderboards.read(wish)).await
    }
}
