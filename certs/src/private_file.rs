//! Files that hold what is private: only this user may read them, and a crash leaves the old content
//! or the new one.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    path::Path,
};

use crate::{CertificateError, pem_text};

/// Makes a directory, private to this user, when it does not exist.
///
/// # Errors
/// The file system's.
pub fn create_directory(directory: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

/// The same, in the words of certificates.
pub(crate) fn make_directory(directory: &Path) -> Result<(), CertificateError> {
    create_directory(directory).map_err(|cause| CertificateError::Write {
        path: directory.to_owned(),
        cause,
    })
}

/// What a file holds, which is made private where it isn't; `None` when it does not exist.
pub(crate) fn read(path: &Path) -> Result<Option<Vec<u8>>, CertificateError> {
    let text = pem_text::read_if_there(path)?;
    if text.is_some() {
        make_private(path);
    }
    Ok(text)
}

/// Replaces a file at once.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), CertificateError> {
    write(path, text.as_bytes(), Durability::Synced).map_err(|cause| CertificateError::Write {
        path: path.to_owned(),
        cause,
    })
}

/// What is added to the name of a file that is being written; a crash may leave one.
pub const DRAFT: &str = "new";

/// What a file that was replaced survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A crash of this process.
    Process,
    /// A crash of the machine, too.
    Synced,
}

/// Replaces a file that only this user may read; whoever reads it finds the old content or the new one.
///
/// # Errors
/// The file system's.
pub fn write(path: &Path, bytes: &[u8], durability: Durability) -> io::Result<()> {
    let draft = path.with_added_extension(DRAFT);
    // Its mode counts only when the file is new, so a left-over draft has to go.
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(bytes)?;
    if durability == Durability::Synced {
        file.sync_all()?;
    }
    drop(file);
    fs::rename(&draft, path)?;
    #[cfg(unix)]
    if let (Some(directory), Durability::Synced) = (path.parent(), durability) {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// Takes a key file that others may read back to this user alone.
#[cfg(unix)]
fn make_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;

    let open_to_others =
        fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0);
    if !open_to_others {
        return;
    }
    let path_shown = path.display();
    match fs::set_permissions(path, fs::Permissions::from_mode(0o600)) {
        Ok(()) => {
            tracing::warn!(path = %path_shown, "other users could read this private key until now");
        }
        Err(error) => {
            tracing::warn!(path = %path_shown, %error, "other users can read this private key");
        }
    }
}

#[cfg(not(unix))]
fn make_private(_path: &Path) {}
