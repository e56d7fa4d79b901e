//! Whom a packet is for. A check names its peer, an answer the check that it answers, and all else
//! goes by the address that a peer has proved to be at.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::paths::Path;
use super::strays::Stray;
use super::stun::{self, Transaction};

/// A peer of the hub's.
pub(super) type PeerKey = u64;

/// What a packet is, as far as can be told without its peer's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// A check for this peer; it may be forged.
    Check(PeerKey),
    /// The answer to a check of ours to an unproven address; it may be forged.
    Answer(PeerKey),
    /// From an address that this peer has proved to be at.
    Proven(PeerKey),
    /// A numbered record with data from an unknown address: one of our peers may have moved there.
    Stray(u64),
    /// Nobody's.
    Nobody,
}

/// The tables.
#[derive(Debug, Default)]
pub(super) struct Routes {
    by_ufrag: HashMap<String, PeerKey>,
    by_address: HashMap<SocketAddr, PeerKey>,
    by_check: HashMap<Transaction, PeerKey>,
}

impl Routes {
    /// Whom a packet is for.
    pub(super) fn find(&self, from: SocketAddr, packet: &[u8]) -> Route {
        if let Some(ufrag) = stun::local_ufrag(packet) {
            let named = self.by_ufrag.get(ufrag).copied();
            return named.map_or(Route::Nobody, Route::Check);
        }
        if let Some(key) = self.by_address.get(&from) {
            return Route::Proven(*key);
        }
        if stun::is_success(packet) {
            let asked = stun::transaction(packet).and_then(|check| self.by_check.get(&check));
            return asked.map_or(Route::Nobody, |key| Route::Answer(*key));
        }
        stun::record_number(packet).map_or(Route::Nobody, Route::Stray)
    }

    /// A peer that calls itself so towards us.
    pub(super) fn add_peer(&mut self, ufrag: &str, key: PeerKey) {
        self.by_ufrag.insert(ufrag.to_owned(), key);
    }

    /// A check of ours is on its way.
    pub(super) fn add_check(&mut self, check: Transaction, key: PeerKey) {
        self.by_check.insert(check, key);
    }

    /// A peer has proved to be at an address, by one of these checks. Gives the peer that was there
    /// before, if another was.
    pub(super) fn prove(
        &mut self,
        address: SocketAddr,
        checks: &[Transaction],
        key: PeerKey,
    ) -> Option<PeerKey> {
        self.forget_checks(checks);
        let before = self.by_address.insert(address, key);
        before.filter(|before| *before != key)
    }

    /// A peer's address is not remembered any more.
    pub(super) fn forget_path(&mut self, path: &Path, key: PeerKey) {
        self.forget_checks(&path.checks);
        if self.by_address.get(&path.address) == Some(&key) {
            self.by_address.remove(&path.address);
        }
    }

    /// An address where peers were asked is not remembered any more.
    pub(super) fn forget_stray(&mut self, stray: &Stray) {
        for (_, check) in &stray.asked {
            self.by_check.remove(check);
        }
    }

    /// A peer is gone.
    pub(super) fn forget_peer(&mut self, ufrag: &str) {
        self.by_ufrag.remove(ufrag);
    }

    /// Whether nothing is left.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.by_ufrag.is_empty() && self.by_address.is_empty() && self.by_check.is_empty()
    }

    fn forget_checks(&mut self, checks: &[Transaction]) {
        for check in checks {
            self.by_check.remove(check);
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "an origin for virtual time")]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::transport::webrtc::credentials::tests::ends;
    use crate::transport::webrtc::paths::Paths;

    fn address(last: u8) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, last], 9))
    }

    #[test]
    fn a_forged_check_takes_no_address_from_its_owner() {
        let mut routes = Routes::default();
        let (us, them) = ends();
        routes.add_peer("us", 1);
        routes.add_peer("other", 2);
        assert_eq!(routes.prove(address(1), &[], 2), None);
        // The owner's address on a check of another peer's.
        let check = them.check().unwrap();
        assert_eq!(routes.find(address(1), &check), Route::Check(1));
        assert_eq!(routes.find(address(1), &[23; 40]), Route::Proven(2));
        // Only who answers from there is there, and then the other has left.
        let ours = us.check().unwrap();
        let asked = stun::transaction(&ours).unwrap();
        routes.add_check(asked, 1);
        let grant = them.grant(&ours, address(9)).unwrap();
        assert_eq!(routes.find(address(3), &grant), Route::Answer(1));
        assert_eq!(routes.prove(address(1), &[asked], 1), Some(2));
        assert_eq!(routes.find(address(3), &grant), Route::Nobody);
    }

    #[test]
    fn forgetting_a_peer_takes_nothing_of_anothers() {
        let mut routes = Routes::default();
        let mut paths = Paths::default();
        paths.hear(Instant::now(), address(1), 100);
        routes.add_peer("us", 1);
        routes.prove(address(1), &[], 2);
        for path in paths.all() {
            routes.forget_path(path, 1);
        }
        routes.forget_peer("us");
        assert_eq!(routes.find(address(1), &[0; 4]), Route::Proven(2));
        for path in paths.all() {
            routes.forget_path(path, 2);
        }
        assert!(routes.is_empty());
    }

    #[test]
    fn records_with_data_may_be_a_peers_that_has_moved() {
        let routes = Routes::default();
        let mut record = vec![23, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 1, 2, 0, 0];
        assert_eq!(routes.find(address(1), &record), Route::Stray(258));
        record[0] = 22;
        assert_eq!(routes.find(address(1), &record), Route::Nobody);
        assert_eq!(routes.find(address(1), &record[..12]), Route::Nobody);
        assert_eq!(routes.find(address(1), &[]), Route::Nobody);
    }
}
