//! One endpoint's memory of the State lane: the datagrams it has sent and received, what the peer
//! acknowledges of them, and the round trip and loss that follow. The same on both ends; it moves no
//! bytes and knows no link.

use core::time::Duration;

use crate::acks::{Freshness, ReceivedWindow, SentWindow};
use crate::datagram::{AckBits, DatagramHeader};
use crate::estimate::PathEstimate;
use crate::sequence::Sequence;
use crate::tick::Tick;

/// News of the way out, from a header that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Acknowledged {
    /// The peer holds this datagram.
    Datagram(Sequence),
    /// From the send of the newest one that the header names to its acknowledgement, less the time
    /// that the peer held it back.
    RoundTrip(Duration),
}

/// Sequence numbers, acknowledgements and the path's estimate.
#[derive(Clone, Debug, Default)]
pub struct StateLane {
    received: ReceivedWindow,
    sent: SentWindow,
    path: PathEstimate,
}

impl StateLane {
    /// An acknowledgement may seem to have been held for so much longer than it was away: both are
    /// rounded to milliseconds.
    const ROUNDING: Duration = Duration::from_millis(2);

    /// Takes the next number for a datagram about `tick`, with the acknowledgements due at `now`.
    pub fn send(&mut self, now: Duration, tick: Tick) -> DatagramHeader {
        let sequence = self.sent.send(now, tick);
        match self.received.newest() {
            Some((ack, at)) => DatagramHeader {
                sequence,
                ack,
                ack_bits: AckBits(self.received.bits()),
                ack_delay: DatagramHeader::delay(now.saturating_sub(at)),
            },
            None => DatagramHeader {
                sequence,
                ack_delay: DatagramHeader::NOTHING_RECEIVED,
                ..DatagramHeader::default()
            },
        }
    }

    /// Takes a datagram's header: remembers its number, and what it acknowledges, which
    /// `on_acknowledged` is told. A duplicate changes nothing.
    ///
    /// The number is acknowledged from now on, so a client calls this only for a snapshot that it
    /// could decode and keeps as a baseline.
    pub fn receive(
        &mut self,
        now: Duration,
        header: DatagramHeader,
        on_acknowledged: impl FnMut(Acknowledged),
    ) -> Freshness {
        let freshness = self.received.receive(now, header.sequence);
        let has_acks = header.ack_delay != DatagramHeader::NOTHING_RECEIVED;
        if freshness != Freshness::Duplicate && has_acks {
            self.acknowledge(now, header, on_acknowledged);
        }
        freshness
    }

    /// How new a datagram with this header is, without taking it.
    #[must_use]
    pub fn judge(&self, header: DatagramHeader) -> Freshness {
        self.received.judge(header.sequence)
    }

    /// The tick of the newest of our datagrams that the peer is known to hold: the baseline for
    /// the next delta.
    #[must_use]
    pub fn acked_tick(&self) -> Option<Tick> {
        self.sent.newest_acked().map(|sent| sent.tick)
    }

    /// Whether a header acknowledges a datagram that we haven't sent. Such an acknowledgement changes nothing.
    #[must_use]
    pub fn is_acked_unsent(&self, header: DatagramHeader) -> bool {
        header.ack_delay != DatagramHeader::NOTHING_RECEIVED && self.sent.is_unsent(header.ack)
    }

    /// Whether an acknowledgement of one of our datagrams may still come. It can't for one that the peer has
    /// acknowledged, nor for one that its ack bits no longer reach.
    #[must_use]
    pub fn awaits_ack(&self, sequence: Sequence) -> bool {
        self.sent.awaits_ack(sequence)
    }

    /// Round trip and loss as the acknowledgements tell them.
    #[must_use]
    pub fn path(&self) -> &PathEstimate {
        &self.path
    }

    fn acknowledge(
        &mut self,
        now: Duration,
        header: DatagramHeader,
        mut on_acknowledged: impl FnMut(Acknowledged),
    ) {
        let mut newest_sent = None;
        let (mut acked, mut lost) = (0, 0);
        self.sent.acknowledge(
            header.ack,
            header.ack_bits.0,
            |ack| {
                acked += 1;
                if ack.is_newest {
                    newest_sent = Some(ack.datagram.sent_at);
                }
                on_acknowledged(Acknowledged::Datagram(ack.datagram.sequence));
            },
            |_| lost += 1,
        );
        self.path.on_outcomes(acked, lost);
        let held = Duration::from_millis(u64::from(header.ack_delay));
        let away = newest_sent
            .filter(|_| header.ack_delay < DatagramHeader::LONGEST_DELAY)
            .map(|sent_at| now.saturating_sub(sent_at));
        if let Some(away) = away.filter(|away| held <= *away + Self::ROUNDING) {
            let round_trip = away.saturating_sub(held);
            self.path.on_round_trip(round_trip);
            on_acknowledged(Acknowledged::RoundTrip(round_trip));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn round_trip_leaves_out_the_time_an_ack_was_held() {
        let mut client = StateLane::default();
        let mut server = StateLane::default();
        for step in 0..50 {
            let snapshot = server.send(at(step * 50), Tick(3));
            client.receive(at(step * 50 + 40), snapshot, |_| {});
            let input = client.send(at(step * 50 + 60), Tick(9));
            server.receive(at(step * 50 + 100), input, |_| {});
        }
        assert_eq!(server.path().round_trip(), Some(at(80)));
        assert_eq!(server.acked_tick(), Some(Tick(3)));
    }
}
