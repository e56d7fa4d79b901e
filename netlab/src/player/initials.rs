//! First packets of QUIC connections that nobody goes on with, as an attacker with forged addresses sends them.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use quinn_proto::crypto::rustls::QuicClientConfig;
use quinn_proto::{ClientConfig, Endpoint, EndpointConfig};
use rustls::RootCertStore;

use crate::clock::now;

/// Makes them.
#[derive(Debug)]
pub struct Initials {
    endpoint: Endpoint,
    config: ClientConfig,
    server: SocketAddr,
}

impl Initials {
    /// For a server.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(server: SocketAddr) -> io::Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(io::Error::other)?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        tls.alpn_protocols = vec![b"h3".to_vec()];
        let tls = QuicClientConfig::try_from(tls).map_err(io::Error::other)?;
        Ok(Self {
            endpoint: Endpoint::new(Arc::new(EndpointConfig::default()), None, true, None),
            config: ClientConfig::new(Arc::new(tls)),
            server,
        })
    }

    /// The first packet of another connection.
    ///
    /// # Errors
    /// When there is none.
    pub fn another(&mut self) -> io::Result<Vec<u8>> {
        let begun = self
            .endpoint
            .connect(now(), self.config.clone(), self.server, "localhost");
        let (_, mut connection) = begun.map_err(io::Error::other)?;
        let mut packet = Vec::new();
        match connection.poll_transmit(now(), 1, &mut packet) {
            Some(_) => Ok(packet),
            None => Err(io::Error::other("no first packet")),
        }
    }
}
