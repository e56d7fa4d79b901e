//! One player behind a path that is hardly wide enough, in virtual time: what is sent must not stand in its queue.

use std::time::Duration;

use tests::link::{Bandwidth, DropPolicy, LinkConfig, LinkPair};
use tests::pair::play;
use tests::pair::scenario::{GuestPlan, Kind, Move, Scenario};

const DELAY: Duration = Duration::from_millis(20);

/// What came after this is judged: the path is known by then.
const SETTLED: Duration = Duration::from_secs(5);

fn slow(kbit_per_s: f64, kind: Kind) -> Scenario {
    let link = LinkConfig {
        delay_ms: DELAY.as_secs_f64() * 1e3,
        ..LinkConfig::default()
    };
    let network = LinkPair {
        down: LinkConfig {
            bandwidth: Bandwidth {
                kbit_per_s,
                queue_bytes: 8_192,
                drop: DropPolicy::Tail,
            },
            ..link.clone()
        },
        up: link,
        ..LinkPair::default()
    };
    let open = Move::Open { kind, network: 0 };
    Scenario {
        length: Duration::from_secs(40),
        guests: vec![GuestPlan {
            networks: vec![network],
            moves: vec![(Duration::from_millis(100), open)],
            ..GuestPlan::default()
        }],
        ..Scenario::default()
    }
}

/// Over the path's own delay, the 99th percentile of the age of what came in, in milliseconds; and how many came a
/// second.
fn play_on(kbit_per_s: f64, kind: Kind) -> (f64, f64) {
    let scenario = slow(kbit_per_s, kind);
    let outcome = play(&scenario);
    let witness = &outcome.guests[0].witness;
    assert_eq!(witness.faults, [""; 0]);
    let tick = Duration::from_secs(1) / u32::from(scenario.rates.tick);
    let came = witness.news.iter().zip(&witness.news_ticks);
    let judged = came.filter(|(at, _)| (SETTLED..scenario.length).contains(*at));
    let mut ages: Vec<f64> = judged
        .map(|(at, shown)| at.saturating_sub(tick * shown.0 + DELAY).as_secs_f64() * 1e3)
        .collect();
    ages.sort_by(f64::total_cmp);
    let seconds = (scenario.length - SETTLED).as_secs_f64();
    (ages[ages.len() * 99 / 100], ages.len() as f64 / seconds)
}

#[test]
fn on_a_slow_path_state_is_fresh() {
    for (kbit_per_s, most_ms, least_rate) in [(64.0, 100.0, 15.0), (32.0, 150.0, 7.0)] {
        for kind in [Kind::Datagrams, Kind::Streams(3)] {
            let (age, rate) = play_on(kbit_per_s, kind);
            println!("{kbit_per_s} kbit/s {kind:?}: {age:.0} ms, {rate:.1} a second");
            assert!(age < most_ms, "{kbit_per_s} kbit/s {kind:?}: {age} ms");
            assert!(rate >= least_rate, "{kbit_per_s} kbit/s {kind:?}: {rate}");
        }
    }
}
