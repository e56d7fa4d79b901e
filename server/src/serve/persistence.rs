//! Opens what outlives the process, as the settings say, and closes it behind the rooms.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

use super::ServeError;
use super::fleet::redis_address;
use crate::clock::Clock;
use crate::config::Config;
use crate::rooms::Persistence;
use crate::storage::{
    self, Checkpoints, DataDirectory, Rankings, Records, RedisRankings, SavedRoom, StorageError,
    StorageSettings,
};

/// How long what was handed over last may take to reach the disk.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// What is open.
pub(super) struct OpenStores {
    pub(super) persistence: Persistence,
    pub(super) records: Option<Arc<Records>>,
    /// Rooms of an earlier process.
    pub(super) rooms: Vec<SavedRoom>,
    pub(super) directory: Option<DataDirectory>,
    closing: CancellationToken,
    tasks: TaskTracker,
}

impl OpenStores {
    /// # Errors
    /// [`StorageError`].
    pub(super) async fn open(config: &Config, clock: Clock) -> Result<Self, ServeError> {
        let mut database = config.storage();
        if let (Some(settings), Some(url)) = (&mut database, &config.redis) {
            settings.rankings = Some(rankings(url).await?);
        }
        let mut open = Self {
            persistence: Persistence::default(),
            records: None,
            rooms: Vec::new(),
            directory: None,
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        if !config.keeps_data() {
            return Ok(open);
        }
        let directory = DataDirectory::open(&config.data_directory)?;
        if let Some(settings) = &database {
            let opened = storage::open(settings, &directory, clock, &open.closing, &open.tasks);
            let opened = opened.await?;
            open.persistence.games = Some(opened.games);
            open.records = Some(opened.records);
        }
        if config.keeps_rooms() {
            let folder = directory.at("rooms");
            let (checkpoints, rooms) =
                Checkpoints::open(&folder, clock).map_err(|cause| StorageError::Directory {
                    directory: folder,
                    cause,
                })?;
            open.tasks
                .spawn(Arc::clone(&checkpoints).run(open.closing.clone()));
            open.persistence.keeper = Some(checkpoints);
            open.rooms = rooms;
        }
        open.directory = Some(directory);
        Ok(open)
    }

    /// Waits until all that the rooms have handed over is on disk.
    pub(super) async fn close(self) {
        self.closing.cancel();
        self.tasks.close();
        let closed = async {
            self.tasks.wait().await;
            if let Some(records) = &self.records {
                records.close().await;
            }
        };
        if tokio::time::timeout(CLOSE_TIMEOUT, closed).await.is_err() {
            warn!("the disk takes too long; what it hasn't taken is lost");
        }
    }
}

/// Those that the servers of a fleet share.
async fn rankings(url: &str) -> Result<Arc<dyn Rankings>, ServeError> {
    let address = redis_address(url)?;
    let rankings = RedisRankings::open(&address).await;
    let rankings = rankings.map_err(|fault| ServeError::Fleet(format!("redis: {fault}")))?;
    Ok(Arc::new(rankings))
}

impl Config {
    /// Whether anything outlives the process.
    pub(crate) fn keeps_data(&self) -> bool {
        self.storage().is_some() || self.keeps_rooms()
    }

    /// Whether rooms are kept on this machine; those of a fleet are in its store.
    fn keeps_rooms(&self) -> bool {
        self.resume_rooms && self.redis.is_none()
    }

    /// Which database; nothing where none is wanted.
    pub(crate) fn storage(&self) -> Option<StorageSettings> {
        let url = match self.database.as_str() {
            "off" => return None,
            "sqlite" => None,
            url => Some(url.to_owned()),
        };
        Some(StorageSettings {
            url,
            is_required: self.database_required,
            rankings: None,
        })
    }
}
