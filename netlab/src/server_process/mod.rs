//! The server under test as a process of its own, on this host or on the lab's server; its code is not linked.

mod error;
mod log;
mod refusal;
mod usage;

use std::env;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

pub use error::ServerError;
pub use log::Log;
pub use refusal::Refusal;
use tempfile::TempDir;
pub use usage::Usage;

use crate::clock::Stopwatch;
use crate::lab::{Host, Lab, LabError};
use crate::process::ProcessGroup;
use crate::programs;

/// How to start the server.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// Its program. Default: `BATTLE_CIRCLES_BIN`, else the release build beside the running test.
    pub binary: Option<PathBuf>,
    /// More arguments, after `--port` and, in the lab, `--listen` and `--public-address`.
    pub arguments: Vec<String>,
    /// More environment. The test's own `BATTLE_CIRCLES_*` are not passed on.
    pub environment: Vec<(String, String)>,
    /// A configuration file's text (TOML), for `--config`.
    pub config: Option<String>,
    /// Its port, TCP and UDP. Default: a free one; in the lab 8080.
    pub port: Option<u16>,
    /// Where it runs. Default: the lab's server host when there is a lab, else this one.
    pub host: Option<Host>,
    /// How long it may take to serve. Default 20 s.
    pub ready_within: Duration,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            binary: None,
            arguments: Vec::new(),
            environment: Vec::new(),
            config: None,
            port: None,
            host: None,
            ready_within: Duration::from_secs(20),
        }
    }
}

/// A running server, which is killed on drop. Its working folder is a fresh one that goes with it.
#[derive(Debug)]
pub struct ServerProcess {
    process: ProcessGroup,
    log: Arc<Log>,
    /// Where it runs, if not on this host or a lab's.
    place: Option<Host>,
    host: String,
    port: u16,
    folder: TempDir,
}

impl ServerProcess {
    /// Starts the server, on the lab's server host when there is a lab, and waits until it serves: until `/healthz`
    /// answers 200, or its log says `listening`.
    ///
    /// # Errors
    /// When there is no program ([`ServerError::is_missing`]), or it ends or isn't ready in time; with its log.
    pub fn start(options: ServerOptions, lab: Option<&Lab>) -> Result<Self, ServerError> {
        let binary = options.binary.clone().unwrap_or_else(default_binary);
        if !binary.is_file() {
            return Err(ServerError::NotBuilt { path: binary });
        }
        let folder = working_folder()?;
        let port = match (options.port, lab) {
            (Some(port), _) => port,
            (None, Some(_)) => LAB_PORT,
            (None, None) => free_port().map_err(ServerError::system("find a free port"))?,
        };
        let mut command = command(&options, &binary, port, folder.path(), lab)?;
        let mut process =
            ProcessGroup::spawn(&mut command).map_err(ServerError::system("start the server"))?;
        let log = Arc::new(Log::default());
        let child = process.child();
        if let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) {
            log.follow(stdout);
            log.follow(stderr);
        }
        let address = match (&options.host, lab) {
            (Some(host), _) => Some(host.address()),
            (None, lab) => lab.map(Lab::server_address),
        };
        let host = address.map_or_else(|| "localhost".to_owned(), |address| address.to_string());
        let mut server = Self {
            process,
            log,
            place: options.host.clone(),
            host,
            port,
            folder,
        };
        server.wait_until_ready(lab, options.ready_within)?;
        Ok(server)
    }

    /// Its one port number.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it is for clients: `http://localhost:PORT`, or the lab's server address.
    pub fn origin(&self) -> String {
        format!("http://{}:{}", self.host, self.port)
    }

    /// Its process number.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Its working folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// How it ended, if it has.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.process.status()
    }

    /// The last `count` lines of its log, joined; the newest 20,000 are kept.
    pub fn log_tail(&self, count: usize) -> String {
        self.log.tail(count).join("\n")
    }

    /// Its log, for whoever reads it after the end.
    pub fn log(&self) -> Arc<Log> {
        Arc::clone(&self.log)
    }

    /// Waits for a line of its log, from the first on, that contains `text`, and gives the line.
    ///
    /// # Errors
    /// When none comes in time, or the server ends first.
    pub fn wait_for_log(&mut self, text: &str, timeout: Duration) -> Result<String, ServerError> {
        let log = Arc::clone(&self.log);
        let mut read = 0;
        let look = |pause| {
            let found;
            (found, read) = log.find(text, read);
            if found.is_none() {
                log.wait_for_more(read, pause);
            }
            found
        };
        self.wait_until(&format!("log line with {text:?}"), timeout, look)
    }

    /// Asks it to end (SIGTERM), waits up to `grace`, and kills it then.
    pub fn stop(mut self, grace: Duration) -> Option<ExitStatus> {
        self.process.stop(grace)
    }

    /// Kills it at once, as a crash would.
    pub fn kill(mut self) {
        self.process.kill();
    }

    fn wait_until_ready(&mut self, lab: Option<&Lab>, limit: Duration) -> Result<(), ServerError> {
        let log = Arc::clone(&self.log);
        let own = self.local_address();
        let place = self.place.clone();
        let mut read = 0;
        let look = |pause| {
            let announced;
            (announced, read) = log.find("listening", read);
            let is_healthy = || health(own).unwrap_or(false);
            let ready =
                announced.is_some() || run_beside(place.as_ref(), lab, is_healthy).unwrap_or(false);
            if !ready {
                log.wait_for_more(read, pause);
            }
            ready.then_some(())
        };
        self.wait_until("answer", limit, look)
    }

    /// Looks until there is something to see. `look` itself pauses, up to the time given, for the log to change.
    fn wait_until<T>(
        &mut self,
        awaited: &str,
        limit: Duration,
        mut look: impl FnMut(Duration) -> Option<T>,
    ) -> Result<T, ServerError> {
        let clock = Stopwatch::start();
        loop {
            let ended = self.process.status();
            // Once more after the end: its last line may be the one.
            if let Some(seen) = look(PAUSE) {
                return Ok(seen);
            }
            let awaited = awaited.to_owned();
            if let Some(status) = ended {
                return Err(ServerError::Ended {
                    status,
                    awaited,
                    log: self.log_tail(LINES_IN_ERRORS),
                });
            }
            if clock.remaining(limit).is_none() {
                return Err(ServerError::TooLate {
                    awaited,
                    limit,
                    log: self.log_tail(LINES_IN_ERRORS),
                });
            }
        }
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        self.process.stop(Duration::from_secs(2));
    }
}

