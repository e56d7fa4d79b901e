//! Who a request comes from, behind each kind of proxy, and which pages may ask.

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
