//! Chunks of a peer whose association is open: those that the guard lets through cost the stack little, and break nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use rtc::sctp::{
    Association, AssociationHandle, ClientConfig, DatagramEvent, Endpoint, EndpointConfig, Payload,
    ServerConfig, TransportConfig,
};
use server::fuzzing::webrtc::SctpGuard;

use crate::allocation::within;
use crate::clock;
use crate::script::Script;

/// Bytes of the common header, and where its checksum is.
const HEADER: usize = 12;
const CHECKSUM: std::ops::Range<usize> = 8..HEADER;

const DATA: u8 = 0;
const INIT: u8 = 1;
const SACK: u8 = 3;
const FORWARD_TSN: u8 = 192;

/// Bytes that the stack may allocate for the handshake, and for each packet and each of its bytes.
const MOST_BEFORE: usize = 256 << 10;
const MOST_FOR_PACKET: usize = 32 << 10;
const MOST_FOR_BYTE: usize = 512;

/// One end.
struct End {
    endpoint: Endpoint,
    association: Option<(AssociationHandle, Association)>,
    other: SocketAddr,
}

impl End {
    fn new(port: u16, server: Option<ServerConfig>) -> Self {
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let config = Arc::new(EndpointConfig::default());
        Self {
            endpoint: Endpoint::new(
                address(port),
                Default::default(),
                config,
                server.map(Arc::new),
            ),
            association: None,
            other: address(3 - port),
        }
    }

    /// Takes a packet; gives those that go out.
    fn receive(&mut self, now: Instant, packet: Bytes) -> Vec<Bytes> {
        match self.endpoint.handle(now, self.other, None, packet) {
            Some((handle, DatagramEvent::NewAssociation(association))) => {
                self.association = Some((handle, association));
            }
            Some((handle, DatagramEvent::AssociationEvent(event))) => {
                if let Some((own, association)) = &mut self.association
                    && *own == handle
                {
                    association.handle_event(event);
                }
            }
            _ => {}
        }
        self.send(now)
    }

    /// Lets time pass, reads what can be read, and gives what goes out.
    fn send(&mut self, now: Instant) -> Vec<Bytes> {
        let Some((handle, association)) = &mut self.association else {
            return Vec::new();
        };
        association.handle_timeout(now);
        while association.poll().is_some() {}
        while association.accept_stream().is_some() {}
        for id in association.stream_ids() {
            while let Ok(Some(_)) = association
                .stream(id)
                .and_then(|mut stream| stream.read_sctp())
            {}
        }
        let mut packets = Vec::new();
        while let Some(transmit) = association.poll_transmit(now) {
            if let Payload::RawEncode(encoded) = transmit.message {
                packets.extend(encoded);
            }
        }
        while let Some(event) = association.poll_endpoint_event() {
            self.endpoint.handle_event(*handle, event);
        }
        packets
    }
}

/// A script of milliseconds and chunks. TSNs count from the peer's first one.
pub fn sctp(bytes: &[u8]) {
    let mut now = clock::origin();
    let transport = TransportConfig::default;
    let mut server = End::new(1, Some(ServerConfig::new(transport())));
    let mut peer = End::new(2, None);
    let mut guard = SctpGuard::default();
    let begun = peer
        .endpoint
        .connect(now, ClientConfig::new(transport()), peer.other);
    peer.association = Some(begun.expect("an association"));
    let (mut header, mut first) = (None, 0);
    let scripted = bytes.len() * MOST_FOR_BYTE + bytes.len() / 7 * MOST_FOR_PACKET;
    within(MOST_BEFORE + scripted, || {
        let mut to_server = peer.send(now);
        while let Some(packet) = to_server.pop() {
            assert!(
                guard.admits(&packet),
                "what the stack itself sends is taken"
            );
            if packet[HEADER] == INIT {
                first = number(&packet[HEADER + 16..]);
            }
            header = packet.get(..HEADER).map(<[u8]>::to_vec);
            for answer in server.receive(now, packet) {
                guard.note_sent(&answer);
                to_server.extend(peer.receive(now, answer));
            }
        }
        let header = header.expect("a handshake");
        let mut script = Script::new(bytes);
        while let (Some(wait), Some(chunks)) = (script.byte(), script.chunk()) {
            now += Duration::from_millis(wait.into());
            let packet = packet(&header, chunks, first);
            if guard.admits(&packet) {
                for answer in server.receive(now, packet) {
                    guard.note_sent(&answer);
                }
            }
        }
    });
}

/// A packet of these chunks, with a checksum that is right.
fn packet(header: &[u8], chunks: &[u8], first: u32) -> Bytes {
    let mut packet = [header, chunks].concat();
    let mut at = HEADER;
    while let Some([kind, _, long, short]) = packet.get(at..at + 4) {
        let length = usize::from(u16::from_be_bytes([*long, *short]));
        if matches!(*kind, DATA | FORWARD_TSN | SACK)
            && let Some(tsn) = packet.get_mut(at + 4..at + 8)
        {
            let told = number(tsn).wrapping_add(first);
            tsn.copy_from_slice(&told.to_be_bytes());
        }
        at += length.max(4).next_multiple_of(4);
    }
    packet[CHECKSUM].fill(0);
    let checksum = crc32c::crc32c(&packet);
    packet[CHECKSUM].copy_from_slice(&checksum.to_le_bytes());
    packet.into()
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}
