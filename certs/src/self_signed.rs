//! Brings the store, the identities in memory and the time together; what a client or rustls sees
//! is the handle's business.

use std::{path::PathBuf, sync::Arc, time::SystemTime};

use crate::{
    CertificateError,
    identity::{Identity, hex},
    mint::mint,
    names::Names,
    rotation::{Pair, Settled, Slot, Unfit, examine, settle},
    store::Store,
};

/// Self-signed identities in a directory.
#[derive(Debug)]
pub(crate) struct SelfSigned {
    store: Store,
    names: Names,
    /// The last write failed, so what is in memory is ahead of the directory.
    unsaved: bool,
}

/// What [`SelfSigned::refresh`] came to.
pub(crate) struct Refresh {
    pub(crate) pair: Pair,
    /// The pair is good to serve even when it could not be saved.
    pub(crate) saved: Result<(), CertificateError>,
}

/// What a slot of the directory holds.
#[derive(Default)]
struct Stored {
    identity: Option<Arc<Identity>>,
    unfit: Option<Unfit>,
}

impl SelfSigned {
    /// Reads the directory, mints what is missing and saves it.
    pub(crate) fn open(
        directory: PathBuf,
        names: &[String],
        now: SystemTime,
    ) -> Result<(Self, Pair), CertificateError> {
        let names = Names::parse(names)?;
        let store = Store::open(directory)?;
        let mut this = Self {
            store,
            names,
            unsaved: false,
        };
        let Refresh { pair, saved } = this.synchronise(None, now)?;
        saved.map(|()| (this, pair))
    }

    /// The same as a restart, except that what the directory lacks comes from memory.
    ///
    /// The directory goes first, so that a second process (an operator's tool, the new server in a
    /// rolling update) and this one agree.
    pub(crate) fn refresh(
        &mut self,
        held: &Pair,
        now: SystemTime,
    ) -> Result<Refresh, CertificateError> {
        self.synchronise(Some(held), now)
    }

    fn synchronise(
        &mut self,
        held: Option<&Pair>,
        now: SystemTime,
    ) -> Result<Refresh, CertificateError> {
        let _lock = self.store.lock();
        let stored = [
            self.read(Slot::Current, held)?,
            self.read(Slot::Next, held)?,
        ];
        let mut on_disk = [None, None];
        for (hash, stored) in on_disk.iter_mut().zip(&stored) {
            *hash = stored.identity.as_ref().map(|identity| identity.sha256());
        }
        let [current, next] = stored;
        self.warn(Slot::Current, current.unfit.as_ref());
        self.warn(Slot::Next, next.unfit.as_ref());

        let held_current = held.map(|pair| pair.current.clone());
        let held_next = held.map(|pair| pair.next.clone());
        let (current, next) = if self.unsaved {
            (
                held_current.or(current.identity),
                held_next.or(next.identity),
            )
        } else {
            (
                current.identity.or(held_current),
                next.identity.or(held_next),
            )
        };
        let Settled { pair, unfit } =
            settle(current, next, now, |validity| mint(&self.names, validity))?;
        for (slot, reason) in &unfit {
            self.warn(*slot, Some(reason));
        }
        let saved = self.save(&pair, on_disk);
        self.unsaved = saved.is_err();
        Ok(Refresh { pair, saved })
    }

    /// A file that is there and can't be read stops a start, as the hashes in it would be lost; it
    /// does not stop a server that has the identity in memory.
    fn read(&self, slot: Slot, held: Option<&Pair>) -> Result<Stored, CertificateError> {
        match self.store.read(slot) {
            Ok(None) => Ok(Stored::default()),
            Ok(Some(identity)) => Ok(match examine(&identity, &self.names) {
                Ok(()) => Stored {
                    identity: Some(Arc::new(identity)),
                    unfit: None,
                },
                Err(unfit) => Stored {
                    identity: None,
                    unfit: Some(unfit),
                },
            }),
            Err(error @ CertificateError::Read { .. }) if held.is_none() => Err(error),
            Err(error) => Ok(Stored {
                identity: None,
                unfit: Some(Unfit::Unreadable(error)),
            }),
        }
    }

    /// The current one first: were the next one written first, a crash in between would lose the
    /// identity that takes over.
    fn save(&self, pair: &Pair, on_disk: [Option<[u8; 32]>; 2]) -> Result<(), CertificateError> {
        let wanted = [(Slot::Current, &pair.current), (Slot::Next, &pair.next)];
        for ((slot, identity), on_disk) in wanted.into_iter().zip(on_disk) {
            let sha256 = identity.sha256();
            if on_disk != Some(sha256) {
                self.store.write(slot, identity)?;
                let path = self.store.path(slot);
                tracing::info!(path = %path.display(), sha256 = hex(&sha256), "certificate written");
            }
        }
        Ok(())
    }

    fn warn(&self, slot: Slot, unfit: Option<&Unfit>) {
        if let Some(reason) = unfit {
            let path = self.store.path(slot);
            tracing::warn!(path = %path.display(), %reason, "stored certificate is replaced");
        }
    }
}
