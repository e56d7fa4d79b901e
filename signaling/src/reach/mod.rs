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
mod tests {
    use super::*;

    fn headers(list: &[(&str, &str)]) -> HeaderMap {
        let header = |(name, value): &(&str, &str)| {
            let name: axum::http::HeaderName = name.parse().unwrap();
            (name, value.parse().unwrap())
        };
        list.iter().map(header).collect()
    }

    fn behind_a_proxy() -> Reach {
        Reach {
            trusted_proxies: vec![
                "127.0.0.0/8".parse().unwrap(),
                "10.0.0.0/8".parse().unwrap(),
            ],
            ..Reach::default()
        }
    }

    fn peer_at(address: &str) -> Peer {
        Peer::direct((address.parse::<IpAddr>().unwrap(), 4711).into())
    }

    /// Client, host, port, whether secure.
    fn reached(
        reach: &Reach,
        peer: &str,
        list: &[(&str, &str)],
    ) -> (String, String, Option<u16>, bool) {
        let reached = reach.reached(peer_at(peer), &headers(list));
        let Authority {
            host,
            port,
            is_secure,
            ..
        } = reached.authority.unwrap();
        (reached.client.to_string(), host, port, is_secure)
    }

    fn expected(
        client: &str,
        host: &str,
        port: Option<u16>,
        is_secure: bool,
    ) -> (String, String, Option<u16>, bool) {
        (client.into(), host.into(), port, is_secure)
    }

    #[test]
    fn what_common_proxies_say_is_understood() {
        let page = ("host", "play.example");
        for said in [
            &[
                ("x-forwarded-for", "192.0.2.7"),
                ("x-forwarded-proto", "https"),
            ][..],
            &[
                ("x-forwarded-for", "192.0.2.7"),
                ("x-forwarded-proto", "HTTPS"),
            ],
            &[
                ("x-forwarded-for", "6.6.6.6, 192.0.2.7, 10.0.0.2"),
                ("x-forwarded-proto", "https,http"),
            ],
            &[
                ("x-forwarded-for", "192.0.2.7:4711"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-port", "443"),
            ],
            &[("forwarded", "for=192.0.2.7;proto=https;host=play.example")],
            &[(
                "forwarded",
                "for=6.6.6.6, for=\"192.0.2.7:4711\";proto=HTTPS, for=10.0.0.2",
            )],
        ] {
            let list: Vec<_> = said.iter().copied().chain([page]).collect();
            let (client, host, port, is_secure) = reached(&behind_a_proxy(), "127.0.0.1", &list);
            assert_eq!(
                (&*client, &*host, is_secure),
                ("192.0.2.7", "play.example", true),
                "{said:?}"
            );
            assert!(port.is_none_or(|port| port == 443), "{said:?}");
        }
        let v6 = [page, ("forwarded", "for=\"[2001:db8::1]:80\"")];
        assert_eq!(
            reached(&behind_a_proxy(), "::ffff:10.1.1.1", &v6).0,
            "2001:db8::1"
        );
    }

    #[test]
    fn a_stranger_says_nothing_of_itself() {
        let list = [
            ("host", "play.example:8080"),
            ("x-forwarded-for", "192.0.2.7"),
            ("forwarded", "for=192.0.2.7"),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "https"),
        ];
        let seen = reached(&behind_a_proxy(), "203.0.113.9", &list);
        assert_eq!(
            seen,
            expected("203.0.113.9", "play.example", Some(8080), false)
        );
    }

    #[test]
    fn a_client_cannot_slip_its_own_words_past_a_proxy() {
        for said in [
            // As nginx, HAProxy and Caddy pass it on.
            &[
                ("forwarded", "for=6.6.6.6;host=evil.example;proto=https"),
                ("x-forwarded-for", "192.0.2.7"),
            ][..],
            &[
                ("forwarded", "for=127.0.0.1"),
                ("x-forwarded-for", "192.0.2.7"),
            ],
            &[("x-forwarded-for", "127.0.0.1, 192.0.2.7")],
            &[("x-forwarded-for", "\u{b5}, 192.0.2.7")],
        ] {
            let list: Vec<_> = said
                .iter()
                .copied()
                .chain([("host", "play.example")])
                .collect();
            let seen = reached(&behind_a_proxy(), "127.0.0.1", &list);
            assert_eq!(
                seen,
                expected("192.0.2.7", "play.example", None, false),
                "{said:?}"
            );
        }
    }

