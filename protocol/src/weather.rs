//! How often a path leaves holes that a player would notice, as the fates of the datagrams sent on it tell.
//!
//! A single loss is ridden over by interpolation; two in a row, or a stall of a stream, are a hole. Holes that come
//! again make the path rough, and then it pays to send fresh State more often; those that come although it is sent more
//! often are fades, whose ends should be missed by as little as can be. One sender's pure judgement: it neither sends nor
//! chooses a link.

use core::time::Duration;
use std::collections::VecDeque;

use crate::sequence::Sequence;

/// What a path does to what is sent on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// No holes, or hardly any.
    #[default]
    Fair,
    /// Holes again and again.
    Rough,
    /// Holes again and again after it was found rough.
    Fading,
}

impl Condition {
    fn worse(self) -> Self {
        match self {
            Self::Fair => Self::Rough,
            Self::Rough | Self::Fading => Self::Fading,
        }
    }

    fn better(self) -> Self {
        match self {
            Self::Fading => Self::Rough,
            Self::Rough | Self::Fair => Self::Fair,
        }
    }
}

/// Fates of one sender's datagrams, and the judgement of them.
#[derive(Clone, Debug, Default)]
pub struct Weather {
    in_flight: VecDeque<Flight>,
    last_in_time: Option<Duration>,
    /// Whether one since then did not come in time.
    is_broken: bool,
    /// When each of the last holes ended, oldest first; those count that came since the condition is what it is.
    holes: VecDeque<Duration>,
    all_holes: u64,
    condition: Condition,
    changed_at: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Flight {
    sequence: Sequence,
    sent_at: Duration,
    fate: Fate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Unknown,
    InTime,
    Late,
}

impl Weather {
    /// Time between two datagrams that came in time, if some between them did not, from which on it is a hole: two
    /// lost in a row at 20 a second make 150 ms, one makes 100.
    pub const HOLE: Duration = Duration::from_millis(120);

    /// An ack that takes this much longer than the round trip is too late: the peer had nothing in the meantime. It
    /// leaves room for two lost acks at 30 a second.
    pub const ALLOWANCE: Duration = Duration::from_millis(100);

    /// So many holes within [`Self::MEMORY`] make the condition worse by a step.
    pub const HOLES: usize = 2;

    /// How long a hole counts towards that.
    pub const MEMORY: Duration = Duration::from_secs(10);

    /// After so long without a hole the condition is better by a step.
    pub const CALM: Duration = Duration::from_secs(20);

    /// Datagrams whose fate is awaited; of more, the oldest count as late.
    const MOST_IN_FLIGHT: usize = 128;

    /// A datagram goes out.
    pub fn on_sent(&mut self, now: Duration, sequence: Sequence) {
        if self.in_flight.len() == Self::MOST_IN_FLIGHT {
            self.in_flight.pop_front();
        }
        self.in_flight.push_back(Flight {
            sequence,
            sent_at: now,
            fate: Fate::Unknown,
        });
    }

    /// The peer vouches for a datagram, on a path of this round trip.
    pub fn on_acked(&mut self, now: Duration, sequence: Sequence, round_trip: Duration) {
        let Some(flight) = self
            .in_flight
            .iter_mut()
            .rev()
            .find(|flight| flight.sequence == sequence)
        else {
            return;
        };
        let is_in_time = now.saturating_sub(flight.sent_at) <= round_trip + Self::ALLOWANCE;
        flight.fate = if is_in_time { Fate::InTime } else { Fate::Late };
    }

    /// Judges the path anew at `now`, if its round trip is known; to be called about as often as something is sent.
    pub fn judge(&mut self, now: Duration, round_trip: Option<Duration>) {
        if let Some(round_trip) = round_trip {
            self.settle(now, round_trip);
        }
        let is_recent = |ended: &&Duration| now.saturating_sub(**ended) <= Self::MEMORY;
        let last_hole = self.holes.back().copied().unwrap_or_default();
        let calm = now.saturating_sub(last_hole.max(self.changed_at));
        let condition = if self.holes.iter().filter(is_recent).count() >= Self::HOLES {
            self.condition.worse()
        } else if calm > Self::CALM {
            self.condition.better()
        } else {
            self.condition
        };
        if condition != self.condition {
            self.condition = condition;
            self.changed_at = now;
            self.holes.clear();
        }
    }

    /// What was under way in the last `span` tells nothing: the peer itself stood still. Holes that
    /// were found there are none.
    pub fn excuse(&mut self, now: Duration, span: Duration) {
        let since = now.saturating_sub(span + Self::ALLOWANCE);
        let before = self.holes.len();
        self.holes.retain(|ended| *ended < since);
        self.all_holes -= (before - self.holes.len()) as u64;
        self.in_flight.clear();
        self.is_broken = false;
        self.last_in_time = None;
    }

    /// What holes there were are none of the path's making, and don't count towards its condition.
    pub fn forget_holes(&mut self) {
        self.holes.clear();
    }

    /// What the path was like when last judged.
    #[must_use]
    pub fn condition(&self) -> Condition {
        self.condition
    }

    /// Holes from the beginning.
    #[must_use]
    pub fn holes(&self) -> u64 {
        self.all_holes
    }

