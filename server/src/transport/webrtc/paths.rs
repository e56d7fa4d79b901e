//! The addresses of one peer: where it has proved to be, where it may be, and where to send. Pure.
//!
//! Anybody can put another's address on a packet. So an address is *proven* only when it has
//! answered a check of ours, which names a transaction that nobody else can know; until then it gets
//! no more bytes than came from it, and three checks (RFC 8445 §7.3.1.4 asks for one each time).
//!
//! The ICE agent behind is told of one address only, the first: when a NAT gives the peer another
//! one, the mapping moves here, and the agent sees nothing of it.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::stun::{self, Transaction};

/// Addresses that are remembered of one peer.
const MOST_PATHS: usize = 4;

/// When the checks of an unproven address may leave, from the first on. They are spread, so that a
/// short fade doesn't take them all.
const CHECK_TIMES: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(80),
    Duration::from_millis(350),
];

/// Another address that is heard takes over when the current one has been silent for so much longer:
/// three datagrams of a playing client.
const SILENCE: Duration = Duration::from_millis(100);

/// All of one peer's.
#[derive(Debug, Default)]
pub(super) struct Paths {
    paths: Vec<Path>,
    current: Option<SocketAddr>,
    told: Option<SocketAddr>,
}

/// One address.
#[derive(Debug)]
pub(super) struct Path {
    pub(super) address: SocketAddr,
    /// Checks of ours that it has not answered; none once it is proven.
    pub(super) checks: Vec<Transaction>,
    is_proven: bool,
    first_check_at: Option<Instant>,
    checks_sent: usize,
    bytes_in: usize,
    bytes_out: usize,
    heard_at: Instant,
    nominated_at: Option<Instant>,
}

impl Paths {
    /// Where to send.
    pub(super) fn current(&self) -> Option<SocketAddr> {
        self.current
    }

    /// The address that the ICE agent knows, whatever the current one is.
    pub(super) fn told(&self) -> Option<SocketAddr> {
        self.told
    }

    /// Whether the peer has answered from an address.
    pub(super) fn is_proven(&self, address: SocketAddr) -> bool {
        self.find(address).is_some_and(|path| path.is_proven)
    }

    /// All addresses.
    pub(super) fn all(&self) -> impl Iterator<Item = &Path> {
        self.paths.iter()
    }

    /// Something that may be the peer's came from an address. Gives the one that had to make way.
    pub(super) fn hear(&mut self, now: Instant, from: SocketAddr, length: usize) -> Option<Path> {
        if let Some(path) = self.find_mut(from) {
            path.heard_at = now;
            path.bytes_in += length;
            return None;
        }
        let forgotten = (self.paths.len() == MOST_PATHS).then(|| self.forget_one());
        self.paths.push(Path {
            address: from,
            checks: Vec::new(),
            is_proven: false,
            first_check_at: None,
            checks_sent: 0,
            bytes_in: length,
            bytes_out: 0,
            heard_at: now,
            nominated_at: None,
        });
        forgotten.flatten()
    }

    /// The peer wants to be spoken to at an address.
    pub(super) fn nominate(&mut self, now: Instant, address: SocketAddr) {
        if let Some(path) = self.find_mut(address) {
            path.nominated_at = Some(now);
        }
    }

    /// Whether a packet may go to an address now; then it counts as sent.
    pub(super) fn send(&mut self, now: Instant, to: SocketAddr, packet: &[u8]) -> bool {
        let Some(path) = self.find_mut(to) else {
            return false;
        };
        if path.is_proven {
            return true;
        }
        let is_check = stun::is_request(packet);
        let is_covered = path.bytes_out + packet.len() <= path.bytes_in;
        if !is_covered || is_check && !path.may_check(now) {
            return false;
        }
        path.bytes_out += packet.len();
        if is_check {
            path.first_check_at.get_or_insert(now);
            path.checks_sent += 1;
            path.checks.extend(stun::transaction(packet));
        }
        true
    }

    /// A check of ours was answered from an address. Gives the path's checks, which need not be
    /// waited for any more, if that proves it.
    pub(super) fn answer(
        &mut self,
        now: Instant,
        from: SocketAddr,
        answered: Transaction,
    ) -> Option<Vec<Transaction>> {
        let path = self.find_mut(from)?;
        if path.is_proven || !path.checks.contains(&answered) {
            return None;
        }
        path.is_proven = true;
        path.heard_at = now;
        Some(std::mem::take(&mut path.checks))
    }

    /// The peer has proved to be at an address, new or not. Gives the one that had to make way.
    pub(super) fn prove(&mut self, now: Instant, address: SocketAddr) -> Option<Path> {
        let forgotten = self.hear(now, address, 0);
        if let Some(path) = self.find_mut(address) {
            path.is_proven = true;
        }
        forgotten
    }

    /// Another peer has proved to be at an address.
    pub(super) fn lose(&mut self, address: SocketAddr) {
        self.paths.retain(|path| path.address != address);
        if self.current == Some(address) {
            self.current = None;
        }
    }

    /// Chooses where to send from now on: an address that is proven where there is one; of those the
    /// one nominated last, unless it has fallen silent and another is heard.
    pub(super) fn choose(&mut self) {
        let current = self.current.and_then(|current| self.find(current));
        let better = self
            .paths
            .iter()
            .filter(|path| path.is_proven || current.is_none())
            .filter(|path| current.is_none_or(|current| path.beats(current)))
            .max_by_key(|path| path.heard_at);
        if let Some(path) = better {
            let address = path.address;
            self.current = Some(address);
            self.told.get_or_insert(address);
        }
    }

