//! The fixed step: when the next tick is due, and what to do when the room falls behind.

use std::time::Duration;

/// How many ticks a room may lag before it gives up the lost time.
const MOST_CATCH_UP: u32 = 5;

/// Rooms begin their ticks at so many moments of a tick's length, so that those of one thread are woken together; at more
/// where these would lie further apart than [`APART`].
const PHASES: u32 = 4;

/// Most time between two of these moments.
const APART: Duration = Duration::from_millis(5);

/// The next moment at which ticks begin: a room that is made now counts its own from there.
pub(crate) fn next_phase(now: Duration, ticks_per_second: u16) -> Duration {
    let interval = interval(ticks_per_second);
    let phase_count = interval.as_nanos().div_ceil(APART.as_nanos());
    let phase_count = u32::try_from(phase_count).unwrap_or(PHASES).max(PHASES);
    let past = now.as_nanos() % interval.as_nanos();
    let mut phases = (1..=phase_count).map(|phase| interval * phase / phase_count);
    let next = phases.find(|phase| phase.as_nanos() > past);
    let past = Duration::from_nanos(u64::try_from(past).unwrap_or(0));
    now + next.unwrap_or(interval).saturating_sub(past)
}

fn interval(ticks_per_second: u16) -> Duration {
    Duration::from_secs(1) / u32::from(ticks_per_second.max(1))
}

/// Ticks against time. After a stall the room steps faster until it has caught up; after a long
/// one it lets the lost time go, so that it never spirals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pacing {
    interval: Duration,
    next: Duration,
}

/// How a tick began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lateness {
    /// How long after it was due.
    pub(super) late: Duration,
    /// Whether it began over an interval late.
    pub(super) is_overrun: bool,
    /// Ticks' worth of time given up.
    pub(super) skipped: u32,
}

impl Pacing {
    pub(super) fn new(now: Duration, ticks_per_second: u16) -> Self {
        let interval = interval(ticks_per_second);
        Self {
            interval,
            next: now + interval,
        }
    }

    /// When the next tick is due.
    pub(super) fn next(&self) -> Duration {
        self.next
    }

    /// Begins the tick that is due.
    pub(super) fn begin(&mut self, now: Duration) -> Lateness {
        let late = now.saturating_sub(self.next);
        let behind = u32::try_from(late.as_nanos() / self.interval.as_nanos()).unwrap_or(u32::MAX);
        let skipped = if behind > MOST_CATCH_UP { behind } else { 0 };
        self.next += self.interval + self.interval * skipped;
        Lateness {
            late,
            is_overrun: behind > 0,
            skipped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn rooms_of_all_times_tick_at_few_moments() {
        let moments = (0..1_000).map(|micros| {
            let made = Duration::from_micros(977 * micros);
            let begun = next_phase(made, 100);
            assert!(made < begun && begun <= made + Duration::from_micros(2_500));
            begun.as_nanos() % ms(10).as_nanos()
        });
        let moments: std::collections::BTreeSet<u128> = moments.collect();
        assert_eq!(moments.len(), 4);
    }

    #[test]
    fn ticks_keep_their_rate_whatever_the_wake_ups() {
        let mut pacing = Pacing::new(ms(0), 100);
        for tick in 1..=100u64 {
            assert_eq!(pacing.next(), ms(10 * tick));
            let lateness = pacing.begin(ms(10 * tick + tick % 9));
            assert_eq!(
                lateness,
                Lateness {
                    late: ms(tick % 9),
                    is_overrun: false,
                    skipped: 0
                }
            );
        }
    }

    #[test]
    fn a_short_stall_is_caught_up_and_a_long_one_let_go() {
        let mut pacing = Pacing::new(ms(0), 100);
        assert_eq!(
            pacing.begin(ms(40)),
            Lateness {
                late: ms(30),
                is_overrun: true,
                skipped: 0
            }
        );
        assert_eq!(pacing.next(), ms(20));
        let mut pacing = Pacing::new(ms(0), 100);
        assert_eq!(
            pacing.begin(ms(1_010)),
            Lateness {
                late: ms(1_000),
                is_overrun: true,
                skipped: 100
            }
        );
        assert_eq!(pacing.next(), ms(1_020));
    }
}
