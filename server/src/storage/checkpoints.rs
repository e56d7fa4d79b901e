//! Checkpoints of rooms on disk: a file for each room that runs, a second old at most, from which the next process goes on.
//! Rooms hand theirs over at once; only the newest of each is written.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use certs::private_file::{Durability, create_directory};
use protocol::codec::{decode, encode};
use serde::{Deserialize, Serialize};
use signaling::{RoomId, Visibility};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::checked_file;
use crate::clock::Clock;
use crate::counters;
use crate::room::RoomCheckpoint;

/// How the files are called.
const EXTENSION: &str = "room";

/// Most bytes of a file.
const MOST_BYTES: usize = 4 << 20;

/// A room that nobody took up again for so long is over.
const LIFETIME: Duration = Duration::from_secs(3_600);

/// How long checkpoints are gathered before they are written.
const GATHER: Duration = Duration::from_millis(200);

/// The form of the files; another one is not read.
const VERSION: u32 = 1;

/// A room as it is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SavedRoom {
    pub(crate) id: RoomId,
    pub(crate) visibility: Visibility,
    /// Of the join that made it, as JSON.
    pub(crate) options: Option<String>,
    pub(crate) seed: u64,
    /// Ticks a second: a room of another rate can't go on.
    pub(crate) tick_rate: u16,
    pub(crate) checkpoint: RoomCheckpoint,
}

/// What stands in a file.
#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    /// Milliseconds since 1970.
    saved: i64,
    room: SavedRoom,
}

/// A room as it is kept, with when that was, in milliseconds since 1970.
pub(crate) fn encode_room(room: SavedRoom, saved: i64) -> Vec<u8> {
    encode(&File {
        version: VERSION,
        saved,
        room,
    })
}

/// A room that was kept; nothing where another version wrote it, or it isn't as it was written.
pub(crate) fn decode_room(content: &[u8]) -> Option<SavedRoom> {
    let file = decode::<File>(content, MOST_BYTES).ok()?;
    (file.version == VERSION).then_some(file.room)
}

/// What waits to be written or removed.
#[derive(Debug, Default)]
struct Pending {
    rooms: HashMap<RoomId, Option<Vec<u8>>>,
    /// Rooms that have a file, or will have.
    known: HashSet<RoomId>,
}

/// The checkpoints of this server's rooms.
#[derive(Debug)]
pub(crate) struct Checkpoints {
    directory: PathBuf,
    clock: Clock,
    pending: Mutex<Pending>,
    changed: Notify,
}

impl Checkpoints {
    /// Gives what an earlier process has left, too. What can't be read is set aside, what is old is removed.
    ///
    /// # Errors
    /// The directory can't be made or read.
    pub(crate) fn open(directory: &Path, clock: Clock) -> io::Result<(Arc<Self>, Vec<SavedRoom>)> {
        let files = checked_file::list(directory, EXTENSION)?;
        let now = clock.unix_ms();
        let saved: Vec<SavedRoom> = files.iter().filter_map(|path| read(path, now)).collect();
        let pending = Pending {
            known: saved.iter().map(|room| room.id.clone()).collect(),
            ..Pending::default()
        };
        let checkpoints = Self {
            directory: directory.to_owned(),
            clock,
            pending: Mutex::new(pending),
            changed: Notify::new(),
        };
        Ok((Arc::new(checkpoints), saved))
    }

    /// Saves how a room stands.
    pub(crate) fn save(&self, room: SavedRoom) {
        let id = room.id.clone();
        let file = encode_room(room, self.clock.unix_ms());
        let mut pending = self.lock();
        pending.known.insert(id.clone());
        pending.rooms.insert(id, Some(file));
        self.changed.notify_one();
    }

    /// There is nothing to go on with any more.
    pub(crate) fn forget(&self, id: &RoomId) {
        let mut pending = self.lock();
        if pending.known.remove(id) {
            pending.rooms.insert(id.clone(), None);
            self.changed.notify_one();
        }
    }

    /// Writes what comes until `closing`, and then what is left.
    pub(crate) async fn run(self: Arc<Self>, closing: CancellationToken) {
        while !closing.is_cancelled() {
            tokio::select! {
                () = self.changed.notified() => {
                    // What comes in the meantime is written along.
                    let _ = tokio::time::timeout(GATHER, closing.cancelled()).await;
                }
                () = closing.cancelled() => {}
            }
            let this = Arc::clone(&self);
            // It only fails where it panics, which it doesn't.
            let _ = tokio::task::spawn_blocking(move || this.write()).await;
        }
    }

    fn write(&self) {
        let rooms = std::mem::take(&mut self.lock().rooms);
        for (id, file) in rooms {
            let path = self.directory.join(format!("{id}.{EXTENSION}"));
            let written = match file {
                // Where the directory is gone, it is made again.
                Some(file) => create_directory(&self.directory)
                    .and_then(|()| checked_file::write(&path, &file, Durability::Process)),
                None => remove(&path),
            };
            if let Err(fault) = written {
                counters::storage_faults("checkpoints").increment(1);
                warn!(path = %path.display(), %fault, "a room can't be saved for a restart");
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes a file that may be gone already.
fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// The room in a file, if it is a good one and not too old.
fn read(path: &Path, now: i64) -> Option<SavedRoom> {
    let content = checked_file::read(path, MOST_BYTES as u64);
    let file = content
        .map(|content| content.and_then(|content| decode::<File>(&content, MOST_BYTES).ok()));
    let reason = match file {
        Ok(Some(file)) if file.version != VERSION => format!("it has version {}", file.version),
        Ok(Some(file)) if path.file_stem() != Some(file.room.id.as_str().as_ref()) => {
            format!("it is that of room {}", file.room.id)
        }
        Ok(Some(file)) => {
            let age = u128::from(now.abs_diff(file.saved));
            if age <= LIFETIME.as_millis() {
                return Some(file.room);
            }
            info!(room = %file.room.id, "a saved room is too old to go on");
            // Where it can't be removed it is looked at again at the next start.
            let _ = std::fs::remove_file(path);
            return None;
        }
        Ok(None) => "it isn't as it was written".to_owned(),
        Err(fault) => fault.to_string(),
    };
    counters::storage_faults("checkpoints").increment(1);
    let aside = checked_file::set_aside(path);
    error!(path = %path.display(), reason, ?aside, "a saved room can't be read");
    None
}
