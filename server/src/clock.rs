//! The one file of the server that reads a clock. Everything else is told the time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Time since the server started, and what that is on other clocks.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
    unix_origin: Duration,
}

impl Clock {
    /// A clock that starts now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the clock file")]
    pub fn start() -> Self {
        Self {
            origin: Instant::now(),
            unix_origin: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default(),
        }
    }

    /// Time since the start.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.instant().duration_since(self.origin)
    }

    /// Now, for libraries that want an [`Instant`].
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the clock file")]
    pub fn instant(&self) -> Instant {
        Instant::now()
    }

    /// The [`Instant`] that lies `since_start` after the start.
    #[must_use]
    pub fn instant_at(&self, since_start: Duration) -> Instant {
        self.origin + since_start
    }

    /// Wall clock, for certificates.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the clock file")]
    pub fn system_time(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Wall clock at a moment after the start, as time since 1970; it doesn't follow corrections
    /// of the system's clock while the server runs.
    #[must_use]
    pub fn unix_at(&self, since_start: Duration) -> Duration {
        self.unix_origin + since_start
    }

    /// Wall clock now, in milliseconds since 1970.
    #[must_use]
    pub fn unix_ms(&self) -> i64 {
        i64::try_from(self.unix_at(self.now()).as_millis()).unwrap_or(i64::MAX)
    }

    /// Wall clock now, in seconds since 1970.
    #[must_use]
    pub fn unix_seconds(&self) -> u64 {
        self.unix_at(self.now()).as_secs()
    }
}
