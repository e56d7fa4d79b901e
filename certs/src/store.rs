//! The directory of self-signed identities: reads and writes it whole and private, and decides
//! nothing.
//!
//! One PEM file per identity holds certificate and key, so that the two can't come apart between
//! writes.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{CertificateError, identity::Identity, pem_text, rotation::Slot};

/// A directory with `current.pem` and `next.pem`.
#[derive(Debug)]
pub(crate) struct Store {
    directory: PathBuf,
}

/// Held while the directory is read and written; other processes wait.
pub(crate) struct Lock {
    _file: Option<File>,
}

impl Store {
    /// Makes the directory, private to this user, when it does not exist.
    pub(crate) fn open(directory: PathBuf) -> Result<Self, CertificateError> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(&directory) {
            Ok(()) => Ok(Self { directory }),
            Err(cause) => Err(CertificateError::Write {
                path: directory,
                cause,
            }),
        }
    }

    /// Keeps two processes from minting at once.
    ///
    /// Where directories can't be locked, the store is used without: a lost race costs one process
    /// its hashes at its next start, no more.
    pub(crate) fn lock(&self) -> Lock {
        let file = File::open(&self.directory).and_then(|file| file.lock().map(|()| file));
        Lock { _file: file.ok() }
    }

    pub(crate) fn path(&self, slot: Slot) -> PathBuf {
        self.directory.join(match slot {
            Slot::Current => "current.pem",
            Slot::Next => "next.pem",
        })
    }

    /// The identity in a slot; `None` when the file does not exist.
    pub(crate) fn read(&self, slot: Slot) -> Result<Option<Identity>, CertificateError> {
        let path = self.path(slot);
        let text = match pem_text::read(&path) {
            Ok(text) => text,
            Err(CertificateError::Read { cause, .. })
                if cause.kind() == io::ErrorKind::NotFound =>
            {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        make_private(&path);
        pem_text::identity((&path, &text), (&path, &text)).map(Some)
    }

    /// Replaces a slot at once: after a crash it holds the old identity or the new one.
    pub(crate) fn write(&self, slot: Slot, identity: &Identity) -> Result<(), CertificateError> {
        let path = self.path(slot);
        let draft = path.with_extension("pem.new");
        self.replace(&path, &draft, &pem_text::encode(identity))
            .map_err(|cause| CertificateError::Write { path, cause })
    }

    fn replace(&self, path: &Path, draft: &Path, text: &str) -> io::Result<()> {
        // Its mode counts only when the file is new, so a left-over draft has to go.
        match fs::remove_file(draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(draft)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        drop(file);
        fs::rename(draft, path)?;
        #[cfg(unix)]
        File::open(&self.directory)?.sync_all()?;
        Ok(())
    }
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
