//! Which certificates are believed: those of authorities, pinned ones, or any.

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, RootCertStore, SignatureScheme};
use sha2::{Digest, Sha256};

/// SHA-256 of a certificate's DER.
pub(super) type CertificateHash = [u8; 32];

/// Which servers a player believes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Trust {
    /// Those that the system's authorities vouch for; for WebTransport also those whose certificate's hash the join
    /// has named, as browsers do (`serverCertificateHashes`).
    #[default]
    Authorities,
    /// Beside those the ones that show a certificate with one of these SHA-256 hashes of its DER.
    Pinned(Vec<CertificateHash>),
    /// Beside those the ones that one of these vouches for, authorities' certificates in DER: for those of a private network.
    Roots(Vec<CertificateDer<'static>>),
    /// Any, so that anybody between may read and write along: for tests and load on one's own machines.
    Anything,
}

/// Judges certificates; what it pins may grow.
#[derive(Debug)]
pub(super) struct Verifier {
    authorities: Option<Arc<WebPkiServerVerifier>>,
    pins: Mutex<BTreeSet<CertificateHash>>,
    believes_all: bool,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    pub(super) fn new(trust: &Trust, provider: Arc<CryptoProvider>) -> io::Result<Self> {
        let mut roots = RootCertStore::empty();
        if *trust != Trust::Anything {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        if let Trust::Roots(own) = trust {
            roots.add_parsable_certificates(own.iter().cloned());
        }
        // A machine without any authorities can still pin.
        let authorities = if roots.is_empty() {
            None
        } else {
            let builder =
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
            Some(builder.build().map_err(io::Error::other)?)
        };
        let pins = match trust {
            Trust::Pinned(hashes) => hashes.iter().copied().collect(),
            Trust::Authorities | Trust::Roots(_) | Trust::Anything => BTreeSet::new(),
        };
        Ok(Self {
            authorities,
            pins: Mutex::new(pins),
            believes_all: *trust == Trust::Anything,
            provider,
        })
    }

    /// Believes these too from now on.
    pub(super) fn pin(&self, hashes: impl IntoIterator<Item = CertificateHash>) {
        let mut pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        pins.extend(hashes);
    }

    fn is_pinned(&self, certificate: &CertificateDer<'_>) -> bool {
        let hash: CertificateHash = Sha256::digest(certificate).into();
        let pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        pins.contains(&hash)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if self.believes_all || self.is_pinned(end_entity) {
            return Ok(ServerCertVerified::assertion());
        }
        let Some(authorities) = &self.authorities else {
            return Err(CertificateError::UnknownIssuer.into());
        };
        authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
