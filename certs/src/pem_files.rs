//! A certificate chain and a key in files that someone else renews; says when they changed, and
//! leaves it to the handle what is served.

use std::{path::PathBuf, time::SystemTime};

use sha2::{Digest, Sha256};

use crate::{CertificateError, identity::Identity, pem_text, validity::date};

/// The two files and what was last taken from them.
#[derive(Debug)]
pub(crate) struct PemFiles {
    chain_path: PathBuf,
    key_path: PathBuf,
    pinned: bool,
    /// SHA-256 over both files as they were when the served identity was read. Times of change are
    /// too coarse: two writes in one tick would look like one.
    taken: [u8; 32],
}

impl PemFiles {
    /// Reads both files; `pinned` asks for a certificate that browsers take by hash.
    pub(crate) fn open(
        chain_path: PathBuf,
        key_path: PathBuf,
        pinned: bool,
    ) -> Result<(Self, Identity), CertificateError> {
        let mut this = Self {
            chain_path,
            key_path,
            pinned,
            taken: [0; 32],
        };
        let files = this.read()?;
        let identity = this.parse(&files)?;
        this.taken = files.sha256();
        Ok((this, identity))
    }

    pub(crate) fn pinned(&self) -> bool {
        self.pinned
    }

    /// The new identity when a file changed, `None` when none did.
    ///
    /// As long as the files can't be used the same error comes back, and `held` stays good.
    pub(crate) fn refresh(
        &mut self,
        held: &Identity,
        now: SystemTime,
    ) -> Result<Option<Identity>, CertificateError> {
        let files = self.read()?;
        if files.sha256() == self.taken {
            return Ok(None);
        }
        let identity = self.parse(&files)?;
        if identity.not_after() < now && held.is_valid_at(now) {
            let since = date(identity.not_after());
            return Err(CertificateError::Expired {
                path: self.chain_path.clone(),
                since,
            });
        }
        self.taken = files.sha256();
        Ok(Some(identity))
    }

    fn read(&self) -> Result<Files, CertificateError> {
        let chain = pem_text::read(&self.chain_path)?;
        let key = pem_text::read(&self.key_path)?;
        Ok(Files { chain, key })
    }

    fn parse(&self, files: &Files) -> Result<Identity, CertificateError> {
        let identity = pem_text::identity(
            (&self.chain_path, &files.chain),
            (&self.key_path, &files.key),
        )?;
        if self.pinned {
            let path = || self.chain_path.clone();
            identity
                .check_pinnable()
                .map_err(|reason| CertificateError::NotPinnable {
                    path: path(),
                    reason,
                })?;
        }
        Ok(identity)
    }
}

struct Files {
    chain: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    fn sha256(&self) -> [u8; 32] {
        Sha256::new()
            .chain_update(Sha256::digest(&self.chain))
            .chain_update(Sha256::digest(&self.key))
            .finalize()
            .into()
    }
}
