//! A report as `netlab run` might write it, made up from an emulated path so that its plots look as real ones do.

use std::time::Duration;

use netlab::figures::quantile;
use netlab::path::{Departure, Jitter, Loss, Packet, PacketFate, PathConfig, PathModel};
use netlab::report::{
    Bytes, Check, Connection, Failure, Figures, Place, ProfileNote, Quantiles, REPORT_VERSION,
    Report, Run, Series, Verdict,
};
use netlab::transport_under_test::TransportUnderTest;
use protocol::rung::Rung;

/// Between two snapshots.
const INTERVAL_MS: u64 = 50;
/// Longer without a snapshot is a gap.
const PATIENCE_MS: f64 = 150.0;
/// The longest that the link itself takes.
const LINK_MAX_MS: f64 = 90.0;
const PROFILES: [(&str, &str, f64); 2] = [
    ("wifi", "a calm home network", 1.0),
    (
        "fades-5",
        "nothing passes for 60 ms at a time, 5 % of the time",
        5.0,
    ),
];

/// Two profiles, two players, four ways and so many repeats of so long; one run that broke off, one check that failed.
pub(crate) fn report(repeats: u32, seconds: u64) -> Report {
    let mut runs = Vec::new();
    for (profile, _, faded_percent) in PROFILES {
        for player in ["chromium", "firefox"] {
            for repeat in 1..=repeats {
                for way in TransportUnderTest::ALL {
                    let conditions = NetworkConditions {
                        faded_percent,
                        seed: u64::from(repeat),
                        seconds,
                    };
                    runs.push(run(profile, player, way, repeat, &conditions));
                }
            }
        }
    }
    if let Some(broken) = runs.last_mut() {
        break_off(broken);
    }
    let verdict = verdict(&runs);
    Report {
        version: REPORT_VERSION,
        began_unix_ms: 1_795_358_400_000.0,
        command: [
            "netlab",
            "run",
            "--profile",
            "wifi,fades-5",
            "--browser",
            "chromium,firefox",
        ]
        .map(str::to_owned)
        .to_vec(),
        place: Place::Namespaces,
        remarks: Vec::new(),
        profiles: PROFILES.map(profile_note).to_vec(),
        runs,
        verdict,
    }
}

/// A report of nothing.
pub(crate) fn empty() -> Report {
    Report {
        runs: Vec::new(),
        profiles: Vec::new(),
        verdict: Verdict::default(),
        ..report(1, 1)
    }
}

fn profile_note((name, summary, _): (&str, &str, f64)) -> ProfileNote {
    ProfileNote {
        name: name.to_owned(),
        summary: summary.to_owned(),
        source: "made up".to_owned(),
    }
}

struct NetworkConditions {
    faded_percent: f64,
    seed: u64,
    seconds: u64,
}

fn run(
    profile: &str,
    player: &str,
    way: TransportUnderTest,
    repeat: u32,
    conditions: &NetworkConditions,
) -> Run {
    let series = arrivals(sender(way), conditions);
    let floor_series = arrivals(Sender::Ideal, conditions);
    let tcp = matches!(
        way,
        TransportUnderTest::WebSocket
            | TransportUnderTest::OneWebSocket
            | TransportUnderTest::SocketIo
    );
    Run {
        profile: profile.to_owned(),
        player: player.to_owned(),
        way,
        repeat,
        seed: conditions.seed,
        seconds: conditions.seconds as f64,
        figures: figures(&series, conditions),
        floor: figures(&floor_series, conditions),
        connection: Connection {
            first_snapshot: Some(if tcp { 310.0 } else { 460.0 } + 13.0 * f64::from(repeat)),
            rung_changes: Some(u32::from(way == TransportUnderTest::Ladder)),
            settled_on: way.rung().or(Some(Rung::WebTransport)),
            bytes: Some(Bytes {
                down: 61_000,
                up: 30_000,
            }),
            link_bytes_down: Some(97_000),
            rtt_seen: Some(121.5),
            rtt_set: 120.0,
            tcp_retransmitted: tcp.then_some(21),
            ..Connection::default()
        },
        feel: None,
        series,
        other_series: Vec::new(),
        floor_series,
        failure: None,
    }
}

#[derive(Clone, Copy)]
enum Sender {
    /// Sends again at once until something passes.
    Ideal,
    /// Sends each snapshot so often, 22 ms apart.
    Datagrams(u64),
    /// Sends again after 250 ms, in order on each of three streams.
    Streams,
}

fn sender(way: TransportUnderTest) -> Sender {
    match way {
        TransportUnderTest::Ladder | TransportUnderTest::WebTransport => Sender::Datagrams(2),
        TransportUnderTest::WebRtc => Sender::Datagrams(1),
        TransportUnderTest::WebSocket
        | TransportUnderTest::OneWebSocket
        | TransportUnderTest::SocketIo => Sender::Streams,
    }
}

