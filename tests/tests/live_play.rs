//! The game in Chromium, on each rung: it plays at the full rate, and players see each other.

use std::time::Duration;

use netlab::browser::BrowserKind;
use netlab::game_page::GamePage;
use netlab::playground::Playground;
use protocol::rung::Rung;

/// How long a page may take until something shows.
const PATIENCE: Duration = Duration::from_secs(15);

fn plays_for_20_seconds(rung: Rung) {
    let Some(ground) = Playground::here() else {
        return;
    };
    let Some(browser) = ground.small_browser(BrowserKind::Chromium) else {
        return;
    };
    let origin = ground.server.origin();
    let page = GamePage::autoplay(&browser, &origin, Some(rung), "Ada", "pond").unwrap();
    page.wait_for("battleCircles.phase() === 'playing'", PATIENCE)
        .unwrap();
    let watched = page.watch(Duration::from_secs(20)).unwrap();
    println!(
        "{}: {:.2} snapshots/s, {:.0} px travelled",
        rung.name(),
        watched.rate(),
        watched.travelled
    );
    assert_eq!(watched.stats.rung, Some(rung));
    assert_eq!(watched.stats.rung_changes, 0, "{watched:?}");
    assert!(watched.rate() >= 18.0, "{watched:?}");
    // It can't be eaten in its first two seconds, in which it goes 500 px.
    assert!(watched.travelled > 200.0, "{watched:?}");
}

#[test]
fn the_game_plays_over_webtransport() {
    plays_for_20_seconds(Rung::WebTransport);
}

#[test]
fn the_game_plays_over_webrtc() {
    plays_for_20_seconds(Rung::WebRtc);
}

#[test]
fn the_game_plays_over_websocket() {
    plays_for_20_seconds(Rung::WebSocket);
}

#[test]
fn players_in_two_browsers_on_two_rungs_see_each_other() {
    let Some(ground) = Playground::here() else {
        return;
    };
    let browser = || ground.small_browser(BrowserKind::Chromium);
    let (Some(one), Some(other)) = (browser(), browser()) else {
        return;
    };
    let open = |browser, rung, name| {
        GamePage::autoplay(browser, &ground.server.origin(), Some(rung), name, "pond").unwrap()
    };
    let ada = open(&one, Rung::WebTransport, "Ada");
    let grace = open(&other, Rung::WebSocket, "Grace");
    for page in [&ada, &grace] {
        for name in ["Ada", "Grace"] {
            page.wait_for_name(name, PATIENCE).unwrap();
        }
    }
    let nobody = ada.wait_for_name("Edsger", Duration::from_millis(200));
    assert!(nobody.is_err(), "nobody of that name is here");
}
