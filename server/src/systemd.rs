//! Tells systemd how the server stands (`Type=notify`, `WatchdogSec=`). Without systemd nothing happens.

use std::time::Duration;

use sd_notify::NotifyState;

/// Players may come.
pub(crate) fn ready() {
    tell(&[NotifyState::Ready]);
}

/// The server ends, in so long at most.
pub(crate) fn stopping(within: Duration) {
    let micros = u32::try_from(within.as_micros()).unwrap_or(u32::MAX);
    tell(&[
        NotifyState::Stopping,
        NotifyState::ExtendTimeoutUsec(micros),
    ]);
}

/// The server lives. To be called several times within `WatchdogSec`, by what stands still when the server does.
pub(crate) fn alive() {
    tell(&[NotifyState::Watchdog]);
}

fn tell(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::debug!(%error, "systemd isn't told");
    }
}