    #[test]
    fn who_is_hidden_behind_a_proxy_has_a_budget() {
        let budget = |list: &[(&str, &str)]| {
            let reached = behind_a_proxy().reached(peer_at("127.0.0.1"), &headers(list));
            reached.budget
        };
        let proxys = Some(IpAddr::from([127, 0, 0, 1]).into());
        for said in [
            ("forwarded", "for=_hidden"),
            ("forwarded", "for=unknown;proto=https"),
            ("forwarded", "for=192.0.2.7, for=_hidden"),
            ("forwarded", "for=192.0.2.7, ???"),
            ("x-forwarded-for", "unknown"),
            ("x-forwarded-for", "192.0.2.7, somebody"),
        ] {
            assert_eq!(budget(&[said]), proxys, "{said:?}");
        }
        let inner = Some(IpAddr::from([10, 0, 0, 2]).into());
        assert_eq!(budget(&[("x-forwarded-for", "unknown, 10.0.0.2")]), inner);
        // Its own requests, such as health checks, and those of one that names nobody.
        assert_eq!(budget(&[]), None);
        assert_eq!(budget(&[("forwarded", "for=192.0.2.7, proto=https")]), None);
    }

    #[test]
    fn whom_a_proxy_header_names_is_the_client_whatever_it_says() {
        let named = Peer::named(([127, 0, 0, 1], 4711).into());
        let list = headers(&[("x-forwarded-for", "6.6.6.6"), ("host", "play.example")]);
        let reached = behind_a_proxy().reached(named, &list);
        assert_eq!(reached.client, IpAddr::from([127, 0, 0, 1]));
    }

    #[test]
    fn a_page_of_ours_makes_up_for_what_a_proxy_lost() {
        let list = [
            ("host", "play.example"),
            ("origin", "https://play.example:8443"),
        ];
        let seen = reached(&Reach::default(), "127.0.0.1", &list);
        assert_eq!(
            seen,
            expected("127.0.0.1", "play.example", Some(8443), true)
        );
        let proxied = Reach::default().reached(peer_at("127.0.0.1"), &headers(&list));
        assert!(proxied.authority.unwrap().is_proxied);
        let plain = [
            ("host", "play.example:8080"),
            ("origin", "http://play.example:8080"),
        ];
        let direct = Reach::default().reached(peer_at("127.0.0.1"), &headers(&plain));
        assert!(!direct.authority.unwrap().is_proxied);
    }

    #[test]
    fn a_page_of_our_host_at_another_port_says_nothing_of_ours() {
        let list = |site| {
            [
                ("host", "localhost:8080"),
                ("origin", "http://localhost:5173"),
                ("sec-fetch-site", site),
            ]
        };
        let port = |site| reached(&behind_a_proxy(), "127.0.0.1", &list(site)).2;
        assert_eq!(port("same-site"), Some(8080));
        // A proxy has lost the port.
        assert_eq!(port("same-origin"), Some(5173));
    }

    #[test]
    fn the_public_origin_stands_above_what_requests_say() {
        let reach = Reach {
            public_origin: Some("https://play.example".parse().unwrap()),
            ..behind_a_proxy()
        };
        let list = [
            ("host", "127.0.0.1:8080"),
            ("x-forwarded-host", "elsewhere"),
        ];
        assert_eq!(
            reached(&reach, "127.0.0.1", &list),
            expected("127.0.0.1", "play.example", None, true)
        );
        assert!(reach.admits(Some("https://play.example"), "127.0.0.1"));
        assert!(!reach.admits(Some("http://play.example"), "127.0.0.1"));
    }

    #[test]
    fn pages_of_other_origins_play_only_where_they_are_named() {
        let reach = Reach {
            allowed_origins: AllowedOrigins::parse(&["https://cdn.example".to_owned()]).unwrap(),
            ..Reach::default()
        };
        for (origin, may) in [
            (None, true),
            (Some("https://play.example"), true),
            (Some("http://play.example:8080"), true),
            (Some("https://cdn.example"), true),
            (Some("https://PLAY.example"), true),
            (Some("https://cdn.example:444"), false),
            (Some("http://cdn.example"), false),
            (Some("https://evil.example"), false),
            (Some("https://play.example.evil.example"), false),
            (Some("null"), false),
            (Some(""), false),
            (Some("garbage"), false),
        ] {
            assert_eq!(reach.admits(origin, "play.example"), may, "{origin:?}");
        }
        assert!(reach.admits(Some("http://localhost:8080"), "127.0.0.1"));
        assert!(reach.admits(Some("http://localhost:8080"), "[::1]"));
        assert!(!reach.admits(Some("http://localhost:8080"), "play.example"));
        let all = Reach {
            allowed_origins: AllowedOrigins::parse(&["*".to_owned()]).unwrap(),
            ..Reach::default()
        };
        assert!(all.admits(Some("https://evil.example"), "play.example"));
    }
}
