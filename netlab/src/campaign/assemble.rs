//! From what was observed of one run to what the report says of it. Pure.

use super::connection::mean;
use super::crowd::PlayerRecord;
use super::ground::Count;
use super::sent::sent_to;
use super::witness::SendTimes;
use crate::figures::quantile;
use crate::judge::{self, Arrival, Sent, figures, longest_own_delay_ms};
use crate::path::{PathConfig, PathPair};
use crate::report::{Connection, Feel, Figures, Quantiles, Series};

/// What was observed of one run.
#[derive(Debug)]
pub(super) struct Observed {
    /// When the path was put in force, in milliseconds since 1970.
    pub(super) began_ms: f64,
    /// How long was measured from then on.
    pub(super) span_ms: f64,
    /// The path that was in force.
    pub(super) paths: PathPair,
    /// Ticks from one snapshot to the next, unless the path is rough.
    pub(super) every: u32,
    pub(super) times: SendTimes,
    pub(super) players: Vec<PlayerRecord>,
    /// What had been counted as the measurement began, and as it ended.
    pub(super) counts: Option<(Count, Count)>,
}

/// What one run came to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) figures: Figures,
    pub(super) floor: Figures,
    pub(super) connection: Connection,
    pub(super) feel: Option<Feel>,
    pub(super) series: Series,
    pub(super) other_series: Vec<Series>,
    pub(super) floor_series: Series,
}

/// One player's share of it.
struct Share {
    figures: Figures,
    series: Series,
    floor: Figures,
    floor_series: Series,
}

impl Observed {
    /// Figures over all players: counts are added up, ages pooled, starved time averaged, and the longest gap is the
    /// longest of all. The first series is that of the player in the middle by starved time.
    pub(super) fn outcome(&self) -> Outcome {
        let came = self.players.iter().flat_map(|player| &player.arrivals);
        let times = self.times.corrected(
            came.map(|arrival| (arrival.tick, arrival.at_ms)),
            shortest_own_delay_ms(&self.paths.down),
        );
        let mut shares: Vec<Share> = self
            .players
            .iter()
            .map(|player| self.share(player, &times))
            .collect();
        shares.sort_by(|one, other| {
            let starved = |share: &Share| share.figures.starved_percent;
            starved(one).total_cmp(&starved(other))
        });
        let own = shares.iter().map(|share| (&share.figures, &share.series));
        let floor = shares
            .iter()
            .map(|share| (&share.floor, &share.floor_series));
        let (figures, floor) = (pooled(own), pooled(floor));
        let middle = shares.len().saturating_sub(1) / 2;
        let (series, floor_series) = if shares.is_empty() {
            Default::default()
        } else {
            let share = shares.remove(middle);
            (share.series, share.floor_series)
        };
        Outcome {
            figures,
            floor,
            connection: self.connection(),
            feel: self.feel(),
            series,
            other_series: shares.into_iter().map(|share| share.series).collect(),
            floor_series,
        }
    }

    fn share(&self, player: &PlayerRecord, times: &SendTimes) -> Share {
        let own_delay_ms = longest_own_delay_ms(&self.paths.down);
        // Some of what comes in at first was sent before the start.
        let early_ms = own_delay_ms + EARLY_MS;
        let range = (self.began_ms - early_ms, self.began_ms + self.span_ms);
        let sent: Vec<Sent> = sent_to(&player.arrivals, times, self.every, range)
            .into_iter()
            .map(|sent| Sent {
                at_ms: sent.at_ms - early_ms,
                ..sent
            })
            .collect();
        let arrivals: Vec<Arrival> = player
            .arrivals
            .iter()
            .map(|arrival| Arrival {
                tick: arrival.tick,
                at_ms: arrival.at_ms - self.began_ms,
            })
            .collect();
        let of = |arrivals: &[Arrival]| figures(&sent, arrivals, self.span_ms, own_delay_ms);
        let (figures, series) = of(&arrivals);
        let (floor, floor_series) = of(&self.floor(&sent));
        Share {
            figures,
            series,
            floor,
            floor_series,
        }
    }

