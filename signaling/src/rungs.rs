//! The rungs that a server offers, as the join answers them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One way to reach the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum RungOffer {
    /// WebTransport over HTTP/3.
    WebTransport {
        /// Where: an `https` URL.
        url: String,
        /// SHA-256 of the DER certificates that the server may show, in base64; empty when the
        /// certificate is signed by an authority.
        certificate_hashes: Vec<String>,
    },
    /// A WebRTC data channel.
    WebRtc {
        /// Where the SDP offer goes.
        url: String,
        /// STUN and TURN servers; empty when the server is reached directly, and before a join.
        ice_servers: Vec<IceServer>,
    },
    /// A bundle of WebSockets.
    WebSocket {
        /// Where: a `ws` or `wss` URL.
        url: String,
    },
}

impl RungOffer {
    /// For whoever has not joined: without relays, whose credentials are for players alone.
    pub(crate) fn for_strangers(self) -> Self {
        match self {
            Self::WebRtc { url, .. } => Self::WebRtc {
                url,
                ice_servers: Vec::new(),
            },
            other => other,
        }
    }
}

/// A STUN or TURN server, as `RTCPeerConnection` takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IceServer {
    /// Its URLs.
    pub urls: Vec<String>,
    /// User name of a TURN server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Password of a TURN server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// The rungs before a join, so that links may be opened while the player types a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RungsAnswer {
    /// The server's protocol version.
    pub protocol: u16,
    /// Best first.
    pub rungs: Vec<RungOffer>,
}
