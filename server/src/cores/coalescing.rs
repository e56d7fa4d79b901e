//! Lets a thread that has much to do take it at the moments at which rooms' ticks begin, as a network card moderates its
//! interrupts: what comes in between waits for its room's tick in any case, and a thread that is woken for each of it does
//! little else. One that has little to do sleeps as it likes.

use std::time::Duration;

use crate::clock::Clock;
use crate::room::next_phase;

/// How often a thread is about to sleep, and until when it then sleeps.
pub(super) struct WakeupCoalescing {
    clock: Clock,
    ticks_per_second: u16,
    is_busy: bool,
    /// When the present span began, and how often the thread was about to sleep in it.
    span: (Duration, u32),
}

impl WakeupCoalescing {
    /// How long one looks how much there is to do.
    const SPAN: Duration = Duration::from_millis(100);

    /// Times in a span from which on a thread is busy; one that is, is woken about 24 times.
    const BUSY: u32 = 50;

    /// From this on it is no more.
    const CALM: u32 = 15;

    /// A timer of the runtime is late by as much.
    const GRAIN: Duration = Duration::from_millis(1);

    pub(super) fn new(clock: Clock, ticks_per_second: u16) -> Self {
        Self {
            clock,
            ticks_per_second,
            is_busy: false,
            span: (Duration::ZERO, 0),
        }
    }

    /// To be called when a thread is about to sleep.
    pub(super) fn wait(&mut self) {
        let now = self.clock.now();
        if let Some(until) = self.wait_until(now) {
            std::thread::sleep(until.saturating_sub(now));
        }
    }

    /// How long the thread is to sleep whatever comes.
    fn wait_until(&mut self, now: Duration) -> Option<Duration> {
        let (begun, count) = &mut self.span;
        *count += 1;
        if now.saturating_sub(*begun) >= Self::SPAN {
            let is_recent = now.saturating_sub(*begun) < 2 * Self::SPAN;
            let least = if self.is_busy { Self::CALM } else { Self::BUSY };
            self.is_busy = is_recent && *count >= least;
            self.span = (now, 0);
        }
        let tick = next_phase(now.saturating_sub(Self::GRAIN), self.ticks_per_second);
        self.is_busy.then_some(tick + Self::GRAIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_is_woken_often_takes_what_comes_at_the_ticks_until_there_is_less() {
        let mut coalescing = WakeupCoalescing::new(Clock::start(), 60);
        let mut play = |from: u64, micros: u64| {
            let (mut now, mut wakes) = (Duration::from_secs(from), 0);
            while now < Duration::from_secs(from + 1) {
                wakes += 1;
                now = coalescing
                    .wait_until(now)
                    .unwrap_or(now + Duration::from_micros(micros));
            }
            wakes
        };
        assert!((90..110).contains(&play(1, 10_000)), "left alone");
        assert!(play(2, 100) < 1_300, "ten thousand a second, at first");
        assert!((235..245).contains(&play(3, 100)), "and then");
        assert_eq!(play(60, 100_000), 10, "calm again after a pause");
    }
}
