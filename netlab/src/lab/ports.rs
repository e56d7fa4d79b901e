//! Reads and rewrites the ports of a UDP or TCP packet in place; knows no NAT.

use super::packet::Protocol;

/// Which end's port.
#[derive(Debug, Clone, Copy)]
pub(super) enum Port {
    Source,
    Destination,
}

/// Where the ports of one packet stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ports {
    protocol: Protocol,
    /// The first byte past the IP header.
    start: usize,
}

impl Ports {
    /// Those of an IPv4 packet that carries `protocol`; `None` when it has none, as a later fragment.
    pub(super) fn of(packet: &[u8], protocol: Protocol) -> Option<Self> {
        let least = match protocol {
            Protocol::Udp => UDP_HEADER_BYTES,
            Protocol::Tcp => TCP_HEADER_BYTES,
            Protocol::Other => return None,
        };
        let start = usize::from(packet.first()? & 0x0f) * 4;
        let fragment = word(packet, 6)? & 0x1fff;
        let whole = fragment == 0 && packet.len() >= start + least;
        whole.then_some(Self { protocol, start })
    }

    /// One of them; `packet` is the one that this was made of.
    pub(super) fn get(self, packet: &[u8], port: Port) -> u16 {
        word(packet, self.place(port)).unwrap_or_default()
    }

    /// Sets one of them, and mends the checksum by the difference, so that a wrong one stays wrong.
    pub(super) fn set(self, packet: &mut [u8], port: Port, value: u16) {
        let old = self.get(packet, port);
        put(packet, self.place(port), value);
        let place = self.start
            + match self.protocol {
                Protocol::Tcp => TCP_CHECKSUM,
                _ => UDP_CHECKSUM,
            };
        let checksum = word(packet, place).unwrap_or_default();
        let is_udp = self.protocol == Protocol::Udp;
        if is_udp && checksum == 0 {
            // It has none (RFC 768).
            return;
        }
        let mended = match mend(checksum, old, value) {
            0 if is_udp => 0xffff,
            mended => mended,
        };
        put(packet, place, mended);
    }

    fn place(self, port: Port) -> usize {
        match port {
            Port::Source => self.start,
            Port::Destination => self.start + 2,
        }
    }
}

const UDP_HEADER_BYTES: usize = 8;
const UDP_CHECKSUM: usize = 6;
const TCP_HEADER_BYTES: usize = 20;
const TCP_CHECKSUM: usize = 16;

/// The checksum after a word of what it covers has changed (RFC 1624, equation 3).
fn mend(checksum: u16, old: u16, new: u16) -> u16 {
    let sum = u32::from(!checksum) + u32::from(!old) + u32::from(new);
    let folded = (sum & 0xffff) + (sum >> 16);
    !((folded & 0xffff) + (folded >> 16)) as u16
}

fn word(packet: &[u8], place: usize) -> Option<u16> {
    let bytes = packet.get(place..place + 2)?;
    Some(u16::from_be_bytes([bytes[0], bytes[1]]))
}

fn put(packet: &mut [u8], place: usize, value: u16) {
    if let Some(bytes) = packet.get_mut(place..place + 2) {
        bytes.copy_from_slice(&value.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The one's complement sum of all words: what a receiver checks, apart from the addresses.
    fn sum(bytes: &[u8]) -> u16 {
        let sum: u32 = bytes
            .chunks(2)
            .map(|pair| {
                u32::from(u16::from_be_bytes([
                    pair[0],
                    pair.get(1).copied().unwrap_or(0),
                ]))
            })
            .sum();
        let folded = (sum & 0xffff) + (sum >> 16);
        ((folded & 0xffff) + (folded >> 16)) as u16
    }

    fn packet(protocol: u8, header: usize, checksum: usize) -> Vec<u8> {
        let mut packet = vec![0; 20 + header + 5];
        packet[0] = 0x45;
        packet[9] = protocol;
        for (index, byte) in packet[20..].iter_mut().enumerate() {
            *byte = (index * 37 + 11) as u8;
        }
        packet[20 + checksum..22 + checksum].fill(0);
        let right = !sum(&packet[20..]);
        put(&mut packet, 20 + checksum, right);
        packet
    }

    #[test]
    fn a_rewritten_packet_keeps_a_right_checksum() {
        for (protocol, number, header, checksum) in
            [(Protocol::Udp, 17, 8, 6), (Protocol::Tcp, 6, 20, 16)]
        {
            for value in 0..=u16::MAX {
                let mut packet = packet(number, header, checksum);
                let ports = Ports::of(&packet, protocol).unwrap();
                ports.set(&mut packet, Port::Source, value);
                ports.set(&mut packet, Port::Destination, !value);
                assert_eq!(ports.get(&packet, Port::Source), value);
                assert_eq!(ports.get(&packet, Port::Destination), !value);
                assert_eq!(sum(&packet[20..]), 0xffff, "{protocol:?} {value}");
            }
        }
    }

    #[test]
    fn a_datagram_without_a_checksum_gets_none() {
        let mut packet = packet(17, 8, 6);
        packet[26..28].fill(0);
        let ports = Ports::of(&packet, Protocol::Udp).unwrap();
        ports.set(&mut packet, Port::Source, 5);
        assert_eq!(packet[26..28], [0, 0]);
    }

    #[test]
    fn a_later_fragment_or_a_stump_has_no_ports() {
        let mut whole = packet(17, 8, 6);
        assert!(Ports::of(&whole[..27], Protocol::Udp).is_none());
        assert!(Ports::of(&whole, Protocol::Other).is_none());
        assert!(Ports::of(&[], Protocol::Udp).is_none());
        whole[7] = 1;
        assert!(Ports::of(&whole, Protocol::Udp).is_none());
    }
}
