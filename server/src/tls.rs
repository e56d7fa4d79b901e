//! Which certificates the server shows, and TLS over TCP with them.

use std::sync::Arc;

use certs::acme::{ACME_TLS_ALPN, Challenges, Folder};
use certs::{CertificateError, Certificates};
use rustls::ServerConfig;
use rustls::server::ResolvesServerCert;

use crate::acme::Challenge;
use crate::clock::Clock;
use crate::config::Config;

impl Config {
    /// Whether HTTP is HTTPS.
    pub(crate) fn is_tls(&self) -> bool {
        self.certificate.is_some() || self.acme.is_some()
    }

    /// What of certificates and of the way to them makes no sense: a key, and the reason.
    pub(crate) fn tls_fault(&self) -> Option<(&'static str, String)> {
        if self.certificate.is_some() != self.key.is_some() {
            return Some(("certificate", "certificate and key go together".to_owned()));
        }
        if self.redirect_port.is_some() && !self.is_tls() {
            let reason = "there is no HTTPS to redirect to without certificate and key, or [acme]";
            return Some(("redirect_port", reason.to_owned()));
        }
        let acme = self.acme.as_ref()?;
        if self.certificate.is_some() {
            let reason =
                "an authority issues the certificate: leave out certificate and key, or [acme]";
            return Some(("acme", reason.to_owned()));
        }
        if acme.challenge == Challenge::Http01 && self.redirect_port.is_none() {
            let reason = "http-01 needs redirect_port, which the authority must reach as port 80";
            return Some(("acme.challenge", reason.to_owned()));
        }
        acme.fault()
    }
}

/// The identity that the settings ask for: the operator's files, an authority's, else a self-signed one.
///
/// # Errors
/// [`CertificateError`], in one line.
pub fn certificates(config: &Config, clock: Clock) -> Result<Certificates, CertificateError> {
    if let (Some(certificate), Some(key)) = (&config.certificate, &config.key) {
        return Certificates::pem(certificate, key);
    }
    let mut names = vec![
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
    ];
    names.extend(config.public_address.iter().cloned());
    names.extend(config.names.iter().cloned());
    let now = clock.system_time();
    let directory = &config.certificate_directory;
    match &config.acme {
        Some(acme) => {
            let folder = Folder::open(&acme.store, &acme.directory)?;
            names.extend(acme.domains.iter().cloned());
            Certificates::acme(folder, &acme.domains, (directory, &names), now)
        }
        None => Certificates::self_signed(directory, &names, now),
    }
}

/// TLS for TCP: 1.2 and 1.3, with the suites of `ring`, which all have forward secrecy and authenticated encryption.
#[derive(Clone)]
pub(crate) struct TcpTls {
    /// For everybody.
    pub(crate) players: Arc<ServerConfig>,
    /// For an authority that wants a proof (TLS-ALPN-01, RFC 8737).
    pub(crate) challenges: Option<Arc<ServerConfig>>,
}

/// TLS for TCP, where the operator has a certificate, or an authority that issues one.
pub(crate) fn for_tcp(
    config: &Config,
    certificates: &Certificates,
    challenges: &Challenges,
) -> Result<Option<TcpTls>, rustls::Error> {
    if !config.is_tls() {
        return Ok(None);
    }
    let challenges = || server_config(Arc::new(challenges.clone()), ACME_TLS_ALPN);
    Ok(Some(TcpTls {
        // A WebSocket upgrade needs HTTP/1.1.
        players: server_config(Arc::new(certificates.clone()), b"http/1.1")?,
        challenges: config.acme.is_some().then(challenges).transpose()?,
    }))
}

fn server_config(
    resolver: Arc<dyn ResolvesServerCert>,
    protocol: &[u8],
) -> Result<Arc<ServerConfig>, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    tls.alpn_protocols = vec![protocol.to_vec()];
    Ok(Arc::new(tls))
}
