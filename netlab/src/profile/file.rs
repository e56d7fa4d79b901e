//! The profile file's shape in TOML, and how it becomes [`Profiles`].

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use toml::Spanned;

use super::{CompetingTcp, Limits, Profile, Profiles};
use crate::path::PathConfig;

/// The longest name that leaves a table of figures its room.
const LONGEST_NAME: usize = 24;
const DEFAULT_SECONDS: f64 = 30.0;
const MOST_SECONDS: f64 = 86_400.0;

/// Reads profiles; the traces that they name are sought in `directory`.
pub(super) fn parse(text: &str, directory: &Path) -> Result<Profiles, toml::de::Error> {
    let File { profile } = toml::from_str(text)?;
    let mut entries: Vec<_> = profile.into_iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    let profiles = entries
        .into_iter()
        .map(|(name, entry)| entry.into_profile(name.into_inner().0, directory));
    Ok(Profiles(profiles.collect()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    profile: BTreeMap<Spanned<Name>, Entry>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        if (1..=LONGEST_NAME).contains(&name.len()) && name.chars().all(plain) {
            return Ok(Self(name));
        }
        Err(D::Error::custom(format!(
            "{name:?} can't name a profile: 1 to {LONGEST_NAME} letters, digits, '-', '_' and '.' can"
        )))
    }
}

/// A profile under its name.
#[derive(Deserialize)]
#[serde(try_from = "Written")]
struct Entry {
    written: Written,
    up: PathConfig,
    down: PathConfig,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    summary: String,
    source: String,
    #[serde(default = "default_seconds", deserialize_with = "seconds")]
    seconds: f64,
    #[serde(default)]
    shared_fades: bool,
    trace: Option<PathBuf>,
    competing_tcp: Option<CompetingTcp>,
    /// Both directions at once.
    link: Option<PathConfig>,
    up: Option<PathConfig>,
    down: Option<PathConfig>,
    #[serde(default)]
    limits: Limits,
}

impl TryFrom<Written> for Entry {
    type Error = &'static str;

    fn try_from(mut written: Written) -> Result<Self, Self::Error> {
        let (up, down) = match (written.link.take(), written.up.take(), written.down.take()) {
            (Some(link), None, None) => (link.clone(), link),
            (None, up, down) => (up.unwrap_or_default(), down.unwrap_or_default()),
            _ => return Err("`link` is both directions, so `up` and `down` can't stand beside it"),
        };
        Ok(Self { written, up, down })
    }
}

impl Entry {
    fn into_profile(self, name: String, directory: &Path) -> Profile {
        let Self { written, up, down } = self;
        Profile {
            name,
            summary: written.summary,
            source: written.source,
            up,
            down,
            shared_fades: written.shared_fades,
            seconds: written.seconds,
            trace: written.trace.map(|path| directory.join(path)),
            competing_tcp: written.competing_tcp,
            limits: written.limits,
        }
    }
}

fn default_seconds() -> f64 {
    DEFAULT_SECONDS
}

fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    let seconds = f64::deserialize(from)?;
    if (1.0..=MOST_SECONDS).contains(&seconds) {
        return Ok(seconds);
    }
    Err(D::Error::custom(format!(
        "seconds is {seconds}: it must lie between 1 and {MOST_SECONDS}"
    )))
}
