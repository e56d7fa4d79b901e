//! From what was sent and what came in to figures; it doesn't know where either is from.

use std::collections::{HashMap, HashSet};

use crate::figures::quantile;
use crate::report::{Figures, Quantiles, Series};

/// What comes later than the path's longest own delay plus this, in milliseconds, is late.
const LATE_MS: f64 = 50.0;

/// So long after a new snapshot, in milliseconds, the player begins to starve.
pub const STARVED_AFTER_MS: f64 = 150.0;

/// A snapshot as the server made it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sent {
    /// The tick that it shows; later ones are newer.
    pub tick: u32,
    /// In milliseconds from the measurement's start; negative before it.
    pub at_ms: f64,
}

/// One copy of a snapshot as the player received it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrival {
    /// The tick that it shows.
    pub tick: u32,
    /// In milliseconds from the measurement's start; negative before it.
    pub at_ms: f64,
}

/// What the player got in the `span_ms` from the measurement's start.
///
/// Of the snapshots, those count that were sent in the span; they may come in after its end, so hand in what came for
/// some longer. Gaps and starved time count from start to end: the player holds at the start what was the newest to
/// come in before, as if it had just come. Copies, order and arrivals of ticks that nobody sent do no harm.
pub fn figures(
    sent: &[Sent],
    arrivals: &[Arrival],
    span_ms: f64,
    longest_own_delay_ms: f64,
) -> (Figures, Series) {
    let mut sent_at = HashMap::new();
    for snapshot in sent.iter().filter(|sent| within(sent.at_ms, span_ms)) {
        sent_at.entry(snapshot.tick).or_insert(snapshot.at_ms);
    }
    let mut arrivals = arrivals.to_vec();
    arrivals.sort_by(|one, other| one.at_ms.total_cmp(&other.at_ms));

    let mut figures = Figures {
        sent: count(sent_at.len()),
        ..Figures::default()
    };
    let mut series = Series::default();
    let mut seen = HashSet::new();
    let mut newest = None;
    let mut renewed = vec![0.0];
    let mut ages = Vec::new();
    for Arrival { tick, at_ms } in arrivals {
        if !seen.insert(tick) {
            continue;
        }
        let is_new = newest.is_none_or(|newest| tick > newest);
        if is_new {
            newest = Some(tick);
            if within(at_ms, span_ms) {
                renewed.push(at_ms);
            }
        }
        let Some(sent_at) = sent_at.get(&tick) else {
            continue;
        };
        let age = at_ms - sent_at;
        figures.arrived += 1;
        figures.late += u32::from(age > longest_own_delay_ms + LATE_MS);
        figures.superseded += u32::from(!is_new);
        if is_new {
            ages.push(age);
        }
        series.at.push(at_ms);
        series.age.push(age);
        series.is_new.push(is_new);
    }
    figures.age = quantiles(&ages);

    renewed.push(span_ms);
    let mut starved_ms = 0.0;
    for pair in renewed.windows(2) {
        let gap = pair[1] - pair[0];
        figures.gaps += u32::from(gap > STARVED_AFTER_MS);
        figures.longest_gap = figures.longest_gap.max(gap);
        starved_ms += (gap - STARVED_AFTER_MS).max(0.0);
    }
    if span_ms > 0.0 {
        figures.starved_percent = starved_ms * 100.0 / span_ms;
    }
    (figures, series)
}

fn within(at_ms: f64, span_ms: f64) -> bool {
    (0.0..span_ms).contains(&at_ms)
}

