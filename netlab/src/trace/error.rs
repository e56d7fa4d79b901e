//! What can be wrong with a trace, said so that the line can be found.

use std::io;
use std::path::PathBuf;

/// A line of a trace is wrong.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct TraceError {
    /// Counted from 1, which is the header.
    pub line: usize,
    /// What is wrong with it.
    pub fault: TraceFault,
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TraceFault {
    /// The first line is another.
    #[error("a trace begins with the line at_ms,direction,delay_ms")]
    Header,
    /// Not text.
    #[error("it isn't UTF-8")]
    NotText,
    /// Too few or too many commas.
    #[error("a row has three columns, at_ms,direction,delay_ms, and this one has {columns}")]
    Columns {
        /// How many it has.
        columns: usize,
    },
    /// Neither way.
    #[error("the direction is {found:?}: it must be up or down")]
    Direction {
        /// What it says.
        found: String,
    },
    /// Not a figure, or one out of range.
    #[error("{column} is {found:?}: it must be a number between 0 and {most}")]
    Figure {
        /// Whose figure.
        column: &'static str,
        /// What it says.
        found: String,
        /// The most it may be.
        most: f64,
    },
    /// Earlier than the row before.
    #[error(
        "at_ms is {at_ms}, and the row before of this direction has {before_ms}: rows stand in order of time"
    )]
    Order {
        /// What it says.
        at_ms: f64,
        /// What the row before says.
        before_ms: f64,
    },
    /// One row too many.
    #[error("a trace has at most 1,000,000 rows")]
    TooMany,
    /// No row at all.
    #[error("the trace has no rows")]
    Empty,
}

/// Why a trace's file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum TraceFileError {
    /// It can't be read.
    #[error("cannot read the trace {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A line is wrong.
    #[error("the trace {}, {source}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// Which line, and what is wrong with it.
        source: TraceError,
    },
}
