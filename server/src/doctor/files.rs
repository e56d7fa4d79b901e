//! What this user may do with files, asked without touching any.

use std::path::Path;

/// Whether files can be made in a folder, or the folder itself where it isn't there yet.
pub(super) fn is_writable(folder: &Path) -> bool {
    // The working directory has no name in a path that is relative.
    let there = folder.ancestors().map(|path| match path.as_os_str() {
        name if name.is_empty() => Path::new("."),
        _ => path,
    });
    there
        .into_iter()
        .find(|path| path.exists())
        .is_some_and(|path| path.is_dir() && may_write(path))
}

#[cfg(unix)]
fn may_write(path: &Path) -> bool {
    use std::ffi::CString;
    use std::os::unix::ffi::OsStrExt;

    let Ok(path) = CString::new(path.as_os_str().as_bytes()) else {
        return false;
    };
    // SAFETY: the path is a string with its end, and the call only reads it.
    unsafe { libc::access(path.as_ptr(), libc::W_OK) == 0 }
}

#[cfg(not(unix))]
fn may_write(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|there| !there.permissions().readonly())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_can_be_made_is_writable_and_a_file_is_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        assert!(is_writable(&folder.path().join("a/b")));
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(!is_writable(&file.join("inside")));
        assert!(is_writable(Path::new("certs/self-signed")));
    }
}
