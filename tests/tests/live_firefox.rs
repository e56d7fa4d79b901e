//! The game in Firefox: each rung plays. WebRTC goes across the lab, because Firefox doesn't reach loopback by it.

use std::time::Duration;

use netlab::browser::BrowserKind;
use netlab::game_page::GamePage;
use netlab::path::PathConfig;
use netlab::playground::Playground;
use protocol::rung::Rung;

/// How long a page may take until something shows. Firefox draws by software too, and starts slowly.
const PATIENCE: Duration = Duration::from_secs(30);

fn plays(ground: Option<Playground>, rungs: &[Rung]) {
    let Some(ground) = ground else { return };
    let Some(browser) = ground.small_browser(BrowserKind::Firefox) else {
        return;
    };
    let origin = ground.server.origin();
    for rung in rungs {
        let page = GamePage::autoplay(&browser, &origin, Some(*rung), "Ada", "pond").unwrap();
        page.wait_for("battleCircles.phase() === 'playing'", PATIENCE)
            .unwrap();
        let watched = page.watch(Duration::from_secs(6)).unwrap();
        println!(
            "{}: {:.2} snapshots/s, {:.0} px travelled",
            rung.name(),
            watched.rate(),
            watched.travelled
        );
        assert_eq!(watched.stats.rung, Some(*rung));
        assert_eq!(watched.stats.rung_changes, 0, "{watched:?}");
        assert!(watched.rate() >= 18.0, "{watched:?}");
        assert!(watched.travelled > 200.0, "{watched:?}");
        page.page().goto("about:blank").unwrap();
    }
}

#[test]
fn firefox_plays_over_webtransport_and_websocket_on_localhost() {
    plays(Playground::here(), &[Rung::WebTransport, Rung::WebSocket]);
}

#[test]
fn firefox_plays_over_webrtc_across_two_hosts() {
    plays(
        Playground::across(&PathConfig::default(), 3),
        &[Rung::WebRtc],
    );
}
