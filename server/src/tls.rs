//! Which certificates the server shows, and their renewal while it runs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum_server::tls_rustls::RustlsConfig;
use certs::{CertificateError, Certificates, Refreshed};
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::clock::Clock;
use crate::config::Config;
use crate::counters;

/// How often certificates are looked at.
const REFRESH: Duration = Duration::from_secs(60);

/// How long after a change of a file they are.
const SETTLING: Duration = Duration::from_millis(200);

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

/// Renews the certificates until `shutdown`: in time, on SIGHUP, and when one of the operator's files changes. A renewal
/// that fails leaves the old ones in use.
pub(crate) async fn keep_fresh(
    certificates: Certificates,
    files: Vec<PathBuf>,
    clock: Clock,
    shutdown: CancellationToken,
) {
    let mut wish = Wishes::new(&files);
    let mut last_fault = None;
    loop {
        publish(&certificates, last_fault.is_some());
        if shutdown.run_until_cancelled(wish.next()).await.is_none() {
            return;
        }
        let handle = certificates.clone();
        let now = clock.system_time();
        let outcome = tokio::task::spawn_blocking(move || handle.refresh(now)).await;
        let Ok(outcome) = outcome else { continue };
        match &outcome {
            Ok(Refreshed::Unchanged) => {}
            Ok(Refreshed::Rotated) => info!("the next self-signed certificate took over"),
            Ok(Refreshed::Reloaded) => {
                counters::certificates_loaded().increment(1);
                info!("the certificate files were loaded again");
            }
            Err(fault) => {
                let fault = Some(fault.to_string());
                if fault != last_fault {
                    warn!(fault, "certificate not renewed; the old one stays in use");
                }
            }
        }
        last_fault = outcome.err().map(|fault| fault.to_string());
    }
}

fn publish(certificates: &Certificates, is_faulty: bool) {
    let ends = certificates.current().not_after();
    let ends = ends
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    counters::certificate_ends().set(ends.as_secs_f64());
    counters::certificate_fault().set(f64::from(u8::from(is_faulty)));
}

/// When to look at the certificates again.
struct Wishes {
    interval: Interval,
    hang_up: Option<HangUp>,
    changes: mpsc::Receiver<()>,
    _watcher: Option<RecommendedWatcher>,
}

impl Wishes {
    /// When one of the files changes, or a link on the way to it; where that can't be told, the interval does.
    fn new(files: &[PathBuf]) -> Self {
        let (changed, changes) = mpsc::channel(1);
        let watcher = (!files.is_empty())
            .then(|| watch(files, changed))
            .transpose();
        let watcher = watcher.unwrap_or_else(|error| {
            warn!(%error, "the certificate files can't be watched; they are read once a minute");
            None
        });
        Self {
            interval: tokio::time::interval_at(Instant::now() + REFRESH, REFRESH),
            hang_up: HangUp::new(),
            changes,
            _watcher: watcher,
        }
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interval.tick() => {}
            () = HangUp::received(&mut self.hang_up) => info!("SIGHUP: looking at the certificates"),
            Some(()) = self.changes.recv() => {
                // Files of a pair are written one after the other.
                tokio::time::sleep(SETTLING).await;
                let _ = self.changes.try_recv();
            }
        }
    }
}

fn watch(files: &[PathBuf], changed: mpsc::Sender<()>) -> notify::Result<RecommendedWatcher> {
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        let is_change = event.is_ok_and(|event| match event.kind {
            EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
            _ => true,
        });
        if is_change {
            let _ = changed.try_send(());
        }
    })?;
    // Folders, for a file that is replaced is another; and those of links' targets, which may be written in place.
    let targets = files.iter().filter_map(|file| file.canonicalize().ok());
    let targets: Vec<PathBuf> = targets.collect();
    let folders = files
        .iter()
        .chain(&targets)
        .filter_map(|file| file.parent());
    let folders: BTreeSet<&Path> = folders.collect();
    for folder in folders {
        let here = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        watcher.watch(here, RecursiveMode::NonRecursive)?;
    }
    Ok(watcher)
}

/// The signal by which operators ask for settings to be read again.
struct HangUp(#[cfg(unix)] tokio::signal::unix::Signal);

impl HangUp {
    fn new() -> Option<Self> {
        #[cfg(unix)]
        return tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())
            .ok()
            .map(Self);
        #[cfg(not(unix))]
        None
    }

    async fn received(this: &mut Option<Self>) {
        #[cfg(unix)]
        if let Some(Self(signal)) = this
            && signal.recv().await.is_some()
        {
            return;
        }
        #[cfg(not(unix))]
        let _ = this;
        std::future::pending::<()>().await;
    }
}
