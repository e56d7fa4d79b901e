//! The section `[acme]` of the settings.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::one_or_more;

/// Production of Let's Encrypt.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// An authority that issues the certificate for HTTPS and QUIC, and renews it (ACME, RFC 8555). Who sets this agrees to its
/// terms of service.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acme {
    /// Host names that the certificate is for, such as `["play.example"]`; each must lead to this server. Required.
    #[serde(deserialize_with = "one_or_more")]
    pub domains: Vec<String>,
    /// Mail addresses at which the authority finds the operator. Default: none.
    #[serde(default, deserialize_with = "one_or_more")]
    pub contact: Vec<String>,
    /// URL of the authority's directory. Default: Let's Encrypt's,
    /// `https://acme-v02.api.letsencrypt.org/directory`.
    #[serde(default = "directory")]
    pub directory: String,
    /// PEM file of the one authority that vouches for the directory itself, where that is a private one. Default: those
    /// that the system trusts.
    pub root: Option<PathBuf>,
    /// How the server proves that the domains are its own. Default `tls-alpn-01`.
    #[serde(default)]
    pub challenge: Challenge,
    /// Where the account's key and the certificate are kept over restarts, for this user alone. Default `certs/acme` below
    /// the working directory.
    #[serde(default = "store")]
    pub store: PathBuf,
}

/// How the server proves that a domain is its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Challenge {
    /// On the one port, over TLS; the authority comes to port 443.
    #[default]
    #[serde(rename = "tls-alpn-01")]
    TlsAlpn01,
    /// On `redirect_port`, over plain HTTP; the authority comes to port 80.
    #[serde(rename = "http-01")]
    Http01,
}

impl Acme {
    /// What is wrong with it: a key, and the reason.
    pub(crate) fn fault(&self) -> Option<(&'static str, String)> {
        if self.domains.is_empty() {
            let reason = "at least one host name, such as [\"play.example\"]";
            return Some(("acme.domains", reason.to_owned()));
        }
        let unprovable = |name: &&String| name.starts_with('*') || name.parse::<IpAddr>().is_ok();
        if let Some(name) = self.domains.iter().find(unprovable) {
            let reason =
                format!("{name:?}: only whole host names can be proved to be this server's");
            return Some(("acme.domains", reason));
        }
        if !self.directory.starts_with("https://") {
            return Some(("acme.directory", "must begin with https://".to_owned()));
        }
        let odd = |mail: &&String| !mail.contains('@') || mail.contains(':');
        self.contact.iter().find(odd).map(|mail| {
            let reason = format!("{mail:?} is no mail address, such as admin@play.example");
            ("acme.contact", reason)
        })
    }
}

fn directory() -> String {
    LETS_ENCRYPT.to_owned()
}

fn store() -> PathBuf {
    PathBuf::from("certs/acme")
}
