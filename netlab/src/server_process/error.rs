//! Why the server under test isn't there.

use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use crate::lab::LabError;

/// Why the server under test isn't there, or didn't say what was waited for.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// There is no such program.
    #[error(
        "no server program at {}: run `cargo build --release -p game`, or set BATTLE_CIRCLES_BIN", .path.display()
    )]
    NotBuilt {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The system said no.
    #[error("cannot {doing}: {source}")]
    System {
        /// What was tried.
        doing: &'static str,
        /// What it said.
        source: io::Error,
    },
    /// The lab said no.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// It ended by itself.
    #[error("the server ended ({status}) while waiting for {awaited}; its log ends:\n{log}")]
    Ended {
        /// How.
        status: ExitStatus,
        /// What was waited for.
        awaited: String,
        /// Its last lines.
        log: String,
    },
    /// It took too long.
    #[error("the server gave no {awaited} within {limit:?}; its log ends:\n{log}")]
    TooLate {
        /// What was waited for.
        awaited: String,
        /// How long.
        limit: Duration,
        /// Its last lines.
        log: String,
    },
}

impl ServerError {
    /// Whether this machine lacks something, so that a developer may go without; CI may not.
    pub fn is_missing(&self) -> bool {
        match self {
            Self::NotBuilt { .. } => true,
            Self::Lab(error) => error.is_missing(),
            _ => false,
        }
    }

    pub(super) fn system(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing, source }
    }
}
