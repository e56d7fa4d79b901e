//! Fuzz targets: functions that take any bytes and panic when a parser that faces a peer doesn't hold to what it
//! promises. `fuzz_targets` has the fuzzer's way into each, and `tests/corpus.rs` runs all over the inputs that were
//! found.

mod allocation;
mod clock;
mod control;
mod datagram;
mod delta;
mod join;
mod proxy;
mod quic;
mod reach;
mod room;
mod round_trip;
mod script;
mod sctp;
mod sdp;
mod session;
mod stun;
mod token;
mod webrtc;
mod websocket;

pub use control::control;
pub use datagram::datagram;
pub use delta::delta;
pub use join::join;
pub use proxy::proxy;
pub use quic::{http3, quic, quic_frames};
pub use reach::reach;
pub use room::room;
pub use sctp::sctp;
pub use sdp::sdp;
pub use session::session;
pub use stun::stun;
pub use token::token;
pub use webrtc::webrtc;
pub use websocket::websocket;

/// What a target is called, here and in the corpus, and the target.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("control", control),
    ("datagram", datagram),
    ("delta", delta),
    ("http3", http3),
    ("join", join),
    ("proxy", proxy),
    ("quic", quic),
    ("quic_frames", quic_frames),
    ("reach", reach),
    ("room", room),
    ("sctp", sctp),
    ("sdp", sdp),
    ("session", session),
    ("stun", stun),
    ("token", token),
    ("webrtc", webrtc),
    ("websocket", websocket),
];