fn working_folder() -> Result<TempDir, ServerError> {
    tempfile::Builder::new()
        .prefix("battle-circles-server-")
        .tempdir()
        .map_err(ServerError::system("make a working folder"))
}

fn command(
    options: &ServerOptions,
    binary: &Path,
    port: u16,
    folder: &Path,
    lab: Option<&Lab>,
) -> Result<Command, ServerError> {
    let (mut command, address) = match (&options.host, lab) {
        (Some(host), _) => (host.command(binary), Some(host.address())),
        (None, Some(lab)) => (lab.command_in_server(binary), Some(lab.server_address())),
        (None, None) => (Command::new(binary), None),
    };
    command.args(["--port", &port.to_string()]);
    if let Some(address) = address {
        command.args(["--listen", "0.0.0.0"]);
        command.args(["--public-address", &address.to_string()]);
    }
    if let Some(text) = &options.config {
        let path = folder.join("battle-circles.toml");
        std::fs::write(&path, text).map_err(ServerError::system("write the configuration"))?;
        command.arg("--config").arg(path);
    }
    for (key, _) in env::vars_os() {
        if key.to_string_lossy().starts_with(ENVIRONMENT_PREFIX) {
            command.env_remove(key);
        }
    }
    command
        .args(&options.arguments)
        .envs(options.environment.iter().cloned())
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    Ok(command)
}

fn default_binary() -> PathBuf {
    if let Some(path) = env::var_os("BATTLE_CIRCLES_BIN") {
        return path.into();
    }
    programs::release("battle-circles")
}

/// A port that is free for TCP and UDP. Another process may take it before the server does; then the server says so.
fn free_port() -> io::Result<u16> {
    const TRIES: usize = 20;
    let mut refused = None;
    for _ in 0..TRIES {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = tcp.local_addr()?.port();
        match UdpSocket::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_) => return Ok(port),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}

/// Runs `work` on the server's own host.
fn run_beside<T: Send>(
    place: Option<&Host>,
    lab: Option<&Lab>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, LabError> {
    match (place, lab) {
        (Some(host), _) => host.run(work),
        (None, Some(lab)) => lab.run_in_server(work),
        (None, None) => Ok(work()),
    }
}

fn health(address: SocketAddr) -> io::Result<bool> {
    let limit = Duration::from_millis(500);
    let mut stream = TcpStream::connect_timeout(&address, limit)?;
    stream.set_read_timeout(Some(limit))?;
    write!(
        stream,
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
    )?;
    let mut status_line = [0; 12];
    stream.read_exact(&mut status_line)?;
    Ok(status_line.ends_with(b" 200"))
}

const ENVIRONMENT_PREFIX: &str = "BATTLE_CIRCLES_";
const LAB_PORT: u16 = 8080;
const LINES_IN_ERRORS: usize = 20;
/// How long a look waits for the log before it asks the server again.
const PAUSE: Duration = Duration::from_millis(25);
