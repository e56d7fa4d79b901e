//! The page from another origin than its server's, as from a CDN, in Chromium: it plays on each rung.

use std::time::Duration;

use netlab::browser::{Browser, BrowserKind, BrowserOptions};
use netlab::game_page::GamePage;
use netlab::metrics::Metrics;
use netlab::playground::small;
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::rung::Rung;

/// By which name the page comes, where it isn't the server's.
const CDN: &str = "cdn.example";

/// How long a page may take until something shows.
const PATIENCE: Duration = Duration::from_secs(15);

/// A page at one origin and a server at another, which lets it play.
struct Apart {
    /// Gives the page out, and is asked for nothing else.
    _cdn: ServerProcess,
    page_origin: String,
    server: ServerProcess,
    browser: Browser,
}

impl Apart {
    /// With the page at this host, which leads to this machine.
    fn start(page_host: &str) -> Option<Self> {
        let cdn = available(ServerProcess::start(ServerOptions::default(), None))?;
        let page_origin = format!("http://{page_host}:{}", cdn.port());
        let options = ServerOptions {
            config: Some(format!("allowed_origins = [{page_origin:?}]")),
            ..ServerOptions::default()
        };
        let server = available(ServerProcess::start(options, None))?;
        let options = BrowserOptions {
            arguments: vec![format!("--host-resolver-rules=MAP {CDN} 127.0.0.1")],
            secure_origins: vec![page_origin.clone()],
            ..small(BrowserKind::Chromium)
        };
        let browser = available(Browser::launch(options, None))?;
        Some(Self {
            _cdn: cdn,
            page_origin,
            server,
            browser,
        })
    }

    /// The address of a page that plays on the server by this rung.
    fn address(&self, rung: Rung) -> String {
        format!(
            "{}/?autoplay=1&name=Ada&room=pond&rung={}&server={}",
            self.page_origin,
            rung.name(),
            self.server.origin()
        )
    }
}

/// What a page has asked of a server's interfaces so far, at whatever origin.
fn asked(page: &GamePage) -> Vec<String> {
    let asked = "performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.includes('/v1/'))";
    page.page().evaluate(asked).unwrap()
}

fn plays_from_elsewhere(page_host: &str, rung: Rung) {
    let Some(apart) = Apart::start(page_host) else {
        return;
    };
    let page = GamePage::open(&apart.browser, &apart.address(rung)).unwrap();
    page.wait_for("battleCircles.phase() === 'playing'", PATIENCE)
        .unwrap();
    let watched = page.watch(Duration::from_secs(5)).unwrap();
    assert_eq!(watched.stats.rung, Some(rung));
    assert!(watched.rate() >= 18.0, "{watched:?}");
    let (urls, server) = (asked(&page), apart.server.origin());
    let is_all = urls.iter().all(|url| url.starts_with(&server));
    assert!(!urls.is_empty() && is_all, "{urls:?}");
}

#[test]
fn a_page_of_a_cdn_plays_over_webtransport() {
    plays_from_elsewhere(CDN, Rung::WebTransport);
}

#[test]
fn a_page_of_a_cdn_plays_over_webrtc() {
    plays_from_elsewhere(CDN, Rung::WebRtc);
}

#[test]
fn a_page_of_a_cdn_plays_over_websocket() {
    plays_from_elsewhere(CDN, Rung::WebSocket);
}

#[test]
fn a_page_of_the_same_host_and_another_port_plays_on_the_server_that_it_names() {
    plays_from_elsewhere("localhost", Rung::WebTransport);
}

#[test]
fn a_page_of_a_cdn_keeps_its_secrets_by_server_and_comes_back_to_its_seat() {
    let Some(apart) = Apart::start(CDN) else {
        return;
    };
    let address = apart.address(Rung::WebSocket);
    let page = GamePage::open(&apart.browser, &address).unwrap();
    page.wait_until_playing(PATIENCE).unwrap();
    let kept = "[...Object.keys(localStorage), ...Object.keys(sessionStorage)]";
    let kept: Vec<String> = page.page().evaluate(kept).unwrap();
    for secret in ["identity", "seat"] {
        let keys: Vec<&String> = kept
            .iter()
            .filter(|key| key.starts_with(&format!("battle-circles.{secret} ")))
            .collect();
        let wanted = format!("battle-circles.{secret} {}", apart.server.origin());
        assert_eq!(keys, [&wanted], "{kept:?}");
    }
    page.page().goto(&address).unwrap();
    page.wait_until_playing(PATIENCE).unwrap();
    let metrics = apart.server.get("/metrics", None).unwrap().body;
    let sessions = Metrics::parse(&metrics).sum("game_server_sessions", &[]);
    assert_eq!(sessions, 1.0);
}

#[test]
fn a_server_that_is_none_is_told_in_one_sentence_and_nothing_is_asked() {
    let Some(apart) = Apart::start(CDN) else {
        return;
    };
    let address = format!("{}/?autoplay=1&server=game.example", apart.page_origin);
    let page = GamePage::open(&apart.browser, &address).unwrap();
    let said = "document.querySelector('.start-message').textContent";
    page.wait_for(&format!("{said} !== ''"), PATIENCE).unwrap();
    let said: String = page.page().evaluate(said).unwrap();
    assert!(said.contains("https://game.example"), "{said}");
    assert_eq!(asked(&page), [""; 0]);
}
