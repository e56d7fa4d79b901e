//! Which certificates the server shows, and TLS over TCP with them.

use std::sync::Arc;

use axum_server::tls_rustls::RustlsConfig;
use certs::{CertificateError, Certificates};

use crate::clock::Clock;
use crate::config::Config;

/// The identity that the settings ask for: the operator's files, else a self-signed one.
///
/// # Errors
/// [`CertificateError`], in one line.
pub fn certificates(config: &Config, clock: Clock) -> Result<Certificates, CertificateError> {
    match (&config.certificate, &config.key) {
        (Some(certificate), Some(key)) => Certificates::pem(certificate, key),
        _ => {
            let mut names = vec![
                "localhost".to_owned(),
                "127.0.0.1".to_owned(),
                "::1".to_owned(),
            ];
            names.extend(config.public_address.iter().cloned());
            names.extend(config.names.iter().cloned());
            Certificates::self_signed(&config.certificate_directory, &names, clock.system_time())
        }
    }
}

/// TLS for TCP, where the operator has given a certificate.
pub(crate) fn for_tcp(
    config: &Config,
    certificates: &Certificates,
) -> Result<Option<RustlsConfig>, rustls::Error> {
    if config.certificate.is_none() {
        return Ok(None);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificates.clone()));
    // A WebSocket upgrade needs HTTP/1.1.
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(RustlsConfig::from_config(Arc::new(tls))))
}
