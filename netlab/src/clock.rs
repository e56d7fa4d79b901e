//! The one place in this crate that reads the clock; everything else takes time as an argument or asks a stopwatch.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A monotonic stopwatch.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts at zero.
    #[expect(clippy::disallowed_methods, reason = "this file is the crate's clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// What is left of `limit`, or `None` when it has run out.
    pub fn remaining(&self, limit: Duration) -> Option<Duration> {
        limit
            .checked_sub(self.elapsed())
            .filter(|left| !left.is_zero())
    }
}

/// Now, for libraries that want an [`Instant`].
#[expect(clippy::disallowed_methods, reason = "this file is the crate's clock")]
pub fn now() -> Instant {
    Instant::now()
}

/// The wall clock, in milliseconds since 1970: what every process of this machine shares.
#[expect(clippy::disallowed_methods, reason = "this file is the crate's clock")]
pub fn unix_ms() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs_f64()
        * 1_000.0
}
