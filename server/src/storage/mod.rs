//! What outlives a match: players, games and scores, in SQLite or PostgreSQL. Rooms hand finished games over and never wait.

mod checked_file;
mod checkpoints;
mod data_directory;
mod database;
mod delivery;
mod games;
mod leaderboards;
mod outbox;
mod period;
mod players;
mod rankings;
mod records;
mod scores;

use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, warn};

use crate::clock::Clock;
use crate::counters;
use crate::room::FinishedGame;
pub(crate) use checkpoints::{Checkpoints, SavedRoom, decode_room, encode_room};
pub use data_directory::DataDirectory;
use database::Database;
pub use database::DatabaseError;
use delivery::Delivery;
use leaderboards::Leaderboards;
use outbox::Outbox;
pub use rankings::{Filling, MemoryRankings, Part, Rankings, RankingsError, RedisRankings, Sum};
pub use records::Records;
pub use scores::Board;

/// Finished games that wait to be put on disk.
const MOST_QUEUED: usize = 1_024;

/// Why nothing can be kept.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The database can't be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The directory can't be used.
    #[error("cannot keep data in {}: {cause}; `data_directory` names another place", directory.display())]
    Directory {
        /// Which.
        directory: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// Another process keeps its data there.
    #[error("another server keeps its data in {}: give this one a `data_directory` of its own", directory.display())]
    InUse {
        /// Which.
        directory: PathBuf,
    },
}

/// Which database, and what becomes of a server that can't reach it.
#[derive(Clone, Debug)]
pub struct StorageSettings {
    /// The database's URL; nothing for a file in the data directory.
    pub url: Option<String>,
    /// Whether the server starts only where the database is there.
    pub is_required: bool,
    /// Rankings that all servers of the database share. Without them a server holds its own where nobody else has the
    /// database.
    pub rankings: Option<Arc<dyn Rankings>>,
}

/// Where rooms hand finished games over.
#[derive(Clone, Debug)]
pub struct FinishedGames(mpsc::Sender<FinishedGame>);

impl FinishedGames {
    /// Hands a game over, at once. Where more wait than are kept it is lost, and that is told.
    pub fn hand_over(&self, game: FinishedGame) {
        if let Err(error) = self.0.try_send(game) {
            let game = error.into_inner();
            counters::games_lost("queue-full").increment(1);
            error!(game = %game.id, room = %game.room, "a finished game is lost: the disk is too slow");
        }
    }
}

/// The storage of a running server.
#[derive(Clone, Debug)]
pub struct Storage {
    /// Where finished games go.
    pub games: FinishedGames,
    /// What is kept of players.
    pub records: Arc<Records>,
}

/// Opens the database and the outbox. From `closing` on no game is taken any more, and all that came before is on disk when
/// the tasks have ended.
///
/// # Errors
/// [`StorageError`].
pub async fn open(
    settings: &StorageSettings,
    directory: &DataDirectory,
    clock: Clock,
    closing: &CancellationToken,
    tasks: &TaskTracker,
) -> Result<Storage, StorageError> {
    let by_default = || database::sqlite_url(&directory.at("games.db"));
    let url = settings.url.clone().unwrap_or_else(by_default);
    let database = Database::new(&url)?;
    match database.migrate().await {
        Err(fault @ DatabaseError::Unreachable { .. }) if !settings.is_required => {
            warn!(%fault, "the server starts without its database; finished games wait in the outbox");
        }
        migrated => migrated?,
    }
    let outbox_directory = directory.at("outbox");
    let outbox = Outbox::open(&outbox_directory).map_err(|cause| StorageError::Directory {
        directory: outbox_directory,
        cause,
    })?;
    let (sender, receiver) = mpsc::channel(MOST_QUEUED);
    let own = || Arc::new(MemoryRankings::default()) as Arc<dyn Rankings>;
    let rankings = settings.rankings.clone();
    let rankings = rankings.or_else(|| settings.url.is_none().then(own));
    let leaderboards = Leaderboards::new(database.clone(), clock, rankings);
    let records = Records {
        database: database.clone(),
        clock,
        leaderboards: leaderboards.clone(),
    };
    Delivery::new(database, leaderboards, outbox, clock).spawn(receiver, closing, tasks);
    Ok(Storage {
        games: FinishedGames(sender),
        records: Arc::new(records),
    })
}

/// Whether a database answers; changes nothing in it. Gives its URL as it may be shown.
///
/// # Errors
/// Why it doesn't.
pub(crate) async fn ask(url: &str) -> Result<String, String> {
    let database = Database::new(url).map_err(|fault| fault.to_string())?;
    database.ask().await.map_err(|fault| fault.to_string())?;
    Ok(database.shown().to_owned())
}

#[cfg(test)]
mod tests;
