//! The certificate: whose it is, until when, and whether browsers will believe it.

use std::time::Duration;

use super::Finding;
use crate::clock::Clock;
use crate::config::Config;
use crate::tls;

/// A certificate that ends so soon should have been renewed by now.
const SOON: Duration = Duration::from_secs(14 * 24 * 3_600);

const CHECK: &str = "certificate";

pub(super) fn certificate(config: &Config) -> Vec<Finding> {
    let clock = Clock::start();
    let certificates = match tls::certificates(config, clock) {
        Ok(certificates) => certificates,
        Err(error) => {
            let fix = "name a certificate chain in PEM and its key; renew it where it has expired";
            return vec![Finding::fault(CHECK, error.to_string(), fix)];
        }
    };
    let identity = certificates.current();
    let now = clock.system_time();
    let names: Vec<&str> = identity.names().collect();
    let left = identity.not_after().duration_since(now).unwrap_or_default();
    let days = left.as_secs() / (24 * 3_600);
    let mut findings = vec![Finding::ok(
        CHECK,
        format!("for {}, {days} days more", names.join(", ")),
    )];
    if config.acme.is_some() && certificates.issued().is_none() {
        findings.push(Finding::warning(
            CHECK,
            "the authority has issued none yet",
            "serve, and see the log: it is asked for at the start",
        ));
        return findings;
    }
    if !config.is_tls() {
        return findings;
    }
    if !identity.is_valid_at(now) {
        findings.push(Finding::fault(
            CHECK,
            "it is not valid now",
            "renew it, and set the clock right",
        ));
    } else if left < SOON {
        findings.push(Finding::warning(
            CHECK,
            format!("it ends in {days} days"),
            "see why it is not renewed: systemctl status certbot.timer",
        ));
    }
    if identity.chain().len() < 2 {
        findings.push(Finding::warning(
            CHECK,
            "the file holds one certificate, without those between it and the authority",
            "name the full chain (fullchain.pem), or some browsers won't believe it",
        ));
    }
    if let Some(host) = host(config).filter(|host| !covers(&names, host)) {
        findings.push(Finding::fault(
            CHECK,
            format!("it is not for {host}, where players find the page"),
            format!("get one whose names have {host}"),
        ));
    }
    findings
}

/// The host by which players come, where the settings tell.
fn host(config: &Config) -> Option<String> {
    let origin = config.public_origin.as_ref()?;
    let (_, rest) = origin.split_once("://")?;
    let host = rest.split(['/', ':']).next()?;
    Some(host.to_ascii_lowercase())
}

/// Whether one of the names stands for the host; a star stands for one label (RFC 6125 §6.4.3).
fn covers(names: &[&str], host: &str) -> bool {
    names.iter().any(|name| match name.strip_prefix("*.") {
        Some(parent) => host.split_once('.').is_some_and(|(_, rest)| rest == parent),
        None => name.eq_ignore_ascii_case(host),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_label() {
        assert!(covers(&["a.example", "*.b.example"], "x.b.example"));
        assert!(!covers(&["*.b.example"], "x.y.b.example"));
        assert!(!covers(&["*.b.example"], "b.example"));
        assert!(covers(&["A.example"], "a.example"));
    }
}
