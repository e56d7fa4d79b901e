//! A NAT at the server's end of the path, as a mobile carrier's: gives the client's packets other source ports, and
//! forgets which when the path model says so. It keeps the addresses, and does not look into ICMP.

use std::collections::HashMap;

use super::packet::Protocol;
use super::ports::{Port, Ports};
use crate::path::NatEpochs;

/// The mappings of both protocols.
#[derive(Debug, Default)]
pub(super) struct Nat {
    udp: Table,
    tcp: Table,
}

/// The mappings of one protocol. Before it first forgets them, every port stands for itself.
#[derive(Debug, Default)]
struct Table {
    epoch: u32,
    outside_of: HashMap<u16, u16>,
    inside_of: HashMap<u16, u16>,
    /// How many outside ports have been given out.
    given: u16,
}

impl Nat {
    /// Gives a packet of the client its outside port.
    pub(super) fn outbound(&mut self, protocol: Protocol, packet: &mut [u8], epochs: NatEpochs) {
        let Some((ports, table)) = self.at(protocol, packet, epochs) else {
            return;
        };
        let outside = table.outside(ports.get(packet, Port::Source));
        ports.set(packet, Port::Source, outside);
    }

    /// Gives a packet for the client the port that it came from; `false` when that is forgotten, so that the packet
    /// goes nowhere.
    pub(super) fn inbound(
        &mut self,
        protocol: Protocol,
        packet: &mut [u8],
        epochs: NatEpochs,
    ) -> bool {
        let Some((ports, table)) = self.at(protocol, packet, epochs) else {
            return true;
        };
        let outside = ports.get(packet, Port::Destination);
        let inside = table.inside_of.get(&outside);
        if let Some(inside) = inside {
            ports.set(packet, Port::Destination, *inside);
        }
        inside.is_some()
    }

    /// The ports of a packet and the mappings that they fall under; `None` when there is nothing to translate.
    fn at(
        &mut self,
        protocol: Protocol,
        packet: &[u8],
        epochs: NatEpochs,
    ) -> Option<(Ports, &mut Table)> {
        let (table, epoch) = match protocol {
            Protocol::Udp => (&mut self.udp, epochs.udp),
            Protocol::Tcp => (&mut self.tcp, epochs.tcp),
            Protocol::Other => return None,
        };
        if table.epoch != epoch {
            table.epoch = epoch;
            table.outside_of.clear();
            table.inside_of.clear();
        }
        if epoch == 0 {
            return None;
        }
        Some((Ports::of(packet, protocol)?, table))
    }
}

impl Table {
    /// The first outside port, above those that hosts choose by themselves, and how many there are.
    const FIRST: u16 = 61_000;
    const COUNT: u16 = 4_500;

    /// The outside port that stands for `inside`; a new one takes the place of the oldest when all are given out.
    fn outside(&mut self, inside: u16) -> u16 {
        if let Some(outside) = self.outside_of.get(&inside) {
            return *outside;
        }
        let outside = Self::FIRST + self.given % Self::COUNT;
        self.given = (self.given + 1) % Self::COUNT;
        if let Some(oldest) = self.inside_of.insert(outside, inside) {
            self.outside_of.remove(&oldest);
        }
        self.outside_of.insert(inside, outside);
        outside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn udp(source: u16, destination: u16) -> Vec<u8> {
        let mut packet = vec![0; 28];
        packet[0] = 0x45;
        packet[9] = 17;
        packet[20..22].copy_from_slice(&source.to_be_bytes());
        packet[22..24].copy_from_slice(&destination.to_be_bytes());
        packet
    }

    fn epochs(udp: u32) -> NatEpochs {
        NatEpochs { udp, tcp: 0 }
    }

    fn outside_port(nat: &mut Nat, inside: u16, epoch: u32) -> u16 {
        let mut packet = udp(inside, 8080);
        nat.outbound(Protocol::Udp, &mut packet, epochs(epoch));
        u16::from_be_bytes([packet[20], packet[21]])
    }

    fn inside_port(nat: &mut Nat, outside: u16, epoch: u32) -> Option<u16> {
        let mut packet = udp(8080, outside);
        nat.inbound(Protocol::Udp, &mut packet, epochs(epoch))
            .then(|| u16::from_be_bytes([packet[22], packet[23]]))
    }

    #[test]
    fn a_port_stands_for_itself_until_the_first_rebinding() {
        let mut nat = Nat::default();
        assert_eq!(outside_port(&mut nat, 5_000, 0), 5_000);
        assert_eq!(inside_port(&mut nat, 5_000, 0), Some(5_000));
    }

    #[test]
    fn each_rebinding_gives_a_new_port_and_forgets_the_old() {
        let mut nat = Nat::default();
        let first = outside_port(&mut nat, 5_000, 1);
        assert_eq!(outside_port(&mut nat, 5_000, 1), first);
        assert_ne!(outside_port(&mut nat, 5_001, 1), first);
        assert_eq!(inside_port(&mut nat, first, 1), Some(5_000));
        assert_eq!(inside_port(&mut nat, 5_000, 1), None);
        let second = outside_port(&mut nat, 5_000, 2);
        assert_ne!(second, first);
        assert_eq!(inside_port(&mut nat, first, 2), None);
        assert_eq!(inside_port(&mut nat, second, 2), Some(5_000));
    }

    #[test]
    fn mappings_are_bounded_and_the_oldest_goes_first() {
        let mut nat = Nat::default();
        let first = outside_port(&mut nat, 1, 1);
        for inside in 2..=Table::COUNT {
            outside_port(&mut nat, inside, 1);
        }
        assert_eq!(inside_port(&mut nat, first, 1), Some(1));
        outside_port(&mut nat, 60_000, 1);
        assert_eq!(inside_port(&mut nat, first, 1), Some(60_000));
        assert_eq!(nat.udp.outside_of.len(), usize::from(Table::COUNT));
        assert_eq!(nat.udp.inside_of.len(), usize::from(Table::COUNT));
    }

    #[test]
    fn udp_alone_leaves_tcp_as_it_was() {
        let mut packet = udp(5_000, 8080);
        packet.resize(60, 0);
        let before = packet.clone();
        Nat::default().outbound(Protocol::Tcp, &mut packet, epochs(1));
        assert_eq!(packet, before);
    }
}
