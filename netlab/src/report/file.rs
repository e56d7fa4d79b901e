//! Reads a report that an earlier run wrote, or says what is wrong with the file.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{REPORT_VERSION, Report};

/// Why a file is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It can't be read.
    #[error("{} can't be read", path.display())]
    Unreadable {
        /// As given.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// It isn't what `netlab run --json` writes.
    #[error("{} is no report of netlab run", path.display())]
    Malformed {
        /// As given.
        path: PathBuf,
        /// Where it goes wrong.
        source: serde_json::Error,
    },
    /// Another netlab wrote it.
    #[error("{} is a report of version {version}; this netlab reads version {REPORT_VERSION}", path.display())]
    OtherVersion {
        /// As given.
        path: PathBuf,
        /// What it says it is.
        version: u32,
    },
}

/// Reads the report at `path`.
pub fn read(path: &Path) -> Result<Report, ReadError> {
    let text = std::fs::read_to_string(path).map_err(|source| ReadError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let malformed = |source| ReadError::Malformed {
        path: path.to_owned(),
        source,
    };
    // The version goes first: of another one, nothing else can be relied on.
    let Version { version } = serde_json::from_str(&text).map_err(malformed)?;
    if version != REPORT_VERSION {
        return Err(ReadError::OtherVersion {
            path: path.to_owned(),
            version,
        });
    }
    serde_json::from_str(&text).map_err(malformed)
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}
