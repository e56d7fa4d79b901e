//! What a path does to what is sent on it, as the acknowledgements of the datagrams tell.
//!
//! A single loss is ridden over by interpolation, but wherever losses come again, others are drawn later for it, by the
//! time between two snapshots. Several in a row, or a stall of a stream, are a hole that a player notices. Holes that come
//! again make the path rough, and those that come although State is sent more often are fades, whose ends should be missed
//! by as little as can be. One sender's pure judgement: it neither sends nor chooses a link.

use std::collections::VecDeque;
use std::time::Duration;

use protocol::sequence::Sequence;

/// What a path does to what is sent on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PathQuality {
    /// Nothing is lost, or hardly anything.
    #[default]
    Fair,
    /// Losses again and again, but hardly a hole.
    Lossy,
    /// Holes again and again.
    Rough,
    /// Holes again and again after it was found rough.
    Fading,
}

impl PathQuality {
    fn worse(self) -> Self {
        match self {
            Self::Fair | Self::Lossy => Self::Rough,
            Self::Rough | Self::Fading => Self::Fading,
        }
    }

    fn better(self) -> Self {
        match self {
            Self::Fading => Self::Rough,
            Self::Rough => Self::Lossy,
            Self::Lossy | Self::Fair => Self::Fair,
        }
    }
}

/// What became of one sender's datagrams, and the judgement of it.
#[derive(Clone, Debug, Default)]
pub(super) struct QualityMonitor {
    in_flight: VecDeque<Flight>,
    last_in_time: Option<Duration>,
    /// Whether one since then did not come in time.
    is_broken: bool,
    /// Holes, and losses of whatever length.
    holes: RecentEnds,
    losses: RecentEnds,
    all_holes: u64,
    quality: PathQuality,
    changed_at: Duration,
}

/// When the last ones ended, oldest first; those count that came since the quality is what it is.
#[derive(Clone, Debug, Default)]
struct RecentEnds(VecDeque<Duration>);

impl RecentEnds {
    fn push(&mut self, ended: Duration) {
        if self.0.len() == QualityMonitor::EVENTS {
            self.0.pop_front();
        }
        self.0.push_back(ended);
    }

    /// Whether they come again and again.
    fn come_again(&self, now: Duration) -> bool {
        let is_recent = |ended: &&Duration| now.saturating_sub(**ended) <= QualityMonitor::MEMORY;
        self.0.iter().filter(is_recent).count() >= QualityMonitor::EVENTS
    }

    fn last(&self) -> Duration {
        self.0.back().copied().unwrap_or_default()
    }

    /// Forgets those that ended at `since` or later; says how many.
    fn forget_since(&mut self, since: Duration) -> usize {
        let before = self.0.len();
        self.0.retain(|ended| *ended < since);
        before - self.0.len()
    }
}

#[derive(Clone, Copy, Debug)]
struct Flight {
    sequence: Sequence,
    sent_at: Duration,
    outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Unknown,
    InTime,
    Late,
}

impl QualityMonitor {
    /// Time between two datagrams that came in time, if some between them did not, from which on it is a hole: three
    /// lost in a row at 30 a second make 133 ms.
    pub(super) const HOLE: Duration = Duration::from_millis(120);

    /// An ack that takes this much longer than the round trip is too late: the peer had nothing in the meantime. It
    /// leaves room for two lost acks at 30 a second.
    pub(super) const ALLOWANCE: Duration = Duration::from_millis(100);

    /// So many holes, or losses, within [`Self::MEMORY`] come again and again.
    pub(super) const EVENTS: usize = 2;

    /// How long one counts towards that.
    pub(super) const MEMORY: Duration = Duration::from_secs(10);

    /// After so long without what made it so, the quality is better by a step.
    pub(super) const CALM: Duration = Duration::from_secs(20);

    /// Datagrams whose acknowledgement is awaited; of more, the oldest count as late.
    const MOST_IN_FLIGHT: usize = 128;

    /// A datagram goes out.
    pub(super) fn on_sent(&mut self, now: Duration, sequence: Sequence) {
        if self.in_flight.len() == Self::MOST_IN_FLIGHT {
            self.in_flight.pop_front();
        }
        self.in_flight.push_back(Flight {
            sequence,
            sent_at: now,
            outcome: Outcome::Unknown,
        });
    }

