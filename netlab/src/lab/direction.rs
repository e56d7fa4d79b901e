//! One direction of the lab's path: the model, the packets on their way and the counters. Knows no device and no
//! clock.

use std::net::Ipv4Addr;
use std::time::Duration;

use super::counters::DirectionCounters;
use super::lateness::Lateness;
use super::packet::{Protocol, protocol_of};
use crate::path::{DelayLine, DropCause, Packet, PacketFate, PathModel};

/// The most bytes on their way in one direction; what comes beyond is dropped.
const MOST_BYTES_HELD: usize = 64 * 1024 * 1024;

#[derive(Debug)]
pub(super) struct Direction {
    pub(super) path: PathModel,
    pub(super) counters: DirectionCounters,
    /// The other end's address; packets to anywhere else go nowhere.
    destination: Ipv4Addr,
    line: DelayLine<Held>,
    bytes_held: usize,
}

#[derive(Debug)]
struct Held {
    protocol: Protocol,
    bytes: Vec<u8>,
}

impl Direction {
    pub(super) fn new(path: PathModel, destination: Ipv4Addr) -> Self {
        Self {
            path,
            counters: DirectionCounters::default(),
            destination,
            line: DelayLine::default(),
            bytes_held: 0,
        }
    }

    /// Takes a packet that entered at `now`, unless `admit` drops it at the NAT.
    pub(super) fn enter(
        &mut self,
        now: Duration,
        packet: &mut [u8],
        admit: impl FnOnce(Protocol, &mut [u8]) -> bool,
    ) {
        let Some(protocol) = protocol_of(packet, self.destination) else {
            self.counters.foreign += 1;
            return;
        };
        let flow = self.counters.of(protocol);
        flow.packets_in += 1;
        flow.bytes_in += packet.len() as u64;
        if !admit(protocol, packet) {
            flow.dropped.nat += 1;
            return;
        }
        if self.bytes_held + packet.len() > MOST_BYTES_HELD {
            flow.dropped.count(DropCause::Queue);
            return;
        }
        let fate = self.path.send(
            now,
            Packet {
                bytes: packet.len(),
                is_udp: protocol == Protocol::Udp,
            },
        );
        match fate {
            PacketFate::Dropped(cause) => flow.dropped.count(cause),
            PacketFate::Passed { copy, .. } => flow.copies += u64::from(copy.is_some()),
        }
        for departure in fate.departures() {
            let mut bytes = packet.to_vec();
            if let Some(corruption) = departure.corruption {
                corruption.apply(&mut bytes);
                flow.corrupted += 1;
            }
            self.bytes_held += bytes.len();
            self.line.push(departure.at, Held { protocol, bytes });
        }
    }

    /// Lets out what is due at `now` through `write`, which tells whether the receiver took it.
    pub(super) fn release(
        &mut self,
        now: Duration,
        lateness: &mut Lateness,
        mut write: impl FnMut(Protocol, &mut [u8]) -> bool,
    ) {
        while let Some((due, mut held)) = self.line.pop_due(now) {
            self.bytes_held -= held.bytes.len();
            lateness.note(now - due);
            let flow = self.counters.of(held.protocol);
            if !write(held.protocol, &mut held.bytes) {
                flow.refused += 1;
                continue;
            }
            flow.packets_out += 1;
            flow.bytes_out += held.bytes.len() as u64;
        }
    }

    /// When the next packet is due.
    pub(super) fn next_due(&self) -> Option<Duration> {
        self.line.next_due()
    }
}
