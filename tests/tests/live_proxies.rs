//! Behind a reverse proxy: nginx, HAProxy and Caddy end TLS for the page and WebSockets, with the configurations of
//! `deploy/`, and UDP goes straight to the server.

use std::time::Duration;

use netlab::browser::{Browser, BrowserKind, BrowserOptions, Viewport};
use netlab::game_page::GamePage;
use netlab::http;
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::rung::Rung;
use tests::proxy::{HOST, Proxy, ProxyKind};
use tests::tool;

/// How long a page may take until something shows.
const PATIENCE: Duration = Duration::from_secs(30);

fn configured(toml: &str) -> Option<ServerProcess> {
    let options = ServerOptions {
        config: Some(toml.to_owned()),
        ..ServerOptions::default()
    };
    available(ServerProcess::start(options, None))
}

/// Chromium that finds the players' name on this host, and takes the proxy's certificate.
fn browser() -> Option<Browser> {
    let options = BrowserOptions {
        arguments: vec![
            format!("--host-resolver-rules=MAP {HOST} 127.0.0.1"),
            "--ignore-certificate-errors".to_owned(),
        ],
        viewport: Viewport {
            width: 640,
            height: 400,
            ..Viewport::DESKTOP
        },
        ..BrowserOptions::new(BrowserKind::Chromium)
    };
    available(Browser::launch(options, None))
}

/// Whether the game plays on each rung by itself, through a proxy.
fn plays_on_all_rungs(proxy: &Proxy, browser: &Browser) {
    for rung in Rung::ALL {
        let page = GamePage::autoplay(browser, &proxy.origin(), Some(rung), "Ada", "pond").unwrap();
        page.wait_until_playing(PATIENCE)
            .unwrap_or_else(|error| panic!("{}: {error}", rung.name()));
        // A page that has just been loaded stands still now and then, so what counts is that they go on coming.
        page.wait_for("battleCircles.stats().snapshots > 60", PATIENCE)
            .unwrap_or_else(|error| panic!("{}: {error}", rung.name()));
        let stats = page.stats().unwrap();
        assert_eq!((stats.rung, stats.rung_changes), (Some(rung), 0));
    }
}

fn plays_behind(kind: ProxyKind) {
    let Some(server) = configured("") else { return };
    let Some(proxy) = available(Proxy::start(kind, server.port(), |text| text)) else {
        return;
    };
    let Some(browser) = browser() else { return };
    plays_on_all_rungs(&proxy, &browser);
}

#[test]
fn all_rungs_play_behind_nginx() {
    plays_behind(ProxyKind::Nginx);
}

#[test]
fn all_rungs_play_behind_haproxy() {
    plays_behind(ProxyKind::HaProxy);
}

#[test]
fn all_rungs_play_behind_caddy() {
    plays_behind(ProxyKind::Caddy);
}

#[test]
fn all_rungs_play_behind_the_proxy_protocol() {
    let Some(server) = configured("proxy_protocol = true") else {
        return;
    };
    for version in ["send-proxy", "send-proxy-v2"] {
        let with_header =
            |text: String| text.replace("127.0.0.1:8080", &format!("127.0.0.1:8080 {version}"));
        let proxy = Proxy::start(ProxyKind::HaProxy, server.port(), with_header);
        let Some(proxy) = available(proxy) else {
            return;
        };
        let Some(browser) = browser() else { return };
        plays_on_all_rungs(&proxy, &browser);
    }
}

/// What operators forget in nginx's configuration.
fn without(text: String, headers: &[&str]) -> String {
    let keeps = |line: &&str| {
        !headers
            .iter()
            .any(|header| line.contains(&format!("proxy_set_header {header} ")))
    };
    text.lines()
        .filter(keeps)
        .map(|line| format!("{line}\n"))
        .collect()
}

#[test]
fn a_proxy_that_loses_the_port_or_the_scheme_does_no_harm() {
    let Some(server) = configured("") else { return };
    let edits: [fn(String) -> String; 2] = [
        |text| text.replace("$http_host", "$host"),
        |text| without(text, &["X-Forwarded-Proto", "X-Forwarded-For"]),
    ];
    for edit in edits {
        let Some(proxy) = available(Proxy::start(ProxyKind::Nginx, server.port(), edit)) else {
            return;
        };
        let Some(browser) = browser() else { return };
        plays_on_all_rungs(&proxy, &browser);
    }
}

#[test]
fn a_proxy_that_hides_the_players_name_is_told_of_at_once_and_can_be_made_up_for() {
    let plain = |text| without(text, &["Host", "X-Forwarded-Proto", "X-Forwarded-For"]);
    let Some(mut server) = configured("") else {
        return;
    };
    let Some(browser) = browser() else { return };
    let Some(proxy) = available(Proxy::start(ProxyKind::Nginx, server.port(), plain)) else {
        return;
    };
    let page = GamePage::autoplay(&browser, &proxy.origin(), None, "Ada", "pond").unwrap();
    let is_told = "document.body.innerText.includes('Its operator has to name it')";
    page.wait_for(is_told, Duration::from_secs(5)).unwrap();
    server
        .wait_for_log("public_origin", Duration::from_secs(1))
        .unwrap();
    drop((server, proxy));

    // The port is known only once the proxy is there, so the server comes second.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let Some(proxy) = available(Proxy::start(ProxyKind::Nginx, port, plain)) else {
        return;
    };
    let options = ServerOptions {
        port: Some(port),
        config: Some(format!("public_origin = {:?}", proxy.origin())),
        ..ServerOptions::default()
    };
    let Some(_server) = available(ServerProcess::start(options, None)) else {
        return;
    };
    plays_on_all_rungs(&proxy, &browser);
}

