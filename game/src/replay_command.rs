//! `battle-circles replay FILE`: plays a recorded match again, and says whether it ends as it did.
//! With `--view FILE` it writes it down for the page, too.

use std::fmt::Display;
use std::fs;
use std::path::Path;

use game::replay::{MAX_RECORDING, Recording};
use protocol::ids::RoomId;

/// Checks a recording, and writes its view file where one is asked for.
///
/// # Errors
/// What is wrong with the file, where this program's game goes another way, or why the view file
/// can't be written.
pub(crate) fn run(path: &Path, view: Option<&Path>) -> Result<String, String> {
    let bytes = read(path)?;
    let fault = |fault: &dyn Display| about(path, fault);
    let recording = Recording::parse(&bytes).map_err(|error| fault(&error))?;
    recording
        .verify()
        .map_err(|divergence| fault(&divergence))?;
    let (ticks, rate) = (recording.ticks(), recording.rules().tick_rate());
    let checked = format!(
        "{}: {ticks} ticks, {:.1} s, {} bytes: every second goes as it went, and the end is the same",
        path.display(),
        f64::from(ticks) / f64::from(rate),
        bytes.len(),
    );
    let Some(view) = view else {
        return Ok(checked);
    };
    let file = recording.to_view_file(room_of(path).as_ref());
    fs::write(view, &file).map_err(|error| about(view, &error))?;
    Ok(format!(
        "{checked}\n{}: {} bytes, for the page's ?replay",
        view.display(),
        file.len()
    ))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let fault = |fault: &dyn Display| about(path, fault);
    let metadata = fs::metadata(path).map_err(|error| fault(&error))?;
    if !metadata.is_file() {
        return Err(fault(&"it is no file"));
    }
    let length = metadata.len();
    if length > MAX_RECORDING as u64 {
        let text = format!("{length} bytes, and a recording has {MAX_RECORDING} at most");
        return Err(fault(&text));
    }
    fs::read(path).map_err(|error| fault(&error))
}

/// The room that `TIME-ROOM.bcmatch` names; a recording itself doesn't say.
fn room_of(path: &Path) -> Option<RoomId> {
    let stem = path.file_stem()?.to_str()?;
    let (time, room) = stem.split_once('-')?;
    let is_time = time.len() == 13 && time.bytes().all(|byte| byte.is_ascii_digit());
    is_time.then(|| RoomId::parse(room)).flatten()
}

fn about(path: &Path, fault: &dyn Display) -> String {
    format!("{}: {fault}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_stands_in_the_names_that_the_server_gives() {
        let room = |name: &str| room_of(Path::new(name)).map(|room| room.as_str().to_owned());
        let named = room("replays/1790000000000-friends-2.bcmatch");
        assert_eq!(named.as_deref(), Some("friends-2"));
        for other in [
            "match.bin",
            "2026-friends.bcmatch",
            "1790000000000-.bcmatch",
        ] {
            assert_eq!(room(other), None, "{other}");
        }
    }
}
