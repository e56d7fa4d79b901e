//! How well a carrier of packets keeps time.

use std::time::Duration;

use serde::Serialize;

/// How far behind their due time packets came out: what the emulator itself added, beyond the set delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Lateness {
    /// Packets timed.
    pub packets: u64,
    /// The sum over all.
    pub sum: Duration,
    /// The worst.
    pub max: Duration,
    /// Packets more than 1 ms late.
    pub over_1ms: u64,
    /// How many came out within each edge, and not within the one before; the last has no edge.
    #[serde(skip)]
    within: [u64; CLASSES],
}

const CLASSES: usize = 32;
const FIRST_EDGE_US: f64 = 10.0;
/// From one edge to the next: the last one is at 8 ms.
const STEP: f64 = 1.25;

impl Lateness {
    /// The mean over all packets; zero without any.
    pub fn mean(&self) -> Duration {
        Duration::from_secs_f64(self.sum.as_secs_f64() / self.packets.max(1) as f64)
    }

    /// No more late than this are `share` (0 to 1) of the packets: exact to a quarter up to 8 ms, and beyond that the
    /// worst. Zero without any.
    pub fn quantile(&self, share: f64) -> Duration {
        let rank = (share.clamp(0.0, 1.0) * self.packets as f64).ceil() as u64;
        let mut below = 0;
        let class = self.within.iter().position(|count| {
            below += count;
            below >= rank
        });
        match class {
            Some(class) if class < CLASSES - 1 => edge(class).min(self.max),
            _ => self.max,
        }
    }

    /// What came since `before`, an earlier state of the same; but the worst is that of all.
    #[must_use]
    pub fn since(&self, before: &Self) -> Self {
        let mut within = self.within;
        for (count, earlier) in within.iter_mut().zip(before.within) {
            *count -= earlier;
        }
        Self {
            packets: self.packets - before.packets,
            sum: self.sum - before.sum,
            max: self.max,
            over_1ms: self.over_1ms - before.over_1ms,
            within,
        }
    }

    pub(crate) fn note(&mut self, late: Duration) {
        self.packets += 1;
        self.sum += late;
        self.max = self.max.max(late);
        self.over_1ms += u64::from(late > Duration::from_millis(1));
        let steps = (late.as_secs_f64() * 1e6 / FIRST_EDGE_US).ln() / STEP.ln();
        // Out of range on either side it saturates; no lateness at all is minus infinity.
        self.within[(steps.ceil() as usize).min(CLASSES - 1)] += 1;
    }
}

fn edge(class: usize) -> Duration {
    Duration::from_secs_f64(FIRST_EDGE_US * STEP.powi(class as i32) / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(microseconds: impl Iterator<Item = u64>) -> Lateness {
        let mut lateness = Lateness::default();
        microseconds.for_each(|late| lateness.note(Duration::from_micros(late)));
        lateness
    }

    #[test]
    fn quantiles_are_exact_to_a_quarter() {
        let lateness = of(0..=5_000);
        for (share, us) in [(0.1, 500.0), (0.5, 2_500.0), (0.99, 4_950.0)] {
            let measured = lateness.quantile(share).as_secs_f64() * 1e6;
            assert!((us..us * STEP).contains(&measured), "{measured} at {share}");
        }
        assert_eq!(lateness.quantile(1.0), Duration::from_millis(5));
        assert_eq!(
            of([0, 20_000].into_iter()).quantile(1.0),
            Duration::from_millis(20)
        );
        assert_eq!(Lateness::default().quantile(0.5), Duration::ZERO);
    }

    #[test]
    fn a_span_has_its_own_figures() {
        let before = of((0..100).map(|_| 3_000));
        let mut after = before;
        (0..100).for_each(|_| after.note(Duration::from_micros(100)));
        let span = after.since(&before);
        assert_eq!((span.packets, span.over_1ms), (100, 0));
        assert_eq!(span.mean(), Duration::from_micros(100));
        assert!(span.quantile(0.99) < Duration::from_micros(125));
    }
}
