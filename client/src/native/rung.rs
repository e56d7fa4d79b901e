//! The rungs by their names.

use std::fmt;

/// One way to reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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

    /// Its name in the join's answer and in metrics.
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
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}
