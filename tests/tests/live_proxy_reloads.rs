//! A minute behind nginx, HAProxy and Caddy that read their configurations again every ten seconds: nobody loses a seat or
//! a press.

use std::time::Duration;

use netlab::browser::{Browser, BrowserKind, BrowserOptions, Page};
use netlab::clock::Stopwatch;
use netlab::playground::small;
use netlab::prerequisites::available;
use netlab::programs;
use netlab::server_process::{ServerOptions, ServerProcess};
use serde::Deserialize;
use tests::proxy::{HOST, Proxy, ProxyKind};
use tests::tag_page::built_page;

const PATIENCE: Duration = Duration::from_secs(15);

/// From one reload to the next.
const INTERVAL: Duration = Duration::from_secs(10);

const RELOADS: u32 = 6;

/// Before each reload the pages hold their presses for so long, so that all may dash when it comes.
const HOLD: Duration = Duration::from_millis(2_500);

/// A dash and its rest take two seconds, and one in five is held back.
const LEAST_PRESSES: u32 = 18;

/// Presses as soon as the last press has been told of and the figure has rested, unless it is held.
const PRESS: &str = "void (window.presses = 0, window.isHeld = false, setInterval(() => {
    const isResting = document.getElementById('dash').disabled;
    if (isHeld || isResting || tag.dashes(NAME) < presses) return;
    presses += 1;
    dispatchEvent(new KeyboardEvent('keydown', { code: 'Space' }));
}, 10))";

/// What a page says at the end.
const TOLD: &str = "({
    presses,
    dashes: tag.dashes(NAME),
    seat: tag.look().figures.find((figure) => figure.isOwn).seat,
    joins: performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/v1/join')).length,
    standstill: tag.stats().standstill,
    rungChanges: tag.stats().rungChanges,
})";

/// Nothing that a resource of the page is forgets one that came before.
const ROOM_FOR_RESOURCES: &str = "performance.setResourceTimingBufferSize(10_000)";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "some figures are for the report alone")]
struct Told {
    presses: u32,
    dashes: u32,
    seat: u8,
    joins: u32,
    /// For the report: the longest time without a snapshot, in milliseconds.
    standstill: f64,
    rung_changes: u32,
}

/// A player behind a proxy.
struct Behind {
    name: &'static str,
    proxy: Proxy,
    page: Page,
    seat: u8,
}

impl Behind {
    fn enter(
        kind: ProxyKind,
        name: &'static str,
        server: &ServerProcess,
        browser: &Browser,
    ) -> Option<Self> {
        let proxy = available(Proxy::start(kind, server.port(), |text| text))?;
        let page = enter(browser, &proxy.origin(), name);
        let seat = "tag.look().figures.find((figure) => figure.isOwn).seat";
        let seat = page.evaluate(seat).unwrap();
        Some(Self {
            name,
            proxy,
            page,
            seat,
        })
    }

    fn run(&self, script: &str) {
        let name = format!("'{}'", self.name);
        self.page
            .evaluate::<()>(&script.replace("NAME", &name))
            .unwrap();
    }

    fn told(&self) -> Told {
        let name = format!("'{}'", self.name);
        self.page.evaluate(&TOLD.replace("NAME", &name)).unwrap()
    }
}

fn enter(browser: &Browser, origin: &str, name: &str) -> Page {
    let page = browser.new_page().unwrap();
    page.goto(&format!("{origin}/?room=yard&rung=websocket&name={name}"))
        .unwrap();
    page.wait_for("tag.stats().snapshots > 60", PATIENCE)
        .unwrap();
    page
}

/// Dashes of a player that another has been told of.
fn seen(watcher: &Page, name: &str) -> u32 {
    watcher.evaluate(&format!("tag.dashes('{name}')")).unwrap()
}

fn sleep_until(moment: Duration, clock: &Stopwatch) {
    std::thread::sleep(clock.remaining(moment).unwrap_or_default());
}

#[test]
fn a_minute_of_reloads_costs_no_seat_and_no_press() {
    let Some(page) = available(built_page()) else {
        return;
    };
    let options = ServerOptions {
        binary: Some(programs::release("tag")),
        config: Some(format!("[game]\npage = {:?}\n", page.path())),
        ..ServerOptions::default()
    };
    let Some(server) = available(ServerProcess::start(options, None)) else {
        return;
    };
    let options = BrowserOptions {
        arguments: vec![
            format!("--host-resolver-rules=MAP {HOST} 127.0.0.1"),
            "--ignore-certificate-errors".to_owned(),
        ],
        init_script: Some(ROOM_FOR_RESOURCES.to_owned()),
        ..small(BrowserKind::Chromium)
    };
    let Some(browser) = available(Browser::launch(options, None)) else {
        return;
    };
    let watcher = enter(&browser, &server.origin(), "Grace");
    let all = [
        (ProxyKind::Nginx, "Nora"),
        (ProxyKind::HaProxy, "Hans"),
        (ProxyKind::Caddy, "Cara"),
    ];
    let mut players = Vec::new();
    for (kind, name) in all {
        let Some(player) = Behind::enter(kind, name, &server, &browser) else {
            return;
        };
        players.push(player);
    }
    for player in &players {
        player.run(PRESS);
    }
    let opened = || {
        let metrics = server.metrics(None).unwrap();
        metrics.sum("game_server_links_opened_total", &[])
    };
    let (clock, opened_before) = (Stopwatch::start(), opened());
    for round in 1..=RELOADS {
        let moment = INTERVAL * round;
        sleep_until(moment - HOLD, &clock);
        players
            .iter()
            .for_each(|player| player.run("isHeld = true, null"));
        sleep_until(moment, &clock);
        for player in &players {
            player.run("isHeld = false, null");
            // Now the press is on its way, now it has arrived.
            std::thread::sleep(Duration::from_millis(u64::from(round) * 10));
            player.proxy.reload().unwrap();
        }
    }
    sleep_until(INTERVAL * RELOADS + INTERVAL / 2, &clock);
    for player in &players {
        player.run("isHeld = true, null");
        let has_told = format!("tag.dashes('{}') >= presses", player.name);
        // One that is lost is counted below.
        let _ = player.page.wait_for(&has_told, PATIENCE);
    }
    // Time for another dash, if one press were two.
    std::thread::sleep(HOLD);
    println!("{} sockets opened anew", opened() - opened_before);
    for player in &players {
        let told = player.told();
        println!("behind {}: {told:?}", player.name);
        assert_eq!(told.dashes, told.presses, "{}: {told:?}", player.name);
        assert_eq!(seen(&watcher, player.name), told.presses, "{}", player.name);
        assert!(told.presses >= LEAST_PRESSES, "{}: {told:?}", player.name);
        assert_eq!((told.seat, told.joins), (player.seat, 1), "{}", player.name);
    }
    let metrics = server.metrics(None).unwrap();
    assert_eq!(metrics.sum("game_server_sessions", &[]), 4.0);
}
