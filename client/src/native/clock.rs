//! The one file of this crate that reads a clock.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Time since a start, and what that is on other clocks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock(Instant);

impl Clock {
    #[expect(clippy::disallowed_methods, reason = "the clock file")]
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    /// Time since the start.
    pub(super) fn now(&self) -> Duration {
        self.0.elapsed()
    }

    /// The moment that lies `since_start` after the start.
    pub(super) fn instant_at(&self, since_start: Duration) -> Instant {
        self.0 + since_start
    }
}

/// Now, for libraries that want an [`Instant`].
#[expect(clippy::disallowed_methods, reason = "the clock file")]
pub(super) fn instant() -> Instant {
    Instant::now()
}

/// The wall clock: time since 1970.
#[expect(clippy::disallowed_methods, reason = "the clock file")]
pub(super) fn since_1970() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