fn quantiles(values: &[f64]) -> Quantiles {
    let of = |share| quantile(values, share).unwrap_or_default();
    Quantiles {
        p50: of(0.5),
        p95: of(0.95),
        p99: of(0.99),
        max: of(1.0),
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ticks 0, 1, 2, … every 50 ms from the start on.
    fn every_50_ms(count: u32) -> Vec<Sent> {
        let sent = |tick| Sent {
            tick,
            at_ms: f64::from(tick) * 50.0,
        };
        (0..count).map(sent).collect()
    }

    fn arrivals(of: &[(u32, f64)]) -> Vec<Arrival> {
        let arrival = |&(tick, at_ms): &(u32, f64)| Arrival { tick, at_ms };
        of.iter().map(arrival).collect()
    }

    #[test]
    fn a_steady_stream_ages_by_the_delay_and_starves_nobody() {
        let sent = every_50_ms(20);
        let came: Vec<_> = (0..20)
            .map(|tick| (tick, f64::from(tick) * 50.0 + 60.0))
            .collect();
        let (figures, series) = figures(&sent, &arrivals(&came), 1_000.0, 60.0);
        assert_eq!(
            (figures.sent, figures.arrived),
            (20, 20),
            "also what came after the end"
        );
        assert_eq!((figures.late, figures.superseded, figures.gaps), (0, 0, 0));
        assert_eq!((figures.age.p50, figures.age.max), (60.0, 60.0));
        assert_eq!((figures.starved_percent, figures.longest_gap), (0.0, 60.0));
        assert_eq!(series.at.len(), 20);
        assert!(series.is_new.iter().all(|is_new| *is_new));
    }

    #[test]
    fn the_player_starves_150_ms_after_the_newest() {
        // Nothing new from 100 to 450, from 500 to 640, and from 640 to the end at 1,000.
        let came = [(0, 50.0), (1, 100.0), (8, 450.0), (9, 500.0), (11, 640.0)];
        let (figures, _) = figures(&every_50_ms(20), &arrivals(&came), 1_000.0, 50.0);
        assert_eq!((figures.gaps, figures.longest_gap), (2, 360.0));
        let starved_ms = 200.0 + 210.0;
        assert!((figures.starved_percent - starved_ms / 10.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_at_all_starves_but_for_the_first_150_ms() {
        let (figures, series) = figures(&every_50_ms(20), &[], 1_000.0, 50.0);
        assert_eq!((figures.sent, figures.arrived, figures.gaps), (20, 0, 1));
        assert_eq!(
            (figures.starved_percent, figures.longest_gap),
            (85.0, 1_000.0)
        );
        assert_eq!(figures.age, Quantiles::default());
        assert_eq!(series, Series::default());
    }

    #[test]
    fn what_comes_after_a_newer_one_or_twice_is_of_no_use() {
        // 1 is overtaken by 2 and comes 200 ms later; 0 and 2 come twice.
        let came = [(2, 160.0), (0, 60.0), (0, 61.0), (1, 310.0), (2, 170.0)];
        let (figures, series) = figures(&every_50_ms(3), &arrivals(&came), 400.0, 60.0);
        assert_eq!(
            (figures.arrived, figures.superseded, figures.late),
            (3, 1, 1)
        );
        assert_eq!(figures.age.max, 60.0, "of those that were of use");
        assert_eq!(series.age, [60.0, 60.0, 260.0]);
        assert_eq!(series.is_new, [true, true, false]);
        // From 160 to the end nothing new.
        assert_eq!((figures.gaps, figures.longest_gap), (1, 240.0));
    }

    #[test]
    fn what_was_held_at_the_start_makes_older_ones_useless() {
        let mut sent = every_50_ms(4);
        sent.push(Sent {
            tick: 2,
            at_ms: 100.0,
        });
        let came = [(1, -30.0), (0, 40.0), (1, 50.0), (2, 140.0), (77, 150.0)];
        let (figures, series) = figures(&sent, &arrivals(&came), 200.0, 60.0);
        assert_eq!(figures.sent, 4, "a tick counts once");
        // 0 is older than 1, which had come before; 77 was sent by nobody, and yet is new.
        assert_eq!(series.is_new, [true, false, true]);
        assert_eq!((figures.superseded, figures.longest_gap), (1, 140.0));
    }

    #[test]
    fn what_was_sent_before_the_start_or_after_the_end_counts_as_nothing_but_news() {
        let sent = [
            Sent {
                tick: 1,
                at_ms: -20.0,
            },
            Sent {
                tick: 2,
                at_ms: 30.0,
            },
            Sent {
                tick: 3,
                at_ms: 300.0,
            },
        ];
        let came = [(1, 30.0), (2, 80.0), (3, 290.0)];
        let (figures, series) = figures(&sent, &arrivals(&came), 300.0, 50.0);
        assert_eq!((figures.sent, figures.arrived), (1, 1));
        assert_eq!((series.at, series.age), (vec![80.0], vec![50.0]));
        assert_eq!((figures.gaps, figures.longest_gap), (1, 210.0));
    }
}
