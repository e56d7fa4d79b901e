//! What a player has measured of its session; kept by the driver, read by anybody.

use std::collections::VecDeque;
use std::time::Duration;

use protocol::estimate::PathEstimate;
use protocol::tick::Tick;

use crate::session::{ClientSession, GameCodec, SnapshotTally, WelcomeInfo};

/// Snapshots whose ages are kept: over a minute at 60 a second.
const MOST_AGES: usize = 4_096;

/// A player's figures from its session's beginning.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PlayerStats {
    /// Snapshots decoded.
    pub snapshots: u64,
    /// Of these, the ones that a newer one had overtaken.
    pub late: u64,
    /// Datagrams that came more than once.
    pub repeated: u64,
    /// Datagrams of the server's that never came, or are still on their way.
    pub missing: u64,
    /// Datagrams that couldn't be decoded.
    pub undecodable: u64,
    /// Age of the newest snapshots when they came: from the server's tick to their receipt. Median; only where server
    /// and player read the same clock.
    pub age_p50: Option<Duration>,
    /// Its 99th percentile.
    pub age_p99: Option<Duration>,
    /// Bytes of datagrams and frames received, without what transports add.
    pub bytes_in: u64,
    /// Bytes of datagrams and frames sent, likewise.
    pub bytes_out: u64,
    /// Smoothed round trip, server's holding time excluded; none before the first sample.
    pub round_trip: Option<Duration>,
    /// Share of our datagrams that the server did not get, 0 to 1, as its acknowledgements tell.
    pub loss_up: f64,
    /// Share of the server's datagrams that we did not get, 0 to 1.
    pub loss_down: f64,
    /// Events that their reader was too slow to take.
    pub events_dropped: u64,
}

/// Collects what the session counts, and what it doesn't.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// The server's wall clock at a tick.
    epoch: Option<(Tick, Duration, f64)>,
    /// In seconds, of the newest snapshots.
    ages: VecDeque<f32>,
    pub(super) bytes_in: u64,
    pub(super) bytes_out: u64,
    pub(super) events_dropped: u64,
    snapshots: SnapshotTally,
    path: PathEstimate,
}

impl Meter {
    /// The server tells its clock.
    pub(super) fn on_welcome(&mut self, welcome: &WelcomeInfo) {
        let at = Duration::from_micros(welcome.unix_micros);
        self.epoch = Some((welcome.tick, at, f64::from(welcome.tick_rate)));
    }

    /// A snapshot of `tick` came at `since_1970`.
    pub(super) fn on_snapshot(&mut self, tick: Tick, since_1970: Duration) {
        let Some((first, at, rate)) = self.epoch else {
            return;
        };
        let age = since_1970.as_secs_f64() - at.as_secs_f64() - tick.since(first) as f64 / rate;
        if self.ages.len() == MOST_AGES {
            self.ages.pop_front();
        }
        self.ages.push_back(age.max(0.0) as f32);
    }

    /// Notes what the session has counted.
    pub(super) fn on_session<G: GameCodec>(&mut self, session: &ClientSession<G>) {
        self.snapshots = session.tally();
        self.path = session.path().clone();
    }

    /// The ages since the last call; [`PlayerStats::age_p50`] counts from here on, too.
    pub(super) fn take_ages(&mut self) -> Vec<Duration> {
        let ages = std::mem::take(&mut self.ages);
        ages.into_iter().map(Duration::from_secs_f32).collect()
    }

    /// The figures up to now.
    pub(super) fn stats(&self) -> PlayerStats {
        let (snapshots, path) = (&self.snapshots, &self.path);
        let (acked, lost) = path.outcomes();
        let mut ages: Vec<f32> = self.ages.iter().copied().collect();
        ages.sort_unstable_by(f32::total_cmp);
        PlayerStats {
            snapshots: snapshots.newest + snapshots.late,
            late: snapshots.late,
            repeated: snapshots.duplicate,
            missing: snapshots.missing(),
            undecodable: snapshots.undecodable,
            age_p50: quantile(&ages, 0.5),
            age_p99: quantile(&ages, 0.99),
            bytes_in: self.bytes_in,
            bytes_out: self.bytes_out,
            round_trip: path.round_trip(),
            loss_up: share(lost, acked + lost),
            loss_down: share(snapshots.missing(), snapshots.sent),
            events_dropped: self.events_dropped,
        }
    }
}

/// Of sorted values, by the nearest rank.
fn quantile(sorted: &[f32], share: f64) -> Option<Duration> {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    let seconds = sorted.get(rank.saturating_sub(1))?;
    Some(Duration::from_secs_f32(*seconds))
}

fn share(part: u64, whole: u64) -> f64 {
    part as f64 / whole.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshots_age_counts_from_its_tick_by_the_servers_clock() {
        let mut meter = Meter::default();
        let start = Duration::from_secs(1_000);
        meter.on_snapshot(Tick(1), start);
        meter.on_welcome(&WelcomeInfo {
            tick: Tick(60),
            tick_rate: 60,
            snapshot_rate: 20,
            unix_micros: 1_000_000_000,
            game: Vec::new(),
        });
        for age in [30, 10, 20] {
            meter.on_snapshot(Tick(120), start + Duration::from_millis(1_000 + age));
        }
        let ages: Vec<f32> = meter.ages.iter().copied().collect();
        assert_eq!(ages.len(), 3, "an age needs the server's clock");
        assert!((ages[0] - 0.030).abs() < 1e-4, "{ages:?}");
    }

    #[test]
    fn a_quantile_is_a_value_that_there_is() {
        assert_eq!(quantile(&[], 0.5), None);
        let of = |share| quantile(&[1.0, 2.0, 3.0, 4.0], share);
        assert_eq!(of(0.5), Some(Duration::from_secs(2)));
        assert_eq!(of(0.99), Some(Duration::from_secs(4)));
    }
}
