//! Files whose content is checked when it is read: a half-written, swapped or mangled one is never taken for a good one.

use std::io;
use std::path::{Path, PathBuf};

use certs::private_file::{self, DRAFT, Durability, create_directory};
use sha2::{Digest, Sha256};

/// Bytes of the hash that stands before the content.
const HASH_BYTES: usize = 32;

/// What a file that is no good is called from then on.
const SET_ASIDE: &str = "corrupt";

/// Writes a file as a whole.
pub(super) fn write(path: &Path, content: &[u8], durability: Durability) -> io::Result<()> {
    let mut bytes = Sha256::digest(content).to_vec();
    bytes.extend(content);
    private_file::write(path, &bytes, durability)
}

/// What a file holds; nothing where the content isn't what was written, or could not have been.
pub(super) fn read(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    let about = std::fs::metadata(path)?;
    if !about.is_file() || about.len() > most {
        return Ok(None);
    }
    let mut bytes = std::fs::read(path)?;
    if bytes.len() < HASH_BYTES {
        return Ok(None);
    }
    let content = bytes.split_off(HASH_BYTES);
    Ok((Sha256::digest(&content).as_slice() == bytes).then_some(content))
}

/// The files with an extension in a directory of ours, which is made where it isn't there. What a write has left that was cut
/// short is removed.
pub(super) fn list(directory: &Path, extension: &str) -> io::Result<Vec<PathBuf>> {
    create_directory(directory)?;
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        let is = |wanted: &str| {
            path.extension()
                .is_some_and(|extension| extension == wanted)
        };
        if is(DRAFT) {
            // It does no harm but to take room.
            let _ = std::fs::remove_file(&path);
        } else if is(extension) {
            files.push(path);
        }
    }
    Ok(files)
}

/// Takes a file that is no good out of the way, for a person to look at; gives its new name.
pub(super) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let aside = path.with_added_extension(SET_ASIDE);
    std::fs::rename(path, &aside)?;
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_written_as_it_stands_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.game");
        write(&path, b"content", Durability::Synced).unwrap();
        assert_eq!(read(&path, 99).unwrap().unwrap(), b"content");
        assert!(read(&path, 9).unwrap().is_none());
        assert!(read(folder.path(), 99).unwrap().is_none());
        let good = std::fs::read(&path).unwrap();
        let mut flipped = good.clone();
        flipped[HASH_BYTES] ^= 1;
        for bad in [&b""[..], &good[..good.len() - 1], &flipped] {
            std::fs::write(&path, bad).unwrap();
            assert!(read(&path, 99).unwrap().is_none());
        }
        let aside = set_aside(&path).unwrap();
        assert!(aside.ends_with("a.game.corrupt") && !path.exists());
    }

    #[test]
    fn what_a_crash_left_half_written_is_removed_and_other_files_are_nobodys() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["a.game", "b.game.new", "c.txt"] {
            std::fs::write(at(name), "").unwrap();
        }
        assert_eq!(list(folder.path(), "game").unwrap(), [at("a.game")]);
        assert!(!at("b.game.new").exists() && at("c.txt").exists());
    }
}
