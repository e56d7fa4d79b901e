//! What the operator is told once: settings that don't fit what comes, whose symptom shows somewhere else.

use std::collections::HashSet;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use tracing::warn;

use super::Origin;

/// Of how many addresses or origins each notice is given: a hint to an operator, not a log of strangers.
const MOST: usize = 16;

/// Most characters of a stranger's origin in the log.
const LONGEST_ORIGIN: usize = 100;

/// What has been told already.
#[derive(Debug, Default)]
pub struct Notices {
    untrusted: Told<IpAddr>,
    proxy_header: Told<IpAddr>,
    origins: Told<String>,
    both_families: AtomicBool,
}

impl Notices {
    /// A connection from `address` began with a PROXY header that is not taken.
    pub fn proxy_header(&self, address: IpAddr, is_proxy_protocol: bool) {
        if !self.proxy_header.is_first(address) {
            return;
        }
        if is_proxy_protocol {
            warn!(%address, "a PROXY header of {address} is refused: it is not in trusted_proxies");
        } else {
            warn!(%address, "a PROXY header of {address} is refused: set proxy_protocol = true if it is your proxy's");
        }
    }

    /// A request from `address` came with headers of proxies that don't count.
    pub(super) fn untrusted(&self, address: IpAddr) {
        if self.untrusted.is_first(address) {
            warn!(%address, "Forwarded or X-Forwarded-* of {address} is ignored: it is not in trusted_proxies");
        }
    }

    /// A trusted proxy sent `Forwarded` and `X-Forwarded-*`.
    pub(super) fn both_families(&self) {
        if !self.both_families.swap(true, Ordering::Relaxed) {
            warn!(
                "a proxy sends both Forwarded and X-Forwarded-*: the latter count, for many proxies pass on what a client \
                 says in the former"
            );
        }
    }

    /// A page of `origin` was turned away.
    pub(super) fn origin(&self, origin: &str, detail: &str, public_origin: Option<&Origin>) {
        let origin: String = origin.chars().take(LONGEST_ORIGIN).collect();
        if self.origins.is_first(origin) {
            let public_origin = public_origin.map_or("not set".to_owned(), Origin::to_string);
            warn!(%public_origin, "{detail}; further ones are counted in silence");
        }
    }
}

/// Whom a notice was about.
#[derive(Debug)]
struct Told<K>(Mutex<HashSet<K>>);

impl<K> Default for Told<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Told<K> {
    fn is_first(&self, key: K) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.len() < MOST && told.insert(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_given_once_of_each_and_never_of_very_many() {
        let told = Told::default();
        assert!(
            [7, 8]
                .map(|key| told.is_first(key))
                .iter()
                .all(|first| *first)
        );
        assert!(!told.is_first(7));
        let further = (100..1_000).filter(|key| told.is_first(*key)).count();
        assert_eq!(further, MOST - 2);
    }
}
