//! The State lane's memory: the one place that uses the protocol's [`Session`] here. A client keeps its links itself.

use std::time::Duration;

use protocol::acks::Freshness;
use protocol::datagram::DatagramHeader;
use protocol::session::{Session, Tally};
use protocol::tick::Tick;

/// Datagrams sent and received, and the path as their acknowledgements tell it.
#[derive(Debug)]
pub(super) struct StateLane(Session);

impl StateLane {
    pub(super) fn new(now: Duration) -> Self {
        Self(Session::new(now))
    }

    /// The header of the next datagram, whose newest input is for `tick`.
    pub(super) fn header(&mut self, now: Duration, tick: Tick) -> DatagramHeader {
        self.0.send_datagram(now, tick)
    }

    /// How new a datagram is, without taking it.
    pub(super) fn judge(&self, header: DatagramHeader) -> Freshness {
        self.0.judge(header)
    }

    /// Takes a datagram: it is acknowledged from now on.
    pub(super) fn take(&mut self, now: Duration, header: DatagramHeader) -> Freshness {
        self.0.receive_datagram(now, header)
    }

    /// The newest tick that the server is known to have our input for.
    pub(super) fn acked_tick(&self) -> Option<Tick> {
        self.0.acked_tick()
    }

    pub(super) fn round_trip(&self) -> Option<Duration> {
        self.0.path().round_trip()
    }

    pub(super) fn tally(&self) -> Tally {
        self.0.tally()
    }
}
