//! A program of somebody else's that runs beside ours, until its owner is dropped.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use netlab::clock::Stopwatch;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

/// A process group; what it says is in the file `said` of its folder.
#[derive(Debug)]
pub struct Running(Child);

impl Running {
    /// Starts it.
    ///
    /// # Errors
    /// When the system refuses; [`io::ErrorKind::NotFound`] when there is no such program.
    pub fn start(command: &mut Command, folder: &Path) -> io::Result<Self> {
        let said = File::create(folder.join("said"))?;
        let child = command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(said.try_clone()?)
            .stderr(said)
            .spawn()?;
        Ok(Self(child))
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// When it is gone.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(kill(self.pid(), signal)?)
    }

    /// Sends it and its children a signal: those of some programs lead groups of their own.
    ///
    /// # Errors
    /// When it is gone.
    pub fn signal_all(&self, signal: Signal) -> io::Result<()> {
        let pid = self.pid();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"))?;
        kill(pid, signal)?;
        for child in children
            .split_whitespace()
            .filter_map(|child| child.parse().ok())
        {
            // It may have ended meanwhile.
            let _ = kill(Pid::from_raw(child), signal);
        }
        Ok(())
    }

    /// Waits up to 10 s for what `is_so`.
    ///
    /// # Errors
    /// When it has ended, or takes longer: all that it said.
    pub fn wait_until(&mut self, folder: &Path, is_so: impl Fn() -> bool) -> Result<(), String> {
        let clock = Stopwatch::start();
        while !is_so() {
            let has_ended = self.0.try_wait().is_ok_and(|ended| ended.is_some());
            if has_ended || clock.remaining(Duration::from_secs(10)).is_none() {
                return Err(fs::read_to_string(folder.join("said")).unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.0.id().cast_signed())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = killpg(self.pid(), Signal::SIGTERM);
        let clock = Stopwatch::start();
        while self.0.try_wait().is_ok_and(|ended| ended.is_none())
            && clock.remaining(Duration::from_secs(2)).is_some()
        {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = killpg(self.pid(), Signal::SIGKILL);
        let _ = self.0.wait();
    }
}