    /// Takes the fates that are known, in the order sent.
    fn settle(&mut self, now: Duration, round_trip: Duration) {
        while let Some(flight) = self.in_flight.front().copied() {
            let is_overdue = now.saturating_sub(flight.sent_at) > round_trip + Self::ALLOWANCE;
            match flight.fate {
                Fate::Unknown if !is_overdue => break,
                Fate::Unknown | Fate::Late => self.is_broken = true,
                Fate::InTime => self.resume(flight.sent_at),
            }
            self.in_flight.pop_front();
        }
    }

    fn resume(&mut self, at: Duration) {
        let length = self
            .last_in_time
            .map_or(Duration::ZERO, |last| at.saturating_sub(last));
        if self.is_broken && length >= Self::HOLE {
            if self.holes.len() == Self::HOLES {
                self.holes.pop_front();
            }
            self.holes.push_back(at);
            self.all_holes += 1;
        }
        self.is_broken = false;
        self.last_in_time = Some(at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND_TRIP: Duration = Duration::from_millis(100);

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// Sends 20 a second for `seconds`; `fate` says how late each is acked, if ever. Gives the share of the time that
    /// the path was judged rough.
    fn rough_share(seconds: u64, mut fate: impl FnMut(u64) -> Option<u64>) -> f64 {
        let mut weather = Weather::default();
        let mut acks = Vec::new();
        let mut rough = 0;
        let count = seconds * 20;
        for number in 0..count {
            let now = at(number * 50);
            acks.retain(|(due, sequence)| {
                let is_due = *due <= now;
                if is_due {
                    weather.on_acked(*due, *sequence, ROUND_TRIP);
                }
                !is_due
            });
            weather.judge(now, Some(ROUND_TRIP));
            rough += u64::from(weather.condition() > Condition::Fair);
            let sequence = Sequence(number as u16);
            weather.on_sent(now, sequence);
            if let Some(late) = fate(number) {
                acks.push((now + ROUND_TRIP + at(late), sequence));
            }
        }
        rough as f64 / count as f64
    }

    #[test]
    fn a_clean_path_is_fair_and_so_is_one_that_loses_one_at_a_time() {
        assert_eq!(rough_share(600, |_| Some(30)), 0.0);
        assert_eq!(
            rough_share(600, |number| (number % 10 != 0).then_some(30)),
            0.0
        );
    }

    #[test]
    fn a_path_that_loses_two_in_a_row_is_rough() {
        let share = rough_share(600, |number| (number % 40 > 1).then_some(30));
        assert!(share > 0.98, "{share}");
    }

    #[test]
    fn holes_that_go_on_though_more_is_sent_are_fades() {
        let condition_after = |seconds: u64, fades: bool| {
            let mut weather = Weather::default();
            for number in 0..seconds * 20 {
                let now = at(number * 50);
                weather.judge(now, Some(ROUND_TRIP));
                let sequence = Sequence(number as u16);
                weather.on_sent(now, sequence);
                let is_lost = number % 40 < 2 && (fades || weather.condition() == Condition::Fair);
                if !is_lost {
                    weather.on_acked(now + ROUND_TRIP, sequence, ROUND_TRIP);
                }
            }
            weather.condition()
        };
        assert_eq!(condition_after(10, false), Condition::Rough);
        assert_eq!(condition_after(10, true), Condition::Fading);
        assert_eq!(condition_after(600, true), Condition::Fading, "it stays so");
    }

    #[test]
    fn a_stream_that_stalls_is_rough() {
        let share = rough_share(600, |number| match number % 60 {
            stalled @ 0..6 => Some((6 - stalled) * 50 + 100),
            _ => Some(10),
        });
        assert!(share > 0.98, "{share}");
    }

    #[test]
    fn one_outage_is_no_weather_and_a_rough_path_recovers() {
        let outage = |number: u64| (!(200..260).contains(&number)).then_some(10);
        assert_eq!(rough_share(60, outage), 0.0);
        let spell = |number: u64| (number % 40 > 1 || number > 400).then_some(10);
        let share = rough_share(200, spell);
        assert!(
            (0.25..0.32).contains(&share),
            "20 s of holes, and twice as long to forget: {share}"
        );
    }

    #[test]
    fn a_peer_that_stands_still_again_and_again_makes_no_path_rough() {
        let condition_after = |tells: bool| {
            let mut weather = Weather::default();
            for number in 0..1_200 {
                let now = at(number * 50);
                let sequence = Sequence(number as u16);
                // Each second six are dropped while the peer stands still for 300 ms.
                let phase = number % 20;
                if phase == 8 && tells {
                    weather.excuse(now, at(300) + ROUND_TRIP);
                }
                weather.judge(now, Some(ROUND_TRIP));
                weather.on_sent(now, sequence);
                if phase >= 6 {
                    weather.on_acked(now + ROUND_TRIP, sequence, ROUND_TRIP);
                }
            }
            (weather.condition(), weather.holes())
        };
        assert_eq!(condition_after(true), (Condition::Fair, 0));
        assert_eq!(condition_after(false).0, Condition::Fading);
    }

    #[test]
    fn acks_for_what_was_never_sent_change_nothing() {
        let mut weather = Weather::default();
        weather.on_acked(at(5), Sequence(77), ROUND_TRIP);
        weather.judge(at(6), None);
        assert_eq!(weather.condition(), Condition::Fair);
        for number in 0..1_000 {
            weather.on_sent(at(number * 50), Sequence(number as u16));
        }
        weather.judge(at(60_000), Some(ROUND_TRIP));
        assert_eq!(weather.condition(), Condition::Fair);
    }
}
