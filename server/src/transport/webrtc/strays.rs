//! Records with data from addresses that no peer has proved to be at. A NAT gives a peer another
//! address without a word, and browsers check theirs only every few seconds; but a playing client
//! sends thirty records a second, and their numbers go on. So the peer that fits is asked at once.
//!
//! The number is a hint and no proof: what proves the address is the answer to the check. As at any
//! unproven address there go no more bytes than came from it, and three checks in all.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::rate_limit::RateLimit;
use super::routes::PeerKey;
use super::stun::Transaction;

/// Records for which a peer is looked for, a second and at once; looking costs a glance at each.
const LOOKS: (u32, u32) = (200, 100);

/// Addresses that are remembered; of more, the one heard longest ago is forgotten.
const MOST_ADDRESSES: usize = 64;

/// Checks to one address.
const MOST_CHECKS: usize = 3;

/// A peer that was heard so lately has not moved.
const QUIET: Duration = Duration::from_millis(30);

/// Time between two records of a playing client.
const INTERVAL: Duration = Duration::from_millis(33);

/// How many records more or fewer than its silence makes likely a peer may have sent.
const TOLERANCE: u64 = 8;

/// The addresses.
#[derive(Debug)]
pub(super) struct Strays {
    addresses: Vec<Stray>,
    looks: RateLimit,
}

/// One address.
#[derive(Debug)]
pub(super) struct Stray {
    address: SocketAddr,
    bytes_in: usize,
    bytes_out: usize,
    heard_at: Instant,
    /// Who was asked there, by which check.
    pub(super) asked: Vec<(PeerKey, Transaction)>,
}

/// What is known of a peer that may have moved.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastRecord {
    pub(super) number: u64,
    pub(super) heard_at: Instant,
}

impl LastRecord {
    /// How badly a later record fits, or nothing when it isn't this peer's.
    fn misfit(self, now: Instant, number: u64) -> Option<u64> {
        let silence = now.saturating_duration_since(self.heard_at);
        let ahead = number.checked_sub(self.number).filter(|ahead| *ahead > 0)?;
        let expected = u64::try_from(silence.as_millis() / INTERVAL.as_millis()).ok()?;
        let misfit = ahead.abs_diff(expected);
        (silence > QUIET && misfit <= TOLERANCE + expected).then_some(misfit)
    }
}

impl Strays {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            addresses: Vec::new(),
            looks: RateLimit::new(now, LOOKS.0, LOOKS.1),
        }
    }

    /// Takes note of a record. Gives the address that had to make way.
    pub(super) fn hear(&mut self, now: Instant, from: SocketAddr, length: usize) -> Option<Stray> {
        if let Some(stray) = self.find(from) {
            stray.bytes_in += length;
            stray.heard_at = now;
            return None;
        }
        let oldest = self.addresses.iter().enumerate();
        let oldest = oldest.min_by_key(|(_, stray)| stray.heard_at);
        let forgotten = match oldest {
            Some((index, _)) if self.addresses.len() == MOST_ADDRESSES => {
                Some(self.addresses.swap_remove(index))
            }
            _ => None,
        };
        self.addresses.push(Stray {
            address: from,
            bytes_in: length,
            bytes_out: 0,
            heard_at: now,
            asked: Vec::new(),
        });
        forgotten
    }

    /// The peer to ask whether it is at an address from which a record of this number came: of those
    /// asked least the one that fits best. `check_length` bytes would go there.
    pub(super) fn whom_to_ask(
        &mut self,
        now: Instant,
        from: SocketAddr,
        number: u64,
        check_length: usize,
        peers: impl Iterator<Item = (PeerKey, LastRecord)>,
    ) -> Option<PeerKey> {
        if !self.looks.take(now) {
            return None;
        }
        let stray = self.find(from)?;
        let is_covered = stray.bytes_out + check_length <= stray.bytes_in;
        if !is_covered || stray.asked.len() >= MOST_CHECKS {
            return None;
        }
        let times = |key: PeerKey| {
            stray
                .asked
                .iter()
                .filter(|(asked, _)| *asked == key)
                .count()
        };
        peers
            .filter_map(|(key, last)| Some((times(key), last.misfit(now, number)?, key)))
            .min()
            .map(|(_, _, key)| key)
    }

    /// A check went there.
    pub(super) fn ask(
        &mut self,
        at: SocketAddr,
        key: PeerKey,
        check: Transaction,
        check_length: usize,
    ) {
        if let Some(stray) = self.find(at) {
            stray.bytes_out += check_length;
            stray.asked.push((key, check));
        }
    }

    /// A check was answered from an address. Gives what is known of it, which need not be remembered
    /// any more, if that proves the peer to be there.
    pub(super) fn answer(
        &mut self,
        from: SocketAddr,
        key: PeerKey,
        answered: Transaction,
    ) -> Option<Stray> {
        let index = self
            .addresses
            .iter()
            .position(|stray| stray.address == from && stray.asked.contains(&(key, answered)))?;
        Some(self.addresses.swap_remove(index))
    }

    fn find(&mut self, address: SocketAddr) -> Option<&mut Stray> {
        self.addresses
            .iter_mut()
            .find(|stray| stray.address == address)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "an origin for virtual time")]
