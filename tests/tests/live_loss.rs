//! The State lane over WebRTC on a lossy path: what is lost stays lost, and what comes is as young as the path lets it.

use std::collections::BTreeSet;
use std::time::Duration;

use client::native::PlayerOptions;
use netlab::delivery::Delivery;
use netlab::path::{Jitter, Loss, PathConfig};
use netlab::player::Observer;
use netlab::playground::Playground;
use netlab::prerequisites::available;
use netlab::sdk_page::SdkBrowser;
use protocol::rung::Rung;

const DELAY_MS: f64 = 50.0;
const JITTER_MS: f64 = 10.0;
const ROOM: &str = "pond";

/// Many players for a short time are as good as one for a long time.
const PLAYERS: usize = 6;
const SPAN: Duration = Duration::from_secs(20);

/// A player on the server's own host: when it is sent a tick's snapshot, so is everybody in the room.
fn witness(ground: &Playground) -> Observer {
    let lab = ground.lab.as_ref().unwrap();
    let options = PlayerOptions {
        name: "Witness".to_owned(),
        room: Some(ROOM.to_owned()),
        sockets: 1,
        ..PlayerOptions::new(format!("http://{}", ground.server.local_address()))
    };
    let entered = lab.run_in_server(|| Observer::enter(&options));
    entered.unwrap().unwrap()
}

#[test]
fn the_state_lane_over_webrtc_retransmits_nothing() {
    let link = PathConfig {
        delay_ms: DELAY_MS,
        jitter: Jitter {
            ms: JITTER_MS,
            ..Jitter::default()
        },
        ..PathConfig::default()
    };
    let lossy = PathConfig {
        loss: Loss::Uniform { percent: 5.0 },
        ..link.clone()
    };
    let Some(ground) = Playground::across(&link, 5) else {
        return;
    };
    let Some(browser) = available(SdkBrowser::launch(&ground.server, ground.lab.as_ref())) else {
        return;
    };
    let witness = witness(&ground);
    let visitor = browser.new_visitor().unwrap();
    for number in 0..PLAYERS {
        visitor
            .play(Rung::WebRtc, &format!("Player {number}"), ROOM)
            .unwrap();
    }
    let lab = ground.lab.as_ref().unwrap();
    lab.set_paths(lossy.clone(), lossy).unwrap();
    let arrivals = || {
        visitor
            .notes()
            .unwrap()
            .players
            .into_iter()
            .map(|player| player.arrivals)
    };
    let begun: Vec<usize> = arrivals().map(|arrivals| arrivals.len()).collect();
    // Nothing to wait for: the measurement is the time itself.
    std::thread::sleep(SPAN);
    let arrivals: Vec<_> = arrivals().collect();
    let figures = visitor.figures().unwrap();
    let sent_at = witness.stop().times_by_tick();
    for player in &arrivals {
        let links: BTreeSet<u64> = player.iter().map(|arrival| arrival.link).collect();
        assert_eq!(links.len(), 1, "nobody had to connect again");
    }

    let delivery = Delivery::sum(
        arrivals
            .iter()
            .zip(&begun)
            .map(|(player, before)| Delivery::of(&player[*before..], &sent_at)),
    );
    println!(
        "{} sent, {:.2} % never came, {} came twice; age p50 {:.1}, p99 {:.1}, oldest {:.1} ms",
        delivery.sent,
        delivery.missing_percent(),
        delivery.repeated,
        delivery.age(0.5),
        delivery.age(0.99),
        delivery.age(1.0)
    );
    for stats in &figures {
        println!("the SDK says: {:?}", stats.snapshot_age);
    }
    assert!(delivery.sent > PLAYERS * 19 * SPAN.as_secs() as usize);
    assert!((3.0..=7.0).contains(&delivery.missing_percent()));
    assert_eq!(delivery.repeated, 0);
    // The link's own p99 is a hair below its longest delay.
    assert!(delivery.age(0.99) <= DELAY_MS + JITTER_MS + 15.0);
}
