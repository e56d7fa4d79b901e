//! Repeats the last checks and records that we sent until the connection is plainly set up.
//!
//! `rtc-dtls` 0.21 clears its retransmit timer when any handshake packet comes in, so a flight that
//! is lost after that is never sent again, though RFC 6347 §4.2.4 asks for it; both sides then wait
//! for ever. The SCTP handshake behind it waits a second for each loss. To the peer a doubled
//! handshake flight means "send yours again", and a doubled record of SCTP nothing at all, so the
//! repeats can stand outside the stack. The first comes early: on a lossy path two are worth much
//! more than one.

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::stun;

/// Wait before the first repeat, the second and so on; the last holds for all that follow. Early ones make up for losses,
/// late ones are few: on a narrow path they would stand in its queue.
const WAITS: [Duration; 8] = [
    Duration::from_millis(30),
    Duration::from_millis(120),
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_millis(500),
    Duration::from_millis(500),
    Duration::from_millis(1_000),
    Duration::from_millis(2_000),
];

/// Most records kept of one flight; ours have up to six.
const MOST_RECORDS: usize = 16;

/// Content types of DTLS records, from ChangeCipherSpec to ApplicationData (RFC 6347 §4.1).
const CONTENT_TYPES: std::ops::RangeInclusive<u8> = 20..=23;

/// The last flight, and when it goes out again.
#[derive(Debug, Default)]
pub(super) struct FlightRepeater {
    flight: Vec<Bytes>,
    is_answered: bool,
    is_over: bool,
    repeats: usize,
    next: Option<Instant>,
}

impl FlightRepeater {
    /// Sees a packet of ours on its way out.
    pub(super) fn sent(&mut self, now: Instant, packet: &[u8]) {
        if self.is_over || !is_awaited(packet) {
            return;
        }
        if self.is_answered {
            self.is_answered = false;
            self.flight.clear();
        }
        // The stack's own repeats of a flight are the same records again.
        if self.flight.len() < MOST_RECORDS && !self.flight.iter().any(|kept| kept == packet) {
            self.flight.push(Bytes::copy_from_slice(packet));
            self.repeats = 0;
            self.next = Some(now + self.wait());
        }
    }

    /// Sees a packet of the peer's.
    pub(super) fn received(&mut self, packet: &[u8]) {
        self.is_answered |= is_record(packet);
    }

    /// The connection is set up.
    pub(super) fn finish(&mut self) {
        self.is_over = true;
        self.flight.clear();
        self.next = None;
    }

    /// When [`Self::repeat`] is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.next
    }

    /// The flight, if it is due again.
    pub(super) fn repeat(&mut self, now: Instant) -> Vec<Bytes> {
        if self.next.is_none_or(|next| now < next) {
            return Vec::new();
        }
        self.repeats += 1;
        self.next = Some(now + self.wait());
        self.flight.clone()
    }

    fn wait(&self) -> Duration {
        WAITS[self.repeats.min(WAITS.len() - 1)]
    }
}

/// Whether losing this packet of ours holds the setup up.
fn is_awaited(packet: &[u8]) -> bool {
    is_record(packet) || stun::is_request(packet)
}

fn is_record(packet: &[u8]) -> bool {
    packet
        .first()
        .is_some_and(|kind| CONTENT_TYPES.contains(kind))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "an origin for virtual time")]
mod tests {
    use super::*;

    const HANDSHAKE: &[u8] = &[22, 1];

    #[test]
    fn a_flight_is_repeated_until_the_connection_is_set_up() {
        let start = Instant::now();
        let mut flights = FlightRepeater::default();
        flights.sent(start, HANDSHAKE);
        flights.sent(start, &[20, 1]);
        assert!(flights.repeat(start + Duration::from_millis(29)).is_empty());
        let mut repeats = Vec::new();
        let mut now = start;
        for _ in 0..9 {
            now = flights.next().unwrap();
            assert_eq!(flights.repeat(now).len(), 2);
            repeats.push((now - start).as_millis());
        }
        assert_eq!(
            repeats,
            [30, 150, 400, 900, 1_400, 1_900, 2_900, 4_900, 6_900]
        );
        flights.finish();
        assert_eq!(flights.next(), None);
        flights.sent(now, HANDSHAKE);
        assert_eq!(flights.next(), None);
    }

    #[test]
    fn the_answer_to_the_peers_flight_replaces_the_one_before() {
        let start = Instant::now();
        let mut flights = FlightRepeater::default();
        flights.sent(start, HANDSHAKE);
        flights.received(&[22, 9]);
        flights.sent(start, &[22, 2]);
        flights.sent(start, &[22, 2]);
        assert_eq!(
            flights.repeat(start + WAITS[0]),
            [Bytes::from_static(&[22, 2])]
        );
        flights.received(&[22, 9]);
        flights.sent(start, &[23, 1]);
        assert_eq!(
            flights.repeat(start + WAITS[0]),
            [Bytes::from_static(&[23, 1])]
        );
    }

    #[test]
    fn what_nobody_waits_for_is_not_repeated() {
        let mut flights = FlightRepeater::default();
        flights.sent(Instant::now(), &[1, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]);
        assert_eq!(flights.next(), None);
        flights.sent(Instant::now(), &[0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42]);
        assert!(flights.next().is_some());
    }
}
