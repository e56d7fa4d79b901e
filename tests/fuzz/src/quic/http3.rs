//! What a WebTransport session's streams and datagrams carry beneath our own bytes: HTTP/3, as the engine reads it.

use super::take_frames;

/// A frame with a datagram to the packet's end, and one with bytes of a stream at an offset, to the packet's end (RFC 9000
/// §19.8, RFC 9221 §4).
const DATAGRAM: u8 = 0x30;
const STREAM: u8 = 0x0c;

/// The client's first streams.
const BOTH_WAYS: u8 = 0;
const CONTROL: u8 = 2;
const ONE_WAY: u8 = 6;

/// A control stream's kind, and settings without one.
const SETTINGS: &[u8] = &[0, 4, 0];

/// Bytes of a stream in one packet.
const MOST_IN_PACKET: usize = 1_000;

/// By the first byte: a datagram, or what stands on a stream of either kind; behind the peer's settings or without them.
pub fn http3(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else {
        return;
    };
    let mut packets = Vec::new();
    if kind & 4 == 0 {
        packets.extend(stream(CONTROL, SETTINGS));
    }
    match kind & 3 {
        0 => packets.push([&[DATAGRAM], &rest[..rest.len().min(MOST_IN_PACKET)]].concat()),
        1 => packets.extend(stream(ONE_WAY, rest)),
        _ => packets.extend(stream(BOTH_WAYS, rest)),
    }
    take_frames(bytes.len(), packets.iter().map(Vec::as_slice));
}

/// Packets that bring a stream's bytes.
fn stream(id: u8, bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let chunks = bytes.chunks(MOST_IN_PACKET).enumerate();
    chunks.map(move |(index, chunk)| {
        let offset = (index * MOST_IN_PACKET) as u32 | 0x8000_0000;
        [&[STREAM, id], &offset.to_be_bytes()[..], chunk].concat()
    })
}
