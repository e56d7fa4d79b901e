//! The directory that a server keeps its data in, as the only process that does.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use certs::private_file::{self, Durability, create_directory};
use rand::RngCore;
use tracing::warn;

use super::StorageError;

/// Bytes of a secret that is made here.
const SECRET_BYTES: usize = 32;

/// A directory that is ours as long as this lives.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    /// Locked.
    _lock: File,
}

impl DataDirectory {
    /// Makes the directory where it isn't there, and takes it.
    ///
    /// # Errors
    /// It can't be made or written to, or another process has it.
    pub fn open(path: &Path) -> Result<Self, StorageError> {
        let fault = |cause| StorageError::Directory {
            directory: path.to_owned(),
            cause,
        };
        create_directory(path).map_err(fault)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path.join("lock"))
            .map_err(fault)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(StorageError::InUse {
                directory: path.to_owned(),
            }),
            Err(TryLockError::Error(cause)) => Err(fault(cause)),
        }
    }

    /// A file or directory in it.
    pub(crate) fn at(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The secret that signs tokens: made once, and the same after a restart, so that players come back to their seats.
    ///
    /// # Errors
    /// It can't be read or kept.
    pub(crate) fn token_secret(&self) -> Result<Vec<u8>, StorageError> {
        let path = self.at("token-secret");
        let fault = |cause| StorageError::Directory {
            directory: path.clone(),
            cause,
        };
        match read_file(&path) {
            Ok(secret) if secret.len() == SECRET_BYTES => return Ok(secret),
            Ok(_) => {
                warn!(path = %path.display(), "no secret of ours: replaced, so that tokens of before are void");
            }
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {}
            Err(cause) => return Err(fault(cause)),
        }
        let mut secret = vec![0; SECRET_BYTES];
        rand::rng().fill_bytes(&mut secret);
        private_file::write(&path, &secret, Durability::Synced).map_err(fault)?;
        Ok(secret)
    }
}

/// What a file holds that is one, and nothing else.
fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.is_file() {
        std::fs::read(path)
    } else {
        Err(std::io::ErrorKind::InvalidInput.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_has_it_and_its_secret_outlives_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        let first = DataDirectory::open(&path).unwrap();
        let taken = DataDirectory::open(&path).unwrap_err().to_string();
        assert!(taken.contains("data_directory"), "{taken}");
        let secret = first.token_secret().unwrap();
        drop(first);
        let second = DataDirectory::open(&path).unwrap();
        assert_eq!(second.token_secret().unwrap(), secret);
        std::fs::write(second.at("token-secret"), "short").unwrap();
        assert_ne!(second.token_secret().unwrap(), secret);
    }
}
