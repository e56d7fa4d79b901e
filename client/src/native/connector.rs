//! What the players of one process share: TLS, and the UDP socket of all WebTransport links.

use std::io;
use std::sync::Arc;

use tokio::sync::OnceCell;
use wtransport::Endpoint;
use wtransport::endpoint::endpoint_side::Client;

use super::trust::{CertificateHash, Verifier};
use super::{Trust, webtransport};

/// Opens connections; cheap to clone. Its sockets live on the tokio runtime that first uses it.
#[derive(Clone)]
pub struct Connector(Arc<Shared>);

struct Shared {
    tls: Arc<rustls::ClientConfig>,
    verifier: Arc<Verifier>,
    quic: OnceCell<Endpoint<Client>>,
}

impl Connector {
    /// For servers that are trusted so.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub fn new(trust: &Trust) -> io::Result<Self> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = Arc::new(Verifier::new(trust, Arc::clone(&provider))?);
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&verifier) as _)
            .with_no_client_auth();
        Ok(Self(Arc::new(Shared {
            tls: Arc::new(tls),
            verifier,
            quic: OnceCell::new(),
        })))
    }

    pub(super) fn tls(&self) -> &Arc<rustls::ClientConfig> {
        &self.0.tls
    }

    /// The UDP socket of all WebTransport links, opened for the first.
    pub(super) async fn endpoint(&self) -> io::Result<&Endpoint<Client>> {
        let open = async || webtransport::endpoint(self.tls());
        self.0.quic.get_or_try_init(open).await
    }

    /// Believes servers that show one of these.
    pub(super) fn pin(&self, hashes: Vec<CertificateHash>) {
        self.0.verifier.pin(hashes);
    }
}
