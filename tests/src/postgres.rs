//! PostgreSQL of Debian's, in a folder of its own and on a Unix socket and a port of this machine.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use netlab::prerequisites::Missing;
use nix::sys::signal::Signal;
use nix::unistd::{Uid, User};
use tempfile::TempDir;
use thiserror::Error;

use crate::running::Running;

/// Where Debian keeps the programs, below a folder for each version.
const PROGRAMS: &str = "/usr/lib/postgresql";

/// A database server, which ends when dropped.
#[derive(Debug)]
pub struct Postgres {
    running: Option<Running>,
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

/// Why there is none.
#[derive(Debug, Error)]
pub enum PostgresError {
    /// Its programs are not there.
    #[error("initdb is missing; on Debian: apt-get install postgresql")]
    NotInstalled,
    /// The system refuses something.
    #[error(transparent)]
    System(#[from] io::Error),
    /// It doesn't start.
    #[error("PostgreSQL does not start; it said: {0}")]
    NotRunning(String),
}

impl Missing for PostgresError {
    fn is_missing(&self) -> bool {
        matches!(self, Self::NotInstalled)
    }
}

impl Postgres {
    /// Makes an empty database and serves it.
    ///
    /// # Errors
    /// [`PostgresError`].
    pub fn start() -> Result<Self, PostgresError> {
        let versions = fs::read_dir(PROGRAMS).map_err(|_| PostgresError::NotInstalled)?;
        let mut versions: Vec<PathBuf> = versions
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect();
        versions.sort();
        let programs = versions
            .pop()
            .ok_or(PostgresError::NotInstalled)?
            .join("bin");
        let folder = tempfile::tempdir()?;
        let mut postgres = Self {
            running: None,
            folder,
            programs,
            port: TcpListener::bind("127.0.0.1:0")?.local_addr()?.port(),
        };
        if let Some(user) = unprivileged() {
            chown(
                postgres.folder.path(),
                Some(user.uid.as_raw()),
                Some(user.gid.as_raw()),
            )?;
        }
        let data = postgres.data();
        let made = postgres
            .command("initdb")
            .args([
                "--username",
                "game",
                "--auth",
                "trust",
                "--no-sync",
                "--pgdata",
            ])
            .arg(data)
            .output()?;
        succeeded(&made)?;
        postgres.resume()?;
        Ok(postgres)
    }

    /// Starts it again after [`Self::kill`].
    ///
    /// # Errors
    /// [`PostgresError`].
    pub fn resume(&mut self) -> Result<(), PostgresError> {
        let mut command = self.command("postgres");
        command
            .arg("-D")
            .arg(self.data())
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string()])
            .arg("-k")
            .arg(self.folder.path())
            // A crash of the machine is not what is tried here.
            .args(["-c", "fsync=off"]);
        let mut running = Running::start(&mut command, self.folder.path())?;
        let answers = || self.query("SELECT 1").is_ok();
        running
            .wait_until(self.folder.path(), answers)
            .map_err(PostgresError::NotRunning)?;
        self.running = Some(running);
        Ok(())
    }

    /// Ends it as a crash does.
    pub fn kill(&mut self) {
        if let Some(running) = self.running.take() {
            // It is gone already when this fails.
            let _ = running.signal_all(Signal::SIGKILL);
        }
    }

    /// Lets all its processes stand still, or go on.
    ///
    /// # Errors
    /// It is gone.
    pub fn freeze(&self, is_frozen: bool) -> io::Result<()> {
        let signal = if is_frozen {
            Signal::SIGSTOP
        } else {
            Signal::SIGCONT
        };
        self.running
            .as_ref()
            .map_or(Ok(()), |running| running.signal_all(signal))
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!(
            "postgres://game@127.0.0.1:{}/postgres?sslmode=disable",
            self.port
        )
    }

    /// What a query gives, a line for each row.
    ///
    /// # Errors
    /// [`PostgresError`].
    pub fn query(&self, sql: &str) -> Result<String, PostgresError> {
        let asked = self
            .command("psql")
            .args([
                "--no-psqlrc",
                "--tuples-only",
                "--no-align",
                "--dbname",
                &self.url(),
            ])
            .args(["--command", sql])
            .output()?;
        succeeded(&asked)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// One of its programs, as a user that may run it.
    fn command(&self, program: &str) -> Command {
        let path: &Path = &self.programs.join(program);
        let mut command = Command::new(path);
        command.current_dir(self.folder.path());
        if let Some(user) = unprivileged() {
            command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        }
        command
    }
}

/// Who is to run it where root may not.
fn unprivileged() -> Option<User> {
    let is_root = Uid::effective().is_root();
    is_root
        .then(|| User::from_name("postgres").ok().flatten())
        .flatten()
}

fn succeeded(output: &Output) -> Result<String, PostgresError> {
    let text = |bytes| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(PostgresError::NotRunning(text(&output.stderr)))
    }
}
