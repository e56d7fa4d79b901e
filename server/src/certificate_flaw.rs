//! What browsers hold against a certificate that is served: its time, and its names.

use std::fmt;
use std::time::SystemTime;

use certs::Identity;
use signaling::Origin;

use crate::config::Config;

/// Why browsers refuse a certificate of the operator's or an authority's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It is over since then.
    Expired(SystemTime),
    /// It begins then.
    NotYetValid(SystemTime),
    /// Players come by a name that it doesn't stand for.
    OtherNames {
        /// By which they come.
        host: String,
        /// Those that it stands for.
        names: String,
    },
}

impl Flaw {
    /// What mends it.
    pub(crate) fn fix(&self) -> String {
        match self {
            Self::Expired(_) => {
                "renew it; see why nobody did: systemctl status certbot.timer".to_owned()
            }
            Self::NotYetValid(_) => {
                "set the clock right (timedatectl), or wait with this certificate".to_owned()
            }
            Self::OtherNames { host, .. } => {
                format!("get one whose names have {host}, or mend public_origin in the settings")
            }
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired(at) => write!(f, "it expired on {}", httpdate::fmt_http_date(*at)),
            Self::NotYetValid(at) => {
                write!(f, "it is not valid before {}", httpdate::fmt_http_date(*at))
            }
            Self::OtherNames { host, names } => {
                write!(
                    f,
                    "it is not for {host}, by which players come, but for {names}"
                )
            }
        }
    }
}

/// The first thing that browsers hold against it, where players come by `hosts`.
pub(crate) fn flaw(identity: &Identity, hosts: &[String], now: SystemTime) -> Option<Flaw> {
    if identity.not_after() < now {
        return Some(Flaw::Expired(identity.not_after()));
    }
    if now < identity.not_before() {
        return Some(Flaw::NotYetValid(identity.not_before()));
    }
    let names: Vec<&str> = identity.names().collect();
    let host = hosts.iter().find(|host| !covers(&names, host))?;
    Some(Flaw::OtherNames {
        host: host.clone(),
        names: list(identity),
    })
}

/// The names that a certificate stands for, in one line.
pub(crate) fn list(identity: &Identity) -> String {
    let names: Vec<&str> = identity.names().collect();
    if names.is_empty() {
        return "no name".to_owned();
    }
    names.join(", ")
}

impl Config {
    /// The names by which players come, as far as the settings tell.
    pub(crate) fn player_hosts(&self) -> Vec<String> {
        let origin = self.public_origin.as_ref();
        let origin = origin.and_then(|origin| origin.parse::<Origin>().ok());
        let host = origin.map(|origin| origin.host().trim_matches(['[', ']']).to_owned());
        host.into_iter().collect()
    }
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
    use std::time::Duration;

    use super::*;
    use certs::Certificates;

    #[test]
    fn a_star_stands_for_one_label() {
        assert!(covers(&["a.example", "*.b.example"], "x.b.example"));
        assert!(!covers(&["*.b.example"], "x.y.b.example"));
        assert!(!covers(&["*.b.example"], "b.example"));
        assert!(covers(&["A.example"], "a.example"));
    }

    #[test]
    fn a_certificate_out_of_its_time_or_for_others_is_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
        let names = ["play.example".to_owned()];
        let certificates = Certificates::self_signed(folder.path(), &names, now).unwrap();
        let identity = certificates.current();
        let year = Duration::from_secs(365 * 24 * 3_600);
        let said = |hosts: &[&str], now| {
            let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
            flaw(&identity, &hosts, now).map(|flaw| flaw.to_string())
        };
        assert_eq!(said(&["play.example"], now), None);
        let late = said(&[], now + year).unwrap();
        assert!(late.starts_with("it expired on"), "{late}");
        let early = said(&[], now - year).unwrap();
        assert!(early.starts_with("it is not valid before"), "{early}");
        assert_eq!(
            said(&["play.example", "other.example"], now).unwrap(),
            "it is not for other.example, by which players come, but for play.example"
        );
    }
}
