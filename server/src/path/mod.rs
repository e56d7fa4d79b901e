//! The way down to one player: what its acknowledgements tell of the path, and how often and how large
//! State may go down it.

mod quality;
mod queueing;
mod send_rate;

use std::time::Duration;

use protocol::acks::Freshness;
use protocol::datagram::DatagramHeader;
use protocol::sequence::Sequence;
use protocol::state_lane::{Acknowledged, StateLane};
use protocol::tick::Tick;

pub(crate) use quality::PathQuality;
use quality::QualityMonitor;
use send_rate::SendRate;

/// What became of the State datagrams that were sent, from the session's beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Datagrams that the peer acknowledged.
    pub(crate) acked: u64,
    /// Datagrams that it did not. One whose ack comes very late counts as both.
    pub(crate) lost: u64,
    /// Spans without a datagram that came in time, as the quality's monitor judges them.
    pub(crate) holes: u64,
    /// Round trip now, once there is a sample.
    pub(crate) round_trip: Option<Duration>,
    /// Its mean deviation.
    pub(crate) round_trip_variation: Duration,
}

/// The State lane to a player, with the path's quality and the rate that follow from it.
#[derive(Clone, Debug, Default)]
pub(crate) struct DownPath {
    lane: StateLane,
    quality: QualityMonitor,
    rate: SendRate,
}

impl DownPath {
    /// The lane itself.
    pub(crate) fn lane(&self) -> &StateLane {
        &self.lane
    }

    /// Takes the next number for a datagram about `tick`, with the acknowledgements due at `now`.
    pub(crate) fn send(&mut self, now: Duration, tick: Tick) -> DatagramHeader {
        let header = self.lane.send(now, tick);
        self.quality.on_sent(now, header.sequence);
        self.rate.on_sent(now);
        header
    }

    /// Takes the header of what the player sent.
    pub(crate) fn receive(&mut self, now: Duration, header: DatagramHeader) -> Freshness {
        let round_trip = self.round_trip().unwrap_or_default();
        let (quality, rate) = (&mut self.quality, &mut self.rate);
        self.lane.receive(now, header, |news| match news {
            Acknowledged::Datagram(sequence) => quality.on_acked(now, sequence, round_trip),
            Acknowledged::RoundTrip(sample) => rate.on_round_trip(now, sample),
        })
    }

    /// Another link carries State from now on, or may.
    pub(crate) fn on_new_path(&mut self) {
        self.rate.on_new_path();
    }

    /// Judges anew whether what we send leaves holes at the other end, and whether it stands in queues; to be called about
    /// as often as something is sent.
    pub(crate) fn judge(&mut self, now: Duration) {
        self.rate.judge(now);
        if self.rate.is_congested(now) {
            self.quality.forget_losses();
        }
        self.quality.judge(now, self.round_trip());
    }

    /// Bytes that a datagram at `now` may have, as the path's queue tells; none when it is too soon for one.
    pub(crate) fn grant(&self, now: Duration) -> Option<usize> {
        self.rate.grant(now)
    }

    /// Bytes for a datagram that must go at once.
    pub(crate) fn least_grant(&self) -> usize {
        self.rate.least_grant()
    }

    /// The peer has just stood still for `stood`: what it missed in that time says nothing of the path.
    pub(crate) fn excuse(&mut self, now: Duration, stood: Duration) {
        let round_trip = self.round_trip().unwrap_or_default();
        self.quality.excuse(now, stood + round_trip);
        self.rate.excuse(now);
    }

    /// Whether some of what we send is lost or stalls, as last judged.
    pub(crate) fn is_lossy(&self) -> bool {
        self.quality.quality() > PathQuality::Fair
    }

    /// What becomes of what we send, as last judged: on a bad path it pays to send more often. Not where a
    /// queue stands or has lately, for more would stand in it.
    pub(crate) fn quality(&self, now: Duration) -> PathQuality {
        if self.rate.has_room(now) {
            self.quality.quality()
        } else {
            PathQuality::Fair
        }
    }

    /// Smoothed round trip, once there is a sample.
    pub(crate) fn round_trip(&self) -> Option<Duration> {
        self.lane.path().round_trip()
    }

    /// Whether an acknowledgement of a datagram may still come.
    pub(crate) fn awaits_ack(&self, sequence: Sequence) -> bool {
        self.lane.awaits_ack(sequence)
    }

    /// What became of what was sent up to now.
    pub(crate) fn tally(&self) -> Tally {
        let (acked, lost) = self.lane.path().outcomes();
        Tally {
            acked,
            lost,
            holes: self.quality.holes(),
            round_trip: self.round_trip(),
            round_trip_variation: self.lane.path().variation(),
        }
    }
}
