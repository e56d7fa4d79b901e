//! As much of STUN (RFC 8489) as routing needs: which peer a first packet is for. Whether it may
//! speak for that peer, the peer's ICE agent decides.

/// Bytes of a STUN header.
const HEADER: usize = 20;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const USERNAME: [u8; 2] = [0x00, 0x06];

/// Our half of the USERNAME of a binding request: the part before the colon (RFC 8445 §7.2.2).
pub(super) fn local_ufrag(packet: &[u8]) -> Option<&str> {
    if !is_stun(packet) || packet.get(..2)? != BINDING_REQUEST {
        return None;
    }
    let mut rest = packet.get(HEADER..)?;
    while let Some((head, tail)) = rest.split_at_checked(4) {
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let value = tail.get(..length)?;
        if head[..2] == USERNAME {
            return std::str::from_utf8(value).ok()?.split(':').next();
        }
        rest = tail.get(length.next_multiple_of(4)..)?;
    }
    None
}

/// Whether this packet of ours is a check or grants one. The agent knows no candidates of the
/// peer's and speaks only to where a request with a good MESSAGE-INTEGRITY came from, so the
/// packet's receiver is the peer. Firefox nominates with its first check, which the agent answers
/// with a check of its own before it grants any.
pub(super) fn is_binding(packet: &[u8]) -> bool {
    is_stun(packet)
        && matches!(packet.get(..2), Some(kind) if *kind == BINDING_REQUEST || *kind == BINDING_SUCCESS)
}

/// Whether this is a STUN packet.
fn is_stun(packet: &[u8]) -> bool {
    packet.get(4..8) == Some(&MAGIC_COOKIE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(attributes: &[u8]) -> Vec<u8> {
        let mut packet = vec![0, 1, 0, attributes.len() as u8];
        packet.extend(MAGIC_COOKIE);
        packet.extend([7; 12]);
        packet.extend(attributes);
        packet
    }

    #[test]
    fn a_request_names_its_peer() {
        let mut attributes = vec![0x80, 0x22, 0, 3, b'a', b'b', b'c', 0];
        attributes.extend([0, 6, 0, 9]);
        attributes.extend(b"ours:them\0\0\0");
        assert_eq!(local_ufrag(&request(&attributes)), Some("ours"));
    }

    #[test]
    fn cut_off_or_foreign_packets_name_nobody() {
        let whole = request(&[0, 6, 0, 4, b'a', b':', b'b', b'c']);
        for length in 0..whole.len() {
            assert_eq!(local_ufrag(&whole[..length]), None, "{length}");
        }
        assert_eq!(local_ufrag(&request(&[0, 6, 0xff, 0xff, 1])), None);
        let mut response = whole.clone();
        response[0] = 1;
        assert_eq!(local_ufrag(&response), None);
        assert!(is_binding(&response) && is_binding(&whole));
        assert!(!is_binding(&[22; 64]));
        assert_eq!(local_ufrag(&[22; 64]), None);
    }
}
