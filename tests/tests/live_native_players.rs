//! Players without a browser against the real server: they get in by each rung, move, and leave; many of them need few
//! threads.

use std::fs;
use std::time::Duration;

use client::native::{Connector, Player, PlayerOptions, PlayerStats, Trust};
use game::wire::GameInput;
use netlab::player::CirclesCodec;
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::rung::Rung;
use tokio::runtime::Runtime;
use tokio::time::sleep;

const SPAN: Duration = Duration::from_secs(3);

/// Worker threads for any number of players.
const THREADS: usize = 3;

/// The server's rate is 30 a second, 20 down a stream of which some come late; the first may take a moment to come.
const LEAST_SNAPSHOTS: u64 = 50;

/// How far a circle goes at least while it steers one way, in quarter pixels: it may be eaten and start anew.
const LEAST_WAY: u32 = 200;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(THREADS)
        .enable_all()
        .build()
        .unwrap()
}

/// A server whose games begin at once.
fn server() -> Option<ServerProcess> {
    let options = ServerOptions {
        config: Some("[game]\ncountdown_seconds = 0".to_owned()),
        ..ServerOptions::default()
    };
    available(ServerProcess::start(options, None))
}

fn options(server: &ServerProcess, name: String, rung: Rung) -> PlayerOptions {
    PlayerOptions {
        name,
        rung,
        ..PlayerOptions::new(format!("http://{}", server.local_address()))
    }
}

/// What one player did and saw.
struct Played {
    stats: PlayerStats,
    /// Quarter pixels from where it was first seen to where it was last.
    way: u32,
}

/// Plays for a while and leaves.
async fn play(connector: Connector, options: PlayerOptions) -> Played {
    let player = Player::<CirclesCodec>::connect_by(&connector, &options).await;
    let player = player.unwrap_or_else(|error| panic!("{}: {error}", options.name));
    player.set_input(GameInput::steering(90, 90));
    let mut places: Vec<(i32, i32)> = Vec::new();
    for _ in 0..SPAN.as_millis() / 100 {
        sleep(Duration::from_millis(100)).await;
        let newest = player.newest();
        let own = newest.and_then(|(_, baseline)| baseline.view().own);
        places.extend(own.map(|own| (own.x, own.y)));
    }
    let stats = player.leave().await;
    let way = places
        .iter()
        .map(|(x, y)| x.abs_diff(places[0].0).max(y.abs_diff(places[0].1)));
    let way = way.max().unwrap_or(0);
    Played { stats, way }
}

/// All play at once.
fn play_all(runtime: &Runtime, all: Vec<PlayerOptions>) -> Vec<Played> {
    runtime.block_on(async {
        let connector = Connector::new(&Trust::Anything).unwrap();
        let tasks: Vec<_> = all
            .into_iter()
            .map(|options| tokio::spawn(play(connector.clone(), options)))
            .collect();
        let mut played = Vec::new();
        for task in tasks {
            played.push(task.await.unwrap());
        }
        played
    })
}

fn report(what: &str, played: &[Played]) {
    let snapshots: u64 = played.iter().map(|one| one.stats.snapshots).sum();
    let mut ages: Vec<Duration> = played.iter().filter_map(|one| one.stats.age_p99).collect();
    ages.sort_unstable();
    let median_age = ages.get(ages.len() / 2);
    let round_trip = played.iter().filter_map(|one| one.stats.round_trip).max();
    let bytes: u64 = played.iter().map(|one| one.stats.bytes_in).sum();
    println!(
        "{what}: {snapshots} snapshots, {} bytes each, age p99 {median_age:.1?}, round trip up to {round_trip:.1?}",
        bytes / snapshots.max(1)
    );
}

fn judge(what: &str, played: &[Played]) {
    report(what, played);
    for one in played {
        assert!(one.stats.snapshots >= LEAST_SNAPSHOTS, "{:?}", one.stats);
        assert_eq!(one.stats.undecodable, 0, "{:?}", one.stats);
        assert!(one.stats.loss_down < 0.02, "{:?}", one.stats);
        assert!(one.stats.bytes_out > 1_000, "{:?}", one.stats);
    }
    let moved = played.iter().filter(|one| one.way > LEAST_WAY).count();
    // One that starts at the boundary's edge can't go that way.
    assert!(
        moved * 4 >= played.len() * 3,
        "{moved} of {} moved",
        played.len()
    );
}

fn sessions(server: &ServerProcess) -> f64 {
    let metrics = server.metrics(None).unwrap();
    metrics.sum("game_server_sessions", &[])
}

fn twelve_play(rung: Rung) {
    let Some(server) = server() else {
        return;
    };
    let all = (0..12).map(|number| options(&server, format!("Player {number}"), rung));
    let played = play_all(&runtime(), all.collect());
    judge(rung.name(), &played);
    assert_eq!(sessions(&server), 0.0, "all have left");
}

#[test]
fn twelve_play_over_websocket() {
    twelve_play(Rung::WebSocket);
}

#[test]
fn twelve_play_over_webtransport() {
    twelve_play(Rung::WebTransport);
}

#[test]
fn twelve_play_over_webrtc() {
    twelve_play(Rung::WebRtc);
}

#[test]
fn a_hundred_players_need_four_threads() {
    let Some(server) = server() else {
        return;
    };
    let threads = || fs::read_dir("/proc/self/task").unwrap().count();
    let before = threads();
    let runtime = runtime();
    let rungs = [Rung::WebSocket, Rung::WebTransport];
    let all =
        (0..100).map(|number| options(&server, format!("Player {number}"), rungs[number % 2]));
    let all = all.collect();
    let played = std::thread::scope(|scope| {
        let playing = scope.spawn(|| play_all(&runtime, all));
        std::thread::sleep(SPAN / 2);
        let during = threads() - before;
        println!("{during} threads for 100 players");
        assert!(during <= THREADS + 1, "{during} threads");
        playing.join().unwrap()
    });
    judge("100 players", &played);
    assert_eq!(sessions(&server), 0.0, "all have left");
}
