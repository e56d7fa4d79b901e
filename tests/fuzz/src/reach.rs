//! Headers by which a request says from where it comes: `Forwarded`, `X-Forwarded-*`, `Host` and `Origin`.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use signaling::{AllowedOrigins, Origin, Peer, Reach};

use crate::allocation::within;

const NAMES: [&str; 7] = [
    "host",
    "origin",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-proto",
];

/// Bytes allocated for each byte of the headers: names and addresses are copied, and each list is cut up.
const PER_BYTE: usize = 64;

const STRANGER: IpAddr = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9));

static REACH: LazyLock<Reach> = LazyLock::new(|| Reach {
    trusted_proxies: ["127.0.0.0/8", "10.0.0.0/8", "fc00::/7"]
        .map(|network| network.parse().expect("a network"))
        .into(),
    allowed_origins: AllowedOrigins::parse(&["https://other.example".to_owned()])
        .expect("an origin"),
    ..Reach::default()
});

fn at(address: IpAddr) -> Peer {
    Peer::direct((address, 4711).into())
}

/// A line for each header: the first byte chooses its name, the rest is its value.
pub fn reach(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some((name, value)) = line.split_first() else {
            continue;
        };
        if let Ok(value) = HeaderValue::from_bytes(value) {
            let name = NAMES[usize::from(*name) % NAMES.len()];
            headers.append(HeaderName::from_static(name), value);
        }
    }
    let most = 1_024 + PER_BYTE * bytes.len();

    // A stranger's word on where it is counts for nothing.
    let reached = within(most, || REACH.reached(at(STRANGER), &headers));
    assert_eq!(
        (reached.client, reached.budget),
        (STRANGER, Some(STRANGER.into()))
    );

    let proxied = within(most, || {
        REACH.reached(at(Ipv4Addr::LOCALHOST.into()), &headers)
    });
    assert!(proxied.budget.is_some() || REACH.trusts(proxied.client));
    if let Some(at) = &proxied.authority {
        assert!(at.host.len() <= bytes.len());
        assert!(
            !at.host.contains(['/', '?', '#', '@', ' ', '\r', '\n']),
            "{}",
            at.host
        );
    }

    let Some(origin) = headers.get("origin").and_then(|value| value.to_str().ok()) else {
        return;
    };
    let is_admitted = within(most, || REACH.admits(Some(origin), "play.example"));
    let parsed = origin.parse::<Origin>();
    if let Ok(parsed) = &parsed {
        assert_eq!(parsed.to_string().parse().as_ref(), Ok(parsed), "{origin}");
    }
    // Who may play is of the same host or on the list, never something that can't be read.
    assert!(
        !is_admitted || parsed.is_ok_and(|origin| is_expected(&origin.to_string())),
        "{origin}"
    );
}

fn is_expected(origin: &str) -> bool {
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    origin == "https://other.example" || host == "play.example"
}
