//! Reads what the forwarder needs to know of an IPv4 packet: its protocol and where it goes; no more of it.

use std::net::Ipv4Addr;

/// What a packet carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    Udp,
    Tcp,
    Other,
}

/// The protocol of an IPv4 packet to `destination`; `None` for anything else.
pub(super) fn protocol_of(packet: &[u8], destination: Ipv4Addr) -> Option<Protocol> {
    const HEADER_BYTES: usize = 20;
    let header = packet.get(..HEADER_BYTES)?;
    if header[0] >> 4 != 4 || header[16..20] != destination.octets() {
        return None;
    }
    Some(match header[9] {
        6 => Protocol::Tcp,
        17 => Protocol::Udp,
        _ => Protocol::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);

    fn packet(protocol: u8) -> [u8; 20] {
        let mut packet = [0; 20];
        packet[0] = 0x45;
        packet[9] = protocol;
        packet[16..].copy_from_slice(&PEER.octets());
        packet
    }

    #[test]
    fn tells_udp_from_tcp() {
        assert_eq!(protocol_of(&packet(17), PEER), Some(Protocol::Udp));
        assert_eq!(protocol_of(&packet(6), PEER), Some(Protocol::Tcp));
        assert_eq!(protocol_of(&packet(1), PEER), Some(Protocol::Other));
    }

    #[test]
    fn refuses_what_is_not_for_the_peer() {
        assert_eq!(protocol_of(&packet(17), Ipv4Addr::new(8, 8, 8, 8)), None);
        assert_eq!(protocol_of(&packet(17)[..19], PEER), None);
        assert_eq!(protocol_of(&[0x60; 40], PEER), None);
    }
}
