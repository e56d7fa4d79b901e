//! WebRTC through coturn: a page that has no other way to the server plays, and one whose credentials are no good is told
//! so, or plays on another rung.

use std::time::Duration;

use netlab::browser::{BrowserKind, BrowserOptions};
use netlab::clock::Stopwatch;
use netlab::game_page::{GamePage, Watched};
use netlab::lab::Lab;
use netlab::path::PathConfig;
use netlab::playground::{Playground, small};
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::rung::Rung;
use serde::Deserialize;
use serde_json::json;
use tests::turn_server::TurnServer;

const PATIENCE: Duration = Duration::from_secs(30);

const SECRET: &str = "north";

/// Connections go through relays alone, and can be looked at; `SERVERS` may take the place of what the server names.
const RELAY_ALONE: &str = "
    const Own = RTCPeerConnection;
    window.connections = [];
    window.RTCPeerConnection = class extends Own {
        constructor(given) {
            super({ ...given, iceTransportPolicy: 'relay', ...SERVERS });
            connections.push(this);
        }
    };
    window.chosenPairs = async () => {
        const pairs = [];
        for (const connection of connections) {
            const report = await connection.getStats();
            for (const { type, selectedCandidatePairId } of report.values()) {
                if (type !== 'transport' || selectedCandidatePairId === undefined) continue;
                const { candidateType, relayProtocol } = report.get(report.get(selectedCandidatePairId).localCandidateId);
                pairs.push({ candidateType, relayProtocol });
            }
        }
        return pairs;
    };";

/// Whether the page says that it doesn't get through.
const IS_TOLD: &str = "document.body.innerText.includes('No connection comes about yet')";

/// How a page reaches the server.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Chosen {
    candidate_type: String,
    relay_protocol: String,
}

/// A game server, and a relay beside it.
struct Relayed {
    ground: Playground,
    turn: TurnServer,
}

impl Relayed {
    /// `server_secret` is what the game server signs with.
    fn start(transport: &str, path: &PathConfig, server_secret: &str) -> Option<Self> {
        let lab = available(Lab::new(path.clone(), path.clone(), 1))?;
        let turn = available(TurnServer::start(&lab, SECRET))?;
        let url = turn.url(transport);
        let options = ServerOptions {
            config: Some(format!(
                "[turn]\nurls = [{url:?}]\nsecret = {server_secret:?}\n"
            )),
            ..ServerOptions::default()
        };
        let server = available(ServerProcess::start(options, Some(&lab)))?;
        let lab = Some(lab);
        let ground = Playground { server, lab };
        Some(Self { ground, turn })
    }

    /// Opens the page, on WebRTC alone or on the ladder.
    fn play<T>(
        &self,
        servers: &str,
        rung: Option<Rung>,
        then: impl FnOnce(&GamePage) -> T,
    ) -> Option<T> {
        let options = BrowserOptions {
            init_script: Some(RELAY_ALONE.replace("SERVERS", servers)),
            ..small(BrowserKind::Chromium)
        };
        let browser = self.ground.browser(options)?;
        let origin = self.ground.server.origin();
        let page = GamePage::autoplay(&browser, &origin, rung, "Ada", "pond").unwrap();
        Some(then(&page))
    }
}

/// 25 ms each way.
fn path() -> PathConfig {
    PathConfig {
        delay_ms: 25.0,
        ..PathConfig::default()
    }
}

fn without_udp() -> PathConfig {
    PathConfig {
        udp_blackhole: true,
        ..path()
    }
}

/// What a page sees of five seconds of play, and which pairs of candidates carry its WebRTC links.
fn watch(page: &GamePage, server: &ServerProcess) -> (Watched, Vec<Chosen>) {
    let plays = page.wait_until_playing(PATIENCE);
    plays.unwrap_or_else(|error| panic!("{error}; {}", server.log_tail(20)));
    page.wait_for("battleCircles.stats().snapshots > 40", PATIENCE)
        .unwrap();
    let watched = page.watch(Duration::from_secs(5)).unwrap();
    (watched, page.page().evaluate("chosenPairs()").unwrap())
}

/// Whether the game plays over WebRTC through the relay, by this transport to it.
fn plays_through_the_relay(transport: &str, path: &PathConfig) {
    let Some(relayed) = Relayed::start(transport, path, SECRET) else {
        return;
    };
    let played = relayed.play("{}", Some(Rung::WebRtc), |page| {
        watch(page, &relayed.ground.server)
    });
    let Some((watched, chosen)) = played else {
        return;
    };
    let first = watched.stats.time_to_first_snapshot;
    println!(
        "{transport}: first snapshot after {first:.0} ms, {:.1} a second, round trip {:.0} ms, {chosen:?}",
        watched.rate(),
        watched.stats.rtt
    );
    let relay = Chosen {
        candidate_type: "relay".to_owned(),
        relay_protocol: transport.to_owned(),
    };
    assert_eq!(chosen, [relay]);
    assert_eq!(watched.stats.rung, Some(Rung::WebRtc));
    assert_eq!(watched.stats.rung_changes, 0, "{watched:?}");
    assert!(watched.rate() >= 18.0, "{watched:?}");
    // It steers by itself, so its inputs arrive.
    assert!(watched.travelled > 100.0, "{watched:?}");
}

#[test]
fn a_page_plays_through_a_relay_over_udp() {
    plays_through_the_relay("udp", &path());
}

#[test]
fn a_page_without_udp_plays_webrtc_through_a_relay_over_tcp() {
    plays_through_the_relay("tcp", &without_udp());
}

/// What takes the place of the server's relays: the right secret, and a time that is long over. By
/// `printf 1433895918 | openssl dgst -sha1 -hmac north -binary | base64`.
fn expired(turn: &TurnServer) -> String {
    let (username, credential) = ("1433895918", "3dkl8uIBelQlraT8v9eCSJTyt+U=");
    let server =
        json!({ "urls": [turn.url("tcp")], "username": username, "credential": credential });
    json!({ "iceServers": [server] }).to_string()
}

#[test]
fn credentials_that_are_no_good_leave_the_other_rungs() {
    for (server_secret, is_expired) in [("not-the-relays", false), (SECRET, true)] {
        let Some(relayed) = Relayed::start("tcp", &without_udp(), server_secret) else {
            return;
        };
        let servers = if is_expired {
            expired(&relayed.turn)
        } else {
            "{}".to_owned()
        };
        let played = relayed.play(&servers, None, |page| watch(page, &relayed.ground.server));
        let Some((watched, chosen)) = played else {
            return;
        };
        let first = watched.stats.time_to_first_snapshot;
        println!("expired: {is_expired}: first snapshot after {first:.0} ms, {chosen:?}");
        assert_eq!(chosen, []);
        assert_eq!(watched.stats.rung, Some(Rung::WebSocket));
        assert_eq!(watched.stats.rung_changes, 0, "{watched:?}");
        assert!(watched.rate() >= 18.0, "{watched:?}");
    }
}

#[test]
fn credentials_that_are_no_good_are_told_of_where_there_is_no_other_rung() {
    let Some(relayed) = Relayed::start("tcp", &without_udp(), "not-the-relays") else {
        return;
    };
    relayed.play("{}", Some(Rung::WebRtc), |page| {
        let clock = Stopwatch::start();
        page.wait_for(IS_TOLD, PATIENCE).unwrap();
        println!("told after {:?}", clock.elapsed());
    });
}
