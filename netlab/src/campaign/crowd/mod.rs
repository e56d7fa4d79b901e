//! The players of one run, whatever they are: they come, they play, and they tell what they got.

mod browser;
mod native;

use std::time::Duration;

pub(super) use browser::BrowserCrowd;
pub(super) use native::NativeCrowd;

use super::feel::Felt;
use crate::browser::BrowserError;
use crate::lab::LabError;
use crate::report::Bytes;
use crate::sdk_page::Arrival;
use protocol::rung::Rung;

/// Players who all do the same.
pub(super) trait Crowd {
    /// Everybody clicks. Returns when each plays, or never will, or `limit` is over.
    ///
    /// # Errors
    /// When they can't be spoken to; a player who can't get in is no error.
    fn join(&mut self, room: &str, limit: Duration) -> Result<(), CrowdError>;

    /// Notes how things stand as the measurement begins.
    ///
    /// # Errors
    /// As [`Crowd::join`].
    fn begin(&mut self) -> Result<(), CrowdError>;

    /// Notes how things stand as it ends.
    ///
    /// # Errors
    /// As [`Crowd::join`].
    fn end(&mut self) -> Result<(), CrowdError>;

    /// Everybody tells what came in up to now, and leaves.
    ///
    /// # Errors
    /// As [`Crowd::join`].
    fn tell(&mut self) -> Result<Vec<PlayerRecord>, CrowdError>;

    /// What the network did to one of them up to now, as a trace in CSV; `None` where nobody records.
    ///
    /// # Errors
    /// As [`Crowd::join`].
    fn recording(&self) -> Result<Option<String>, CrowdError> {
        Ok(None)
    }

    /// What they have said for themselves since they came, for a reader who wonders what went wrong.
    fn last_words(&self) -> Vec<String>;
}

/// What one player got.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct PlayerRecord {
    /// Every State datagram in the order it came, repeats included; times are the wall clock's.
    pub(super) arrivals: Vec<Arrival>,
    /// Milliseconds from the click to the first snapshot, if one came.
    pub(super) first_snapshot: Option<f64>,
    /// What else the player measures; not all do.
    pub(super) course: Option<Course>,
    /// What it felt, if it tells.
    pub(super) felt: Option<Felt>,
    /// Why it never got in, if it knows.
    pub(super) refusal: Option<String>,
}

/// What a player of the SDK says of the time that was measured. Times in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Course {
    pub(super) rung_changes: u32,
    pub(super) settled_on: Option<Rung>,
    pub(super) bytes: Bytes,
    pub(super) rtt: f64,
    pub(super) standstill: f64,
}

/// The players can't be spoken to, in words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct CrowdError(String);

impl CrowdError {
    pub(super) fn new(words: String) -> Self {
        Self(words)
    }
}

impl From<BrowserError> for CrowdError {
    fn from(error: BrowserError) -> Self {
        Self(format!("the browser: {error}"))
    }
}

impl From<LabError> for CrowdError {
    fn from(error: LabError) -> Self {
        Self(error.to_string())
    }
}

/// Does something with each at the same time.
fn at_once<T: Sync, R: Send, E: Send>(
    all: &[T],
    work: impl Fn(usize, &T) -> Result<R, E> + Sync,
) -> Result<Vec<R>, E> {
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> = all
            .iter()
            .enumerate()
            .map(|(number, one)| scope.spawn(move || work(number, one)))
            .collect();
        let results = threads.into_iter().map(|thread| {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        results.collect()
    })
}
