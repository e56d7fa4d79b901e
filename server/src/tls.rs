//! Which certificates the server shows, and TLS over TCP with them.

use std::sync::Arc;

use certs::acme::{ACME_TLS_ALPN, Challenges, Folder};
use certs::{CertificateError, Certificates};
use rustls::ServerConfig;
use rustls::server::ResolvesServerCert;

use crate::clock::Clock;
use crate::config::Config;

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

/// TLS for TCP, where the operator has a certificate or an authority: 1.2 and 1.3, with the suites of `ring`, which all
/// have forward secrecy and authenticated encryption.
pub(crate) fn for_tcp(
    config: &Config,
    certificates: &Certificates,
) -> Result<Option<Arc<ServerConfig>>, rustls::Error> {
    // A WebSocket upgrade needs HTTP/1.1.
    let tls = || server_config(Arc::new(certificates.clone()), b"http/1.1");
    config.is_tls().then(tls).transpose()
}

/// TLS for an authority that wants a proof.
pub(crate) fn for_challenges(challenges: &Challenges) -> Result<Arc<ServerConfig>, rustls::Error> {
    server_config(Arc::new(challenges.clone()), ACME_TLS_ALPN)
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
