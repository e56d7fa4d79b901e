//! The log of a running server: its lines as they come, for whoever waits for one.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The most lines kept; older ones go first.
const MOST_LINES: usize = 20_000;

/// Lines of standard output and standard error, as they come.
#[derive(Debug, Default)]
pub struct Log {
    lines: Mutex<Lines>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Lines {
    kept: VecDeque<String>,
    dropped: usize,
}

impl Log {
    /// Reads `from` to its end on a thread.
    pub(super) fn follow(self: &Arc<Self>, from: impl Read + Send + 'static) {
        let log = Arc::clone(self);
        std::thread::spawn(move || {
            let mut from = BufReader::new(from);
            let mut line = Vec::new();
            // By bytes, so that a line that isn't UTF-8 doesn't end the log.
            while from.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                log.push(String::from_utf8_lossy(&line).trim_end().to_owned());
                line.clear();
            }
            log.changed.notify_all();
        });
    }

    fn push(&self, line: String) {
        let mut lines = self.lines();
        lines.kept.push_back(line);
        if lines.kept.len() > MOST_LINES {
            lines.kept.pop_front();
            lines.dropped += 1;
        }
        drop(lines);
        self.changed.notify_all();
    }

    /// All kept lines that contain `text`.
    #[must_use]
    pub fn lines_with(&self, text: &str) -> Vec<String> {
        let lines = self.lines();
        let found = lines.kept.iter().filter(|line| line.contains(text));
        found.cloned().collect()
    }

    /// The first kept line, from number `from` on, that contains `text`; and the number to go on from.
    pub(super) fn find(&self, text: &str, from: usize) -> (Option<String>, usize) {
        let lines = self.lines();
        let skipped = from.saturating_sub(lines.dropped);
        let found = lines
            .kept
            .iter()
            .skip(skipped)
            .find(|line| line.contains(text))
            .cloned();
        (found, lines.dropped + lines.kept.len())
    }

    /// Waits for a line beyond number `known`, up to `limit`.
    pub(super) fn wait_for_more(&self, known: usize, limit: Duration) {
        let lines = self.lines();
        let nothing_new = |lines: &mut Lines| lines.dropped + lines.kept.len() <= known;
        let _ = self.changed.wait_timeout_while(lines, limit, nothing_new);
    }

    pub(super) fn tail(&self, count: usize) -> Vec<String> {
        let lines = self.lines();
        lines
            .kept
            .iter()
            .skip(lines.kept.len().saturating_sub(count))
            .cloned()
            .collect()
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
