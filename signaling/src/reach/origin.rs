//! Origins of pages (RFC 6454), as browsers send them.

use std::fmt;
use std::str::FromStr;

use axum::http::{Uri, uri};
use thiserror::Error;

use super::{Authority, is_loopback};

/// Scheme, host and port of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    is_secure: bool,
    host: String,
    /// Nothing for the scheme's own.
    port: Option<u16>,
}

/// Not an origin.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is no origin, such as https://play.example or http://localhost:8080")]
pub struct BadOrigin(String);

impl FromStr for Origin {
    type Err = BadOrigin;

    fn from_str(text: &str) -> Result<Self, BadOrigin> {
        let bad = || BadOrigin(text.to_owned());
        let uri: Uri = text.parse().map_err(|_| bad())?;
        let is_secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(bad()),
        };
        let authority = uri.authority().ok_or_else(bad)?;
        let is_bare = uri.path() == "/" && uri.query().is_none() && !text.ends_with('/');
        let (host, port) = host_and_port(authority)
            .filter(|_| is_bare)
            .ok_or_else(bad)?;
        let own = if is_secure { 443 } else { 80 };
        Ok(Self {
            is_secure,
            host: host.to_ascii_lowercase(),
            port: port.filter(|port| *port != own),
        })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_secure { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl Origin {
    /// Its host: a name in lower case or an address, IPv6 in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }

    /// Whether its scheme is `https`.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.is_secure
    }

    pub(super) fn authority(&self, is_proxied: bool) -> Authority {
        Authority {
            host: self.host.clone(),
            port: self.port,
            is_secure: self.is_secure,
            is_proxied,
        }
    }
}

/// Host and port of an authority that has nothing else: no user, no port that is none, and nothing around a host in
/// brackets, which the parser lets pass.
pub(super) fn host_and_port(authority: &uri::Authority) -> Option<(&str, Option<u16>)> {
    let (host, port) = (authority.host(), authority.port());
    let rest = authority.as_str().strip_prefix(host)?;
    let is_all = match &port {
        Some(port) => rest.strip_prefix(':') == Some(port.as_str()),
        None => rest.is_empty(),
    };
    (is_all && !host.is_empty()).then(|| (host, port.map(|port| port.as_u16())))
}

/// Pages of other origins that may play here.
#[derive(Clone, Debug, Default)]
pub struct AllowedOrigins {
    list: Vec<Origin>,
    is_any: bool,
}

impl AllowedOrigins {
    /// Origins such as `https://play.example`; `*` stands for all.
    ///
    /// # Errors
    /// The first that is none.
    pub fn parse(list: &[String]) -> Result<Self, BadOrigin> {
        let (any, named): (Vec<&String>, Vec<&String>) = list.iter().partition(|text| *text == "*");
        Ok(Self {
            list: named
                .into_iter()
                .map(|text| text.parse())
                .collect::<Result<_, _>>()?,
            is_any: !any.is_empty(),
        })
    }

    /// Whether a page that says that it is of `origin` is one of them.
    #[must_use]
    pub fn allow(&self, origin: &str) -> bool {
        let is_named = || {
            origin
                .parse()
                .is_ok_and(|origin| self.list.contains(&origin))
        };
        self.is_any || is_named()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_read_as_browsers_write_it() {
        for (text, written) in [
            ("https://play.example", "https://play.example"),
            ("https://Play.Example:443", "https://play.example"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().to_string(), written);
        }
        for bad in [
            "",
            "null",
            "*",
            "play.example",
            "ftp://a",
            "https://a/",
            "https://a/b",
            "https://a?b",
            "https://u@a",
            "https://a:65536",
            "http://:80",
            "http://)[::1]:8080",
            "http://[::1]x:8080",
        ] {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
    }
}
