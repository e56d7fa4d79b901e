//! `battle-circles replay FILE`: plays a recorded match again, and says whether it ends as it did.

use std::path::Path;

use game::replay::{MAX_RECORDING, Recording};

/// Checks a recording.
///
/// # Errors
/// What is wrong with the file, or where this program's game goes another way.
pub(crate) fn check(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let fault = |fault: &dyn std::fmt::Display| format!("{shown}: {fault}");
    let about = std::fs::metadata(path).map_err(|error| fault(&error))?;
    if !about.is_file() {
        return Err(fault(&"it is no file"));
    }
    let length = about.len();
    if length > MAX_RECORDING as u64 {
        return Err(format!(
            "{shown}: {length} bytes, and a recording has {MAX_RECORDING} at most"
        ));
    }
    let bytes = std::fs::read(path).map_err(|error| fault(&error))?;
    let recording = Recording::parse(&bytes).map_err(|error| fault(&error))?;
    recording
        .verify()
        .map_err(|divergence| fault(&divergence))?;
    let (ticks, rate) = (recording.ticks(), recording.rules().tick_rate());
    Ok(format!(
        "{shown}: {ticks} ticks, {:.1} s, {length} bytes: every second goes as it went, and the end is the same",
        f64::from(ticks) / f64::from(rate)
    ))
}
