//! A day of players who come and go, compressed: the server's memory, its figures' series and its tasks don't grow.

use std::time::Duration;

use client::native::{Connector, Player, PlayerOptions, Trust};
use netlab::clock::Stopwatch;
use netlab::player::CirclesCodec;
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::rung::Rung;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// Joins in all; `CHURN_JOINS` in the environment sets another number.
const JOINS: usize = 16_000;

/// Looks at the server, after as many joins each. The first of them are its warming up: some of what it knows of a player who
/// has left it keeps for a while, so that its memory grows for as long.
const LOOKS: usize = 16;
const WARM_UP: usize = 10;

/// Players who come at once.
const ABREAST: usize = 12;

/// The HTTP/3 library on both ends loses one handshake in a thousand (docs/libraries.md): a player tries again, and so
/// does this. More than these in a thousand, or of one player, are a fault.
const MOST_RETRIES: f64 = 5.0;
const MOST_TRIES: usize = 2;

/// How much the server's memory may grow with each thousand joins, in the line through all looks after the warming up: a
/// fifth of what is held for one of them, a kilobyte, were it kept. What the allocator holds back from look to look would
/// hide less.
const MOST_GROWTH: f64 = 200.0 * 1_024.0;

/// Series that the reasons of refusals may have in all; each appears with its first event.
const MOST_REASONS: usize = 40;

/// Tasks that may be about to end when the last room is gone.
const ENDING: f64 = 2.0;

/// How long the last room may stay when everybody has gone.
const PATIENCE: Duration = Duration::from_secs(40);

/// What a deserted server holds.
#[derive(Clone, Copy, Debug)]
struct Look {
    memory: u64,
    /// Series of figures, without those by reason, and those.
    series: usize,
    reasons: usize,
    tasks: f64,
}

fn joins() -> usize {
    let given = std::env::var("CHURN_JOINS").ok();
    given.map_or(JOINS, |given| given.parse().expect("CHURN_JOINS: a number"))
}

/// One player: comes in by a rung, and leaves; gives how often the link had to be tried again.
async fn come_and_go(connector: Connector, options: PlayerOptions) -> usize {
    for tries in 0.. {
        match Player::<CirclesCodec>::connect_by(&connector, &options).await {
            Ok(player) => {
                player.leave().await;
                return tries;
            }
            Err(error) => assert!(
                tries < MOST_TRIES,
                "{} by {}: {error}",
                options.name,
                options.rung
            ),
        }
    }
    unreachable!()
}

/// Lets so many come and go; gives how many links had to be tried again.
fn churn(runtime: &Runtime, connector: &Connector, server: &ServerProcess, count: usize) -> usize {
    let origin = format!("http://{}", server.local_address());
    let one = |number: usize| {
        let options = PlayerOptions {
            name: format!("Visitor {}", number % 1_000),
            room: Some(format!("room-{}", number % 4)),
            // WebRTC's handshake costs most.
            rung: match number % 10 {
                0 => Rung::WebRtc,
                1..=4 => Rung::WebTransport,
                _ => Rung::WebSocket,
            },
            sockets: 1,
            ..PlayerOptions::new(origin.clone())
        };
        come_and_go(connector.clone(), options)
    };
    runtime.block_on(async {
        let (mut here, mut retried) = (JoinSet::new(), 0);
        for number in 0..count {
            if here.len() == ABREAST {
                retried += here.join_next().await.unwrap().unwrap();
            }
            here.spawn(one(number));
        }
        retried + here.join_all().await.into_iter().sum::<usize>()
    })
}

/// Waits until nobody is there, and looks.
fn look(server: &ServerProcess) -> Look {
    let clock = Stopwatch::start();
    loop {
        let text = server.get("/metrics", None).unwrap().body;
        let metrics = netlab::metrics::Metrics::parse(&text);
        let held = ["links", "sessions", "rooms"]
            .map(|what| metrics.sum(&format!("game_server_{what}"), &[]));
        let series: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        let reasons = series.iter().filter(|line| line.contains("reason=\""));
        let reasons = reasons.count();
        if held == [0.0; 3] {
            return Look {
                memory: server.usage().unwrap().memory,
                series: series.len() - reasons,
                reasons,
                tasks: metrics.sum("game_server_tasks", &[]),
            };
        }
        assert!(clock.remaining(PATIENCE).is_some(), "left: {held:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The slope of the line through points at 0, 1, 2…, by least squares.
fn slope(points: &[f64]) -> f64 {
    let count = points.len() as f64;
    let mean = points.iter().sum::<f64>() / count;
    let middle = (count - 1.0) / 2.0;
    let off = |place: usize| place as f64 - middle;
    let along = points.iter().enumerate();
    let (rise, run) = along.fold((0.0, 0.0), |(rise, run), (place, point)| {
        (
            rise + off(place) * (point - mean),
            run + off(place) * off(place),
        )
    });
    rise / run
}

#[test]
fn a_day_of_comings_and_goings_leaves_memory_and_figures_as_they_were() {
    let options = ServerOptions {
        config: Some("room_linger = 0\nlog = \"warn\"\n[game]\nseats = 16".to_owned()),
        ..ServerOptions::default()
    };
    let Some(server) = available(ServerProcess::start(options, None)) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let connector = Connector::new(&Trust::Anything).unwrap();
    let each = joins().div_ceil(LOOKS);
    let clock = Stopwatch::start();
    let mut retried = 0;
    let looks: Vec<Look> = (0..LOOKS)
        .map(|_| {
            retried += churn(&runtime, &connector, &server, each);
            let look = look(&server);
            println!("{:.0} s: {look:?}", clock.elapsed().as_secs_f64());
            look
        })
        .collect();
    let opened = server.metrics(None).unwrap();
    let opened = opened.sum("game_server_links_opened_total", &[]);
    assert!(opened >= (each * LOOKS) as f64, "{opened} links");

    let retried = retried as f64 * 1_000.0 / (each * LOOKS) as f64;
    println!("{retried:.1} links in a thousand tried again");
    assert!(retried < MOST_RETRIES, "{retried:.1} in a thousand");

    let after = &looks[WARM_UP..];
    let memory: Vec<f64> = after.iter().map(|look| look.memory as f64).collect();
    let growth = slope(&memory) * 1_000.0 / each as f64;
    println!("{growth:.0} bytes for each thousand joins");
    assert!(
        growth < MOST_GROWTH,
        "{growth:.0} bytes for each thousand joins: {looks:?}"
    );
    for look in after {
        assert_eq!(look.series, after[0].series, "{looks:?}");
        assert!(look.reasons <= MOST_REASONS, "{looks:?}");
        assert!(look.tasks <= after[0].tasks + ENDING, "{looks:?}");
    }
}
