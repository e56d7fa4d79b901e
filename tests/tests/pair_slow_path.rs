//! One player behind a path that is hardly wide enough, in virtual time: what is sent must not stand in its queue.

use std::time::Duration;

use netlab::path::{Bandwidth, DropPolicy, Loss, PathConfig, PathPair};
use tests::pair::play;
use tests::pair::scenario::{GuestPlan, Kind, Move, Scenario};

const DELAY: Duration = Duration::from_millis(20);

/// One game's fades come where they come: the median of so many is judged.
const SEEDS: u64 = 9;

/// What came after this is judged: the path is known by then.
const SETTLED: Duration = Duration::from_secs(10);

/// A player whose path down has so much room, and fades, so that more than usual is wanted; eleven others have all they
/// need.
fn slow(kbit_per_s: f64, kind: Kind) -> Scenario {
    let up = PathConfig {
        delay_ms: DELAY.as_secs_f64() * 1e3,
        ..PathConfig::default()
    };
    let down = PathConfig {
        bandwidth: Bandwidth {
            kbit_per_s,
            queue_bytes: 8_192,
            drop: DropPolicy::Tail,
        },
        loss: Loss::Fades {
            mean_ms: 60.0,
            faded_percent: 5.0,
        },
        ..up.clone()
    };
    let slow = PathPair {
        up,
        down,
        ..PathPair::default()
    };
    let guest = |network, kind| GuestPlan {
        networks: vec![network],
        moves: vec![(Duration::from_millis(100), Move::Open { kind, network: 0 })],
        ..GuestPlan::default()
    };
    let others = (1..12).map(|_| guest(PathPair::default(), Kind::Datagrams));
    Scenario {
        length: Duration::from_secs(60),
        guests: [guest(slow, kind)].into_iter().chain(others).collect(),
        ..Scenario::default()
    }
}

/// A usual datagram, and what UDP and IP put before it.
const DATAGRAM_BITS: f64 = 90.0 * 8.0;

/// Over what a datagram takes on the empty path, the 99th percentile of the age of what came in, in milliseconds; and
/// how many came a second.
fn play_on(kbit_per_s: f64, kind: Kind, seed: u64) -> (f64, f64) {
    let scenario = Scenario {
        seed,
        ..slow(kbit_per_s, kind)
    };
    let empty = DELAY + Duration::from_secs_f64(DATAGRAM_BITS / kbit_per_s / 1e3);
    let outcome = play(&scenario);
    let witness = &outcome.guests[0].witness;
    assert_eq!(witness.faults, [""; 0]);
    let tick = Duration::from_secs(1) / u32::from(scenario.rates.tick);
    let came = witness.news.iter().zip(&witness.news_ticks);
    let judged = came.filter(|(at, _)| (SETTLED..scenario.length).contains(*at));
    let mut ages: Vec<f64> = judged
        .map(|(at, shown)| at.saturating_sub(tick * shown.0 + empty).as_secs_f64() * 1e3)
        .collect();
    ages.sort_by(f64::total_cmp);
    let seconds = (scenario.length - SETTLED).as_secs_f64();
    (ages[ages.len() * 99 / 100], ages.len() as f64 / seconds)
}

#[test]
fn on_a_slow_path_state_is_fresh() {
    for (kbit_per_s, most_ms, least_rate) in [(64.0, 100.0, 12.0), (32.0, 100.0, 7.0)] {
        let games = (0..SEEDS).map(|seed| play_on(kbit_per_s, Kind::Datagrams, seed));
        let (mut ages, rates): (Vec<f64>, Vec<f64>) = games.unzip();
        ages.sort_by(f64::total_cmp);
        println!("{kbit_per_s} kbit/s: {ages:.0?} ms, {rates:.1?} a second");
        let median = ages[ages.len() / 2];
        assert!(median < most_ms, "{kbit_per_s} kbit/s: {ages:?} ms");
        let slowest = rates.iter().copied().fold(f64::INFINITY, f64::min);
        assert!(slowest >= least_rate, "{kbit_per_s} kbit/s: {rates:?}");
    }
}
