//! What proxies say of a request: `Forwarded` (RFC 7239), else the `X-Forwarded-*` headers.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use axum::http::header::FORWARDED;
use rfc7239::{NodeIdentifier, NodeName};

/// Most hops that are looked at.
const MOST_HOPS: usize = 16;

/// What was said; whether to believe it is another's matter.
#[derive(Debug, Default)]
pub(super) struct Forwarded {
    /// Whether anything was.
    pub(super) is_any: bool,
    /// Addresses of those before us, the farthest first.
    pub(super) clients: Vec<IpAddr>,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) is_secure: bool,
}

impl Forwarded {
    pub(super) fn read(headers: &HeaderMap) -> Self {
        if headers.contains_key(FORWARDED) {
            Self::standard(headers)
        } else {
            Self::customary(headers)
        }
    }

    fn standard(headers: &HeaderMap) -> Self {
        let joined = all(headers, FORWARDED.as_str()).join(",");
        let mut said = Self {
            is_any: true,
            ..Self::default()
        };
        // One that can't be read hides who stands behind it.
        for hop in rfc7239::parse(&joined)
            .rev()
            .take(MOST_HOPS)
            .map_while(Result::ok)
        {
            if let Some(NodeIdentifier {
                name: NodeName::Ip(address),
                ..
            }) = hop.forwarded_for
            {
                said.clients.insert(0, address.to_canonical());
            }
            // The outermost hop's is the client's own.
            said.host = hop.host.map(unquoted).or(said.host);
            said.is_secure = hop
                .protocol
                .map_or(said.is_secure, |proto| is_https(&unquoted(proto)));
        }
        said
    }

    fn customary(headers: &HeaderMap) -> Self {
        let hops = all(headers, "x-forwarded-for");
        let named = hops
            .iter()
            .rev()
            .take(MOST_HOPS)
            .map_while(|hop| address(hop));
        let mut clients: Vec<IpAddr> = named.collect();
        clients.reverse();
        let first = |name: &str| all(headers, name).into_iter().next();
        let [host, port, proto] =
            ["host", "port", "proto"].map(|what| first(&format!("x-forwarded-{what}")));
        Self {
            is_any: !hops.is_empty() || host.is_some() || proto.is_some(),
            clients,
            host,
            port: port.and_then(|port| port.parse().ok()),
            is_secure: proto.is_some_and(|proto| is_https(&proto)),
        }
    }
}

/// The parts of a list that may stand in several headers.
fn all(headers: &HeaderMap, name: &str) -> Vec<String> {
    let lists = headers.get_all(name).into_iter();
    let lists = lists.filter_map(|list| list.to_str().ok());
    let parts = lists.flat_map(|list| list.split(','));
    parts
        .map(|part| part.trim().to_owned())
        .filter(|part| !part.is_empty())
        .collect()
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
