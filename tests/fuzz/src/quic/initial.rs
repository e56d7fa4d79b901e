//! Packets as a client seals them. An Initial's keys follow from what stands in it (RFC 9001 §5.2), so anybody can.

use bytes::BytesMut;
use quinn_proto::ConnectionId;
use quinn_proto::crypto::ServerConfig;

/// Least bytes of a datagram with an Initial in it (RFC 9000 §14.1).
const LEAST_DATAGRAM: usize = 1_200;

/// Most bytes of frames that fit into one.
pub(super) const MOST_FRAMES: usize = 1_100;

const VERSION: u32 = 1;
const DESTINATION: [u8; 8] = *b"fuzz-dst";
const SOURCE: [u8; 4] = *b"fuzz";

/// First bytes of long headers whose packet number has one byte.
pub(super) const INITIAL: u8 = 0xc0;
pub(super) const HANDSHAKE: u8 = 0xe0;

/// A datagram of one Initial with these frames, and PADDING behind them.
pub(super) fn sealed(crypto: &dyn ServerConfig, number: u8, frames: &[u8]) -> BytesMut {
    sealed_for(&DESTINATION, INITIAL, crypto, number, frames)
}

/// The same for a packet of another type, to the server's own connection id.
pub(super) fn sealed_for(
    destination: &[u8],
    first: u8,
    crypto: &dyn ServerConfig,
    number: u8,
    frames: &[u8],
) -> BytesMut {
    let keys = crypto
        .initial_keys(VERSION, &ConnectionId::new(&DESTINATION))
        .expect("a version that is known");
    let (key, header_key) = (keys.packet.remote, keys.header.remote);

    let mut packet = vec![first];
    packet.extend(VERSION.to_be_bytes());
    for id in [destination, &SOURCE] {
        packet.push(id.len() as u8);
        packet.extend(id);
    }
    if first == INITIAL {
        // No token.
        packet.push(0);
    }
    let number_at = packet.len() + 2;
    let length = LEAST_DATAGRAM.max(number_at + 1 + frames.len() + key.tag_len()) - number_at;
    packet.extend((0x4000 | length as u16).to_be_bytes());
    packet.push(number);
    let header_length = packet.len();
    packet.extend(frames);
    packet.resize(number_at + length, 0);
    key.encrypt(number.into(), &mut packet, header_length);
    header_key.encrypt(number_at, &mut packet);
    BytesMut::from(packet.as_slice())
}

/// Frames with a part of the handshake each, at most [`MOST_FRAMES`] bytes long.
pub(super) fn crypto_frames(handshake: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    const PART: usize = MOST_FRAMES - 5;
    let parts = handshake.chunks(PART).zip((0..).step_by(PART));
    parts.map(|(part, offset): (&[u8], u16)| {
        let number = |value: u16| (0x4000 | value).to_be_bytes();
        let head = [&[6], &number(offset)[..], &number(part.len() as u16)].concat();
        [&head, part].concat()
    })
}