fn arrivals(sender: Sender, conditions: &NetworkConditions) -> Series {
    let config = PathConfig {
        delay_ms: 60.0,
        jitter: Jitter {
            ms: 30.0,
            ..Jitter::default()
        },
        loss: Loss::Fades {
            mean_ms: 60.0,
            faded_percent: conditions.faded_percent,
        },
        ..PathConfig::default()
    };
    let mut link = PathModel::new(config, conditions.seed).expect("a valid link");
    let mut streams = [0.0_f64; 3];
    let mut came: Vec<(f64, u64)> = Vec::new();
    for sent in (0..conditions.seconds * 1_000).step_by(INTERVAL_MS as usize) {
        let tries: Vec<u64> = match sender {
            Sender::Ideal => (0..25).map(|k| sent + 2 * k).collect(),
            Sender::Datagrams(copies) => (0..copies).map(|k| sent + 22 * k).collect(),
            Sender::Streams => (0..6).map(|k| sent + 250 * ((1 << k) - 1)).collect(),
        };
        let Some(mut at) = tries.into_iter().find_map(|ms| passes(&mut link, ms)) else {
            continue;
        };
        if matches!(sender, Sender::Streams) {
            let stream = &mut streams[(sent / INTERVAL_MS) as usize % 3];
            at = at.max(*stream);
            *stream = at;
        }
        came.push((at, sent));
    }
    came.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut series = Series::default();
    let mut newest = None;
    for (at, sent) in came {
        series.at.push(at);
        series.age.push(at - sent as f64);
        series
            .is_new
            .push(newest.is_none_or(|newest| sent > newest));
        newest = newest.max(Some(sent));
    }
    series
}

/// When a packet sent then comes in, in milliseconds.
fn passes(link: &mut PathModel, ms: u64) -> Option<f64> {
    let packet = Packet {
        bytes: 150,
        is_udp: true,
    };
    match link.send(Duration::from_millis(ms), packet) {
        PacketFate::Passed {
            first: Departure { at, .. },
            ..
        } => Some(at.as_secs_f64() * 1_000.0),
        _ => None,
    }
}

fn figures(series: &Series, conditions: &NetworkConditions) -> Figures {
    let end = conditions.seconds as f64 * 1_000.0;
    let arrivals = || series.at.iter().zip(&series.age).zip(&series.is_new);
    let ages: Vec<f64> = arrivals()
        .filter(|(_, new)| **new)
        .map(|((_, age), _)| *age)
        .collect();
    let mut news: Vec<f64> = arrivals()
        .filter(|(_, new)| **new)
        .map(|((at, _), _)| *at)
        .collect();
    news.push(end.max(news.last().copied().unwrap_or(0.0)));
    let spans: Vec<f64> = news.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let starved: f64 = spans.iter().map(|span| (span - PATIENCE_MS).max(0.0)).sum();
    let share = |share| quantile(&ages, share).unwrap_or(0.0);
    Figures {
        sent: (conditions.seconds * 1_000 / INTERVAL_MS) as u32,
        arrived: series.at.len() as u32,
        late: series
            .age
            .iter()
            .filter(|age| **age > LINK_MAX_MS + 50.0)
            .count() as u32,
        superseded: series.is_new.iter().filter(|new| !**new).count() as u32,
        age: Quantiles {
            p50: share(0.5),
            p95: share(0.95),
            p99: share(0.99),
            max: share(1.0),
        },
        gaps: spans.iter().filter(|span| **span > PATIENCE_MS).count() as u32,
        longest_gap: spans.iter().copied().fold(0.0, f64::max),
        starved_percent: starved / end * 100.0,
    }
}

/// The server dies after two thirds.
fn break_off(run: &mut Run) {
    let kept = run.series.at.len() * 2 / 3;
    run.series.at.truncate(kept);
    run.series.age.truncate(kept);
    run.series.is_new.truncate(kept);
    run.seconds *= 2.0 / 3.0;
    run.failure = Some(Failure {
        reason: "the server ended in mid-game with signal 9".to_owned(),
        log: vec![
            "INFO room opened room=lab".to_owned(),
            "WARN link is silent session=3 for_ms=1200".to_owned(),
            "ERROR out of memory".to_owned(),
        ],
    });
}

/// The starved time of every way is held against one bound; the last way, whose run broke off, against `ran` too.
fn verdict(runs: &[Run]) -> Verdict {
    let mut checks: Vec<Check> = Vec::new();
    for run in runs.iter().filter(|run| run.repeat == 1) {
        let same = |other: &&Run| {
            (&other.profile, &other.player, other.way) == (&run.profile, &run.player, run.way)
        };
        let repeats: Vec<&Run> = runs.iter().filter(same).collect();
        let above = |run: &&Run| run.figures.starved_percent - run.floor.starved_percent;
        let measured: Vec<f64> = repeats.iter().map(above).collect();
        let median = quantile(&measured, 0.5).unwrap_or(0.0);
        let allowed = if run.way == TransportUnderTest::WebSocket {
            6.0
        } else {
            2.0
        };
        let place = format!("{} {} {}", run.profile, run.player, run.way);
        checks.push(Check {
            profile: run.profile.clone(),
            player: run.player.clone(),
            way: run.way,
            key: "starved_above_floor_percent".to_owned(),
            bound: format!("≤ {allowed} %"),
            measured,
            passed: median <= allowed,
            line: format!("{place}: starved {median:.1} % above the floor, allowed {allowed:.1} %"),
        });
        for broken in repeats.iter().filter(|run| run.failure.is_some()) {
            let fault = broken.fault().unwrap_or_default();
            checks.push(Check {
                profile: run.profile.clone(),
                player: run.player.clone(),
                way: run.way,
                key: "ran".to_owned(),
                bound: "every run is a measurement".to_owned(),
                measured: Vec::new(),
                passed: false,
                line: format!(
                    "{place}: repeat {} is no measurement: {fault}",
                    broken.repeat
                ),
            });
        }
    }
    Verdict { checks }
}
