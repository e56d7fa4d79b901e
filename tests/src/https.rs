//! As much of HTTPS as tests need: one request to this host, whose certificate an authority of theirs vouches for.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use sha2::{Digest, Sha256};

/// How long the other end may take for any one read or write.
const PATIENCE: Duration = Duration::from_secs(15);

/// What came.
pub struct Answer {
    /// Head and body.
    pub text: String,
    /// SHA-256 of the certificate that was shown.
    pub sha256: [u8; 32],
    /// Which TLS.
    pub version: Option<rustls::ProtocolVersion>,
}

/// How to ask.
pub struct Client {
    config: Arc<ClientConfig>,
}

impl Client {
    /// Believes these authorities, and offers `protocols` by ALPN.
    ///
    /// # Panics
    /// When one is none.
    #[must_use]
    pub fn new(
        roots: &[CertificateDer<'static>],
        versions: &[&'static rustls::SupportedProtocolVersion],
        protocols: &[&[u8]],
    ) -> Self {
        let mut store = RootCertStore::empty();
        for root in roots {
            store.add(root.clone()).unwrap();
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(store)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Self {
            config: Arc::new(config),
        }
    }

    /// Asks `localhost` at `port` for `path`.
    ///
    /// # Errors
    /// No connection, or a certificate that isn't believed.
    pub fn get(&self, port: u16, path: &str) -> io::Result<Answer> {
        let head =
            format!("GET {path} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n");
        self.exchange(port, head.as_bytes())
    }

    /// Sends a whole request to `localhost` at `port`, and reads until the other end closes.
    ///
    /// # Errors
    /// No connection, or a certificate that isn't believed.
    pub fn exchange(&self, port: u16, request: &[u8]) -> io::Result<Answer> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let name = ServerName::try_from("localhost").map_err(io::Error::other)?;
        let tls =
            ClientConnection::new(Arc::clone(&self.config), name).map_err(io::Error::other)?;
        let mut stream = StreamOwned::new(tls, stream);
        stream.write_all(request)?;
        let mut bytes = Vec::new();
        match stream.read_to_end(&mut bytes) {
            // Some close without saying so.
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => return Err(error),
            _ => {}
        }
        let shown = stream.conn.peer_certificates().and_then(<[_]>::first);
        let shown = shown.ok_or_else(|| io::Error::other("no certificate"))?;
        Ok(Answer {
            text: String::from_utf8_lossy(&bytes).into_owned(),
            sha256: Sha256::digest(shown).into(),
            version: stream.conn.protocol_version(),
        })
    }
}

/// Asks as browsers do; for `localhost` at `port`.
///
/// # Errors
/// As [`Client::get`].
pub fn get(port: u16, path: &str, roots: &[CertificateDer<'static>]) -> io::Result<Answer> {
    Client::new(roots, rustls::ALL_VERSIONS, &[b"http/1.1"]).get(port, path)
}