    /// The peer vouches for a datagram, on a path of this round trip.
    pub(super) fn on_acked(&mut self, now: Duration, sequence: Sequence, round_trip: Duration) {
        let Some(flight) = self
            .in_flight
            .iter_mut()
            .rev()
            .find(|flight| flight.sequence == sequence)
        else {
            return;
        };
        let is_in_time = now.saturating_sub(flight.sent_at) <= round_trip + Self::ALLOWANCE;
        flight.outcome = if is_in_time {
            Outcome::InTime
        } else {
            Outcome::Late
        };
    }

    /// Judges the path anew at `now`, if its round trip is known; to be called about as often as something is sent.
    pub(super) fn judge(&mut self, now: Duration, round_trip: Option<Duration>) {
        if let Some(round_trip) = round_trip {
            self.settle(now, round_trip);
        }
        let last = match self.quality {
            PathQuality::Fair | PathQuality::Lossy => self.losses.last(),
            PathQuality::Rough | PathQuality::Fading => self.holes.last(),
        };
        let calm = now.saturating_sub(last.max(self.changed_at));
        let quality = if self.holes.come_again(now) {
            self.quality.worse()
        } else if self.quality == PathQuality::Fair && self.losses.come_again(now) {
            PathQuality::Lossy
        } else if calm > Self::CALM {
            self.quality.better()
        } else {
            self.quality
        };
        if quality != self.quality {
            self.quality = quality;
            self.changed_at = now;
            if quality != PathQuality::Lossy {
                self.holes = RecentEnds::default();
            }
        }
    }

    /// What was under way in the last `span` tells nothing: the peer itself stood still. Holes that
    /// were found there are none.
    pub(super) fn excuse(&mut self, now: Duration, span: Duration) {
        let since = now.saturating_sub(span + Self::ALLOWANCE);
        self.all_holes -= self.holes.forget_since(since) as u64;
        self.losses.forget_since(since);
        self.in_flight.clear();
        self.is_broken = false;
        self.last_in_time = None;
    }

    /// What was lost is none of the path's making, and doesn't count towards its quality.
    pub(super) fn forget_losses(&mut self) {
        self.holes = RecentEnds::default();
        self.losses = RecentEnds::default();
    }

    /// What the path was like when last judged.
    #[must_use]
    pub(crate) fn quality(&self) -> PathQuality {
        self.quality
    }

    /// Holes from the beginning.
    #[must_use]
    pub(super) fn holes(&self) -> u64 {
        self.all_holes
    }

    /// Takes the outcomes that are known, in the order sent.
    fn settle(&mut self, now: Duration, round_trip: Duration) {
        while let Some(flight) = self.in_flight.front().copied() {
            let is_overdue = now.saturating_sub(flight.sent_at) > round_trip + Self::ALLOWANCE;
            match flight.outcome {
                Outcome::Unknown if !is_overdue => break,
                Outcome::Unknown | Outcome::Late => self.is_broken = true,
                Outcome::InTime => self.resume(flight.sent_at),
            }
            self.in_flight.pop_front();
        }
    }

