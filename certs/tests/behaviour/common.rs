//! Times, files and a browser's rules for the tests of this crate.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use certs::{BROWSER_VALIDITY_LIMIT, Certificates, Identity};
use rcgen::{CertificateParams, CertifiedIssuer, IsCa, KeyPair};

pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Some moment, off the whole second.
pub(crate) fn start() -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(1_795_351_234_567)
}

pub(crate) fn names() -> Vec<String> {
    vec!["localhost".to_owned(), "127.0.0.1".to_owned()]
}

pub(crate) fn open(directory: &Path, now: SystemTime) -> Certificates {
    Certificates::self_signed(directory, &names(), now).unwrap()
}

/// The hashes that a start at `now` offers.
pub(crate) fn hashes_at(directory: &Path, now: SystemTime) -> Vec<[u8; 32]> {
    open(directory, now).certificate_hashes()
}

/// Whether a browser with these hashes takes this identity at `now`.
pub(crate) fn browser_takes(identity: &Identity, hashes: &[[u8; 32]], now: SystemTime) -> bool {
    let span = identity
        .not_after()
        .duration_since(identity.not_before())
        .unwrap();
    hashes.contains(&identity.sha256())
        && identity.is_valid_at(now)
        && span <= BROWSER_VALIDITY_LIMIT
}

/// A certificate authority and the pairs it signs, as files in one directory.
pub(crate) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    directory: tempfile::TempDir,
}

/// A leaf certificate with its chain, and its key, both PEM text.
pub(crate) struct PairText {
    pub(crate) chain: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self {
            issuer,
            directory: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn certificate(&self) -> rustls::pki_types::CertificateDer<'static> {
        self.issuer.der().clone()
    }

    pub(crate) fn issuer(&self) -> &CertifiedIssuer<'static, KeyPair> {
        &self.issuer
    }

    pub(crate) fn sign(&self, not_after: SystemTime) -> PairText {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(names()).unwrap();
        params.not_before = (start() - DAY).into();
        params.not_after = not_after.into();
        let leaf = params.signed_by(&key, &self.issuer).unwrap();
        PairText {
            chain: leaf.pem() + &self.issuer.pem(),
            key: key.serialize_pem(),
        }
    }

    pub(crate) fn chain_path(&self) -> PathBuf {
        self.directory.path().join("chain.pem")
    }

    pub(crate) fn key_path(&self) -> PathBuf {
        self.directory.path().join("key.pem")
    }

    pub(crate) fn write(&self, pair: &PairText) {
        std::fs::write(self.chain_path(), &pair.chain).unwrap();
        std::fs::write(self.key_path(), &pair.key).unwrap();
    }

    pub(crate) fn open(&self) -> Result<Certificates, certs::CertificateError> {
        Certificates::pem(self.chain_path(), self.key_path())
    }
}

/// The server's side of TLS as the server sets it up, for TCP or QUIC.
pub(crate) fn server_config(certificates: &Certificates) -> Arc<rustls::ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificates.clone()));
    Arc::new(config)
}
