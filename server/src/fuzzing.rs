//! Ways for the fuzz targets in `tests/fuzz` to parsers that are nobody else's. Not an interface: anything here may
//! change or go.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use rustls::server::ResolvesServerCert;
use tungstenite::Message;

use crate::transport::webtransport::config;
use crate::transport::{udp, websocket};

pub use crate::transport::webrtc::fuzzing as webrtc;
pub use crate::transport::webtransport::fuzzing::WebTransportSession;

/// Bytes of a WebSocket's read buffer, and the most of a message.
pub const WEBSOCKET_LIMITS: (usize, usize) = (websocket::READ_BUFFER, websocket::MOST_BYTES);

/// A WebSocket message as lane and rest.
#[must_use]
pub fn by_lane(message: Message) -> Option<(u8, Bytes)> {
    websocket::by_lane(message)
}

/// The length of the PROXY header that the bytes begin with, and whom it names.
#[must_use]
pub fn proxy_header(bytes: &[u8]) -> Option<(usize, Option<SocketAddr>)> {
    crate::accept::proxy_header(bytes)
}

/// Whether a packet with this first byte goes to QUIC, and not to WebRTC.
#[must_use]
pub fn is_quic(first: u8) -> bool {
    u32::from(first) >= udp::FIRST_QUIC_BYTE
}

/// QUIC as it is served.
///
/// # Errors
/// When the certificates don't do.
pub fn quic_config(
    certificates: Arc<dyn ResolvesServerCert>,
) -> io::Result<(quinn_proto::EndpointConfig, quinn_proto::ServerConfig)> {
    let ids = udp::ConnectionIds::new(0, 1);
    config::config(certificates, ids).map_err(io::Error::other)
}
