//! Which namespaces this process has, so that they go when it is interrupted, and which ones killed runs left behind.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use super::namespace::{FOLDER, destroy};

static OURS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
/// Whether signals are taken care of.
static INSTALLED: OnceLock<()> = OnceLock::new();
static LABS_MADE: AtomicU32 = AtomicU32::new(0);

/// Names for one more lab, or network, of this process.
pub(super) struct Names {
    lab: u32,
}

/// The next ones.
pub(super) fn next_names() -> Names {
    Names {
        lab: LABS_MADE.fetch_add(1, Ordering::Relaxed),
    }
}

impl Names {
    /// The namespace of that role: `server`, `client`, `switch` or `host` with a number.
    pub(super) fn of(&self, role: &str) -> String {
        format!("{PREFIX}{}-{}-{role}", process::id(), self.lab)
    }

    /// A device's, in this host's own namespace.
    pub(super) fn device(&self) -> String {
        format!("bc{}-{}", process::id(), self.lab)
    }

    /// Its network's: another one for each of a process, and likely for processes at the same time.
    pub(super) fn network(&self) -> u8 {
        (process::id().wrapping_add(self.lab) % 256) as u8
    }
}

pub(super) fn add(name: &str) {
    ours().insert(name.to_owned());
}

pub(super) fn remove(name: &str) {
    ours().remove(name);
}

/// From now on an interrupt, a hang-up or a plain kill takes our namespaces along before it ends the process.
pub(super) fn clean_up_on_signals() -> io::Result<()> {
    if INSTALLED.set(()).is_err() {
        return Ok(());
    }
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::Builder::new()
        .name("lab-clean-up".into())
        .spawn(move || {
            if let Some(signal) = signals.forever().next() {
                // Held to the end, so that no namespace is made any more.
                let ours = ours();
                ours.iter().for_each(|name| destroy(name));
                let _ = emulate_default_handler(signal);
            }
        })?;
    Ok(())
}

/// Signals are somebody else's business.
pub(super) fn leave_signals_alone() {
    let _ = INSTALLED.set(());
}

/// Removes the namespaces of processes that are gone, with what still runs in them.
pub(super) fn clear_leftovers() {
    let Ok(entries) = fs::read_dir(FOLDER) else {
        return;
    };
    for name in entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
    {
        if is_left_over(&name) {
            destroy(&name);
        }
    }
}

const PREFIX: &str = "bc-";

fn ours() -> MutexGuard<'static, BTreeSet<String>> {
    OURS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn is_left_over(name: &str) -> bool {
    let Some(pid) = maker(name) else { return false };
    if pid == Pid::this() {
        // From an earlier process with our number.
        return !ours().contains(name);
    }
    kill(pid, None) == Err(Errno::ESRCH)
}

/// The process that made the namespace; `None` when its name is not one of ours.
fn maker(name: &str) -> Option<Pid> {
    let (stem, role) = name.strip_prefix(PREFIX)?.rsplit_once('-')?;
    let is_host = |role: &str| role.strip_prefix("host")?.parse::<u8>().ok();
    if !["server", "client", "switch"].contains(&role) && is_host(role).is_none() {
        return None;
    }
    let (pid, lab) = stem.split_once('-')?;
    lab.parse::<u32>().ok()?;
    pid.parse().ok().filter(|pid| *pid > 0).map(Pid::from_raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_ever_left_over() {
        assert_eq!(maker("bc-123-4-server"), Some(Pid::from_raw(123)));
        assert_eq!(maker(&next_names().of("client")), Some(Pid::this()));
        assert_eq!(maker(&next_names().of("host12")), Some(Pid::this()));
        for foreign in [
            "bc-123-server",
            "bc-x-1-server",
            "bc--1-1-client",
            "abc-1-1-client",
            "bc-1-1-other",
            "bc-1-1-host",
            "bc-1-1-hostile",
            "vpn",
        ] {
            assert_eq!(maker(foreign), None, "{foreign}");
        }
    }
}
