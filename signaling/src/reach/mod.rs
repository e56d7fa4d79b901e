//! How a request reached us: from which address, by which name, over TLS or not, and from a page of which origin. Behind
//! a proxy that is the proxy's to say, if it is trusted.

mod forwarded;
mod notices;
mod origin;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;

use crate::budget::AddressPrefix;
use crate::problem::Problem;
use forwarded::{Families, Forwarded};
pub use notices::Notices;
use origin::host_and_port;
pub use origin::{AllowedOrigins, BadOrigin, Origin};

/// Whether a page asks its own origin, as browsers say it (Fetch Metadata Request Headers §2.4).
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A connection's peer: the other end of its TCP, or whom the PROXY protocol names. The server puts it among a request's
/// extensions.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    address: SocketAddr,
    is_named: bool,
}

impl Peer {
    /// The other end of a connection.
    #[must_use]
    pub fn direct(address: SocketAddr) -> Self {
        Self {
            address,
            is_named: false,
        }
    }

    /// Whom a PROXY header names: the client itself, whatever its requests say.
    #[must_use]
    pub fn named(address: SocketAddr) -> Self {
        Self {
            address,
            is_named: true,
        }
    }

    /// Its address.
    #[must_use]
    pub fn ip(&self) -> IpAddr {
        self.address.ip().to_canonical()
    }
}

/// What the operator says of the way to this server.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    /// Networks of proxies whose word on a client's address, scheme and host counts.
    pub trusted_proxies: Vec<IpNet>,
    /// Where players find the page, whatever a request says.
    pub public_origin: Option<Origin>,
    /// Pages of other origins that may play here.
    pub allowed_origins: AllowedOrigins,
    /// Whether TLS ends here.
    pub is_secure: bool,
    /// What the operator was told of what comes.
    pub notices: Arc<Notices>,
}

/// Host and port by which a client reached us, for the URLs of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Host name or address; IPv6 in brackets.
    pub host: String,
    /// Port, if it isn't the scheme's own.
    pub port: Option<u16>,
    /// Whether the client came over TLS, here or at a proxy.
    pub is_secure: bool,
    /// Whether a proxy stands in between, so that UDP comes to a port of our own.
    pub is_proxied: bool,
}

/// How a request reached us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The client's address; of one behind untrusted proxies, the nearest of those.
    pub client: IpAddr,
    /// Whose budget the client draws on, if it has one.
    pub budget: Option<AddressPrefix>,
    /// By which name, if the request has one.
    pub authority: Option<Authority>,
}

impl Reach {
    /// How a request of these headers reached us from `peer`.
    #[must_use]
    pub fn reached(&self, peer: Peer, headers: &HeaderMap) -> Reached {
        let said = self.said(peer, headers);
        let mut client = peer.ip();
        let mut is_hidden = false;
        for hop in said.clients.iter().rev() {
            // Whoever a trusted one names is the next that may have a say.
            match hop {
                _ if !self.trusts(client) => break,
                Some(far) => client = *far,
                None => {
                    is_hidden = true;
                    break;
                }
            }
        }
        Reached {
            client,
            // Those whom a proxy hides share one budget: else hiding were a way around it.
            budget: self.budget(client).or(is_hidden.then(|| client.into())),
            authority: self.authority(&said, headers),
        }
    }

    /// What is to be believed of what proxies say.
    fn said(&self, peer: Peer, headers: &HeaderMap) -> Forwarded {
        let families = Families::of(headers);
        if families == Families::Neither || peer.is_named {
            return Forwarded::default();
        }
        if !self.trusts(peer.ip()) {
            self.notices.untrusted(peer.ip());
            return Forwarded::default();
        }
        if families == Families::Both {
            self.notices.both_families();
        }
        Forwarded::read(headers, families)
    }

    fn authority(&self, said: &Forwarded, headers: &HeaderMap) -> Option<Authority> {
        if let Some(origin) = &self.public_origin {
            return Some(origin.authority(true));
        }
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let host = said.host.as_deref().or_else(|| text(HOST))?;
        let authority: axum::http::uri::Authority = host.parse().ok()?;
        let (host, port) = host_and_port(&authority)?;
        let page = text(ORIGIN).and_then(|origin| origin.parse::<Origin>().ok());
        // Another server's page may come from our host, at a port of its own.
        let page = page.filter(|_| text(FETCH_SITE).is_none_or(|site| site == "same-origin"));
        // A page of our own knows best how it came here: many a proxy loses the scheme, or the port.
        if let Some(page) = page.filter(|page| page.host().eq_ignore_ascii_case(host)) {
            let is_proxied = said.is_any || page.is_secure() != self.is_secure;
            return Some(page.authority(is_proxied));
        }
        Some(Authority {
            host: host.to_owned(),
            port: port.or(said.port),
            is_secure: self.is_secure || said.is_secure,
            is_proxied: said.is_any,
        })
    }

    /// How a request of these parts reached us, if it comes from a page that may play here, or from none.
    #[must_use]
    pub fn admit(&self, parts: &Parts) -> Option<Reached> {
        let nobody = || Peer::direct((Ipv4Addr::UNSPECIFIED, 0).into());
        let peer = parts.extensions.get().copied().unwrap_or_else(nobody);
        let reached = self.reached(peer, &parts.headers);
        let origin = parts.headers.get(ORIGIN);
        let origin = origin.map(|origin| origin.to_str().unwrap_or("null"));
        let host = reached.authority.as_ref().map_or("", |at| at.host.as_str());
        self.admits(origin, host).then_some(reached)
    }

    /// Whether a page of `origin` may play here when it asks `host`, a name without a port. Who names no origin is no
    /// page, and may.
    #[must_use]
    pub fn admits(&self, origin: Option<&str>, host: &str) -> bool {
        let Some(text) = origin else { return true };
        if self.allowed_origins.allow(text) {
            return true;
        }
        let Ok(origin) = text.parse::<Origin>() else {
            return false;
        };
        let is_public = self.public_origin.as_ref() == Some(&origin);
        is_public
            || origin.host().eq_ignore_ascii_case(host)
            || (origin.is_loopback() && is_loopback(host))
    }

    /// Whose budget somebody at this address draws on. This server's own machine and its proxies have none: behind a proxy
    /// that says nothing of clients all players have one address.
    #[must_use]
    pub fn budget(&self, client: IpAddr) -> Option<AddressPrefix> {
        (!self.trusts(client)).then(|| client.into())
    }

    /// Whether a request comes from this machine, and not through a proxy on it.
    #[must_use]
    pub fn is_local(&self, peer: Peer, headers: &HeaderMap) -> bool {
        !peer.is_named && peer.ip().is_loopback() && Families::of(headers) == Families::Neither
    }

    /// Whether what this peer says of a client counts.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.trusted_proxies
            .iter()
            .any(|network| network.contains(&address))
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Notes how a request reached us, and turns away those of pages that may not play here.
pub async fn guard(State(reach): State<Arc<Reach>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Some(reached) = reach.admit(&parts) else {
        let text = |name| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let [origin, host] = [ORIGIN, HOST].map(|name| text(name).unwrap_or_default().to_owned());
        let detail = format!(
            "pages of {origin} may not play on {host}: the operator can name their origin in allowed_origins or, where \
            a proxy hides by which name players come, in public_origin"
        );
        let public_origin = reach.public_origin.as_ref();
        reach.notices.origin(&origin, &detail, public_origin);
        return Problem::new(StatusCode::FORBIDDEN, "origin-not-allowed", detail).into_response();
    };
    parts.extensions.insert(reached);
    next.run(Request::from_parts(parts, body)).await
}

#[cfg(test)]
mod tests;
