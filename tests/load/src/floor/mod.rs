//! The least that sending snapshots can cost: the work of `tests/peers`, with nothing between it and the socket.

pub mod quic;
pub mod udp;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Bytes of a snapshot, and of what a player sends.
const SNAPSHOT: [u8; 256] = [0x5a; 256];
const INPUT: [u8; 20] = [0x11; 20];

/// Time between two snapshots, and between two of what a player sends.
const SNAPSHOT_PERIOD: Duration = Duration::from_millis(50);
const INPUT_PERIOD: Duration = Duration::from_nanos(1_000_000_000 / 30);

/// Counts what has come.
#[derive(Clone, Debug, Default)]
pub struct Seen(Arc<AtomicU64>);

impl Seen {
    fn one_more(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How many have come since the last call.
    #[must_use]
    pub fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// When the `index`-th of so many players begins to send: not all in the same moment.
fn offset(index: usize, players: usize) -> Duration {
    INPUT_PERIOD.mul_f64(index as f64 / players.max(1) as f64)
}