    /// When an ideal sender's snapshots come in, those from before the start included: nothing held them up.
    fn floor(&self, sent: &[Sent]) -> Vec<Arrival> {
        let mut arrivals: Vec<Arrival> = sent
            .iter()
            .filter(|sent| sent.at_ms < 0.0)
            .map(|sent| Arrival {
                tick: sent.tick,
                at_ms: sent.at_ms + self.paths.down.delay_ms,
            })
            .collect();
        // Its figures have been in force, so they are in range.
        if let Ok((_, down)) = self.paths.paths() {
            arrivals.extend(judge::floor(sent, down, self.span_ms));
        }
        arrivals
    }
}

/// What was sent so long before the start, beyond the path's own delay, may come in after it.
const EARLY_MS: f64 = 1_000.0;

/// The least that the path itself delays a packet, in milliseconds.
fn shortest_own_delay_ms(path: &PathConfig) -> f64 {
    let steps = path.schedule.iter().filter_map(|step| step.delay_ms);
    let set = steps.fold(path.delay_ms, f64::min);
    let rows = path.trace.iter().flat_map(|trace| trace.rows());
    let recorded = rows.filter_map(|row| row.delay).min();
    set + recorded.unwrap_or_default().as_secs_f64() * 1e3
}

fn pooled<'a>(shares: impl Iterator<Item = (&'a Figures, &'a Series)> + Clone) -> Figures {
    let mut pooled = Figures::default();
    let mut ages = Vec::new();
    for (figures, series) in shares.clone() {
        pooled.sent += figures.sent;
        pooled.arrived += figures.arrived;
        pooled.late += figures.late;
        pooled.superseded += figures.superseded;
        pooled.gaps += figures.gaps;
        pooled.longest_gap = pooled.longest_gap.max(figures.longest_gap);
        let new = series.age.iter().zip(&series.is_new);
        ages.extend(new.filter(|(_, is_new)| **is_new).map(|(age, _)| *age));
    }
    let of = |share| quantile(&ages, share).unwrap_or_default();
    pooled.age = Quantiles {
        p50: of(0.5),
        p95: of(0.95),
        p99: of(0.99),
        max: of(1.0),
    };
    pooled.starved_percent =
        mean(shares.map(|(figures, _)| figures.starved_percent)).unwrap_or_default();
    pooled
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::path::Gap;
    use crate::sdk_page;
    use protocol::rung::Rung;

    const BEGAN_MS: f64 = 1_000_000.0;

    fn arrival(sequence: u16, at_ms: f64) -> sdk_page::Arrival {
        sdk_page::Arrival {
            sequence,
            tick: u32::from(sequence) * 3,
            at_ms: BEGAN_MS + at_ms,
            link: 1,
            rung: Rung::WebTransport,
        }
    }

    /// A snapshot each 50 ms, number 100 right at the start, over two seconds; `delay_ms` tells how late each number
    /// comes.
    pub(in super::super) fn player(delay_ms: impl Fn(u16) -> Option<f64>) -> PlayerRecord {
        let sent_ms = |number: u16| (f64::from(number) - 100.0) * 50.0;
        PlayerRecord {
            arrivals: (60..150)
                .filter_map(|number| Some(arrival(number, sent_ms(number) + delay_ms(number)?)))
                .collect(),
            ..PlayerRecord::default()
        }
    }

    pub(in super::super) fn observed(players: Vec<PlayerRecord>, down: PathConfig) -> Observed {
        let tick_ms = |tick: u32| BEGAN_MS + (f64::from(tick) - 300.0) * 50.0 / 3.0;
        Observed {
            began_ms: BEGAN_MS,
            span_ms: 2_000.0,
            paths: PathPair {
                down,
                ..PathPair::default()
            },
            every: 3,
            times: (150..480).map(|tick| (tick, tick_ms(tick))).collect(),
            players,
            counts: None,
        }
    }

    pub(in super::super) fn path() -> PathConfig {
        PathConfig {
            delay_ms: 40.0,
            ..PathConfig::default()
        }
    }

    #[test]
    fn on_a_clear_link_everything_is_as_old_as_the_link_is_long() {
        let outcome = observed(vec![player(|_| Some(42.0)); 2], path()).outcome();
        let figures = outcome.figures;
        assert_eq!(
            (figures.sent, figures.arrived),
            (80, 80),
            "two players, 40 each"
        );
        assert!((figures.age.p50 - 42.0).abs() < 0.01 && (figures.age.max - 42.0).abs() < 0.01);
        assert!((outcome.floor.age.max - 40.0).abs() < 0.01);
        assert_eq!(
            (figures.starved_percent, outcome.floor.starved_percent),
            (0.0, 0.0)
        );
        assert_eq!((figures.gaps, outcome.floor.gaps), (0, 0));
        assert_eq!(outcome.series.at.len(), 40);
    }

    #[test]
    fn what_was_under_way_at_the_start_keeps_the_ideal_player_fed_too() {
        let slow = PathConfig {
            delay_ms: 400.0,
            ..PathConfig::default()
        };
        let outcome = observed(vec![player(|_| Some(400.0))], slow).outcome();
        assert_eq!(outcome.figures.starved_percent, 0.0);
        assert_eq!(outcome.floor.starved_percent, 0.0);
    }

    #[test]
    fn no_player_beats_the_floor_because_the_witness_was_late() {
        let mut observed = observed(vec![player(|_| Some(40.0))], path());
        // From 500 ms on nothing is noted for 400 ms, then everything a little late.
        let end = BEGAN_MS + 5_000.0;
        let noted = observed.times.ticks_between(0.0, end).filter_map(|tick| {
            let at = observed.times.at(tick)?;
            let since = at - BEGAN_MS - 500.0;
            (!(0.0..400.0).contains(&since))
                .then_some((tick, at + if since < 0.0 { 0.0 } else { 30.0 }))
        });
        observed.times = noted.collect();
        let outcome = observed.outcome();
        assert_eq!(outcome.figures.sent, 40);
        assert_eq!(
            (
                outcome.figures.starved_percent,
                outcome.floor.starved_percent
            ),
            (0.0, 0.0)
        );
        assert!(outcome.figures.age.p50 >= 39.9, "{:?}", outcome.figures);
    }

    #[test]
    fn players_are_pooled_and_the_one_in_the_middle_is_shown() {
        // One gets everything; one nothing for half a second; one nothing at all.
        let all = player(|_| Some(40.0));
        let some = player(|number| (!(110..120).contains(&number)).then_some(40.0));
        let outcome = observed(vec![PlayerRecord::default(), all, some], path()).outcome();
        let figures = outcome.figures;
        assert_eq!((figures.sent, figures.arrived), (120, 70));
        assert_eq!(outcome.series.at.len(), 30);
        assert_eq!(figures.longest_gap, 2_000.0);
        // 400 ms and 1,850 ms of 2,000 ms.
        let starved = (0.0 + (550.0 - 150.0) / 20.0 + 92.5) / 3.0;
        assert!(
            (figures.starved_percent - starved).abs() < 0.01,
            "{figures:?}"
        );
    }

    #[test]
    fn the_floor_meets_the_gaps_of_the_link() {
        let gap = Gap {
            at_s: 1.0,
            for_ms: 500.0,
            every_s: None,
        };
        let config = PathConfig {
            gaps: vec![gap],
            ..path()
        };
        let outcome = observed(vec![player(|_| Some(40.0))], config).outcome();
        assert!(
            (490.0..560.0).contains(&outcome.floor.longest_gap),
            "{:?}",
            outcome.floor
        );
        assert_eq!(outcome.floor.gaps, 1);
    }
}
