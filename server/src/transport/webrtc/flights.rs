//! Repeats the last DTLS flight that we sent until the handshake is plainly over.
//!
//! `rtc-dtls` 0.21 clears its retransmit timer when any handshake packet comes in, so a flight that
//! is lost after that is never sent again, though RFC 6347 §4.2.4 asks for it; both sides then wait
//! for ever. Duplicates are harmless to the peer, so the repeat can stand outside the crate.

use std::time::{Duration, Instant};

use bytes::Bytes;

/// First repeat after this.
const FIRST: Duration = Duration::from_millis(150);

/// Longest wait between two repeats.
const LONGEST: Duration = Duration::from_millis(500);

/// Most records kept of one flight; ours have up to six.
const MOST_RECORDS: usize = 16;

/// A DTLS record's first byte, its content type (RFC 6347 §4.1).
mod content_type {
    pub(super) const CHANGE_CIPHER_SPEC: u8 = 20;
    pub(super) const HANDSHAKE: u8 = 22;
    pub(super) const APPLICATION_DATA: u8 = 23;
}

/// The last flight, and when it goes out again.
#[derive(Debug)]
pub(super) struct FlightRepeater {
    flight: Vec<Bytes>,
    is_answered: bool,
    is_over: bool,
    wait: Duration,
    next: Option<Instant>,
}

impl FlightRepeater {
    pub(super) fn new() -> Self {
        Self {
            flight: Vec::new(),
            is_answered: false,
            is_over: false,
            wait: FIRST,
            next: None,
        }
    }

    /// Sees a packet of ours on its way out.
    pub(super) fn sent(&mut self, now: Instant, packet: &[u8]) {
        if self.is_over || !is_handshake(packet) {
            return;
        }
        if self.is_answered {
            self.is_answered = false;
            self.flight.clear();
            self.wait = FIRST;
        }
        // The crate's own repeats are the same records again.
        if self.flight.len() < MOST_RECORDS && !self.flight.iter().any(|kept| kept == packet) {
            self.flight.push(Bytes::copy_from_slice(packet));
        }
        self.next = Some(now + self.wait);
    }

    /// Sees a packet of the peer's.
    pub(super) fn received(&mut self, packet: &[u8]) {
        if is_handshake(packet) {
            self.is_answered = true;
        } else if packet.first() == Some(&content_type::APPLICATION_DATA) {
            self.is_over = true;
            self.flight.clear();
            self.next = None;
        }
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
        self.wait = (self.wait * 2).min(LONGEST);
        self.next = Some(now + self.wait);
        self.flight.clone()
    }
}

fn is_handshake(packet: &[u8]) -> bool {
    packet.first().is_some_and(|kind| {
        (content_type::CHANGE_CIPHER_SPEC..=content_type::HANDSHAKE).contains(kind)
    })
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "an origin for virtual time")]
mod tests {
    use super::*;

    const HANDSHAKE: &[u8] = &[22, 1];

    #[test]
    fn a_flight_is_repeated_until_application_data_comes() {
        let start = Instant::now();
        let mut flights = FlightRepeater::new();
        flights.sent(start, HANDSHAKE);
        flights.sent(start, &[20, 1]);
        assert!(
            flights
                .repeat(start + Duration::from_millis(149))
                .is_empty()
        );
        let mut repeats = Vec::new();
        let mut now = start;
        for _ in 0..4 {
            now = flights.next().unwrap();
            assert_eq!(flights.repeat(now).len(), 2);
            repeats.push((now - start).as_millis());
        }
        assert_eq!(repeats, [150, 450, 950, 1_450]);
        flights.received(&[23, 0]);
        assert_eq!(flights.next(), None);
        flights.sent(now, HANDSHAKE);
        assert_eq!(flights.next(), None);
    }

    #[test]
    fn the_answer_to_the_peers_flight_replaces_the_one_before() {
        let start = Instant::now();
        let mut flights = FlightRepeater::new();
        flights.sent(start, HANDSHAKE);
        flights.received(&[22, 9]);
        flights.sent(start, &[22, 2]);
        flights.sent(start, &[22, 2]);
        assert_eq!(
            flights.repeat(start + FIRST),
            [Bytes::from_static(&[22, 2])]
        );
    }
}
