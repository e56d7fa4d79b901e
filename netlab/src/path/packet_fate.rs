//! What goes into a path, and what becomes of it; the words only, no decisions.

use std::time::Duration;

#[cfg(doc)]
use super::{Bandwidth, Gap, Loss, PathModel};

/// What the path needs to know of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet {
    /// Length in bytes, as the bandwidth counts it (headers included where there are any).
    pub bytes: usize,
    /// Whether a UDP blackhole swallows it.
    pub is_udp: bool,
}

/// What becomes of one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacketFate {
    /// It comes out, perhaps twice.
    Passed {
        /// When and how the packet comes out.
        first: Departure,
        /// A duplicate, never earlier than the moment the packet left the queue.
        copy: Option<Departure>,
    },
    /// It never comes out.
    Dropped(DropCause),
}

impl PacketFate {
    /// Every time the packet comes out: none, one or two.
    pub fn departures(self) -> impl Iterator<Item = Departure> {
        let (first, copy) = match self {
            PacketFate::Passed { first, copy } => (Some(first), copy),
            PacketFate::Dropped(_) => (None, None),
        };
        first.into_iter().chain(copy)
    }
}

/// One coming out of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Departure {
    /// When, on the time scale of [`PathModel::send`].
    pub at: Duration,
    /// A byte to flip first; whoever holds the bytes does it.
    pub corruption: Option<Corruption>,
}

/// One flipped byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corruption {
    /// Where, from the packet's first byte.
    pub offset: usize,
    /// Exclusive-or this onto the byte; never zero.
    pub mask: u8,
}

impl Corruption {
    /// Flips the byte; bytes too short to have it stay as they are.
    pub fn apply(self, bytes: &mut [u8]) {
        if let Some(byte) = bytes.get_mut(self.offset) {
            *byte ^= self.mask;
        }
    }
}

/// Why a packet never came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DropCause {
    /// The loss model counted in packets took it: [`Loss::Uniform`] or [`Loss::Bursts`].
    Loss,
    /// It met a fade of [`Loss::Fades`].
    Fade,
    /// The recorded trace lost one at that moment.
    Trace,
    /// It fell into a handover [`Gap`].
    Gap,
    /// The bandwidth's queue was full, or dropped early: see [`Bandwidth::drop`].
    Queue,
    /// It was UDP, and UDP is blackholed.
    Blackhole,
}
