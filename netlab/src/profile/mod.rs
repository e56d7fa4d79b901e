//! Named bad networks, and what is asked of a game on each: read from a TOML file, the built-in `profiles.toml` or
//! another. It plays nothing and judges nothing.

mod error;
mod file;
mod limits;
mod sdk;

use std::path::{Path, PathBuf};

pub use error::{ProfilesError, UnknownProfile};
pub use limits::{Limit, LimitKey, Limits};
pub use sdk::sdk_json;
use serde::Deserialize;

use crate::path::{PathConfig, PathPair};

/// The profiles of one file, in its order.
#[derive(Debug, Clone, PartialEq)]
pub struct Profiles(Vec<Profile>);

/// One bad network.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// What it is called: letters, digits, `-`, `_` and `.`, at most 24.
    pub name: String,
    /// What it is, in a line.
    pub summary: String,
    /// Where its figures are from.
    pub source: String,
    /// From the player to the server.
    pub up: PathConfig,
    /// From the server to the player.
    pub down: PathConfig,
    /// As [`PathPair::shared_fades`].
    pub shared_fades: bool,
    /// How long a run on it is by default, 1 to 86,400 s.
    pub seconds: f64,
    /// A recorded trace of delay and loss that is its network conditions; none for most.
    pub trace: Option<PathBuf>,
    /// A TCP stream that shares the path with the game; none for most.
    pub competing_tcp: Option<CompetingTcp>,
    /// What is asked of a run.
    pub limits: Limits,
}

/// Where a TCP stream goes that takes all it can of the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompetingTcp {
    /// From the server's host to the players', as a download.
    Down,
}

/// The file in the program.
const BUILT_IN: &str = include_str!("../../profiles.toml");

impl Profiles {
    /// Those in the program.
    pub fn built_in() -> Self {
        file::parse(BUILT_IN, Path::new("")).expect("a test reads the built-in profiles")
    }

    /// Those of a file. Traces are sought beside it.
    ///
    /// # Errors
    /// When it can't be read, isn't TOML, has a key that is none or a figure that can't be; the error names the line.
    pub fn read(path: &Path) -> Result<Self, ProfilesError> {
        let text = std::fs::read_to_string(path).map_err(|source| ProfilesError::Read {
            path: path.to_owned(),
            source,
        })?;
        let directory = path.parent().unwrap_or(Path::new(""));
        file::parse(&text, directory).map_err(|source| ProfilesError::Parse {
            path: path.to_owned(),
            source: Box::new(source),
        })
    }

    /// The one of this name.
    ///
    /// # Errors
    /// When there is none; the error lists those there are.
    pub fn named(&self, name: &str) -> Result<&Profile, UnknownProfile> {
        self.iter()
            .find(|profile| profile.name == name)
            .ok_or_else(|| UnknownProfile {
                name: name.to_owned(),
                known: self.iter().map(|profile| profile.name.clone()).collect(),
            })
    }

    /// All of them, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.0.iter()
    }
}

impl Profile {
    /// Both directions of its path, with the network conditions of `seed`.
    pub fn paths(&self, seed: u64) -> PathPair {
        PathPair {
            up: self.up.clone(),
            down: self.down.clone(),
            seed,
            shared_fades: self.shared_fades,
        }
    }
}
