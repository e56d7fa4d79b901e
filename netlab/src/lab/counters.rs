//! What the forwarder did to packets, in numbers, by direction and protocol.

use serde::Serialize;

use super::lateness::Lateness;
use super::packet::Protocol;
use crate::path::DropCause;

/// Everything that a lab's path did since it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counters {
    /// From the client to the server.
    pub up: DirectionCounters,
    /// From the server to the client.
    pub down: DirectionCounters,
    /// How well the forwarder kept time.
    pub lateness: Lateness,
}

/// One direction, by protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct DirectionCounters {
    /// UDP packets.
    pub udp: Flow,
    /// TCP packets.
    pub tcp: Flow,
    /// Other IPv4 packets, for example ICMP.
    pub other: Flow,
    /// Packets that were not for the other end, for example a search for a name server: dropped before the path, and
    /// in none of the figures above.
    pub foreign: u64,
}

/// What became of the packets of one protocol in one direction. Bytes count from the IP header on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Flow {
    /// Packets that entered the path.
    pub packets_in: u64,
    /// Their bytes.
    pub bytes_in: u64,
    /// Packets that came out, copies included.
    pub packets_out: u64,
    /// Their bytes.
    pub bytes_out: u64,
    /// Duplicates made.
    pub copies: u64,
    /// Packets given a flipped byte, copies included. The receiving kernel drops most of them by their checksums.
    pub corrupted: u64,
    /// Packets that never came out.
    pub dropped: Drops,
    /// Packets that were due but that the receiving kernel refused.
    pub refused: u64,
}

/// Packets that never came out, by cause: see [`DropCause`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Drops {
    /// [`DropCause::Loss`].
    pub loss: u64,
    /// [`DropCause::Fade`].
    pub fade: u64,
    /// [`DropCause::Trace`].
    pub trace: u64,
    /// [`DropCause::Gap`].
    pub gap: u64,
    /// [`DropCause::Queue`]; also packets beyond the 64 MiB that the forwarder holds in one direction.
    pub queue: u64,
    /// [`DropCause::Blackhole`].
    pub blackhole: u64,
    /// It was an answer to a port that the NAT has forgotten.
    pub nat: u64,
}

impl DirectionCounters {
    /// All protocols together.
    pub fn total(&self) -> Flow {
        self.udp.plus(&self.tcp).plus(&self.other)
    }

    pub(super) fn of(&mut self, protocol: Protocol) -> &mut Flow {
        match protocol {
            Protocol::Udp => &mut self.udp,
            Protocol::Tcp => &mut self.tcp,
            Protocol::Other => &mut self.other,
        }
    }
}

impl Flow {
    fn plus(&self, other: &Self) -> Self {
        Self {
            packets_in: self.packets_in + other.packets_in,
            bytes_in: self.bytes_in + other.bytes_in,
            packets_out: self.packets_out + other.packets_out,
            bytes_out: self.bytes_out + other.bytes_out,
            copies: self.copies + other.copies,
            corrupted: self.corrupted + other.corrupted,
            dropped: Drops {
                loss: self.dropped.loss + other.dropped.loss,
                fade: self.dropped.fade + other.dropped.fade,
                trace: self.dropped.trace + other.dropped.trace,
                gap: self.dropped.gap + other.dropped.gap,
                queue: self.dropped.queue + other.dropped.queue,
                blackhole: self.dropped.blackhole + other.dropped.blackhole,
                nat: self.dropped.nat + other.dropped.nat,
            },
            refused: self.refused + other.refused,
        }
    }
}

impl Drops {
    /// All causes together.
    pub fn total(&self) -> u64 {
        self.loss + self.fade + self.trace + self.gap + self.queue + self.blackhole + self.nat
    }

    pub(crate) fn count(&mut self, cause: DropCause) {
        *match cause {
            DropCause::Loss => &mut self.loss,
            DropCause::Fade => &mut self.fade,
            DropCause::Trace => &mut self.trace,
            DropCause::Gap => &mut self.gap,
            DropCause::Queue => &mut self.queue,
            DropCause::Blackhole => &mut self.blackhole,
        } += 1;
    }
}
