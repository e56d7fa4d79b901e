//! The handle that the server holds: serves the current identity without a lock, and refreshes it
//! when told.

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use arc_swap::ArcSwap;
use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

use crate::{
    CertificateError, Identity,
    acme::{Folder, Request},
    names::Names,
    pem_files::PemFiles,
    rotation::Pair,
    self_signed::{Refresh, SelfSigned},
};

/// The server's TLS identity, which changes over time.
///
/// Clones share one identity. Reads never wait, not even for a refresh.
#[derive(Clone)]
pub struct Certificates {
    shared: Arc<Shared>,
}

/// What [`Certificates::refresh`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refreshed {
    /// The identity and the hashes are what they were.
    Unchanged,
    /// The self-signed identity or the one that follows it is a new one: so are the hashes.
    Rotated,
    /// The PEM files changed, and their new content is served from now on.
    Reloaded,
}

struct Shared {
    served: ArcSwap<Served>,
    source: Mutex<Source>,
}

/// Swapped as one, so that the identity and the hashes always fit each other.
struct Served {
    current: Arc<Identity>,
    hashes: Vec<[u8; 32]>,
    next: Option<Arc<Identity>>,
}

enum Source {
    SelfSigned(SelfSigned),
    Pem(PemFiles),
    Acme {
        folder: Folder,
        names: Names,
        /// What is served as long as nothing was issued.
        meanwhile: Option<SelfSigned>,
        /// The last write failed, so that a restart would lose what is served.
        is_unsaved: bool,
    },
}

impl Certificates {
    /// Self-signed identities kept in `directory`, which is made when missing (mode 0700).
    ///
    /// `names` are host names and IP addresses. What the directory holds is used again; what is
    /// expired, unusable or stands for other names is replaced, and a warning says why. Reads and
    /// writes files.
    ///
    /// # Errors
    ///
    /// A name that no certificate can carry, or a directory that can't be read or written.
    pub fn self_signed(
        directory: impl Into<PathBuf>,
        names: &[String],
        now: SystemTime,
    ) -> Result<Self, CertificateError> {
        let (source, pair) = SelfSigned::open(directory.into(), names, now)?;
        Ok(Self::new(Source::SelfSigned(source), pair.into()))
    }

    /// The identity in a PEM chain (the server's own certificate first) and a PEM key; both may be
    /// in one file.
    ///
    /// No hashes are offered: a browser that is given hashes does not look at the certificate
    /// authority, and refuses a certificate that lasts longer than two weeks. Reads files. An
    /// expired certificate is served all the same; see [`Identity::is_valid_at`].
    ///
    /// # Errors
    ///
    /// Files that can't be read, are malformed or do not belong together.
    pub fn pem(
        chain_path: impl Into<PathBuf>,
        key_path: impl Into<PathBuf>,
    ) -> Result<Self, CertificateError> {
        Self::from_files(PemFiles::open(chain_path.into(), key_path.into(), false)?)
    }

    /// As [`Certificates::pem`], and offers the hash of the certificate to clients.
    ///
    /// For a short-lived certificate that no authority signed and that someone else renews. There
    /// is no overlap: clients that learned the old hash must ask again after a reload.
    ///
    /// # Errors
    ///
    /// As [`Certificates::pem`], and a certificate that browsers do not take by hash: its key is
    /// not ECDSA P-256, or it lasts longer than [`BROWSER_VALIDITY_LIMIT`](crate::BROWSER_VALIDITY_LIMIT).
    pub fn pem_with_hash(
        chain_path: impl Into<PathBuf>,
        key_path: impl Into<PathBuf>,
    ) -> Result<Self, CertificateError> {
        Self::from_files(PemFiles::open(chain_path.into(), key_path.into(), true)?)
    }

    /// The identity that an authority issued for `names` and that `folder` keeps; until there is one, a self-signed one
    /// for all of `meanwhile`, as [`Certificates::self_signed`] has them in a directory.
    ///
    /// Nothing is asked of the authority here: [`Certificates::request`] and [`Certificates::install`] are for who does.
    /// No hashes are offered of what was issued. Reads and writes files; an identity that can't be read any more is passed
    /// over with a warning.
    ///
    /// # Errors
    ///
    /// A name that no certificate can carry, or directories that can't be used.
    pub fn acme(
        folder: Folder,
        names: &[String],
        (directory, meanwhile): (impl Into<PathBuf>, &[String]),
        now: SystemTime,
    ) -> Result<Self, CertificateError> {
        let names = Names::parse(names)?;
        let issued = folder.certificate().unwrap_or_else(|error| {
            tracing::warn!(%error, "the certificate that was issued last is lost");
            None
        });
        let (served, meanwhile) = match issued {
            Some(identity) => (Served::from_file(identity, false), None),
            None => {
                let (source, pair) = SelfSigned::open(directory.into(), meanwhile, now)?;
                (pair.into(), Some(source))
            }
        };
        let source = Source::Acme {
            folder,
            names,
            meanwhile,
            is_unsaved: false,
        };
        Ok(Self::new(source, served))
    }

    /// What an authority is to sign; `None` where none is asked.
    ///
    /// # Errors
    ///
    /// No randomness for a key.
    pub fn request(&self) -> Result<Option<Request>, CertificateError> {
        match &*self.source() {
            Source::Acme { names, .. } => Request::new(names).map(Some),
            Source::SelfSigned(_) | Source::Pem(_) => Ok(None),
        }
    }

