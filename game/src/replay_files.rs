//! Writes recordings of finished matches into a folder, the newest ones, off the rooms' threads.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::{fs, io, thread};

use game::replay::{Outcome, Sink};
use protocol::ids::RoomId;
use server::clock::Clock;
use tracing::warn;

/// Recordings that wait to be written.
const MOST_WAITING: usize = 64;

/// How the files are called.
const EXTENSION: &str = "bcmatch";

/// Where rooms hand their recordings over; nowhere where none are kept.
pub(crate) struct ReplayFiles(Option<SyncSender<(RoomId, Vec<u8>)>>);

impl ReplayFiles {
    /// Keeps so many, in a folder of a server's data directory, which is made with the first.
    pub(crate) fn new(data_directory: &Path, most: usize) -> Self {
        if most == 0 {
            return Self(None);
        }
        let (sender, receiver) = sync_channel(MOST_WAITING);
        let folder = data_directory.join("replays");
        thread::spawn(move || write_all(&receiver, &folder, most));
        Self(Some(sender))
    }

    /// What a room's game hands its recordings to.
    pub(crate) fn of_room(&self, room: &RoomId) -> Option<Sink> {
        let (sender, room) = (self.0.clone()?, room.clone());
        Some(Box::new(move |outcome| match outcome {
            Outcome::TooLong => warn!(%room, "a match is too long to be recorded"),
            Outcome::Whole(recording) => {
                if sender.try_send((room.clone(), recording)).is_err() {
                    warn!(%room, "a recording is lost: the disk is too slow");
                }
            }
        }))
    }
}

fn write_all(recordings: &Receiver<(RoomId, Vec<u8>)>, folder: &Path, most: usize) {
    // It only names the files.
    let clock = Clock::start();
    for (room, recording) in recordings {
        let name = format!("{:013}-{room}", clock.unix_ms());
        if let Err(fault) = write(folder, &name, &recording, most) {
            warn!(%room, %fault, folder = %folder.display(), "a recording can't be kept");
        }
    }
}

/// Writes one, and removes the oldest of those that are too many.
fn write(folder: &Path, name: &str, recording: &[u8], most: usize) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let path = folder.join(name).with_extension(EXTENSION);
    let draft = path.with_extension("new");
    fs::write(&draft, recording)?;
    fs::rename(&draft, &path)?;
    let mut kept: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == EXTENSION)
        {
            kept.push(path);
        }
    }
    kept.sort();
    let surplus = kept.len().saturating_sub(most);
    kept[..surplus].iter().try_for_each(fs::remove_file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..5 {
            write(folder.path(), &format!("{number}-pond"), b"match", 2).unwrap();
        }
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
        let mut names: Vec<_> = left
            .into_iter()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["3-pond.bcmatch", "4-pond.bcmatch"]);
    }
}
