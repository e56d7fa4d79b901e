//! The rungs by the names that pages, links and metrics have for them.

use serde::{Deserialize, Serialize};

/// One way to reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rung {
    /// QUIC datagrams.
    WebTransport,
    /// A WebRTC data channel.
    WebRtc,
    /// A bundle of WebSockets.
    WebSocket,
}

impl From<Rung> for client::native::Rung {
    fn from(rung: Rung) -> Self {
        match rung {
            Rung::WebTransport => Self::WebTransport,
            Rung::WebRtc => Self::WebRtc,
            Rung::WebSocket => Self::WebSocket,
        }
    }
}

impl Rung {
    /// All of them, best first.
    pub const ALL: [Self; 3] = [Self::WebTransport, Self::WebRtc, Self::WebSocket];

    /// Its name in a page's address and in metrics.
    pub fn name(self) -> &'static str {
        match self {
            Self::WebTransport => "webtransport",
            Self::WebRtc => "webrtc",
            Self::WebSocket => "websocket",
        }
    }
}
