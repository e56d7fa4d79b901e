//! A trace's lane in figures.

use std::time::Duration;

use serde::Serialize;

use super::lane::TraceLane;
use crate::figures::quantile;

/// What a lane does to packets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TraceStatistics {
    /// How many rows it has.
    pub probes: usize,
    /// Share of them lost, in percent; 0 without any.
    pub lost_percent: f64,
    /// Median delay of those that came through, in ms; `None` when none did.
    pub delay_p50_ms: Option<f64>,
    /// Delay at the 99th percentile, in ms; `None` when none came through.
    pub delay_p99_ms: Option<f64>,
    /// The longest span in which every packet would be lost, in ms, within one round of the trace.
    pub longest_outage_ms: f64,
}

pub(super) fn of(lane: &TraceLane) -> TraceStatistics {
    let delays: Vec<f64> = lane
        .rows()
        .filter_map(|row| row.delay)
        .map(milliseconds)
        .collect();
    let probes = lane.rows().count();
    let lost = probes - delays.len();
    TraceStatistics {
        probes,
        lost_percent: lost as f64 / probes.max(1) as f64 * 100.0,
        delay_p50_ms: quantile(&delays, 0.5),
        delay_p99_ms: quantile(&delays, 0.99),
        longest_outage_ms: milliseconds(longest_outage(lane)),
    }
}

fn longest_outage(lane: &TraceLane) -> Duration {
    let (mut longest, mut since, mut until) = (Duration::ZERO, Duration::ZERO, None);
    for (at, lost, holds) in lane.spans() {
        if !lost {
            continue;
        }
        if until != Some(at) {
            since = at;
        }
        until = Some(at + holds);
        longest = longest.max(at + holds - since);
    }
    longest
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