mod tests {
    use super::*;

    const CHECK: usize = 92;

    fn address(last: u8) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, last], 9))
    }

    fn last(number: u64, heard_at: Instant) -> LastRecord {
        LastRecord { number, heard_at }
    }

    #[test]
    fn the_peer_whose_numbers_go_on_is_asked_first_and_then_those_that_may_be_it() {
        let start = Instant::now();
        let now = start + Duration::from_millis(100);
        let mut strays = Strays::new(start);
        let peers = [
            (1, last(1_002, start)),
            (2, last(1_000, start)),
            (3, last(500, start)),
            (4, last(1_003, start)),
            (5, last(1_000, now)),
        ];
        let mut asked = Vec::new();
        for check in 0..5 {
            strays.hear(now, address(1), 100);
            let key = strays.whom_to_ask(now, address(1), 1_003, CHECK, peers.into_iter());
            asked.extend(key);
            if let Some(key) = key {
                strays.ask(address(1), key, [check; 12], CHECK);
            }
        }
        assert_eq!(asked, [2, 1, 2]);
        assert!(strays.answer(address(1), 1, [0; 12]).is_none());
        assert!(strays.answer(address(2), 2, [0; 12]).is_none());
        assert!(strays.answer(address(1), 2, [0; 12]).is_some());
        assert!(strays.answer(address(1), 2, [0; 12]).is_none());
    }

    #[test]
    fn nobody_is_asked_with_more_bytes_than_came() {
        let start = Instant::now();
        let now = start + Duration::from_millis(100);
        let mut strays = Strays::new(start);
        let peers = || [(2, last(1_000, start))].into_iter();
        strays.hear(now, address(1), CHECK - 1);
        let asks = strays.whom_to_ask(now, address(1), 1_003, CHECK, peers());
        assert_eq!(asks, None);
        strays.hear(now, address(1), CHECK - 1);
        let asks = strays.whom_to_ask(now, address(1), 1_003, CHECK, peers());
        assert_eq!(asks, Some(2));
        strays.ask(address(1), 2, [1; 12], CHECK);
        let asks = strays.whom_to_ask(now, address(1), 1_003, CHECK, peers());
        assert_eq!(asks, None);
    }

    #[test]
    fn a_flood_of_addresses_is_neither_remembered_nor_looked_at_in_full() {
        let start = Instant::now();
        let now = start + Duration::from_millis(100);
        let mut strays = Strays::new(start);
        let mut looks = 0;
        for number in 0..10_000u32 {
            let from = SocketAddr::from((number.to_be_bytes(), 9));
            strays.hear(now, from, 100);
            let peers = std::iter::from_fn(|| {
                looks += 1;
                None
            });
            strays.whom_to_ask(now, from, 7, CHECK, peers);
        }
        assert!(looks <= 110, "{looks}");
        assert!(strays.addresses.len() <= MOST_ADDRESSES);
    }
}
