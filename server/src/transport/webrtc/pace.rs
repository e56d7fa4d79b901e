//! A faster clock for the WebRTC stack, whose timers can't be set.
//!
//! SCTP repeats a lost INIT, COOKIE-ECHO or first message after a second and never sooner than
//! that (RFC 9260 §16, RTO.Initial and RTO.Min). A player on a lossy path waits for the first, and
//! after a fade the second stops State for a second though nothing of it is repeated. The stack is
//! sans-IO, so it is told that time runs faster: much while a peer is set up, less while it plays.
//! Round trips are measured on the same clock, so on a long path the timers are longer.

use std::time::{Duration, Instant};

/// Until the player plays: a lost packet of the SCTP handshake is repeated after 167 ms.
const SETTING_UP: u32 = 6;

/// From then on: SCTP's shortest timeout is 250 ms.
const PLAYING: u32 = 4;

/// The stack's time against ours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// When the present rate began, on our clock and on the stack's.
    since: (Instant, Instant),
    rate: u32,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            since: (now, now),
            rate: SETTING_UP,
        }
    }

    /// What the stack is told at `now`.
    pub(super) fn told(&self, now: Instant) -> Instant {
        let (ours, told) = self.since;
        told + now.saturating_duration_since(ours) * self.rate
    }

    /// When the stack will be told `told`.
    pub(super) fn when(&self, told: Instant) -> Instant {
        let (ours, base) = self.since;
        let elapsed: Duration = told.saturating_duration_since(base);
        ours + elapsed / self.rate
    }

    /// The setup is over.
    pub(super) fn settle(&mut self, now: Instant) {
        if self.rate != PLAYING {
            self.since = (now, self.told(now));
            self.rate = PLAYING;
        }
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "an origin for virtual time")]
mod tests {
    use super::*;

    #[test]
    fn time_runs_fast_less_so_once_settled_and_never_back() {
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let mut pace = Pace::new(start);
        assert_eq!(pace.told(at(200)), at(1_200));
        assert_eq!(pace.when(at(1_200)), at(200));
        pace.settle(at(500));
        pace.settle(at(900));
        assert_eq!(pace.told(at(500)), at(3_000));
        assert_eq!(pace.told(at(600)), at(3_400));
        assert_eq!(pace.when(at(3_400)), at(600));
        assert_eq!(pace.told(at(400)), at(3_000));
    }
}
