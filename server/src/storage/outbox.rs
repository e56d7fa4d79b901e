//! The outbox: finished games on disk from the moment that they end until the database has them. Each is a file of its own,
//! so that a bad one stands in nobody's way.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use certs::private_file::Durability;
use tracing::error;

use super::checked_file;
use crate::counters;
use crate::room::FinishedGame;

/// Games that wait at most: a day of fifty rooms that play three minutes.
const MOST_WAITING: usize = 24_000;

/// Most bytes of a game's file: some hundreds for each of its players.
const MOST_BYTES: u64 = 256 * 1_024;

/// How the files of games are called.
const EXTENSION: &str = "game";

/// Finished games that wait, the oldest first. Nobody who only looks at them waits for the disk.
#[derive(Debug)]
pub(super) struct Outbox {
    directory: PathBuf,
    waiting: Mutex<VecDeque<Waiting>>,
}

/// A game that waits.
#[derive(Clone, Debug)]
struct Waiting {
    game: FinishedGame,
    /// Nothing where it couldn't be written: it is lost with the process.
    file: Option<PathBuf>,
}

impl Outbox {
    /// Takes up what an earlier process has left.
    ///
    /// # Errors
    /// The directory can't be made or read.
    pub(super) fn open(directory: &Path) -> io::Result<Self> {
        let files = checked_file::list(directory, EXTENSION)?;
        let read = |path: PathBuf| {
            Some(Waiting {
                game: read(&path)?,
                file: Some(path),
            })
        };
        let mut waiting: Vec<Waiting> = files.into_iter().filter_map(read).collect();
        waiting.sort_by_key(|waiting| (waiting.game.ended, waiting.game.id));
        Ok(Self {
            directory: directory.to_owned(),
            waiting: Mutex::new(waiting.into()),
        })
    }

    /// Puts games on disk. Where that fails they wait in memory, and where too many wait the newest are lost: both are told.
    pub(super) fn put(&self, games: Vec<FinishedGame>) {
        for game in games {
            if self.len() >= MOST_WAITING {
                counters::games_lost("outbox-full").increment(1);
                error!(game = %game.id, room = %game.room, "a finished game is lost: the outbox is full");
                continue;
            }
            let path = self.directory.join(format!("{}.{EXTENSION}", game.id));
            // A struct of plain words and numbers always has a JSON form.
            let content = serde_json::to_vec(&game).unwrap_or_default();
            let file = match checked_file::write(&path, &content, Durability::Synced) {
                Ok(()) => Some(path),
                Err(fault) => {
                    counters::storage_faults("outbox").increment(1);
                    error!(path = %path.display(), %fault, "a finished game can't be put on disk; it waits in memory");
                    None
                }
            };
            self.lock().push_back(Waiting { game, file });
        }
    }

    /// The oldest games, so many at most.
    pub(super) fn oldest(&self, most: usize) -> Vec<FinishedGame> {
        let waiting = self.lock();
        let oldest = waiting.iter().take(most);
        oldest.map(|waiting| waiting.game.clone()).collect()
    }

    /// The database has the oldest ones.
    pub(super) fn delivered(&self, count: usize) {
        let mut waiting = self.lock();
        let count = count.min(waiting.len());
        let delivered: Vec<Waiting> = waiting.drain(..count).collect();
        drop(waiting);
        for Waiting { file, .. } in delivered {
            if let Some(file) = file
                && let Err(fault) = std::fs::remove_file(&file)
            {
                // It is delivered again after the next start, which does no harm.
                counters::storage_faults("outbox").increment(1);
                error!(path = %file.display(), %fault, "a delivered game can't be removed");
            }
        }
    }

    /// The database will never have the oldest one: it is set aside for a person.
    pub(super) fn set_oldest_aside(&self, why: &dyn std::fmt::Display) {
        let oldest = self.lock().pop_front();
        let Some(Waiting { game, file }) = oldest else {
            return;
        };
        counters::games_lost("refused").increment(1);
        let aside = file.map(|file| checked_file::set_aside(&file));
        error!(game = %game.id, room = %game.room, %why, ?aside, "the database refuses a finished game");
    }

    /// How many games wait.
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When the oldest game that waits has ended, in milliseconds since 1970.
    pub(super) fn oldest_end(&self) -> Option<i64> {
        self.lock().front().map(|waiting| waiting.game.ended)
    }
}

/// The game in a file; a bad file is set aside.
fn read(path: &Path) -> Option<FinishedGame> {
    let content = checked_file::read(path, MOST_BYTES);
    let game =
        content.map(|content| content.and_then(|content| serde_json::from_slice(&content).ok()));
    let reason = match game {
        Ok(Some(game)) => return Some(game),
        Ok(None) => "it isn't as it was written".to_owned(),
        Err(fault) => fault.to_string(),
    };
    counters::games_lost("corrupt").increment(1);
    let aside = checked_file::set_aside(path);
    error!(path = %path.display(), reason, ?aside, "a finished game in the outbox can't be read");
    None
}

#[cfg(test)]
mod tests {
    use super::super::tests::game;
    use super::*;

    #[test]
    fn games_wait_on_disk_in_the_order_of_their_ends_until_they_are_delivered() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        outbox.put(vec![game(2, 2_000), game(1, 1_000), game(3, 3_000)]);
        let again = || Outbox::open(folder.path()).unwrap();
        assert_eq!(
            again().oldest(9),
            [game(1, 1_000), game(2, 2_000), game(3, 3_000)]
        );
        assert_eq!(again().oldest_end(), Some(1_000));
        let reopened = again();
        reopened.delivered(2);
        assert_eq!(reopened.oldest(9), [game(3, 3_000)]);
        assert_eq!(again().oldest(9), [game(3, 3_000)]);
        reopened.delivered(9);
        assert_eq!((reopened.len(), again().len()), (0, 0));
    }

    #[test]
    fn a_mangled_file_is_set_aside_and_the_others_are_taken() {
        let folder = tempfile::tempdir().unwrap();
        Outbox::open(folder.path())
            .unwrap()
            .put(vec![game(1, 1_000), game(2, 2_000)]);
        let bad = folder.path().join(format!("{}.game", game(1, 0).id));
        std::fs::write(&bad, b"half").unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        assert_eq!(outbox.oldest(9), [game(2, 2_000)]);
        assert!(bad.with_added_extension("corrupt").exists() && !bad.exists());
    }

    #[test]
    fn what_the_database_refuses_for_good_stands_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = Outbox::open(folder.path()).unwrap();
        outbox.put(vec![game(1, 1_000), game(2, 2_000)]);
        outbox.set_oldest_aside(&"out of range");
        assert_eq!(outbox.oldest(9), [game(2, 2_000)]);
        assert_eq!(
            Outbox::open(folder.path()).unwrap().oldest(9),
            [game(2, 2_000)]
        );
    }
}
