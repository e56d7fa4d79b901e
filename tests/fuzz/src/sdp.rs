//! The SDP offer of a WebRTC link, and the answer to it.

use std::net::Ipv4Addr;
use std::sync::LazyLock;

use server::fuzzing::webrtc::{Offers, accept_offer};

use crate::allocation::within;
use crate::clock;

/// Bytes for a peer: its buffers and tables, and what the parser makes of each line.
const MOST_OF_A_PEER: usize = 2 * 1024 * 1024;

static OFFERS: LazyLock<Offers> =
    LazyLock::new(|| Offers::new(Ipv4Addr::LOCALHOST.into(), 9).expect("an identity"));

/// The offer's text.
pub fn sdp(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let accepted = within(2 * bytes.len() + 1_024, || accept_offer(text));
    let Some(offer) = accepted else { return };
    assert_eq!(accept_offer(&offer).as_ref(), Some(&offer));
    // However the parser tells lines apart.
    let lines = offer.split(['\r', '\n']);
    assert_eq!(
        lines.clone().filter(|line| line.starts_with("m=")).count(),
        1
    );
    let mut attributes = lines.filter_map(|line| line.strip_prefix("a="));
    assert!(!attributes.any(|attribute| attribute.trim_start().starts_with("candidate:")));
    let peer = within(MOST_OF_A_PEER, || OFFERS.take(clock::origin(), &offer));
    let Some(peer) = peer else { return };
    // Nothing of the offer but its identifiers comes back.
    assert!(peer.answer().len() <= 2_048 + bytes.len());
    assert!(
        peer.answer()
            .lines()
            .all(|line| line.len() >= 2 && line.as_bytes()[1] == b'=')
    );
}
