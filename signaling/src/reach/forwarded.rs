//! What proxies say of a request: the `X-Forwarded-*` headers, else `Forwarded` (RFC 7239).

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use axum::http::header::FORWARDED;
use rfc7239::{NodeIdentifier, NodeName};

/// Most hops that are looked at.
const MOST_HOPS: usize = 16;

const CUSTOMARY: [&str; 4] = [
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
];

/// What was said; whether to believe it is another's matter.
#[derive(Debug, Default)]
pub(super) struct Forwarded {
    /// Whether anything was.
    pub(super) is_any: bool,
    /// Addresses of those before us, the farthest first; nothing for one that is hidden or can't be read.
    pub(super) clients: Vec<Option<IpAddr>>,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) is_secure: bool,
}

/// Which of the two families of headers there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Families {
    Neither,
    Standard,
    Customary,
    /// nginx, HAProxy and Caddy set the customary ones, and pass on what a client says in the other.
    Both,
}

impl Families {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let is_customary = CUSTOMARY.iter().any(|name| headers.contains_key(*name));
        match (headers.contains_key(FORWARDED), is_customary) {
            (false, false) => Self::Neither,
            (true, false) => Self::Standard,
            (false, true) => Self::Customary,
            (true, true) => Self::Both,
        }
    }
}

impl Forwarded {
    pub(super) fn read(headers: &HeaderMap, families: Families) -> Self {
        match families {
            Families::Neither => Self::default(),
            Families::Standard => Self::standard(headers),
            Families::Customary | Families::Both => Self::customary(headers),
        }
    }

    fn standard(headers: &HeaderMap) -> Self {
        let joined = all(headers, FORWARDED.as_str()).join(",");
        let mut said = Self {
            is_any: true,
            ..Self::default()
        };
        for hop in rfc7239::parse(&joined).rev().take(MOST_HOPS) {
            // One that can't be read hides who stands behind it.
            let Ok(hop) = hop else {
                said.clients.insert(0, None);
                break;
            };
            // The outermost hop's is the client's own.
            said.host = hop.host.map(unquoted).or(said.host);
            said.is_secure = hop
                .protocol
                .map_or(said.is_secure, |proto| is_https(&unquoted(proto)));
            match hop.forwarded_for {
                Some(NodeIdentifier { name, .. }) => said.clients.insert(0, ip(&name)),
                // What stands before one that names nobody may be the client's own words.
                None => break,
            }
        }
        said
    }

    fn customary(headers: &HeaderMap) -> Self {
        let hops = all(headers, CUSTOMARY[0]);
        let nearest = hops.iter().rev().take(MOST_HOPS);
        let mut clients: Vec<_> = nearest.map(|hop| address(hop)).collect();
        clients.reverse();
        let first = |name: &str| all(headers, name).into_iter().next();
        let [_, host, port, proto] = CUSTOMARY.map(first);
        Self {
            is_any: !hops.is_empty() || host.is_some() || proto.is_some(),
            clients,
            host,
            port: port.and_then(|port| port.parse().ok()),
            is_secure: proto.is_some_and(|proto| is_https(&proto)),
        }
    }
}

/// Nothing for `unknown` and for names of one's own, such as `_hidden`.
fn ip(name: &NodeName<'_>) -> Option<IpAddr> {
    match name {
        NodeName::Ip(address) => Some(address.to_canonical()),
        _ => None,
    }
}

/// The parts of a list that may stand in several headers.
fn all(headers: &HeaderMap, name: &str) -> Vec<String> {
    let mut parts = Vec::new();
    for list in headers.get_all(name) {
        // What is no text spoils its own part alone.
        let list = String::from_utf8_lossy(list.as_bytes());
        let trimmed = list.split(',').map(str::trim);
        parts.extend(trimmed.filter(|part| !part.is_empty()).map(str::to_owned));
    }
    parts
}

/// Some proxies add the port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse()
        .ok();
    let address = bare.or_else(|| {
        text.parse::<SocketAddr>()
            .ok()
            .map(|with_port| with_port.ip())
    });
    address.map(|address| address.to_canonical())
}

fn unquoted(text: &str) -> String {
    text.trim_matches('"').to_owned()
}

fn is_https(proto: &str) -> bool {
    ["https", "wss"]
        .iter()
        .any(|secure| proto.eq_ignore_ascii_case(secure))
}
