//! Why the server can't start.

use std::net::SocketAddr;

use certs::CertificateError;
use protocol::MAX_SEATS;
use thiserror::Error;

use crate::config::ConfigError;
use crate::storage::StorageError;
use crate::transport::webrtc::WebRtcError;
use crate::transport::webtransport::WebTransportError;

/// Why the server can't start. Each is one line.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The port is taken or may not be used.
    #[error("cannot listen on {address} ({protocol}): {reason}")]
    Bind {
        /// Where.
        address: SocketAddr,
        /// TCP or UDP.
        protocol: &'static str,
        /// Why, and what to do.
        reason: String,
    },
    /// A game wants more seats in a room than the engine has, or none.
    #[error("a room of {seats} seats: there may be 1 to {MAX_SEATS}")]
    Seats {
        /// What it wants.
        seats: usize,
    },
    /// No usable certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The TLS settings can't be used.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// QUIC can't be served.
    #[error(transparent)]
    WebTransport(#[from] WebTransportError),
    /// WebRTC can't be served.
    #[error(transparent)]
    WebRtc(#[from] WebRtcError),
    /// A setting makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// What outlives the process can't be kept.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The fleet can't be joined.
    #[error("{0}")]
    Fleet(String),
    /// The system gives no threads for rooms.
    #[error("threads for rooms: {0}")]
    Threads(#[source] std::io::Error),
    /// HTTP ended by itself.
    #[error("HTTP: {0}")]
    Http(#[from] std::io::Error),
}
