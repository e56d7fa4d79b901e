//! Why there are no profiles, or not the one that was asked for.

use std::io;
use std::path::PathBuf;

/// Why a profile file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum ProfilesError {
    /// It can't be read.
    #[error("cannot read the profiles in {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What it says makes no sense; the message shows the line.
    #[error("the profiles in {}: {source}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// Where, and what is wrong there.
        source: Box<toml::de::Error>,
    },
}

/// No profile has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no profile called {name:?}; there are {}", known.join(", "))]
pub struct UnknownProfile {
    /// What was asked for.
    pub name: String,
    /// Those there are, in the order of their file.
    pub known: Vec<String>,
}
