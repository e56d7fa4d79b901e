//! How much a peer may send in a while, whatever its path lets through.

use std::time::Duration;

/// What has been taken in the present period.
#[derive(Clone, Debug)]
pub(crate) struct Allowance {
    period: Duration,
    most: usize,
    begun: Duration,
    taken: usize,
}

impl Allowance {
    /// At most so much in each period.
    pub(crate) fn new(most: usize, period: Duration) -> Self {
        Self {
            period,
            most,
            begun: Duration::ZERO,
            taken: 0,
        }
    }

    /// Takes some; says whether that much was left.
    pub(crate) fn take(&mut self, now: Duration, amount: usize) -> bool {
        if now.saturating_sub(self.begun) >= self.period {
            self.begun = now;
            self.taken = 0;
        }
        self.taken = self.taken.saturating_add(amount);
        self.taken <= self.most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_in_one_period_is_there_again_in_the_next() {
        let mut allowance = Allowance::new(3, Duration::from_secs(1));
        let mut take = |millis, amount| allowance.take(Duration::from_millis(millis), amount);
        assert!(take(100, 1) && take(200, 2));
        assert!(!take(300, 1));
        assert!(take(1_000, 3));
        assert!(!take(1_001, usize::MAX));
    }
}
