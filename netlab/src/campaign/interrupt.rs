//! Ends a campaign early when the user asks for it; what is finished by then is kept.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

use crate::clock::Stopwatch;
use crate::lab::Lab;

/// How often a wait looks whether it is to end.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Whether the user has had enough.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

/// The user has had enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

impl Interrupt {
    /// Listens to SIGINT, SIGTERM and SIGHUP from now on, in the place of [`Lab`], whose namespaces then go when it is
    /// dropped. A second signal ends the process at once.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn on_signals() -> io::Result<Self> {
        let interrupt = Self::default();
        Lab::leave_signals_alone();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&interrupt.0))?;
            flag::register(signal, Arc::clone(&interrupt.0))?;
        }
        Ok(interrupt)
    }

    /// Goes on.
    ///
    /// # Errors
    /// When the user has had enough.
    pub fn check(&self) -> Result<(), Interrupted> {
        if self.0.load(Ordering::Relaxed) {
            return Err(Interrupted);
        }
        Ok(())
    }

    /// Waits for `span`, or until `is_over` says so; it is asked often.
    ///
    /// # Errors
    /// When the user has had enough.
    pub(super) fn wait(
        &self,
        span: Duration,
        mut is_over: impl FnMut() -> bool,
    ) -> Result<(), Interrupted> {
        let clock = Stopwatch::start();
        while let Some(left) = clock.remaining(span) {
            self.check()?;
            if is_over() {
                return Ok(());
            }
            std::thread::sleep(left.min(LOOK_EVERY));
        }
        self.check()
    }
}
