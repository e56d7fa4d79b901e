//! The bottleneck: one server with a byte-bounded first-in-first-out queue that drops from its tail. No loss models.

use std::collections::VecDeque;
use std::time::Duration;

use super::Bandwidth;

/// Packets that wait for, or are under, transmission.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// When each leaves, and its bytes, oldest first.
    waiting: VecDeque<(Duration, usize)>,
    backlog: usize,
    busy_until: Duration,
}

impl Queue {
    /// When a packet of `bytes` handed in at `now` has left, or `None` when it finds no room. What is queued already
    /// leaves at the rate that it was queued under.
    pub(super) fn pass(
        &mut self,
        now: Duration,
        bytes: usize,
        bandwidth: &Bandwidth,
    ) -> Option<Duration> {
        while let Some(&(leaves, size)) = self.waiting.front()
            && leaves <= now
        {
            self.waiting.pop_front();
            self.backlog -= size;
        }
        let start = self.busy_until.max(now);
        if bandwidth.kbit_per_s.is_infinite() {
            return Some(start);
        }
        if self.backlog + bytes > bandwidth.queue_bytes {
            return None;
        }
        let leaves =
            start + Duration::from_secs_f64(bytes as f64 * 8.0 / (bandwidth.kbit_per_s * 1e3));
        self.waiting.push_back((leaves, bytes));
        self.backlog += bytes;
        self.busy_until = leaves;
        Some(leaves)
    }
}
