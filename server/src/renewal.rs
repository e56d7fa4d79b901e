//! Renewal of the certificates while the server runs: when to look at them, and what is told of it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use certs::{CertificateError, Certificates, Identity, Refreshed};
use notify::event::{AccessKind, AccessMode};
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::certificate_flaw::{Flaw, flaw, list};
use crate::clock::Clock;
use crate::counters;

/// How often certificates are looked at.
const REFRESH: Duration = Duration::from_secs(60);

/// How long after a change of a file they are.
const SETTLING: Duration = Duration::from_millis(200);

/// Renews the certificates until `shutdown`: in time, on SIGHUP, and when one of the operator's files changes. A renewal
/// that fails leaves the old ones in use. Where there are files, players come by `hosts`.
pub(crate) fn keep_fresh(
    certificates: Certificates,
    files: &[PathBuf],
    hosts: Vec<String>,
    clock: Clock,
    shutdown: CancellationToken,
) -> impl Future<Output = ()> + use<> {
    // From now on, so that a SIGHUP that comes before the first look doesn't end the process.
    let mut triggers = RefreshTriggers::new(files);
    let is_own_making = files.is_empty();
    let mut last_fault = None;
    let mut flaw = FlawWatch::new(hosts);
    async move {
        loop {
            // One of our own making is taken by its hash, whatever its names.
            let is_flawed = !is_own_making && flaw.look(&certificates.current(), clock);
            publish(&certificates, last_fault.is_some() || is_flawed);
            if shutdown
                .run_until_cancelled(triggers.next())
                .await
                .is_none()
            {
                return;
            }
            last_fault = refresh(&certificates, clock, last_fault).await;
        }
    }
}

/// Looks at the certificates, on a thread that may block; gives the fault, which is told when it is another than the last.
pub(crate) async fn refresh(
    certificates: &Certificates,
    clock: Clock,
    last_fault: Option<String>,
) -> Option<String> {
    let handle = certificates.clone();
    let now = clock.system_time();
    match tokio::task::spawn_blocking(move || handle.refresh(now)).await {
        Ok(outcome) => tell(outcome, &certificates.current(), last_fault),
        Err(_) => last_fault,
    }
}

/// Watches what browsers hold against the certificate that is served, and tells it once as long as it lasts.
pub(crate) struct FlawWatch {
    hosts: Vec<String>,
    last: Option<Flaw>,
}

impl FlawWatch {
    /// For a server to which players come by `hosts`.
    pub(crate) fn new(hosts: Vec<String>) -> Self {
        Self { hosts, last: None }
    }

    /// Whether there is anything now.
    pub(crate) fn look(&mut self, identity: &Identity, clock: Clock) -> bool {
        let flaw = flaw(identity, &self.hosts, clock.system_time());
        if let Some(flaw) = flaw
            .as_ref()
            .filter(|flaw| self.last.as_ref() != Some(flaw))
        {
            warn!(fix = flaw.fix(), "browsers refuse the certificate: {flaw}");
        }
        self.last = flaw;
        self.last.is_some()
    }
}

/// Tells what came of a look, a fault once as long as it lasts; gives the fault.
fn tell(
    outcome: Result<Refreshed, CertificateError>,
    current: &Identity,
    last_fault: Option<String>,
) -> Option<String> {
    match outcome {
        Ok(Refreshed::Unchanged) => {}
        Ok(Refreshed::Rotated) => info!("the next self-signed certificate took over"),
        Ok(Refreshed::Reloaded) => {
            counters::certificates_loaded().increment(1);
            let ends = httpdate::fmt_http_date(current.not_after());
            info!(
                names = list(current),
                ends, "the certificate files were loaded again"
            );
        }
        Err(fault) => {
            let fault = Some(fault.to_string());
            if fault != last_fault {
                warn!(fault, "certificate not renewed; the old one stays in use");
            }
            return fault;
        }
    }
    None
}

/// Sets the metrics of the certificate that is served.
pub(crate) fn publish(certificates: &Certificates, is_faulty: bool) {
    let ends = certificates.current().not_after();
    let ends = ends
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    counters::certificate_ends().set(ends.as_secs_f64());
    counters::certificate_fault().set(f64::from(u8::from(is_faulty)));
}

/// When to look at the certificates again.
struct RefreshTriggers {
    interval: Interval,
    hang_up: Option<HangUp>,
    changes: mpsc::Receiver<()>,
    _watcher: Option<RecommendedWatcher>,
}

impl RefreshTriggers {
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
pub(crate) struct HangUp(#[cfg(unix)] tokio::signal::unix::Signal);

impl HangUp {
    /// From now on the signal doesn't end the process.
    pub(crate) fn new() -> Option<Self> {
        #[cfg(unix)]
        return tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())
            .ok()
            .map(Self);
        #[cfg(not(unix))]
        None
    }

    /// Waits for the next one.
    pub(crate) async fn received(this: &mut Option<Self>) {
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
