//! The path model is honest: over many packets it does what its figures say.

use std::time::Duration;

use netlab::path::{Bandwidth, Jitter, Loss, Order, Packet, PacketFate, PathConfig, PathModel};

const PACKETS: usize = 50_000;
const SEEDS: std::ops::Range<u64> = 0..5;
const INTERVAL: Duration = Duration::from_millis(2);

fn fates(config: PathConfig, seed: u64, packets: usize, interval: Duration) -> Vec<PacketFate> {
    let mut path = PathModel::new(config, seed).expect("a valid configuration");
    let packet = Packet {
        bytes: 100,
        is_udp: true,
    };
    (0..packets)
        .map(|index| path.send(interval * index as u32, packet))
        .collect()
}

fn losses(loss: Loss, seed: u64, packets: usize) -> Vec<bool> {
    losses_each(INTERVAL, loss, seed, packets)
}

/// Whether each of `packets` is lost, one sent each `interval`.
fn losses_each(interval: Duration, loss: Loss, seed: u64, packets: usize) -> Vec<bool> {
    let config = PathConfig {
        loss,
        ..PathConfig::default()
    };
    let fates = fates(config, seed, packets, interval);
    fates
        .into_iter()
        .map(|fate| matches!(fate, PacketFate::Dropped(_)))
        .collect()
}

/// Lengths of the runs of `lost` (or of its opposite), without the first and last, which may be cut.
fn runs(losses: &[bool], lost: bool) -> Vec<usize> {
    let chunks: Vec<_> = losses.chunk_by(|a, b| a == b).collect();
    let whole = chunks.get(1..chunks.len() - 1).unwrap_or_default();
    whole
        .iter()
        .filter(|run| run[0] == lost)
        .map(|run| run.len())
        .collect()
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len() as f64;
    values.sum::<f64>() / count
}

/// The share of `PACKETS` lost lies within 3 sigma of `share`, for packets sent each `interval` whose neighbours' fates
/// are correlated by `correlation` (0 for independent ones).
///
/// The variance of a mean is that of independent values times 1 + 2 (r1 + r2 + ...), where rk is the correlation of two
/// values k apart (Gelman and others, Bayesian Data Analysis, third edition, section 11.5). In a two-state Markov chain
/// each step keeps the same share r of what is known of the state, so that rk is r^k, and the sum of the series makes
/// it (1 + r) / (1 - r).
fn assert_loss(interval: Duration, loss: Loss, share: f64, correlation: f64) {
    let inflation = (1.0 + correlation) / (1.0 - correlation);
    let sigma = (share * (1.0 - share) / PACKETS as f64 * inflation).sqrt();
    for seed in SEEDS {
        let lost = losses_each(interval, loss, seed, PACKETS)
            .iter()
            .filter(|lost| **lost)
            .count();
        let measured = lost as f64 / PACKETS as f64;
        let off = (measured - share) / sigma;
        assert!(
            off.abs() < 3.0,
            "{loss:?}, seed {seed}: {measured} lost instead of {share}, {off:.1} sigma off"
        );
    }
}

fn assert_mean_run(loss: Loss, lost: bool, expected: f64) {
    let runs = runs(&losses(loss, 1, 1_000_000), lost);
    let measured = mean(runs.iter().map(|run| *run as f64));
    let off = measured / expected - 1.0;
    assert!(
        off.abs() < 0.1,
        "{loss:?}: runs of {measured:.2} packets instead of {expected:.2}"
    );
}

/// The lengths of runs follow a geometric law in which a run goes on with probability `goes_on`: Pearson's chi-square
/// over up to ten classes of about the same expected size.
fn assert_geometric(runs: &[usize], goes_on: f64) {
    const CLASSES: usize = 10;
    /// The 99.9 % points of chi-square with one degree of freedom, two, and so on.
    const LIMITS: [f64; CLASSES - 1] = [
        10.83, 13.82, 16.27, 18.47, 20.52, 22.46, 24.32, 26.12, 27.88,
    ];
    // Runs of at most this many packets, and more than the edge before; the last class is open.
    let mut edges: Vec<usize> = (1..CLASSES)
        .map(|class| ((1.0 - class as f64 / CLASSES as f64).ln() / goes_on.ln()).ceil() as usize)
        .collect();
    edges.dedup();
    let limit = LIMITS[edges.len() - 1];
    let (mut observed, mut below, mut chi_square) = (0, 0.0, 0.0);
    for edge in edges.into_iter().chain([usize::MAX]) {
        let up_to = if edge == usize::MAX {
            1.0
        } else {
            1.0 - goes_on.powi(edge as i32)
        };
        let expected = (up_to - below) * runs.len() as f64;
        assert!(expected > 5.0, "too few runs to say anything");
        let count = runs.iter().filter(|run| **run <= edge).count();
        chi_square += ((count - observed) as f64 - expected).powi(2) / expected;
        (observed, below) = (count, up_to);
    }
    assert!(
        chi_square < limit,
        "chi-square {chi_square:.1} over {} runs",
        runs.len()
    );
}

#[test]
fn uniform_loss_takes_its_share_of_packets() {
    for percent in [0.5, 5.0, 20.0] {
        assert_loss(INTERVAL, Loss::Uniform { percent }, percent / 100.0, 0.0);
    }
}

#[test]
fn uniform_loss_falls_anywhere() {
    let losses = losses(Loss::Uniform { percent: 5.0 }, 3, PACKETS);
    assert_geometric(&runs(&losses, false), 0.95);
}

