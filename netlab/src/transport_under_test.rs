//! The ways to play that are measured against each other: the rungs, the ladder over them, and what they replace.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use protocol::rung::Rung;

/// One way to bring a player's snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TransportUnderTest {
    /// As every player has it: the SDK chooses among the rungs.
    Ladder,
    /// The WebTransport rung alone.
    #[serde(rename = "webtransport")]
    WebTransport,
    /// The WebRTC rung alone.
    #[serde(rename = "webrtc")]
    WebRtc,
    /// The WebSocket rung alone: a bundle of sockets.
    #[serde(rename = "websocket")]
    WebSocket,
    /// One WebSocket, for comparison.
    #[serde(rename = "one-websocket")]
    OneWebSocket,
    /// One connection of a stock Socket.IO, for comparison; the server behind it takes it for a WebSocket.
    SocketIo,
}

impl TransportUnderTest {
    /// What players use, the ladder first.
    pub const ALL: [Self; 4] = [
        Self::Ladder,
        Self::WebTransport,
        Self::WebRtc,
        Self::WebSocket,
    ];

    /// Every way, those for comparison last.
    pub const EVERY: [Self; 6] = [
        Self::Ladder,
        Self::WebTransport,
        Self::WebRtc,
        Self::WebSocket,
        Self::OneWebSocket,
        Self::SocketIo,
    ];

    /// Its name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ladder => "ladder",
            Self::WebTransport => "webtransport",
            Self::WebRtc => "webrtc",
            Self::WebSocket => "websocket",
            Self::OneWebSocket => "one-websocket",
            Self::SocketIo => "socket-io",
        }
    }

    /// The rung that it is bound to; none for the ladder.
    pub fn rung(self) -> Option<Rung> {
        match self {
            Self::Ladder => None,
            Self::WebTransport => Some(Rung::WebTransport),
            Self::WebRtc => Some(Rung::WebRtc),
            Self::WebSocket | Self::OneWebSocket | Self::SocketIo => Some(Rung::WebSocket),
        }
    }
}

impl fmt::Display for TransportUnderTest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}

/// No way has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no way to play called {0:?}; there are {known}", known = TransportUnderTest::EVERY.map(TransportUnderTest::name).join(", "))]
pub struct UnknownTransport(String);

impl FromStr for TransportUnderTest {
    type Err = UnknownTransport;

    fn from_str(name: &str) -> Result<Self, UnknownTransport> {
        Self::EVERY
            .into_iter()
            .find(|way| way.name() == name)
            .ok_or_else(|| UnknownTransport(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_has_one_name_everywhere() {
        for way in TransportUnderTest::EVERY {
            assert_eq!(way.name().parse(), Ok(way));
            assert_eq!(serde_json::to_value(way).unwrap(), way.name());
        }
        let unknown = "carrier-pigeon".parse::<TransportUnderTest>().unwrap_err();
        assert!(unknown.to_string().contains("webtransport"));
    }
}
