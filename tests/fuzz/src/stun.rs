//! Packets on the WebRTC socket, before any peer's keys: whom each is for.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use server::fuzzing::is_quic;
use server::fuzzing::webrtc::{Demultiplexer, Routed};

use crate::allocation::within;
use crate::clock;
use crate::script::Script;

/// Bytes for tables that grow, at each event.
const MOST_OF_AN_EVENT: usize = 128 * 1024;

/// A script: peers come and go, packets come from a few addresses.
pub fn stun(bytes: &[u8]) {
    let origin = clock::origin();
    let mut now = origin;
    let mut script = Script::new(bytes);
    let mut demultiplexer = Demultiplexer::new(origin);
    while let (Some(event), Some(argument)) = (script.byte(), script.byte()) {
        let from = SocketAddr::from(([192, 0, 2, argument & 7], 9));
        let key = u64::from(argument >> 3 & 3);
        now += Duration::from_millis(u64::from(event >> 3));
        let Some(chunk) = script.chunk() else { return };
        let text = String::from_utf8_lossy(chunk);
        within(MOST_OF_AN_EVENT + 4 * chunk.len(), || match event & 7 {
            0 => demultiplexer.add_peer(&text, key),
            1 => demultiplexer.forget_peer(&text),
            2 => demultiplexer.prove(from, key),
            3 => {
                let _ = demultiplexer.answer(from, key, [argument; 12]);
            }
            _ => receive(&mut demultiplexer, (origin, now), from, argument, chunk),
        });
    }
}

fn receive(
    demultiplexer: &mut Demultiplexer,
    (origin, now): (Instant, Instant),
    from: SocketAddr,
    argument: u8,
    packet: &[u8],
) {
    let elsewhere = SocketAddr::from(([198, 51, 100, 1], 9));
    // From where nobody is known the packet alone tells: of one that the kernel would give to QUIC nothing comes.
    let by_itself = demultiplexer.route(elsewhere, packet);
    assert!(by_itself == Routed::Nobody || !is_quic(packet[0]));
    let Routed::Stray(number) = demultiplexer.route(from, packet) else {
        return;
    };
    let peers = [(1, number.saturating_sub(3), origin), (2, 7, origin)];
    let about = (number, packet.len());
    let asked = demultiplexer.look_for(now, from, about, &peers, [argument; 12]);
    assert!(asked.is_none_or(|key| (1..=2).contains(&key)));
}
