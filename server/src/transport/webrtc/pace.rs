//! A faster clock for a peer that is being set up.
//!
//! SCTP repeats a lost INIT, COOKIE-ECHO or first message after a second (RFC 9260 §16,
//! RTO.Initial), which `rtc` doesn't let us set, and a player on a lossy link waits for it. The
//! stack is sans-IO, so it is told that time runs faster until the player plays; then it goes on at
//! the usual rate from where it stands.

use std::time::{Duration, Instant};

/// How much faster: a lost packet of the SCTP handshake is repeated after 167 ms.
const FACTOR: u32 = 6;

/// The stack's time against ours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    began: Instant,
    /// Time gained by the end of the setup, once it is over.
    gained: Option<Duration>,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            began: now,
            gained: None,
        }
    }

    /// What the stack is told at `now`.
    pub(super) fn told(&self, now: Instant) -> Instant {
        match self.gained {
            None => self.began + now.saturating_duration_since(self.began) * FACTOR,
            Some(gained) => now + gained,
        }
    }

    /// When the stack will be told `told`.
    pub(super) fn when(&self, told: Instant) -> Instant {
        match self.gained {
            None => self.began + told.saturating_duration_since(self.began) / FACTOR,
            Some(gained) => told.checked_sub(gained).unwrap_or(self.began),
        }
    }

    /// The setup is over.
    pub(super) fn settle(&mut self, now: Instant) {
        if self.gained.is_none() {
            self.gained = Some(now.saturating_duration_since(self.began) * (FACTOR - 1));
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "an origin for virtual time")]
mod tests {
    use super::*;

    #[test]
    fn time_runs_fast_until_settled_and_never_back() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut pace = Pace::new(start);
        assert_eq!(pace.told(at(200)), at(1_200));
        assert_eq!(pace.when(at(1_200)), at(200));
        pace.settle(at(500));
        pace.settle(at(900));
        assert_eq!(pace.told(at(500)), at(3_000));
        assert_eq!(pace.told(at(600)), at(3_100));
        assert_eq!(pace.when(at(3_100)), at(600));
    }
}
