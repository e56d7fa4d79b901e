//! From what was observed of one run to what the report says of it. Pure.

use super::crowd::PlayerRecord;
use super::ground::Count;
use super::sent::sent_to;
use super::witness::SendTimes;
use crate::figures::quantile;
use crate::judge::{self, Arrival, Sent, figures, longest_own_delay_ms};
use crate::link::{LinkConfig, LinkPair};
use crate::report::{Bytes, Connection, Figures, Quantiles, Series};
use crate::sdk_page;

/// What was observed of one run.
#[derive(Debug)]
pub(super) struct Observed {
    /// When the link was put in force, in milliseconds since 1970.
    pub(super) began_ms: f64,
    /// How long was measured from then on.
    pub(super) span_ms: f64,
    /// The link that was in force.
    pub(super) links: LinkPair,
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
        let mut shares: Vec<Share> = self
            .players
            .iter()
            .map(|player| self.share(player))
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
            series,
            other_series: shares.into_iter().map(|share| share.series).collect(),
            floor_series,
        }
    }

    fn share(&self, player: &PlayerRecord) -> Share {
        let own_delay_ms = longest_own_delay_ms(&self.links.down);
        // Some of what comes in at first was sent before the start.
        let early_ms = own_delay_ms + EARLY_MS;
        let range = (self.began_ms - early_ms, self.began_ms + self.span_ms);
        let sent: Vec<Sent> = sent_to(&player.arrivals, &self.times, self.every, range)
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
                at_ms: sent.at_ms + self.links.down.delay_ms,
            })
            .collect();
        // Its figures have been in force, so they are in range.
        if let Ok((_, down)) = self.links.links() {
            arrivals.extend(judge::floor(sent, down, self.span_ms));
        }
        arrivals
    }

    fn connection(&self) -> Connection {
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
            let down = |count: Count| count.link.down.total().bytes_out;
            (down(after) - down(before)) / self.players.len().max(1) as u64
        });
        let retransmitted = self
            .counts
            .and_then(|(before, after)| Some(after.tcp_retransmitted? - before.tcp_retransmitted?));
        Connection {
            first_snapshot: quantile(&first, 0.5).filter(|_| everybody_came),
            rung_changes: courses.iter().map(|course| course.rung_changes).max(),
            settled_on: courses.first().and_then(|course| course.settled_on),
            bytes: bytes(|bytes| bytes.down)
                .zip(bytes(|bytes| bytes.up))
                .map(|(down, up)| Bytes { down, up }),
            link_bytes_down: deltas,
            rtt_seen: mean(courses.iter().map(|course| course.rtt)),
            rtt_set: mean_delay_ms(&self.links.up, self.span_ms)
                + mean_delay_ms(&self.links.down, self.span_ms),
            tcp_retransmitted: retransmitted,
            repeated: self.repeated(),
            standstill: mean(courses.iter().map(|course| course.standstill)),
            link_lateness_p99: None,
        }
    }

    fn repeated(&self) -> Option<u32> {
        let of = |player: &PlayerRecord| repeats(&player.arrivals, self.began_ms);
        u32::try_from(self.players.iter().map(of).sum::<usize>()).ok()
    }
}

/// What was sent so long before the start, beyond the link's own delay, may come in after it.
const EARLY_MS: f64 = 1_000.0;

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

/// How many datagrams came, from `began_ms` on, that had come before.
fn repeats(arrivals: &[sdk_page::Arrival], began_ms: f64) -> usize {
    let mut seen = std::collections::HashSet::new();
    arrivals
        .iter()
        .filter(|arrival| {
            !seen.insert((arrival.sequence, arrival.tick)) && arrival.at_ms >= began_ms
        })
        .count()
}

/// What a link delays a packet on average over `span_ms`, queues apart.
fn mean_delay_ms(link: &LinkConfig, span_ms: f64) -> f64 {
    let rows = link.trace.iter().flat_map(|trace| trace.rows());
    let recorded = rows
        .filter_map(|row| row.delay)
        .map(|delay| delay.as_secs_f64() * 1e3);
    set_delay_ms(link, span_ms) + mean(recorded).unwrap_or_default()
}

fn set_delay_ms(link: &LinkConfig, span_ms: f64) -> f64 {
    let (mut delay_ms, mut jitter) = (link.delay_ms, link.jitter);
    let (mut sum, mut since_ms) = (0.0, 0.0);
    let now = |delay_ms: f64, jitter: crate::link::Jitter| {
        delay_ms + jitter.ms / 2.0 * jitter.touched_percent / 100.0
    };
    for step in &link.schedule {
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

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