#[test]
fn a_proxy_that_reloads_costs_nobody_a_seat() {
    let Some(server) = configured("") else { return };
    let Some(browser) = browser() else { return };
    let Some(proxy) = available(Proxy::start(ProxyKind::Nginx, server.port(), |text| text)) else {
        return;
    };
    let pages = Rung::ALL.map(|rung| {
        let page = GamePage::autoplay(&browser, &proxy.origin(), Some(rung), rung.name(), "pond");
        let page = page.unwrap();
        page.wait_until_playing(PATIENCE).unwrap();
        page
    });
    let moves = "battleCircles.stats().rungLog.length";
    let before: Vec<u32> = pages
        .iter()
        .map(|page| page.page().evaluate(moves).unwrap())
        .collect();
    for _ in 0..3 {
        proxy.reload().unwrap();
        let snapshots = pages[2].stats().unwrap().snapshots + 80;
        pages[2]
            .wait_for(
                &format!("battleCircles.stats().snapshots > {snapshots}"),
                PATIENCE,
            )
            .unwrap();
    }
    let after: Vec<u32> = pages
        .iter()
        .map(|page| page.page().evaluate(moves).unwrap())
        .collect();
    assert_eq!(before, after);
    let metrics = server.metrics(None).unwrap();
    assert_eq!(metrics.sum("game_server_sessions", &[]), 3.0);
}

/// What a player may say of the way it came, and that would count.
const FORGED: [&str; 5] = [
    "Forwarded: for=192.0.2.NUMBER;host=evil.example;proto=https",
    "X-Forwarded-For: 192.0.2.NUMBER",
    "X-Forwarded-Host: evil.example",
    "X-Forwarded-Port: 6666",
    "X-Forwarded-Proto: http",
];

/// Asks through the proxy as a player at `127.0.0.2`, with curl; gives the status and the body.
fn ask(proxy: &Proxy, arguments: &[&str], path: &str) -> Option<(u16, String)> {
    let to = format!("{HOST}:{}:127.0.0.1", proxy.port());
    let url = format!("{}{path}", proxy.origin());
    let mine = ["--interface", "127.0.0.2", "--resolve", &to];
    let plain = ["--silent", "--insecure", "--write-out", "\n%{http_code}"];
    let all = [&plain[..], &mine, arguments, &[&url]].concat();
    let output = available(tool::debian("curl", "curl", &all))?;
    let said = String::from_utf8(output.stdout).unwrap();
    let (body, status) = said.rsplit_once('\n').unwrap();
    Some((status.parse().unwrap(), body.to_owned()))
}

/// Joins as a player at `127.0.0.2`, which is no proxy, and claims to be another.
fn forged_join(proxy: &Proxy, forged: &str, number: usize) -> Option<(u16, String)> {
    let forged = forged.replace("NUMBER", &number.to_string());
    let join = format!(
        r#"{{"name":"Ada","protocol":{}}}"#,
        protocol::PROTOCOL_VERSION
    );
    let arguments = ["--header", &forged, "--json", &join];
    ask(proxy, &arguments, "/v1/join")
}

#[test]
fn no_proxy_passes_on_what_a_player_says_of_its_way() {
    let one_player = "max_players_per_address = 1\ntrusted_proxies = [\"127.0.0.1\"]";
    for kind in [ProxyKind::Nginx, ProxyKind::HaProxy, ProxyKind::Caddy] {
        for forged in FORGED {
            let Some(server) = configured(one_player) else {
                return;
            };
            let Some(proxy) = available(Proxy::start(kind, server.port(), |text| text)) else {
                return;
            };
            let Some((status, body)) = forged_join(&proxy, forged, 1) else {
                return;
            };
            assert_eq!(status, 200, "{kind:?}, {forged}: {body}");
            let own = format!("\"wss://{HOST}:{}/v1/websocket\"", proxy.port());
            assert!(body.contains(&own), "{kind:?}, {forged}: {body}");
            let (status, body) = forged_join(&proxy, forged, 2).unwrap();
            assert_eq!(status, 429, "{kind:?}, {forged}: {body}");
            assert!(body.contains("address-full"), "{kind:?}, {forged}: {body}");
        }
    }
}

#[test]
fn no_proxy_shows_the_figures_to_players() {
    let Some(server) = configured("") else { return };
    assert_eq!(server.get("/metrics", None).unwrap().status, 200);
    for kind in [ProxyKind::Nginx, ProxyKind::HaProxy, ProxyKind::Caddy] {
        let Some(proxy) = available(Proxy::start(kind, server.port(), |text| text)) else {
            return;
        };
        for (path, expected) in [("/healthz", 200), ("/metrics", 404)] {
            let Some((status, body)) = ask(&proxy, &[], path) else {
                return;
            };
            assert_eq!(status, expected, "{kind:?}, {path}: {body}");
        }
    }
}

#[test]
fn plain_http_at_a_proxy_leads_to_https() {
    for kind in [ProxyKind::Nginx, ProxyKind::HaProxy] {
        // Nobody stands behind it, and nobody is asked.
        let Some(proxy) = available(Proxy::start(kind, 9, |text| text)) else {
            return;
        };
        let address = ([127, 0, 0, 1], proxy.plain_port()).into();
        let answer = http::get(address, "/?room=pond").unwrap();
        assert_eq!(answer.status, 308, "{kind:?}");
        let location = answer.header("location").unwrap();
        assert!(location.starts_with("https://"), "{location}");
        assert!(location.ends_with("/?room=pond"), "{location}");
    }
}
