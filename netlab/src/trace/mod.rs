//! Recorded traces of delay and loss, so that a player's bad evening can be played again: their file, their figures,
//! and what a packet meets at a moment. It neither records nor carries packets.
//!
//! A trace is a CSV file, in lines that end with LF or CRLF:
//!
//! ```csv
//! at_ms,direction,delay_ms
//! 0,up,31.5
//! 0,down,48
//! 50,down,
//! ```
//!
//! The first line is this header. Then comes one row per probe, at most 1,000,000:
//!
//! - `at_ms`: when it was sent, in ms from the trace's start, up to 86,400,000; never less than in the row before of
//!   the same direction.
//! - `direction`: `up` (from the player to the server) or `down`.
//! - `delay_ms`: how long it took one way, 0 to 60,000 ms; empty when it was lost.
//!
//! Times are kept to the microsecond. A packet meets the newest row of its direction. A row holds until the next one,
//! but no longer than 1 s: after that the last known delay goes on, without loss. After its end the trace begins
//! again; what comes before a direction's first row meets what comes after its last. The end is where a next row would
//! stand at the mean distance of the rows before, at most 1 s past the last one. A direction without rows loses and
//! delays nothing.

mod error;
mod lane;
mod parse;
mod statistics;
mod write;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use error::{TraceError, TraceFault, TraceFileError};
pub use lane::TraceLane;
pub use statistics::TraceStatistics;

/// A trace of both directions; cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// From the player to the server.
    pub up: Arc<TraceLane>,
    /// From the server to the player.
    pub down: Arc<TraceLane>,
}

/// One probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceRow {
    /// When it was sent, from the trace's start.
    pub at: Duration,
    /// How long it took one way; `None` when it was lost.
    pub delay: Option<Duration>,
}

/// The most rows, of both directions together.
const MOST_ROWS: usize = 1_000_000;
/// The most bytes that so many rows need.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

impl Trace {
    /// A trace of these probes, each direction in order of time.
    ///
    /// # Errors
    /// When a row breaks a bound or the order, or there is none; the line is that of the file with all rows of `up`
    /// first.
    pub fn new(up: &[TraceRow], down: &[TraceRow]) -> Result<Self, TraceError> {
        let mut rows = parse::Rows::default();
        for (direction, lane) in [(Direction::Up, up), (Direction::Down, down)] {
            lane.iter().try_for_each(|row| rows.add(direction, *row))?;
        }
        rows.into_trace()
    }

    /// Reads a trace's text.
    ///
    /// # Errors
    /// The first line that is wrong.
    pub fn parse(text: &[u8]) -> Result<Self, TraceError> {
        parse::parse(text)
    }

    /// Reads a trace's file.
    ///
    /// # Errors
    /// When it can't be read, is longer than 64 MiB, or a line is wrong.
    pub fn read(path: &Path) -> Result<Self, TraceFileError> {
        let read = || {
            let mut text = Vec::new();
            File::open(path)?
                .take(MOST_BYTES + 1)
                .read_to_end(&mut text)?;
            if text.len() as u64 > MOST_BYTES {
                return Err(io::Error::other("it is longer than 64 MiB"));
            }
            Ok(text)
        };
        let text = read().map_err(|source| TraceFileError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text).map_err(|source| TraceFileError::Line {
            path: path.to_owned(),
            source,
        })
    }

    /// The trace as a file has it, in order of time.
    pub fn to_csv(&self) -> String {
        write::to_csv(self)
    }

    /// How long it is, until it begins again.
    pub fn length(&self) -> Duration {
        // Both are as long as the longer one.
        self.up.length()
    }
}

/// Which way a probe went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

impl Direction {
    fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}
