//! Faults of a path that players meet, and how long each keeps them from playing: on real links, in real browsers.

use std::time::Duration;

use netlab::browser::BrowserKind;
use netlab::clock::Stopwatch;
use netlab::game_page::Stats;
use netlab::lab::Lab;
use netlab::path::{NatRebinding, PathConfig};
use netlab::prerequisites::available;
use netlab::sdk_page::{SdkBrowser, Visitor};
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::rung::Rung;

const ROOM: &str = "pond";

/// The link while nothing is wrong: 50 ms round trip.
fn good() -> PathConfig {
    PathConfig {
        delay_ms: 25.0,
        ..PathConfig::default()
    }
}

struct Ground {
    lab: Lab,
    _server: ServerProcess,
    browser: SdkBrowser,
}

impl Ground {
    fn new(kind: BrowserKind) -> Option<Self> {
        let lab = available(Lab::new(good(), good(), 3))?;
        let server = available(ServerProcess::start(ServerOptions::default(), Some(&lab)))?;
        let browser = SdkBrowser::launch_for(kind, &server.origin(), Some(&lab));
        Some(Self {
            browser: available(browser)?,
            _server: server,
            lab,
        })
    }

    /// A player on the ladder, settled on WebTransport, or on one rung.
    fn player(&self, rung: Option<Rung>) -> Visitor {
        let visitor = self.browser.new_visitor().unwrap();
        let client = visitor.prepare(rung, None).unwrap();
        visitor.click(client, "Ada", ROOM).unwrap();
        visitor.wait_until_settled(Duration::from_secs(15)).unwrap();
        let settled = rung.unwrap_or(Rung::WebTransport);
        wait_for(&visitor, Duration::from_secs(15), |stats| {
            stats.rung == Some(settled)
        });
        // Its ladder must have let go of what it no longer needs, and know its path.
        wait_for(&visitor, Duration::from_secs(15), |stats| {
            stats.snapshots > 140
        });
        visitor
    }
}

fn figures(visitor: &Visitor) -> Stats {
    visitor.figures().unwrap().remove(0)
}

/// Waits until a player's figures are as wanted, and says how long that took.
fn wait_for(visitor: &Visitor, limit: Duration, wanted: impl Fn(&Stats) -> bool) -> Duration {
    let clock = Stopwatch::start();
    loop {
        let stats = figures(visitor);
        if wanted(&stats) {
            return clock.elapsed();
        }
        assert!(clock.elapsed() < limit, "{stats:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// How long a player's inputs go nowhere when all UDP up is lost, three times; the median.
fn lost_uplink(kind: BrowserKind) -> Option<Duration> {
    let ground = Ground::new(kind)?;
    let lost = PathConfig {
        udp_blackhole: true,
        ..good()
    };
    let mut times: Vec<Duration> = (0..3)
        .map(|_| {
            ground.lab.set_paths(good(), good()).unwrap();
            let player = ground.player(None);
            ground.lab.set_paths(lost.clone(), good()).unwrap();
            let limit = Duration::from_secs(10);
            let time = wait_for(&player, limit, |stats| stats.rung == Some(Rung::WebSocket));
            player.close().unwrap();
            time
        })
        .collect();
    times.sort_unstable();
    println!("{kind:?}: inputs arrive again after {times:?}");
    Some(times[1])
}

#[test]
fn a_way_up_that_is_lost_alone_is_left_in_chromium() {
    if let Some(time) = lost_uplink(BrowserKind::Chromium) {
        assert!(time <= Duration::from_millis(600), "{time:?}");
    }
}

#[test]
fn a_way_up_that_is_lost_alone_is_left_in_firefox() {
    if let Some(time) = lost_uplink(BrowserKind::Firefox) {
        assert!(time <= Duration::from_millis(600), "{time:?}");
    }
}

/// How long a player on WebRTC alone goes without a snapshot over ten NAT rebindings, the longest times first.
fn ten_rebindings(kind: BrowserKind) -> Option<Vec<f64>> {
    let ground = Ground::new(kind)?;
    let player = ground.player(Some(Rung::WebRtc));
    let from = player.notes().unwrap().players[0].arrivals.len();
    for _ in 0..10 {
        let forgets = PathConfig {
            nat_rebindings: vec![NatRebinding {
                at_s: 0.0,
                tcp: false,
            }],
            ..good()
        };
        ground.lab.set_paths(forgets, good()).unwrap();
        std::thread::sleep(Duration::from_millis(1_500));
    }
    let notes = player.notes().unwrap();
    let arrivals = &notes.players[0].arrivals[from..];
    let gaps = arrivals
        .windows(2)
        .map(|pair| pair[1].at_ms - pair[0].at_ms);
    let mut gaps: Vec<f64> = gaps.collect();
    gaps.sort_by(|a, b| b.total_cmp(a));
    gaps.truncate(10);
    let dropped = ground.lab.counters().down.udp.dropped.nat;
    println!("{kind:?}: longest gaps {gaps:.0?} ms, {dropped} packets to forgotten ports");
    assert!(dropped > 0, "the NAT has forgotten something");
    Some(gaps)
}

/// Nine of ten within 600 ms, and one that the page itself may have slept through.
fn follows(gaps: Option<Vec<f64>>) {
    if let Some(gaps) = gaps {
        assert!(gaps[1] <= 600.0 && gaps[0] <= 1_200.0, "{gaps:.0?} ms");
    }
}

#[test]
fn a_webrtc_link_follows_ten_nat_rebindings_in_chromium() {
    follows(ten_rebindings(BrowserKind::Chromium));
}

#[test]
fn a_webrtc_link_follows_ten_nat_rebindings_in_firefox() {
    follows(ten_rebindings(BrowserKind::Firefox));
}
