//! A child process that goes, with everything it started, when its owner goes; knows nothing of what it runs.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::clock::Stopwatch;

/// A child in a process group of its own; the whole group is killed on drop.
#[derive(Debug)]
pub(crate) struct ProcessGroup {
    child: Child,
    status: Option<ExitStatus>,
}

impl ProcessGroup {
    pub(crate) fn spawn(command: &mut Command) -> io::Result<Self> {
        Ok(Self {
            child: command.process_group(0).spawn()?,
            status: None,
        })
    }

    pub(crate) fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub(crate) fn status(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.try_wait().ok().flatten();
        }
        self.status
    }

    /// Waits until it has ended, up to `limit`.
    pub(crate) fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let clock = Stopwatch::start();
        loop {
            let status = self.status();
            if status.is_some() || clock.remaining(limit).is_none() {
                return status;
            }
            // The standard library has no wait with a limit.
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Asks it to end, waits up to `grace`, and kills what is left of its group then.
    pub(crate) fn stop(&mut self, grace: Duration) -> Option<ExitStatus> {
        if self.status().is_none() {
            self.signal(Signal::SIGTERM);
        }
        self.wait(grace);
        self.kill()
    }

    /// Kills the whole group at once.
    pub(crate) fn kill(&mut self) -> Option<ExitStatus> {
        // After the leader too: what it started may still run. The group's number stays taken while it does.
        self.signal(Signal::SIGKILL);
        self.wait(Duration::from_secs(5))
    }

    fn signal(&self, signal: Signal) {
        let _ = killpg(Pid::from_raw(self.child.id().cast_signed()), signal);
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.kill();
    }
}
