//! The bottleneck: one server with a byte-bounded first-in-first-out queue, which drops from
//! its tail or early. No loss models.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Bandwidth, DropPolicy};

/// Packets that wait for, or are under, transmission.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// When each leaves, and its bytes, oldest first.
    waiting: VecDeque<(Duration, usize)>,
    backlog: usize,
    busy_until: Duration,
}

impl Queue {
    /// When a packet of `bytes` handed in at `now` has left, or `None` when it is dropped. What is queued already
    /// leaves at the rate that it was queued under. `draw` is even in `0..1`.
    pub(super) fn pass(
        &mut self,
        now: Duration,
        bytes: usize,
        bandwidth: &Bandwidth,
        draw: f64,
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
        if self.backlog + bytes > bandwidth.queue_bytes || self.drops_early(bandwidth, draw) {
            return None;
        }
        let leaves =
            start + Duration::from_secs_f64(bytes as f64 * 8.0 / (bandwidth.kbit_per_s * 1e3));
        self.waiting.push_back((leaves, bytes));
        self.backlog += bytes;
        self.busy_until = leaves;
        Some(leaves)
    }

    fn drops_early(&self, bandwidth: &Bandwidth, draw: f64) -> bool {
        let full = self.backlog as f64 / bandwidth.queue_bytes as f64;
        bandwidth.drop == DropPolicy::Early && draw < 2.0 * full - 1.0
    }
}
