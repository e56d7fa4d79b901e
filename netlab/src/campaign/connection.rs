//! What the connections of one run did beside bringing snapshots. Pure.

use std::collections::HashSet;

use super::assemble::Observed;
use super::crowd::PlayerRecord;
use crate::figures::quantile;
use crate::path::{Jitter, PathConfig};
use crate::report::{Bytes, Connection};
use crate::sdk_page::Arrival;

impl Observed {
    /// What is known of the connections, over all players.
    pub(super) fn connection(&self) -> Connection {
        let courses: Vec<_> = self
            .players
            .iter()
            .filter_map(|player| player.course)
            .collect();
        let first: Vec<f64> = self
            .players
            .iter()
            .filter_map(|player| player.first_snapshot)
            .collect();
        let everybody_came = first.len() == self.players.len();
        let bytes = |of: fn(&Bytes) -> u64| {
            mean(courses.iter().map(|course| of(&course.bytes) as f64))
                .map(|bytes| bytes.round() as u64)
        };
        let deltas = self.counts.map(|(before, after)| {
            (after.bytes_down - before.bytes_down) / self.players.len().max(1) as u64
        });
        let retransmitted = self
            .counts
            .and_then(|(before, after)| Some(after.tcp_retransmitted? - before.tcp_retransmitted?));
        let lateness = self
            .counts
            .map(|(before, after)| after.lateness.since(&before.lateness).quantile(0.99));
        Connection {
            first_snapshot: quantile(&first, 0.5).filter(|_| everybody_came),
            rung_changes: courses.iter().map(|course| course.rung_changes).max(),
            settled_on: courses.first().and_then(|course| course.settled_on),
            bytes: bytes(|bytes| bytes.down)
                .zip(bytes(|bytes| bytes.up))
                .map(|(down, up)| Bytes { down, up }),
            link_bytes_down: deltas,
            rtt_seen: mean(courses.iter().map(|course| course.rtt)),
            rtt_set: mean_delay_ms(&self.paths.up, self.span_ms)
                + mean_delay_ms(&self.paths.down, self.span_ms),
            tcp_retransmitted: retransmitted,
            repeated: self.repeated(),
            standstill: mean(courses.iter().map(|course| course.standstill)),
            link_lateness_p99: lateness.map(|lateness| lateness.as_secs_f64() * 1e3),
        }
    }

    fn repeated(&self) -> Option<u32> {
        let of = |player: &PlayerRecord| repeats(&player.arrivals, self.began_ms);
        u32::try_from(self.players.iter().map(of).sum::<usize>()).ok()
    }
}

/// How many datagrams came, from `began_ms` on, that had come before.
fn repeats(arrivals: &[Arrival], began_ms: f64) -> usize {
    let mut seen = HashSet::new();
    arrivals
        .iter()
        .filter(|arrival| {
            !seen.insert((arrival.sequence, arrival.tick)) && arrival.at_ms >= began_ms
        })
        .count()
}

/// What a path delays a packet on average over `span_ms`, queues apart.
fn mean_delay_ms(path: &PathConfig, span_ms: f64) -> f64 {
    let rows = path.trace.iter().flat_map(|trace| trace.rows());
    let recorded = rows
        .filter_map(|row| row.delay)
        .map(|delay| delay.as_secs_f64() * 1e3);
    set_delay_ms(path, span_ms) + mean(recorded).unwrap_or_default()
}

fn set_delay_ms(path: &PathConfig, span_ms: f64) -> f64 {
    let (mut delay_ms, mut jitter) = (path.delay_ms, path.jitter);
    let (mut sum, mut since_ms) = (0.0, 0.0);
    let now =
        |delay_ms: f64, jitter: Jitter| delay_ms + jitter.ms / 2.0 * jitter.touched_percent / 100.0;
    for step in &path.schedule {
        let at_ms = (step.at_s * 1e3).min(span_ms);
        sum += now(delay_ms, jitter) * (at_ms - since_ms);
        since_ms = at_ms;
        delay_ms = step.delay_ms.unwrap_or(delay_ms);
        jitter = step.jitter.unwrap_or(jitter);
    }
    sum += now(delay_ms, jitter) * (span_ms - since_ms);
    if span_ms > 0.0 {
        sum / span_ms
    } else {
        now(delay_ms, jitter)
    }
}

/// `None` without any.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::super::assemble::tests::{observed, path, player};
    use super::super::crowd::Course;
    use super::*;
    use crate::path::ScheduleStep;
    use protocol::rung::Rung;

    #[test]
    fn the_connection_is_told_of_as_far_as_it_is_known() {
        let course = |rtt, rung_changes| Course {
            rung_changes,
            settled_on: Some(Rung::WebSocket),
            bytes: Bytes { down: 100, up: 50 },
            rtt,
            standstill: 0.0,
        };
        let mut one = player(|_| Some(40.0));
        one.arrivals.push(one.arrivals[80]);
        let one = PlayerRecord {
            first_snapshot: Some(200.0),
            course: Some(course(80.0, 0)),
            ..one
        };
        let other = PlayerRecord {
            first_snapshot: Some(300.0),
            course: Some(course(90.0, 2)),
            ..player(|_| Some(40.0))
        };
        let jittery = PathConfig {
            jitter: Jitter {
                ms: 20.0,
                ..Jitter::default()
            },
            schedule: vec![ScheduleStep {
                at_s: 1.0,
                delay_ms: Some(60.0),
                ..ScheduleStep::default()
            }],
            ..path()
        };
        let both = observed(vec![one.clone(), other], jittery.clone())
            .outcome()
            .connection;
        assert_eq!(
            (both.first_snapshot, both.rtt_seen),
            (Some(200.0), Some(85.0))
        );
        assert_eq!((both.rung_changes, both.repeated), (Some(2), Some(1)));
        assert_eq!(both.rtt_set, 60.0, "40, then 60, and half of 20");
        let hung = observed(vec![one, PlayerRecord::default()], jittery).outcome();
        assert_eq!(hung.connection.first_snapshot, None, "one never got in");
    }
}
