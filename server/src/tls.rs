//! Which certificates the server shows, and their renewal while it runs.

use std::sync::Arc;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use certs::{CertificateError, Certificates, Refreshed};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::config::Config;

/// How often certificates are looked at.
const REFRESH: Duration = Duration::from_secs(60);

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
            names.extend(config.public_address.iter().map(ToString::to_string));
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

/// Renews the certificates until `shutdown`. A renewal that fails leaves the old ones in use.
pub(crate) async fn keep_fresh(
    certificates: Certificates,
    clock: Clock,
    shutdown: CancellationToken,
) {
    let mut last_fault = String::new();
    while shutdown
        .run_until_cancelled(tokio::time::sleep(REFRESH))
        .await
        .is_some()
    {
        let handle = certificates.clone();
        let now = clock.system_time();
        let outcome = tokio::task::spawn_blocking(move || handle.refresh(now)).await;
        match outcome {
            Ok(Ok(Refreshed::Unchanged)) | Err(_) => {}
            Ok(Ok(Refreshed::Rotated)) => info!("the next self-signed certificate took over"),
            Ok(Ok(Refreshed::Reloaded)) => info!("the certificate files were loaded again"),
            Ok(Err(fault)) => {
                let fault = fault.to_string();
                if fault != last_fault {
                    warn!(%fault, "certificate not renewed; the old one stays in use");
                    last_fault = fault;
                }
            }
        }
    }
}
