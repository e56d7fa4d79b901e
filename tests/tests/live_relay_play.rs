//! Players who reach the real server through the relay, by every rung.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use client::native::PlayerOptions;
use netlab::browser::BrowserKind;
use netlab::path::{NatRebinding, PathConfig, PathPair};
use netlab::player::Observer;
use netlab::prerequisites::available;
use netlab::relay::Relay;
use netlab::sdk_page::{ConnectPlan, SdkBrowser, Tally, connects};
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::rung::Rung;

/// A relay that delays by 20 ms one way, and a server that is reached through it alone.
fn relayed() -> Option<(Relay, ServerProcess)> {
    let delayed = PathConfig {
        delay_ms: 20.0,
        ..PathConfig::default()
    };
    let paths = PathPair {
        up: delayed.clone(),
        down: delayed,
        ..PathPair::default()
    };
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let to = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), 0));
    let relay = Relay::start(listen, to, &paths).unwrap();
    let arguments = ["--listen", "127.0.0.2", "--public-address", "127.0.0.1"];
    let options = ServerOptions {
        port: Some(relay.address().port()),
        arguments: arguments.map(str::to_owned).to_vec(),
        ..ServerOptions::default()
    };
    Some((relay, available(ServerProcess::start(options, None))?))
}

fn playing(relay: &Relay, name: &str, rung: Rung) -> Observer {
    let options = PlayerOptions {
        name: name.to_owned(),
        room: Some("relayed".to_owned()),
        rung,
        sockets: 1,
        ..PlayerOptions::new(format!("http://{}", relay.address()))
    };
    Observer::enter(&options).unwrap()
}

#[test]
fn native_players_play_on_through_a_rebinding() {
    let Some((relay, _server)) = relayed() else {
        return;
    };
    let players = [
        playing(&relay, "Sok", Rung::WebSocket),
        playing(&relay, "Quentin", Rung::WebTransport),
    ];
    let up = PathConfig {
        delay_ms: 20.0,
        nat_rebindings: vec![NatRebinding {
            at_s: 0.5,
            tcp: false,
        }],
        ..PathConfig::default()
    };
    let down = PathConfig {
        nat_rebindings: Vec::new(),
        ..up.clone()
    };
    relay.set_paths(up, down).unwrap();
    std::thread::sleep(Duration::from_secs(3));
    for seen in players.map(Observer::stop) {
        println!("longest gap {:.0} ms", seen.longest_gap_ms());
        assert_eq!(seen.goodbye, None);
        assert!(
            seen.snapshots.len() > 55,
            "{} snapshots",
            seen.snapshots.len()
        );
        assert!(seen.longest_gap_ms() < 500.0);
    }
    let counters = relay.counters();
    assert!(counters.up.udp.packets_out > 20 && counters.up.tcp.packets_out > 20);
}

#[test]
fn a_browser_gets_through_by_every_rung() {
    let Some((relay, _server)) = relayed() else {
        return;
    };
    let origin = format!("http://{}", relay.address());
    let browser = SdkBrowser::launch_for(BrowserKind::Chromium, &origin, None);
    let Some(browser) = available(browser) else {
        return;
    };
    for rung in Rung::ALL {
        let plan = ConnectPlan {
            rung: Some(rung),
            count: 1,
            abreast: 1,
            typing: Duration::from_millis(500),
            patience: Duration::from_secs(10),
        };
        let datagrams = || relay.counters().down.udp.packets_out;
        let before = datagrams();
        let attempts = connects(&browser, &plan).unwrap();
        let tally = Tally::of(&attempts);
        println!("{}: {tally:.0?}", rung.name());
        assert_eq!(tally.hung, 0, "{attempts:?}");
        // The join alone is a round trip.
        assert!(tally.p50.unwrap() > 40.0, "{tally:?}");
        assert!(rung == Rung::WebSocket || datagrams() > before, "{tally:?}");
    }
}
