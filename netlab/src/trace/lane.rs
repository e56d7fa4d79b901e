//! One direction of a trace, and what a packet meets in it at a moment. No files.

use std::time::Duration;

use super::{TraceRow, TraceStatistics, statistics};

/// How long a row holds at most.
const HOLD: Duration = Duration::from_secs(1);
/// The least distance of rows, so that a trace of a single moment has a length.
const LEAST_SPACING: Duration = Duration::from_millis(1);

/// One direction of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceLane {
    rows: Vec<Held>,
    /// Until the trace begins again; never zero.
    length: Duration,
}

/// A row, and the delay that goes on when it holds no more.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Held {
    at: Duration,
    lost: bool,
    /// Its own delay, or the last known one.
    delay: Duration,
}

impl TraceLane {
    /// Of rows in order of time, which begin again after `length`.
    pub(super) fn new(rows: &[TraceRow], length: Duration) -> Self {
        // Before the first known delay, the last of the round before counts.
        let mut known = rows.iter().rev().find_map(|row| row.delay);
        let held = |row: &TraceRow| {
            known = row.delay.or(known);
            Held {
                at: row.at,
                lost: row.delay.is_none(),
                delay: known.unwrap_or_default(),
            }
        };
        Self {
            rows: rows.iter().map(held).collect(),
            length,
        }
    }

    /// How long a trace of these rows alone is.
    pub(super) fn length_of(rows: &[TraceRow]) -> Duration {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return LEAST_SPACING;
        };
        let spacing = match rows.len() {
            1 => HOLD,
            count => (last.at - first.at) / (count - 1) as u32,
        };
        last.at + spacing.clamp(LEAST_SPACING, HOLD)
    }

    /// The probes, in order of time.
    pub fn rows(&self) -> impl Iterator<Item = TraceRow> {
        self.rows.iter().map(|held| TraceRow {
            at: held.at,
            delay: (!held.lost).then_some(held.delay),
        })
    }

    /// How long the trace is, until it begins again.
    pub fn length(&self) -> Duration {
        self.length
    }

    /// The delay that a packet meets at `time` from the trace's start; `None` when it is lost.
    pub fn delay_at(&self, time: Duration) -> Option<Duration> {
        let (delay, lost) = self.meet(time);
        (!lost).then_some(delay)
    }

    /// The last delay known at `time` from the trace's start, lost packets left out.
    pub fn known_delay_at(&self, time: Duration) -> Duration {
        self.meet(time).0
    }

    /// The last known delay, and whether a packet is lost.
    fn meet(&self, time: Duration) -> (Duration, bool) {
        let into = Duration::from_nanos_u128(time.as_nanos() % self.length.as_nanos());
        let (held, age) = match self.rows.partition_point(|held| held.at <= into) {
            // The last of the round before, if there is any.
            0 => match self.rows.last() {
                Some(held) => (held, into + self.length - held.at),
                None => return (Duration::ZERO, false),
            },
            after => (&self.rows[after - 1], into - self.rows[after - 1].at),
        };
        (held.delay, held.lost && age < HOLD)
    }

    /// The lane in figures.
    pub fn statistics(&self) -> TraceStatistics {
        statistics::of(self)
    }

    /// When each row was sent, whether it was lost, and for how long it holds.
    pub(super) fn spans(&self) -> impl Iterator<Item = (Duration, bool, Duration)> {
        let ends = self.rows.iter().skip(1).map(|held| held.at);
        let ends = ends.chain([self.length]);
        self.rows
            .iter()
            .zip(ends)
            .map(|(held, end)| (held.at, held.lost, (end - held.at).min(HOLD)))
    }
}
