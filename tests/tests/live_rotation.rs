//! A certificate is replaced under 150 players, 50 on each rung, and read for a minute: nobody drops, newcomers get the
//! new one at once, and reading is no renewal.

use std::time::Duration;

use client::native::PlayerOptions;
use netlab::clock::{Stopwatch, unix_ms};
use netlab::player::{Observer, ObserverHost};
use protocol::rung::Rung;
use rcgen::KeyPair;
use tests::secure_server::{Pair, SOON, Secure};

/// Players on each rung.
const PLAYERS: u32 = 50;

/// WebSockets of a player's bundle.
const BUNDLE: f64 = 3.0;

/// How long the files are read.
const READING: Duration = Duration::from_secs(60);

/// Nobody may wait longer for a snapshot: 150 players, their handshakes and the server share two cores.
const LONGEST_GAP: Duration = Duration::from_secs(2);

/// Of 30 snapshots a second, for the same reason.
const LEAST_RATE: f64 = 8.0;

/// A rung's players. All came by the first certificate.
fn enter(secure: &Secure, host: &ObserverHost, rung: Rung) -> Vec<Observer> {
    let clock = Stopwatch::start();
    let player = |number| {
        let options = PlayerOptions {
            name: format!("{} {number}", rung.name()),
            rung,
            ..PlayerOptions::new(secure.origin())
        };
        let observer = host.enter(&options);
        observer.unwrap_or_else(|error| panic!("{} {number}: {error}", rung.name()))
    };
    let players = (1..=PLAYERS).map(player).collect();
    println!("{PLAYERS} over {} after {:?}", rung.name(), clock.elapsed());
    players
}

#[test]
fn a_rotation_drops_none_of_fifty_players_on_each_rung() {
    let [first, second] = [(); 2].map(|()| Pair::new(&KeyPair::generate().unwrap()));
    let Some(secure) = Secure::start(&first) else {
        return;
    };
    let host = ObserverHost::start().unwrap();
    let players = Rung::ALL.map(|rung| (rung, enter(&secure, &host, rung)));
    let links = || {
        Rung::ALL.map(|rung| {
            let metric = format!("game_server_links{{rung=\"{}\"}}", rung.name());
            secure.metric(&metric)
        })
    };
    // Who plays over WebSocket has a bundle of them, the last of which comes after the first snapshot.
    let all = [1.0, 1.0, BUNDLE].map(|each| each * f64::from(PLAYERS));
    secure.wait_until("each link of each player", |_| links() == all);

    let (clock, since) = (Stopwatch::start(), unix_ms());
    let loaded = || secure.metric("game_server_certificates_loaded_total");
    assert_eq!(loaded(), 0.0);
    // A certificate's key comes before it, as some programs write them: for a moment the files make no pair.
    secure.replace("key.pem", &second.key);
    secure.replace("certificate.pem", &second.certificate);
    for rung in [Rung::WebSocket, Rung::WebTransport] {
        secure.wait_until(rung.name(), |secure| secure.shows(&second, rung));
        assert!(!secure.shows(&first, rung), "{rung}");
    }
    println!("all new links get the new one after {:?}", clock.elapsed());
    assert!(clock.remaining(SOON).is_some());
    assert_eq!(loaded(), 1.0);

    let reading = Stopwatch::start();
    let mut reads = 0;
    while reading.remaining(READING).is_some() {
        for name in ["certificate.pem", "key.pem"] {
            std::fs::read(secure.path(name)).unwrap();
            reads += 1;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    println!("{reads} reads");
    assert_eq!(loaded(), 1.0);
    assert_eq!(links(), all);

    let seconds = clock.elapsed().as_secs_f64();
    for (rung, players) in players {
        let mut longest = Duration::ZERO;
        let mut slowest = f64::INFINITY;
        for player in players {
            let mut seen = player.stop();
            assert_eq!(seen.goodbye, None, "{rung}");
            seen.snapshots.retain(|snapshot| snapshot.at_ms >= since);
            slowest = slowest.min(seen.snapshots.len() as f64 / seconds);
            longest = longest.max(Duration::from_secs_f64(seen.longest_gap_ms() / 1e3));
        }
        println!("{rung}: longest gap {longest:?}, at least {slowest:.1} snapshots a second");
        assert!(longest < LONGEST_GAP, "{rung}: {longest:?}");
        assert!(slowest >= LEAST_RATE, "{rung}: {slowest:.1}");
    }
}
