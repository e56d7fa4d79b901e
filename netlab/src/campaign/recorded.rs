//! Profiles whose network conditions is a recorded trace.

use std::path::Path;

use crate::path::PathConfig;
use crate::profile::{Limits, Profile};
use crate::trace::{Trace, TraceFileError};

/// A run on a trace is as long as the trace, but no longer than this, in seconds.
const LONGEST_RUN_S: f64 = 120.0;

/// A profile's name is no longer.
const LONGEST_NAME: usize = 24;

/// The profile with the trace that it names, if it names one.
///
/// # Errors
/// When the trace can't be read, or a line of it is wrong.
pub fn with_trace(mut profile: Profile) -> Result<Profile, TraceFileError> {
    if let Some(path) = &profile.trace {
        let Trace { up, down } = Trace::read(path)?;
        (profile.up.trace, profile.down.trace) = (Some(up), Some(down));
    }
    Ok(profile)
}

/// A profile that is a trace and nothing else, called as its file; it asks for nothing.
///
/// # Errors
/// As [`with_trace`].
pub fn profile_of_trace(path: &Path) -> Result<Profile, TraceFileError> {
    let trace = Trace::read(path)?;
    let seconds = trace.length().as_secs_f64();
    let of = |lane| PathConfig {
        trace: Some(lane),
        ..PathConfig::default()
    };
    Ok(Profile {
        name: name_of(path),
        summary: format!("A recorded trace of {seconds:.0} s"),
        source: path.display().to_string(),
        up: of(trace.up),
        down: of(trace.down),
        shared_fades: false,
        seconds: seconds.clamp(1.0, LONGEST_RUN_S),
        trace: Some(path.to_owned()),
        competing_tcp: None,
        limits: Limits::default(),
    })
}

fn name_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let letters = stem
        .chars()
        .map(|letter| if plain(letter) { letter } else { '-' });
    let name: String = letters.take(LONGEST_NAME).collect();
    if name.is_empty() {
        "trace".to_owned()
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::longest_own_delay_ms;

    #[test]
    fn a_trace_is_a_profile_of_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder
            .path()
            .join("bad evening, 21:00 on the train home.csv");
        std::fs::write(
            &path,
            "at_ms,direction,delay_ms\n0,up,30\n0,down,40\n1000,down,55\n2000,down,\n",
        )
        .unwrap();
        let profile = profile_of_trace(&path).unwrap();
        assert_eq!(profile.name, "bad-evening--21-00-on-th");
        assert_eq!(profile.seconds, 3.0);
        assert_eq!(longest_own_delay_ms(&profile.down), 55.0);
        let plain = Profile {
            up: PathConfig::default(),
            down: PathConfig::default(),
            ..profile.clone()
        };
        assert_eq!(with_trace(plain).unwrap(), profile);
        assert!(profile_of_trace(&folder.path().join("none.csv")).is_err());
    }
}
