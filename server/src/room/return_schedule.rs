//! When the clients of a server that ends are to come back: each at another time, so that the next
//! one isn't stormed.

use std::sync::atomic::{AtomicU32, Ordering};

use protocol::control::{CloseReason, ReturnSlot};

/// Time between the first joins of two clients, in milliseconds, while there are few of them.
const SPACING_MS: u32 = 40;

/// Shortest and longest time from one join of a client to its next, in milliseconds. With many
/// clients the spacing shrinks, so that nobody waits longer.
const PERIOD_MS: std::ops::RangeInclusive<u32> = 1_000..=4_000;

/// As the period, where nobody is to wait.
const AT_ONCE_PERIOD_MS: u32 = 200;

/// Gives out the slots.
#[derive(Debug)]
pub(crate) struct ReturnSchedule {
    given: AtomicU32,
    clients: u32,
    period: u32,
}

impl ReturnSchedule {
    /// For so many clients.
    pub(crate) fn new(clients: usize) -> Self {
        let clients = u32::try_from(clients).unwrap_or(u32::MAX).max(1);
        let wanted = clients.saturating_mul(SPACING_MS);
        Self {
            given: AtomicU32::new(0),
            clients,
            period: wanted.clamp(*PERIOD_MS.start(), *PERIOD_MS.end()),
        }
    }

    /// For clients whose rooms go on elsewhere already: all may come at once.
    pub(crate) fn at_once() -> Self {
        Self {
            given: AtomicU32::new(0),
            clients: 1,
            period: AT_ONCE_PERIOD_MS,
        }
    }

    /// The goodbye to one client.
    pub(crate) fn goodbye(&self) -> CloseReason {
        CloseReason::ShuttingDown(self.next())
    }

    fn next(&self) -> ReturnSlot {
        let number = self.given.fetch_add(1, Ordering::Relaxed) % self.clients;
        let after = u64::from(number) * u64::from(self.period) / u64::from(self.clients);
        ReturnSlot {
            after_ms: u16::try_from(after).unwrap_or(u16::MAX),
            every_ms: u16::try_from(self.period).unwrap_or(u16::MAX),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The most joins in any 100 ms, if all begin to count at once.
    fn most_at_once(clients: usize) -> usize {
        let schedule = ReturnSchedule::new(clients);
        let slots: Vec<ReturnSlot> = (0..clients).map(|_| schedule.next()).collect();
        assert!(slots.iter().all(|slot| slot.after_ms < slot.every_ms));
        (0..5_000u16)
            .map(|from| {
                let within = |slot: &&ReturnSlot| (from..from + 100).contains(&slot.after_ms);
                slots.iter().filter(within).count()
            })
            .max()
            .unwrap_or(0)
    }

    #[test]
    fn clients_come_back_spread_in_time() {
        assert!(most_at_once(30) <= 3);
        assert!(most_at_once(1) == 1);
        assert!(most_at_once(600) <= 16);
    }
}
