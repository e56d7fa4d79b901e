//! The ladder in Chromium: it plays on the first link, settles on the best, and gets by without what is missing.

use std::time::Duration;

use netlab::browser::{Browser, BrowserKind, BrowserOptions};
use netlab::game_page::{GamePage, Stats};
use netlab::path::PathConfig;
use netlab::playground::{Playground, small};
use protocol::rung::Rung;

/// How long a page may take until it plays, software drawing included.
const PATIENCE: Duration = Duration::from_secs(15);

fn open(ground: &Playground, browser: &Browser, forced: Option<Rung>) -> GamePage {
    let page = GamePage::autoplay(browser, &ground.server.origin(), forced, "Ada", "pond").unwrap();
    page.wait_until_playing(PATIENCE).unwrap();
    page
}

/// When the game last moved, and to which rung, in milliseconds since the click.
fn last_move(stats: &Stats) -> (Option<Rung>, f64) {
    let last = stats.rung_log.last().unwrap();
    (last.to, last.at)
}

#[test]
fn it_plays_on_the_first_link_and_settles_on_webtransport_within_3_s() {
    let Some(ground) = Playground::here() else {
        return;
    };
    let Some(browser) = ground.small_browser(BrowserKind::Chromium) else {
        return;
    };
    let page = open(&ground, &browser, None);
    page.wait_for(
        "battleCircles.stats().rung === 'webtransport'",
        Duration::from_secs(3),
    )
    .unwrap();
    // It stays: nothing moves the game any more.
    let watched = page.watch(Duration::from_secs(4)).unwrap();
    println!("{:?}", watched.stats.rung_log);
    let (rung, at) = last_move(&watched.stats);
    assert_eq!(rung, Some(Rung::WebTransport));
    assert!(at <= 3_000.0, "{watched:?}");
    assert!(watched.rate() >= 18.0, "{watched:?}");
}

#[test]
fn without_webtransport_in_the_page_it_settles_on_webrtc() {
    let Some(ground) = Playground::here() else {
        return;
    };
    let options = BrowserOptions {
        init_script: Some("delete window.WebTransport;".into()),
        ..small(BrowserKind::Chromium)
    };
    let Some(browser) = ground.browser(options) else {
        return;
    };
    let page = open(&ground, &browser, None);
    page.wait_for("battleCircles.stats().rung === 'webrtc'", PATIENCE)
        .unwrap();
    let watched = page.watch(Duration::from_secs(4)).unwrap();
    println!("{:?}", watched.stats.rung_log);
    assert_eq!(watched.stats.rung, Some(Rung::WebRtc));
    assert!(watched.rate() >= 18.0, "{watched:?}");
}

#[test]
fn without_udp_it_plays_by_websocket_as_soon_and_as_well() {
    const ROUND_TRIP_MS: f64 = 100.0;
    let link = PathConfig {
        delay_ms: ROUND_TRIP_MS / 2.0,
        ..PathConfig::default()
    };
    let blackholed = PathConfig {
        udp_blackhole: true,
        ..link.clone()
    };
    let Some(ground) = Playground::across(&link, 7) else {
        return;
    };
    let Some(browser) = ground.small_browser(BrowserKind::Chromium) else {
        return;
    };
    let lab = ground.lab.as_ref().unwrap();
    // The best of three, for whatever else keeps the machine busy only adds.
    let first_snapshot = |link: &PathConfig, forced: Option<Rung>| -> f64 {
        lab.set_paths(link.clone(), link.clone()).unwrap();
        let times = (0..3).map(|_| {
            let page = open(&ground, &browser, forced);
            let time = page.stats().unwrap().time_to_first_snapshot;
            page.page().goto("about:blank").unwrap();
            time
        });
        times.fold(f64::INFINITY, f64::min)
    };
    let alone = first_snapshot(&link, Some(Rung::WebSocket));
    let without_udp = first_snapshot(&blackholed, None);
    println!(
        "first snapshot after {alone:.0} ms by WebSocket alone, {without_udp:.0} ms without UDP"
    );
    // A failed attempt at UDP would cost a round trip or more.
    assert!(without_udp <= alone + ROUND_TRIP_MS / 2.0);

    let page = open(&ground, &browser, None);
    page.wait_for("battleCircles.phase() === 'playing'", PATIENCE)
        .unwrap();
    let watched = page.watch(Duration::from_secs(6)).unwrap();
    println!("{:?}", watched.stats.rung_log);
    assert_eq!(watched.stats.rung, Some(Rung::WebSocket));
    assert_eq!(watched.stats.rung_changes, 0, "{watched:?}");
    assert!(watched.rate() >= 18.0, "{watched:?}");
}