    fn resume(&mut self, at: Duration) {
        if let Some(last) = self.last_in_time.filter(|_| self.is_broken) {
            self.losses.push(at);
            if at.saturating_sub(last) >= Self::HOLE {
                self.holes.push(at);
                self.all_holes += 1;
            }
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

    /// Sends 20 a second for `seconds`; `ack` says how late each is acked, if ever. Gives the share of the time that
    /// the path was judged rough.
    fn rough_share(seconds: u64, ack: impl FnMut(u64) -> Option<u64>) -> f64 {
        share_worse_than(PathQuality::Lossy, seconds, ack)
    }

    fn share_worse_than(
        quality: PathQuality,
        seconds: u64,
        mut ack: impl FnMut(u64) -> Option<u64>,
    ) -> f64 {
        let mut monitor = QualityMonitor::default();
        let mut acks = Vec::new();
        let mut worse = 0;
        let count = seconds * 20;
        for number in 0..count {
            let now = at(number * 50);
            acks.retain(|(due, sequence)| {
                let is_due = *due <= now;
                if is_due {
                    monitor.on_acked(*due, *sequence, ROUND_TRIP);
                }
                !is_due
            });
            monitor.judge(now, Some(ROUND_TRIP));
            worse += u64::from(monitor.quality() > quality);
            let sequence = Sequence(number as u16);
            monitor.on_sent(now, sequence);
            if let Some(late) = ack(number) {
                acks.push((now + ROUND_TRIP + at(late), sequence));
            }
        }
        worse as f64 / count as f64
    }

    #[test]
    fn a_clean_path_is_fair_and_one_that_loses_one_at_a_time_is_lossy() {
        let lossy_share =
            |ack: fn(u64) -> Option<u64>| share_worse_than(PathQuality::Fair, 600, ack);
        assert_eq!(lossy_share(|_| Some(30)), 0.0);
        let loses_a_tenth = |number: u64| (!number.is_multiple_of(10)).then_some(30);
        assert_eq!(rough_share(600, loses_a_tenth), 0.0);
        assert!(lossy_share(loses_a_tenth) > 0.98);
        let loses_one_in_fifteen_seconds =
            |number: u64| (!number.is_multiple_of(300)).then_some(30);
        assert_eq!(lossy_share(loses_one_in_fifteen_seconds), 0.0);
    }

    #[test]
    fn a_path_that_was_lossy_and_loses_no_more_is_fair() {
        let spell = |number: u64| (!number.is_multiple_of(20) || number > 400).then_some(10);
        let share = share_worse_than(PathQuality::Fair, 200, spell);
        assert!(
            (0.17..0.22).contains(&share),
            "20 s, and as long to forget: {share}"
        );
    }

    #[test]
    fn a_path_that_loses_two_in_a_row_is_rough() {
        let share = rough_share(600, |number| (number % 40 > 1).then_some(30));
        assert!(share > 0.98, "{share}");
    }

    #[test]
    fn holes_that_go_on_though_more_is_sent_are_fades() {
        let quality_after = |seconds: u64, fades: bool| {
            let mut monitor = QualityMonitor::default();
            for number in 0..seconds * 20 {
                let now = at(number * 50);
                monitor.judge(now, Some(ROUND_TRIP));
                let sequence = Sequence(number as u16);
                monitor.on_sent(now, sequence);
                let is_lost = number % 40 < 2 && (fades || monitor.quality() < PathQuality::Rough);
                if !is_lost {
                    monitor.on_acked(now + ROUND_TRIP, sequence, ROUND_TRIP);
                }
            }
            monitor.quality()
        };
        assert_eq!(quality_after(10, false), PathQuality::Rough);
        assert_eq!(quality_after(10, true), PathQuality::Fading);
        assert_eq!(quality_after(600, true), PathQuality::Fading, "it stays so");
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
    fn one_outage_is_no_bad_path_and_a_rough_path_recovers() {
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
        let quality_after = |tells: bool| {
            let mut monitor = QualityMonitor::default();
            for number in 0..1_200 {
                let now = at(number * 50);
                let sequence = Sequence(number as u16);
                // Each second six are dropped while the peer stands still for 300 ms.
                let phase = number % 20;
                if phase == 8 && tells {
                    monitor.excuse(now, at(300) + ROUND_TRIP);
                }
                monitor.judge(now, Some(ROUND_TRIP));
                monitor.on_sent(now, sequence);
                if phase >= 6 {
                    monitor.on_acked(now + ROUND_TRIP, sequence, ROUND_TRIP);
                }
            }
            (monitor.quality(), monitor.holes())
        };
        assert_eq!(quality_after(true), (PathQuality::Fair, 0));
        assert_eq!(quality_after(false).0, PathQuality::Fading);
    }

    #[test]
    fn acks_for_what_was_never_sent_change_nothing() {
        let mut monitor = QualityMonitor::default();
        monitor.on_acked(at(5), Sequence(77), ROUND_TRIP);
        monitor.judge(at(6), None);
        assert_eq!(monitor.quality(), PathQuality::Fair);
        for number in 0..1_000 {
            monitor.on_sent(at(number * 50), Sequence(number as u16));
        }
        monitor.judge(at(60_000), Some(ROUND_TRIP));
        assert_eq!(monitor.quality(), PathQuality::Fair);
    }
}