    /// The identity that an authority issued, if it stands for the wanted names; what is served may be another.
    #[must_use]
    pub fn issued(&self) -> Option<Arc<Identity>> {
        let current = self.current();
        match &*self.source() {
            Source::Acme {
                names,
                meanwhile: None,
                ..
            } => current.name_set().cover(names).then_some(current),
            _ => None,
        }
    }

    /// Serves what an authority made of a request, from now on, and saves it; blocks on files. Where it can't be saved,
    /// [`Certificates::refresh`] tries again and says why not.
    ///
    /// # Errors
    ///
    /// A chain that doesn't fit the request or is over at `now`. The old identity is still served.
    pub fn install(
        &self,
        request: Request,
        chain: &str,
        now: SystemTime,
    ) -> Result<Arc<Identity>, CertificateError> {
        let served = Served::from_file(request.answered(chain, now)?, false);
        let identity = served.current.clone();
        if let Source::Acme {
            folder,
            meanwhile,
            is_unsaved,
            ..
        } = &mut *self.source()
        {
            *is_unsaved = folder.save_certificate(&identity).is_err();
            *meanwhile = None;
            self.shared.served.store(Arc::new(served));
        }
        Ok(identity)
    }

    /// The identity that is served now.
    #[must_use]
    pub fn current(&self) -> Arc<Identity> {
        self.shared.served.load().current.clone()
    }

    /// The self-signed identity that takes over from the current one; `None` where the current one is none.
    #[must_use]
    pub fn next(&self) -> Option<Arc<Identity>> {
        self.shared.served.load().next.clone()
    }

    /// SHA-256 of the certificates a client should take by hash, the current one first.
    ///
    /// Two for a self-signed identity: one of them is served for at least the next ten days.
    /// None for [`Certificates::pem`], one for [`Certificates::pem_with_hash`].
    #[must_use]
    pub fn certificate_hashes(&self) -> Vec<[u8; 32]> {
        self.shared.served.load().hashes.clone()
    }

    /// Rotates or reloads when it is time to; blocks on files.
    ///
    /// Self-signed identities want this at least once a day (hourly is good), PEM files as often as
    /// a renewal should be noticed. A failed refresh never takes a usable identity away, and the
    /// next one tries again.
    ///
    /// # Errors
    ///
    /// PEM files that can't be used: the old identity is still served. A store that can't be
    /// written: a rotation that was due has happened, and is lost at a restart.
    pub fn refresh(&self, now: SystemTime) -> Result<Refreshed, CertificateError> {
        match &mut *self.source() {
            Source::SelfSigned(source)
            | Source::Acme {
                meanwhile: Some(source),
                ..
            } => self.rotate(source, now),
            Source::Pem(files) => self.reload(files, now),
            Source::Acme {
                folder, is_unsaved, ..
            } => {
                if *is_unsaved {
                    folder.save_certificate(&self.current())?;
                    *is_unsaved = false;
                }
                Ok(Refreshed::Unchanged)
            }
        }
    }

    fn source(&self) -> MutexGuard<'_, Source> {
        self.shared
            .source
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn rotate(
        &self,
        source: &mut SelfSigned,
        now: SystemTime,
    ) -> Result<Refreshed, CertificateError> {
        let held = self.shared.served.load_full();
        let Some(next) = held.next.clone() else {
            return Ok(Refreshed::Unchanged);
        };
        let held_pair = Pair {
            current: held.current.clone(),
            next,
        };
        let Refresh { pair, saved } = source.refresh(&held_pair, now)?;
        let served = Served::from(pair);
        let changed = served.hashes != held.hashes;
        if changed {
            self.shared.served.store(Arc::new(served));
        }
        saved.map(|()| {
            if changed {
                Refreshed::Rotated
            } else {
                Refreshed::Unchanged
            }
        })
    }

    fn reload(&self, files: &mut PemFiles, now: SystemTime) -> Result<Refreshed, CertificateError> {
        let Some(identity) = files.refresh(&self.current(), now)? else {
            return Ok(Refreshed::Unchanged);
        };
        self.shared
            .served
            .store(Arc::new(Served::from_file(identity, files.pinned())));
        Ok(Refreshed::Reloaded)
    }

    fn from_files((files, identity): (PemFiles, Identity)) -> Result<Self, CertificateError> {
        let served = Served::from_file(identity, files.pinned());
        Ok(Self::new(Source::Pem(files), served))
    }

    fn new(source: Source, served: Served) -> Self {
        let served = ArcSwap::from_pointee(served);
        Self {
            shared: Arc::new(Shared {
                served,
                source: Mutex::new(source),
            }),
        }
    }
}

impl Served {
    fn from_file(identity: Identity, pinned: bool) -> Self {
        let hashes = if pinned {
            vec![identity.sha256()]
        } else {
            Vec::new()
        };
        Self {
            current: Arc::new(identity),
            hashes,
            next: None,
        }
    }
}

impl From<Pair> for Served {
    fn from(Pair { current, next }: Pair) -> Self {
        let hashes = vec![current.sha256(), next.sha256()];
        Self {
            current,
            hashes,
            next: Some(next),
        }
    }
}

/// Serves the current identity to everybody, whatever name the client asks for: a client that pins
/// a hash may come by any address.
impl ResolvesServerCert for Certificates {
    fn resolve(&self, _client_hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.shared.served.load().current.certified_key().clone())
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let served = self.shared.served.load();
        f.debug_struct("Certificates")
            .field("current", &served.current)
            .field("next", &served.next)
            .finish_non_exhaustive()
    }
}