#[test]
fn bursts_take_their_share_and_last_as_long_as_set() {
    for (good_packets, bad_packets) in [(40.0, 2.0), (18.0, 2.0), (100.0, 5.0)] {
        let loss = Loss::Bursts {
            good_packets,
            bad_packets,
        };
        let share = bad_packets / (good_packets + bad_packets);
        let correlation = 1.0 - 1.0 / good_packets - 1.0 / bad_packets;
        assert_loss(INTERVAL, loss, share, correlation);
        assert_mean_run(loss, true, bad_packets);
        assert_mean_run(loss, false, good_packets);
    }
}

#[test]
fn lengths_of_bursts_and_of_the_gaps_between_follow_their_laws() {
    for (good_packets, bad_packets) in [(40.0, 2.0), (100.0, 5.0)] {
        let loss = Loss::Bursts {
            good_packets,
            bad_packets,
        };
        let losses = losses(loss, 4, PACKETS);
        assert_geometric(&runs(&losses, false), 1.0 - 1.0 / good_packets);
        assert_geometric(&runs(&losses, true), 1.0 - 1.0 / bad_packets);
    }
}

/// How fast fades and the spans between forget their beginning, per ms: the sum of both rates of change.
fn rate_per_ms(mean_ms: f64, share: f64) -> f64 {
    1.0 / mean_ms + share / (mean_ms * (1.0 - share))
}

#[test]
fn fades_take_their_share_of_time_and_last_as_long_as_set() {
    for (mean_ms, faded_percent) in [(60.0, 5.0), (60.0, 10.0), (200.0, 20.0)] {
        let loss = Loss::Fades {
            mean_ms,
            faded_percent,
        };
        let share: f64 = faded_percent / 100.0;
        // The correlation of two moments of the two-state chain in continuous time.
        let correlation = |interval: Duration| {
            let interval_ms = interval.as_secs_f64() * 1e3;
            (-interval_ms * rate_per_ms(mean_ms, share)).exp()
        };
        for interval in [INTERVAL, Duration::from_millis(50)] {
            assert_loss(interval, loss, share, correlation(interval));
        }
        // A fade as packets see it: a run goes on when the path doesn't change its state until the next packet.
        let leaves = (1.0 - share) * (1.0 - correlation(INTERVAL));
        assert_mean_run(loss, true, 1.0 / leaves);
    }
}

#[test]
fn lengths_of_fades_and_of_the_spans_between_follow_their_laws() {
    let loss = Loss::Fades {
        mean_ms: 60.0,
        faded_percent: 10.0,
    };
    let losses = losses(loss, 5, 1_000_000);
    let changes = 1.0 - (-2.0 * rate_per_ms(60.0, 0.1)).exp();
    assert_geometric(&runs(&losses, true), 1.0 - 0.9 * changes);
    assert_geometric(&runs(&losses, false), 1.0 - 0.1 * changes);
}

#[test]
fn delay_and_jitter_are_as_set() {
    for order in [Order::Kept, Order::Free] {
        let jitter = Jitter {
            ms: 10.0,
            order,
            ..Jitter::default()
        };
        let config = PathConfig {
            delay_ms: 50.0,
            jitter,
            ..PathConfig::default()
        };
        // Further apart than the jitter reaches, so that no packet waits for one before it.
        let interval = Duration::from_millis(20);
        let delays: Vec<f64> = fates(config, 6, PACKETS, interval)
            .into_iter()
            .enumerate()
            .flat_map(|(index, fate)| {
                fate.departures()
                    .map(move |out| out.at - interval * index as u32)
            })
            .map(|delay| delay.as_secs_f64() * 1e3)
            .collect();
        let measured = mean(delays.iter().copied());
        assert!((measured - 55.0).abs() < 0.1, "mean delay {measured} ms");
        assert!(delays.iter().all(|delay| (50.0..=60.0).contains(delay)));
    }
}

#[test]
fn bandwidth_lets_through_its_rate() {
    for kbit_per_s in [1_600.0, 30_000.0] {
        let bandwidth = Bandwidth {
            kbit_per_s,
            queue_bytes: 30_000,
            ..Bandwidth::UNLIMITED
        };
        let config = PathConfig {
            bandwidth,
            ..PathConfig::default()
        };
        let mut path = PathModel::new(config, 7).expect("a valid configuration");
        // Twice what the bottleneck carries, for ten seconds.
        let packet = Packet {
            bytes: 1_200,
            is_udp: false,
        };
        let interval = Duration::from_secs_f64(1_200.0 * 8.0 / (2e3 * kbit_per_s));
        let count = (10.0 / interval.as_secs_f64()) as u32;
        let passed: usize = (0..count)
            .flat_map(|index| path.send(interval * index, packet).departures())
            .filter(|out| (1..=9).contains(&out.at.as_secs()))
            .map(|_| packet.bytes)
            .sum();
        let measured = passed as f64 * 8.0 / 9.0 / 1e3;
        assert!(
            (measured / kbit_per_s - 1.0).abs() < 0.03,
            "{measured} kbit/s instead of {kbit_per_s}"
        );
    }
}

#[test]
fn duplicates_and_corruption_take_their_share() {
    let config = PathConfig {
        duplicate_percent: 4.0,
        corrupt_percent: 2.0,
        ..PathConfig::default()
    };
    let (mut copies, mut corrupted) = (0, 0);
    for fate in fates(config, 8, PACKETS, INTERVAL) {
        let PacketFate::Passed { first, copy } = fate else {
            panic!("a lossless path lost a packet")
        };
        copies += usize::from(copy.is_some());
        if let Some(corruption) = first.corruption {
            corrupted += 1;
            assert!(corruption.offset < 100 && corruption.mask != 0);
        }
    }
    for (count, share) in [(copies, 0.04), (corrupted, 0.02)] {
        let sigma = (share * (1.0 - share) * PACKETS as f64).sqrt();
        assert!(
            (count as f64 - share * PACKETS as f64).abs() < 3.0 * sigma,
            "{count} of {PACKETS}"
        );
    }
}
