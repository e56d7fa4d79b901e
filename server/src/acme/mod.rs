//! A certificate of an authority's, by ACME: gets it, and renews it while the server runs. When is
//! [`certs::acme::Schedule`]'s to say.

mod authority;
mod error;
mod https;
mod settings;

use std::time::Duration;

use certs::Certificates;
use certs::acme::{Lifetime, Schedule, Step};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

pub(crate) use authority::CertificateAuthority;
use error::OrderError;
pub use settings::{Acme, Challenge};

use crate::certificate_flaw::list;
use crate::clock::Clock;
use crate::counters;
use crate::renewal::{self, FlawWatch, HangUp};

/// How long at most until the clock is looked at again: it may have been set.
const LOOK: Duration = Duration::from_secs(60);

/// What is told once as long as it lasts.
#[derive(Default)]
struct Faults {
    order: Option<String>,
    files: Option<String>,
}

/// Keeps `certificates` issued until `shutdown`, for players who come by `hosts`. An order that fails leaves the present one in use; SIGHUP tries again at
/// once.
pub(crate) fn keep_issued(
    certificates: Certificates,
    authority: CertificateAuthority,
    hosts: Vec<String>,
    clock: Clock,
    shutdown: CancellationToken,
) -> impl Future<Output = ()> + use<> {
    // From now on, so that a SIGHUP that comes early doesn't end the process.
    let mut hang_up = HangUp::new();
    let mut schedule = Schedule::new(lifetime(&certificates), rand::random());
    let mut faults = Faults::default();
    let mut flaw = FlawWatch::new(hosts);
    let issuing = async move {
        loop {
            faults.files = renewal::refresh(&certificates, clock, faults.files).await;
            let issued = certificates.issued();
            let is_flawed = issued.is_some_and(|identity| flaw.look(&identity, clock));
            let is_faulty = faults.order.is_some() || faults.files.is_some() || is_flawed;
            renewal::publish(&certificates, is_faulty);
            let now = clock.system_time();
            let (at, step) = schedule.next(now);
            if let Ok(wait) = at.duration_since(now)
                && !wait.is_zero()
            {
                tokio::select! {
                    () = tokio::time::sleep(wait.min(LOOK)) => {}
                    () = HangUp::received(&mut hang_up) => {
                        info!("SIGHUP: asking the certificate authority");
                        schedule.hurry();
                    }
                }
                continue;
            }
            match step {
                Step::AskWindow => {
                    ask_window(&certificates, &authority, &mut schedule, clock).await;
                }
                Step::Order => {
                    let outcome = authority.order(&certificates).await;
                    faults.order =
                        ordered(outcome, faults.order, &mut schedule, &certificates, clock);
                }
            }
        }
    };
    async move {
        let _ = shutdown.run_until_cancelled(issuing).await;
    }
}

/// Notes what came of an order; gives the fault.
fn ordered(
    outcome: Result<(), OrderError>,
    last_fault: Option<String>,
    schedule: &mut Schedule,
    certificates: &Certificates,
    clock: Clock,
) -> Option<String> {
    let lifetime = lifetime(certificates);
    match (outcome, lifetime) {
        (Ok(()), Some(lifetime)) => {
            schedule.issued(lifetime, rand::random());
            counters::certificates_loaded().increment(1);
            let current = certificates.current();
            let ends = httpdate::fmt_http_date(current.not_after());
            info!(
                names = list(&current),
                ends, "the certificate authority issued a certificate"
            );
            None
        }
        (outcome, _) => {
            let error = outcome
                .err()
                .unwrap_or(OrderError::Unsupported("these names"));
            counters::certificate_orders_failed().increment(1);
            let now = clock.system_time();
            schedule.order_failed(error.failure(), rand::random(), now);
            let fault = Some(error.to_string());
            if fault != last_fault {
                let (again, _) = schedule.next(now);
                let seconds = again.duration_since(now).unwrap_or_default().as_secs();
                warn!(
                    fault,
                    again_in_seconds = seconds,
                    "no new certificate; the present one stays in use"
                );
            }
            fault
        }
    }
}

/// Asks when the authority wants a renewal. That it can't say is no fault: there is a time without its word.
async fn ask_window(
    certificates: &Certificates,
    authority: &CertificateAuthority,
    schedule: &mut Schedule,
    clock: Clock,
) {
    let identity = certificates.current();
    let window = authority.window(&identity).await;
    let now = clock.system_time();
    match window {
        Ok(window) => schedule.window(window.start, window.end, window.ask_again, now),
        Err(OrderError::Unsupported(_)) => schedule.window_unsupported(),
        Err(error) => {
            debug!(%error, "the certificate authority suggests no time for the renewal");
            schedule.window_failed(rand::random(), now);
        }
    }
}

fn lifetime(certificates: &Certificates) -> Option<Lifetime> {
    certificates.issued().map(|identity| Lifetime {
        not_before: identity.not_before(),
        not_after: identity.not_after(),
    })
}