    fn forget_one(&mut self) -> Option<Path> {
        let others = self.paths.iter().enumerate();
        let (index, _) = others
            .filter(|(_, path)| self.current != Some(path.address))
            .min_by_key(|(_, path)| (path.is_proven, path.heard_at))?;
        Some(self.paths.swap_remove(index))
    }

    fn find(&self, address: SocketAddr) -> Option<&Path> {
        self.paths.iter().find(|path| path.address == address)
    }

    fn find_mut(&mut self, address: SocketAddr) -> Option<&mut Path> {
        self.paths.iter_mut().find(|path| path.address == address)
    }
}

impl Path {
    fn may_check(&self, now: Instant) -> bool {
        let since = self
            .first_check_at
            .map_or(Duration::ZERO, |first| now.saturating_duration_since(first));
        CHECK_TIMES
            .get(self.checks_sent)
            .is_some_and(|due| since >= *due)
    }

    fn beats(&self, current: &Self) -> bool {
        let is_heard_later = self.heard_at.saturating_duration_since(current.heard_at) >= SILENCE;
        let is_nominated_later = self.nominated_at > current.nominated_at;
        self.address != current.address
            && (!current.is_proven || is_heard_later || is_nominated_later)
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "an origin for virtual time")]
mod tests {
    use super::*;
    use crate::transport::webrtc::credentials::tests::ends;

    fn address(last: u8) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, last], 9))
    }

    struct Stage {
        start: Instant,
        paths: Paths,
    }

    impl Stage {
        fn new() -> Self {
            Self {
                start: Instant::now(),
                paths: Paths::default(),
            }
        }

        fn at(&self, millis: u64) -> Instant {
            self.start + Duration::from_millis(millis)
        }

        fn hear(&mut self, millis: u64, from: u8) {
            self.paths.hear(self.at(millis), address(from), 100);
            self.paths.choose();
        }

        /// Sends a check there, if it may go.
        fn check(&mut self, millis: u64, to: u8) -> Option<Transaction> {
            let check = ends().0.check().unwrap();
            let goes = self.paths.send(self.at(millis), address(to), &check);
            goes.then(|| stun::transaction(&check).unwrap())
        }

        fn prove(&mut self, millis: u64, from: u8) {
            self.hear(millis, from);
            let check = self.check(millis, from).unwrap();
            let now = self.at(millis);
            assert!(self.paths.answer(now, address(from), check).is_some());
            self.paths.choose();
        }
    }

    #[test]
    fn an_address_that_never_answers_gets_three_checks_and_no_more_bytes_than_it_gave() {
        let mut stage = Stage::new();
        let (mut checks, mut sent) = (0, 0);
        for step in 0..400u64 {
            stage.hear(50 * step, 1);
            checks += usize::from(stage.check(50 * step, 1).is_some());
            while stage.paths.send(stage.at(50 * step), address(1), &[1; 64]) {
                sent += 64;
            }
        }
        assert_eq!(checks, 3);
        assert!(sent <= 400 * 100, "{sent}");
        assert!(!stage.paths.is_proven(address(1)));
    }

    #[test]
    fn only_the_answer_to_a_check_from_that_very_address_proves_it() {
        let mut stage = Stage::new();
        stage.hear(0, 1);
        let check = stage.check(0, 1).unwrap();
        stage.hear(1, 2);
        let now = stage.at(1);
        assert_eq!(stage.paths.answer(now, address(2), check), None);
        assert_eq!(stage.paths.answer(now, address(1), [0; 12]), None);
        let proof = stage.paths.answer(now, address(1), check);
        assert_eq!(proof, Some(vec![check]));
        assert!(stage.paths.send(stage.at(2), address(1), &[0; 60_000]));
    }

    #[test]
    fn a_peer_behind_a_new_mapping_is_spoken_to_there_again_and_again() {
        let mut stage = Stage::new();
        stage.prove(0, 1);
        for rebinding in 2..=11u8 {
            let since = 1_000 * u64::from(rebinding);
            stage.hear(since - 150, rebinding - 1);
            // What comes from a new address moves nothing before it has answered.
            stage.hear(since, rebinding);
            assert_eq!(stage.paths.current(), Some(address(rebinding - 1)));
            stage.prove(since + 1, rebinding);
            assert_eq!(stage.paths.current(), Some(address(rebinding)));
        }
        assert_eq!(stage.paths.told(), Some(address(1)));
        assert!(stage.paths.all().count() <= MOST_PATHS);
    }

    #[test]
    fn a_second_address_takes_over_when_it_is_nominated_or_the_first_falls_silent() {
        let mut stage = Stage::new();
        stage.prove(0, 1);
        stage.prove(10, 2);
        stage.hear(20, 1);
        assert_eq!(stage.paths.current(), Some(address(1)));
        stage.paths.nominate(stage.at(30), address(2));
        stage.paths.choose();
        assert_eq!(stage.paths.current(), Some(address(2)));
        stage.hear(200, 1);
        assert_eq!(stage.paths.current(), Some(address(1)));
    }

    #[test]
    fn a_flood_of_forged_addresses_pushes_out_no_proven_one() {
        let mut stage = Stage::new();
        stage.prove(0, 1);
        stage.prove(1, 2);
        for forged in 10..250 {
            stage.hear(u64::from(forged), forged);
        }
        assert!(stage.paths.is_proven(address(1)) && stage.paths.is_proven(address(2)));
        assert_eq!(stage.paths.current(), Some(address(1)));
    }
}
