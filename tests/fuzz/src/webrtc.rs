//! Packets of a peer whose offer was taken and whose address is proven: ICE, and DTLS before it is encrypted.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::LazyLock;
use std::time::Duration;

use server::fuzzing::webrtc::Offers;

use crate::clock;
use crate::script::Script;

const OFFER: &str = include_str!("offer.sdp");

/// Packets and bytes that may go out for one that came in: a flight of the handshake, and its repeats.
const MOST_PACKETS: usize = 64;

static OFFERS: LazyLock<Offers> =
    LazyLock::new(|| Offers::new(Ipv4Addr::LOCALHOST.into(), 9).expect("an identity"));

/// A script of milliseconds and packets.
pub fn webrtc(bytes: &[u8]) {
    let mut now = clock::origin();
    let peer = OFFERS.take(now, OFFER);
    let mut peer = peer.expect("a browser's offer is taken");
    let from = SocketAddr::from(([192, 0, 2, 1], 9));
    // The peer calls, and answers our call; then we begin DTLS.
    let check = peer.check().expect("a check");
    let (packets, _) = peer.receive(now, from, &check);
    for packet in packets {
        if let Some(grant) = peer.grant(&packet, from) {
            let _ = peer.receive(now, from, &grant);
        }
    }
    let mut script = Script::new(bytes);
    while let (Some(wait), Some(packet)) = (script.byte(), script.chunk()) {
        now += Duration::from_millis(wait.into());
        let (packets, messages) = peer.receive(now, from, packet);
        assert!(packets.len() <= MOST_PACKETS && messages == 0);
    }
}
