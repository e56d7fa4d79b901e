//! Behind a reverse proxy: nginx, HAProxy and Caddy end TLS for the page and WebSockets, with the configurations of
//! `deploy/`, and UDP goes straight to the server.

use std::time::Duration;

use netlab::browser::{Browser, BrowserKind, BrowserOptions, Viewport};
use netlab::game_page::GamePage;
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::rung::Rung;
use tests::proxy::{HOST, Proxy, ProxyKind};

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
