//! The directory of self-signed identities: reads and writes it whole and private, and decides
//! nothing.
//!
//! One PEM file per identity holds certificate and key, so that the two can't come apart between
//! writes.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use crate::{CertificateError, identity::Identity, pem_text, private_file, rotation::Slot};

/// A directory with `current.pem` and `next.pem`.
#[derive(Debug)]
pub(crate) struct Store {
    directory: PathBuf,
}

/// Held while the directory is read and written; other processes wait.
pub(crate) struct Lock {
    _file: Option<File>,
}

/// Where a slot's identity is kept.
pub(crate) fn path(directory: &Path, slot: Slot) -> PathBuf {
    directory.join(match slot {
        Slot::Current => "current.pem",
        Slot::Next => "next.pem",
    })
}

impl Store {
    /// Makes the directory, private to this user, when it does not exist.
    pub(crate) fn open(directory: PathBuf) -> Result<Self, CertificateError> {
        private_file::make_directory(&directory)?;
        Ok(Self { directory })
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
        path(&self.directory, slot)
    }

    /// The identity in a slot; `None` when the file does not exist.
    pub(crate) fn read(&self, slot: Slot) -> Result<Option<Identity>, CertificateError> {
        pem_text::read_private_identity(&self.path(slot))
    }

    /// Replaces a slot at once: after a crash it holds the old identity or the new one.
    pub(crate) fn write(&self, slot: Slot, identity: &Identity) -> Result<(), CertificateError> {
        private_file::replace(&self.path(slot), &pem_text::encode(identity))
    }
}
