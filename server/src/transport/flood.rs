//! How many messages a socket may bring in a second. What a room takes of a player is bounded there; but a peer that sends
//! as fast as its path can would keep a thread busy with reading, and what waits behind it.

use std::time::Duration;

use crate::allowance::Allowance;
use crate::clock::Clock;
use crate::counters;

/// Messages of all kinds in a second. A client sends some forty, and a stall lets some seconds' worth through together.
const MOST_MESSAGES: usize = 2_000;

/// Counts what a socket brings.
pub(super) struct FloodWatch {
    clock: Clock,
    allowance: Allowance,
}

impl FloodWatch {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            clock,
            allowance: Allowance::new(MOST_MESSAGES, Duration::from_secs(1)),
        }
    }

    /// Whether one more message is still no flood; else the socket is to be dropped.
    pub(super) fn bears_one_more(&mut self) -> bool {
        let bears = self.allowance.take(self.clock.now(), 1);
        if !bears {
            counters::refused("link", "flood");
        }
        bears
    }
}
