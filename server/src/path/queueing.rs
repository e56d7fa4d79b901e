//! How long what we send stands in queues on its way, as round trips tell: the least of the last moments less the least of
//! the last half minute. The least, because jitter and a stalled stream lengthen some round trips, and a queue that stands
//! lengthens all.

use std::collections::VecDeque;
use std::time::Duration;

/// Round trips of one path, and the share of them that is queueing.
#[derive(Clone, Debug, Default)]
pub(super) struct Queueing {
    /// When each sample came, and what it was, oldest first.
    recent: VecDeque<(Duration, Duration)>,
    /// The least round trip of this span and of the one before.
    lowest: [Option<Duration>; 2],
    span_began: Duration,
}

impl Queueing {
    /// What the last moments are: long enough for ten samples at 20 a second.
    pub(super) const RECENT: Duration = Duration::from_millis(500);

    /// Where fewer come, so many of the last ones count, if they are no older than [`Self::OLDEST`].
    pub(super) const LEAST_SAMPLES: usize = 3;

    /// What is older than this says nothing of the queue now.
    pub(super) const OLDEST: Duration = Duration::from_millis(1_500);

    /// The least round trip is that of the last one to two such spans: a longer path is taken for a queue no longer.
    pub(super) const SPAN: Duration = Duration::from_secs(15);

    /// Takes a round trip.
    pub(super) fn on_round_trip(&mut self, now: Duration, sample: Duration) {
        if now.saturating_sub(self.span_began) >= Self::SPAN {
            self.lowest = [None, self.lowest[0]];
            self.span_began = now;
        }
        self.lowest[0] = Some(self.lowest[0].map_or(sample, |lowest| lowest.min(sample)));
        let is_old = |at: Duration| now.saturating_sub(at) > Self::OLDEST;
        while self.recent.front().is_some_and(|(at, _)| is_old(*at)) {
            self.recent.pop_front();
        }
        self.recent.push_back((now, sample));
    }

    /// The path is another one from now on, or may be.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// What came in the last moments says nothing of the path.
    pub(super) fn excuse(&mut self) {
        self.recent.clear();
    }

    /// The least round trip of the last moments, where enough have come.
    #[must_use]
    pub(super) fn round_trip(&self, now: Duration) -> Option<Duration> {
        let age = |at: Duration| now.saturating_sub(at);
        let newest_first = self.recent.iter().rev().enumerate();
        let counted = newest_first.take_while(|(index, (at, _))| {
            let span = if *index < Self::LEAST_SAMPLES {
                Self::OLDEST
            } else {
                Self::RECENT
            };
            age(*at) <= span
        });
        let samples = counted.map(|(_, (_, sample))| *sample);
        let (count, least) = samples.fold((0, Duration::MAX), |(count, least), sample| {
            (count + 1, least.min(sample))
        });
        (count >= Self::LEAST_SAMPLES).then_some(least)
    }

    /// How much longer that is than the path.
    #[must_use]
    pub(super) fn delay(&self, now: Duration) -> Option<Duration> {
        Some(self.round_trip(now)?.saturating_sub(self.base()?))
    }

    /// How much longer than the path the last few round trips were, the least of them: sooner known, and less sure.
    #[must_use]
    pub(super) fn newest_delay(&self) -> Option<Duration> {
        let newest = self.recent.iter().rev().take(Self::LEAST_SAMPLES);
        let least = newest.map(|(_, sample)| *sample).min()?;
        Some(least.saturating_sub(self.base()?))
    }

    fn base(&self) -> Option<Duration> {
        self.lowest.iter().flatten().min().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// The largest delay seen over a minute of round trips, 20 a second.
    fn worst(round_trip: impl Fn(u64) -> Option<u64>) -> Duration {
        let mut queueing = Queueing::default();
        let delays = (0..1_200).map(|number| {
            let now = at(number * 50);
            if let Some(sample) = round_trip(number) {
                queueing.on_round_trip(now, at(sample));
            }
            queueing.delay(now).unwrap_or_default()
        });
        delays.max().unwrap()
    }

    #[test]
    fn jitter_stalls_and_outages_are_no_queue() {
        let jitter = |number: u64| Some(100 + number * 7_919 % 61);
        assert!(worst(jitter) < at(30));
        let stalls = |number: u64| Some(100 + if number % 40 < 8 { 400 } else { 0 });
        assert_eq!(worst(stalls), at(0));
        let outage = |number: u64| (!(400..460).contains(&number)).then_some(100);
        assert_eq!(worst(outage), at(0));
    }

    #[test]
    fn a_queue_that_stands_is_seen_within_half_a_second() {
        let mut queueing = Queueing::default();
        for number in 0..=30 {
            let queue = if number < 20 { 0 } else { 80 };
            queueing.on_round_trip(at(number * 50), at(100 + queue));
        }
        assert_eq!(queueing.delay(at(1_500)), Some(at(80)));
    }

    #[test]
    fn a_longer_path_is_the_path_after_half_a_minute() {
        let mut queueing = Queueing::default();
        let delays: Vec<_> = (0..1_000)
            .map(|number| {
                let now = at(number * 50);
                queueing.on_round_trip(now, at(if number < 100 { 50 } else { 250 }));
                queueing.delay(now).unwrap_or_default()
            })
            .collect();
        assert_eq!(delays[150], at(200));
        assert_eq!(delays[750], at(0));
    }

    #[test]
    fn without_samples_nothing_is_known() {
        let mut queueing = Queueing::default();
        queueing.on_round_trip(at(0), at(50));
        queueing.on_round_trip(at(50), at(50));
        assert_eq!(queueing.delay(at(60)), None);
        queueing.on_round_trip(at(100), at(50));
        assert_eq!(queueing.delay(at(160)), Some(at(0)));
        assert_eq!(queueing.delay(at(2_000)), None);
    }
}
