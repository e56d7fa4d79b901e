//! As much of STUN (RFC 8489) and of DTLS records (RFC 6347 §4.1) as routing needs: which peer a
//! packet may be for. Whether it may speak for that peer, the peer's credentials decide.

/// Bytes of a STUN header.
const HEADER: usize = 20;
const MAGIC_COOKIE: [u8; 4] = [0x21, 0x12, 0xa4, 0x42];
const BINDING_REQUEST: [u8; 2] = [0x00, 0x01];
const BINDING_SUCCESS: [u8; 2] = [0x01, 0x01];
const USERNAME: [u8; 2] = [0x00, 0x06];
const USE_CANDIDATE: [u8; 2] = [0x00, 0x25];

/// Content type of a DTLS record with data, and the bytes before its content.
const APPLICATION_DATA: u8 = 23;
const RECORD_HEADER: usize = 13;

/// Names a check and its grant.
pub(super) type Transaction = [u8; 12];

/// Our half of the USERNAME of a binding request: the part before the colon (RFC 8445 §7.2.2).
pub(super) fn local_ufrag(packet: &[u8]) -> Option<&str> {
    if !is_request(packet) {
        return None;
    }
    let username = std::str::from_utf8(attribute(packet, USERNAME)?).ok()?;
    username.split(':').next()
}

/// The transaction of a check or a grant.
pub(super) fn transaction(packet: &[u8]) -> Option<Transaction> {
    packet.get(8..HEADER)?.try_into().ok()
}

/// The number of a DTLS record with data of an encrypted epoch.
pub(super) fn record_number(packet: &[u8]) -> Option<u64> {
    let header = packet.get(..RECORD_HEADER)?;
    let epoch = u16::from_be_bytes([header[3], header[4]]);
    let number = header[5..11]
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte));
    (header[0] == APPLICATION_DATA && epoch > 0).then_some(number)
}

/// Whether this is a check that nominates (RFC 8445 §7.1.2).
pub(super) fn is_nomination(packet: &[u8]) -> bool {
    is_request(packet) && attribute(packet, USE_CANDIDATE).is_some()
}

/// Whether this is a check.
pub(super) fn is_request(packet: &[u8]) -> bool {
    is_of(packet, BINDING_REQUEST)
}

/// Whether this grants a check.
pub(super) fn is_success(packet: &[u8]) -> bool {
    is_of(packet, BINDING_SUCCESS)
}

fn is_of(packet: &[u8], kind: [u8; 2]) -> bool {
    packet.get(4..8) == Some(&MAGIC_COOKIE) && packet.get(..2) == Some(&kind)
}

/// The value of the first attribute of this type.
fn attribute(packet: &[u8], kind: [u8; 2]) -> Option<&[u8]> {
    let mut rest = packet.get(HEADER..)?;
    while let Some((head, tail)) = rest.split_at_checked(4) {
        let length = usize::from(u16::from_be_bytes([head[2], head[3]]));
        let value = tail.get(..length)?;
        if head[..2] == kind {
            return Some(value);
        }
        rest = tail.get(length.next_multiple_of(4)..)?;
    }
    None
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
        assert!(is_success(&response) && is_request(&whole));
        assert!(!is_request(&[22; 64]));
        assert_eq!(local_ufrag(&[22; 64]), None);
    }
}
