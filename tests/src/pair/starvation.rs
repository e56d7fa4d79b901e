//! How long a player was without news: the share of time that lies more than 150 ms after the newest snapshot came in,
//! and what the same datagrams would have fared with other seeds.
//!
//! For a sender at regular intervals over a path without jitter, that share is the chance that all of the last 150 ms'
//! datagrams were lost: at 20 a second three in a row, so `p³` for independent losses of `p`. For any other path it is
//! found by sending the very same datagrams through many paths that differ only in their seeds.

use std::time::Duration;

use netlab::path::{PathConfig, PathModel};

/// A gap between snapshots counts as starved from here on.
pub const STARVED_AFTER: Duration = Duration::from_millis(150);

/// Share of the time from the first arrival to `end` that is starved. `arrivals`: when something new came in, in order.
pub fn starved_share(arrivals: &[Duration], end: Duration) -> f64 {
    let Some(first) = arrivals.first() else {
        return 1.0;
    };
    let nexts = arrivals.iter().skip(1).chain([&end]);
    let starved: Duration = arrivals
        .iter()
        .zip(nexts)
        .map(|(at, next)| next.saturating_sub(*at).saturating_sub(STARVED_AFTER))
        .sum();
    let all = end.saturating_sub(*first);
    starved.as_secs_f64() / all.as_secs_f64().max(1e-9)
}

/// The starved shares that `sent`, datagrams with their packets' bytes, would have met on `seeds` other
/// paths of the same configuration, in rising order.
pub fn shares_elsewhere(
    path: &PathConfig,
    sent: &[(Duration, usize)],
    end: Duration,
    seeds: u64,
) -> Vec<f64> {
    let mut shares: Vec<f64> = (0..seeds)
        .map(|seed| {
            let path = PathModel::new(path.clone(), 0x5eed + seed).expect("a valid path");
            starved_share(&news(path, sent), end)
        })
        .collect();
    shares.sort_by(f64::total_cmp);
    shares
}

/// When something newer than all before came out.
fn news(mut path: PathModel, sent: &[(Duration, usize)]) -> Vec<Duration> {
    use netlab::path::Packet;
    let mut arrivals: Vec<(Duration, usize)> = Vec::with_capacity(sent.len());
    for (number, (at, bytes)) in sent.iter().enumerate() {
        let packet = Packet {
            bytes: *bytes,
            is_udp: true,
        };
        let fate = path.send(*at, packet);
        arrivals.extend(
            fate.departures()
                .filter(|out| out.corruption.is_none())
                .map(|out| (out.at, number)),
        );
    }
    arrivals.sort_unstable();
    let mut newest = None;
    arrivals.retain(|(_, number)| {
        let is_news = Some(*number) > newest;
        newest = newest.max(Some(*number));
        is_news
    });
    arrivals.into_iter().map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use netlab::path::Loss;

    fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn only_what_is_over_the_limit_counts() {
        let share = starved_share(&[ms(1_000), ms(1_100), ms(1_350), ms(1_900)], ms(2_000));
        assert!((share - 0.5).abs() < 1e-9, "{share}");
        assert_eq!(starved_share(&[], ms(10)), 1.0);
    }

    #[test]
    fn independent_losses_starve_for_their_cube() {
        let sent: Vec<_> = (0..20_000).map(|number| (ms(50 * number), 200)).collect();
        for (percent, expected) in [(5.0, 0.000_125), (10.0, 0.001), (20.0, 0.008)] {
            let path = PathConfig {
                delay_ms: 40.0,
                loss: Loss::Uniform { percent },
                ..PathConfig::default()
            };
            let shares = shares_elsewhere(&path, &sent, ms(1_000_000), 20);
            let mean = shares.iter().sum::<f64>() / shares.len() as f64;
            assert!((mean / expected - 1.0).abs() < 0.2, "{percent} %: {mean}");
        }
    }
}
