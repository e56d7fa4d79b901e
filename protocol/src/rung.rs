//! The rungs by the names that joins, pages' addresses and metrics have for them.

use core::fmt;

use serde::{Deserialize, Serialize};

/// A kind of link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rung {
    /// QUIC datagrams, and a stream for Control.
    WebTransport,
    /// WebRTC data channels.
    WebRtc,
    /// A bundle of WebSockets.
    WebSocket,
}

impl Rung {
    /// All of them, best first.
    pub const ALL: [Self; 3] = [Self::WebTransport, Self::WebRtc, Self::WebSocket];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::WebTransport => "webtransport",
            Self::WebRtc => "webrtc",
            Self::WebSocket => "websocket",
        }
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
