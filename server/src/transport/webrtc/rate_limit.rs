//! A bucket of tokens: how much of something is taken from one peer, whatever it sends.

use std::time::{Duration, Instant};

/// Tokens that fill up at a steady rate, and are spent one at a time.
#[derive(Clone, Debug)]
pub(super) struct RateLimit {
    per_second: u32,
    burst: u32,
    /// When the bucket would have been full, had nothing been taken since.
    full_at: Instant,
}

impl RateLimit {
    /// A full bucket of `burst` tokens, filled by `per_second`.
    pub(super) fn new(now: Instant, per_second: u32, burst: u32) -> Self {
        Self {
            per_second,
            burst,
            full_at: now,
        }
    }

    /// Takes a token; says whether there was one.
    pub(super) fn take(&mut self, now: Instant) -> bool {
        let token = Duration::from_secs(1) / self.per_second.max(1);
        let full_at = self.full_at.max(now) + token;
        let is_there = full_at.duration_since(now) <= token * self.burst;
        if is_there {
            self.full_at = full_at;
        }
        is_there
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "an origin for virtual time")]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_taken_and_then_the_rate_and_no_more() {
        let start = Instant::now();
        let mut limit = RateLimit::new(start, 100, 10);
        let mut taken_at = |millis: u64, count: usize| {
            let now = start + Duration::from_millis(millis);
            (0..count).filter(|_| limit.take(now)).count()
        };
        assert_eq!(taken_at(0, 1_000), 10);
        assert_eq!(taken_at(50, 1_000), 5);
        assert_eq!(taken_at(10_000, 1_000), 10);
        let steady: usize = (0..1_000).map(|step| taken_at(20_000 + 10 * step, 1)).sum();
        assert_eq!(steady, 1_000);
    }
}
