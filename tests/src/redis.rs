//! Redis of Debian's in a folder of its own, at ports of this machine: one server, a cluster of three, or one that Sentinel
//! watches with a replica.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Command;

use netlab::clock::Stopwatch;
use netlab::prerequisites::Missing;
use nix::sys::signal::Signal;
use tempfile::TempDir;
use thiserror::Error;

use crate::running::Running;

/// Why there is none.
#[derive(Debug, Error)]
pub enum RedisError {
    /// Its programs are not there.
    #[error("{0} is missing; on Debian: apt-get install redis-server redis-sentinel")]
    NotInstalled(&'static str),
    /// The system refuses something.
    #[error(transparent)]
    System(#[from] io::Error),
    /// It doesn't start.
    #[error("Redis does not start; it said: {0}")]
    NotRunning(String),
}

impl Missing for RedisError {
    fn is_missing(&self) -> bool {
        matches!(self, Self::NotInstalled(_))
    }
}

/// One server, which ends when dropped.
#[derive(Debug)]
struct Server {
    running: Option<Running>,
    folder: TempDir,
    port: u16,
    program: &'static str,
    arguments: Vec<String>,
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

impl Server {
    fn start(program: &'static str, port: u16, more: &[&str]) -> Result<Self, RedisError> {
        let folder = tempfile::tempdir()?;
        let arguments = more.iter().map(|argument| (*argument).to_owned());
        let mut server = Self {
            running: None,
            folder,
            port,
            program,
            arguments: arguments.collect(),
        };
        server.resume()?;
        Ok(server)
    }

    fn resume(&mut self) -> Result<(), RedisError> {
        let mut command = Command::new(self.program);
        if self.program == SENTINEL {
            // It keeps its settings in their file.
            let settings = self.folder.path().join("sentinel.conf");
            fs::write(&settings, self.arguments.join("\n"))?;
            command.arg(settings);
        } else {
            let port = self.port.to_string();
            command.args(["--port", &port, "--bind", "127.0.0.1"]);
            command.args(["--save", "", "--appendonly", "no"]);
            command.args(&self.arguments);
        }
        command.current_dir(self.folder.path());
        let program = self.program;
        let mut running = Running::start(&mut command, self.folder.path()).map_err(|error| {
            if error.kind() == io::ErrorKind::NotFound {
                RedisError::NotInstalled(program)
            } else {
                error.into()
            }
        })?;
        let answers = || self.ask(&["PING"]).is_ok_and(|said| said == "PONG");
        running
            .wait_until(self.folder.path(), answers)
            .map_err(RedisError::NotRunning)?;
        self.running = Some(running);
        Ok(())
    }

    fn ask(&self, words: &[&str]) -> io::Result<String> {
        let port = self.port.to_string();
        let asked = Command::new("redis-cli")
            .args(["-p", &port])
            .args(words)
            .output()?;
        Ok(String::from_utf8_lossy(&asked.stdout).trim().to_owned())
    }

    fn signal(&self, signal: Signal) -> io::Result<()> {
        let running = self.running.as_ref();
        running.map_or(Ok(()), |running| running.signal(signal))
    }
}

const SERVER: &str = "redis-server";
const SENTINEL: &str = "redis-sentinel";

/// By which name Sentinel knows its server.
const NAME: &str = "main";

/// Slots of a cluster.
const SLOTS: usize = 16_384;

/// A store of some kind, which ends when dropped.
#[derive(Debug)]
pub struct Redis {
    servers: Vec<Server>,
    sentinels: Vec<Server>,
    url: String,
}

impl Redis {
    /// One server.
    ///
    /// # Errors
    /// [`RedisError`].
    pub fn single() -> Result<Self, RedisError> {
        Self::single_at(&[])
    }

    /// One server, for others on these addresses of this machine, too.
    ///
    /// # Errors
    /// [`RedisError`].
    pub fn single_at(addresses: &[Ipv4Addr]) -> Result<Self, RedisError> {
        let addresses: Vec<_> = addresses.iter().map(Ipv4Addr::to_string).collect();
        let mut more = vec!["--protected-mode", "no", "--bind", "127.0.0.1"];
        more.extend(addresses.iter().map(String::as_str));
        let server = Server::start(SERVER, free_port()?, &more)?;
        Ok(Self {
            url: format!("redis://127.0.0.1:{}", server.port),
            servers: vec![server],
            sentinels: Vec::new(),
        })
    }

    /// A cluster of three.
    ///
    /// # Errors
    /// [`RedisError`].
    pub fn cluster() -> Result<Self, RedisError> {
        let mut servers = Vec::new();
        for number in 0..3 {
            let bus = free_port()?.to_string();
            let more = ["--cluster-enabled", "yes", "--cluster-port", &bus];
            let server = Server::start(SERVER, free_port()?, &more)?;
            let (from, to) = (SLOTS * number / 3, SLOTS * (number + 1) / 3 - 1);
            let range = [from.to_string(), to.to_string()];
            server.ask(&["CLUSTER", "ADDSLOTSRANGE", &range[0], &range[1]])?;
            server.ask(&["CLUSTER", "SET-CONFIG-EPOCH", &(number + 1).to_string()])?;
            servers.push((server, bus));
        }
        let (first, others) = servers.split_first().expect("there are three");
        for (other, bus) in others {
            first
                .0
                .ask(&["CLUSTER", "MEET", "127.0.0.1", &other.port.to_string(), bus])?;
        }
        let is_whole = |(server, _): &(Server, String)| {
            let info = server.ask(&["CLUSTER", "INFO"]).unwrap_or_default();
            info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
        };
        let clock = Stopwatch::start();
        while !servers.iter().all(is_whole) {
            if clock.elapsed().as_secs() > 20 {
                return Err(RedisError::NotRunning(
                    "the cluster doesn't form".to_owned(),
                ));
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let servers: Vec<Server> = servers.into_iter().map(|(server, _)| server).collect();
        let hosts = servers
            .iter()
            .map(|server| format!("127.0.0.1:{}", server.port));
        Ok(Self {
            url: format!("redis+cluster://{}", hosts.collect::<Vec<_>>().join(",")),
            servers,
            sentinels: Vec::new(),
        })
    }

    /// A server with a replica, and three Sentinels.
    ///
    /// # Errors
    /// [`RedisError`].
    pub fn sentinel() -> Result<Self, RedisError> {
        let first = Server::start(SERVER, free_port()?, &[])?;
        let leader = first.port.to_string();
        let replica = Server::start(SERVER, free_port()?, &["--replicaof", "127.0.0.1", &leader])?;
        let mut sentinels = Vec::new();
        for _ in 0..3 {
            let port = free_port()?;
            let lines = [
                format!("port {port}"),
                "bind 127.0.0.1".to_owned(),
                format!("sentinel monitor {NAME} 127.0.0.1 {leader} 2"),
                format!("sentinel down-after-milliseconds {NAME} 1000"),
                format!("sentinel failover-timeout {NAME} 3000"),
            ];
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            sentinels.push(Server::start(SENTINEL, port, &lines)?);
        }
        let knows_all = |sentinel: &Server| {
            let said = sentinel
                .ask(&["SENTINEL", "MASTER", NAME])
                .unwrap_or_default();
            let figures: Vec<&str> = said.lines().collect();
            let of = |name| figures.iter().skip_while(|line| **line != name).nth(1);
            of("num-slaves") == Some(&"1") && of("num-other-sentinels") == Some(&"2")
        };
        let clock = Stopwatch::start();
        while !sentinels.iter().all(knows_all) {
            if clock.elapsed().as_secs() > 30 {
                return Err(RedisError::NotRunning(
                    "the Sentinels don't meet".to_owned(),
                ));
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let hosts = sentinels
            .iter()
            .map(|sentinel| format!("127.0.0.1:{}", sentinel.port));
        Ok(Self {
            url: format!(
                "redis+sentinel://{}/{NAME}",
                hosts.collect::<Vec<_>>().join(",")
            ),
            servers: vec![first, replica],
            sentinels,
        })
    }

    /// The port of the first server.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.servers[0].port
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Lets its servers stand still, or go on.
    ///
    /// # Errors
    /// They are gone.
    pub fn freeze(&self, is_frozen: bool) -> io::Result<()> {
        let signal = if is_frozen {
            Signal::SIGSTOP
        } else {
            Signal::SIGCONT
        };
        self.servers
            .iter()
            .try_for_each(|server| server.signal(signal))
    }

    /// Ends the first server as a crash does.
    pub fn kill_first(&mut self) {
        if let Some(running) = self
            .servers
            .first_mut()
            .and_then(|server| server.running.take())
        {
            // It is gone already when this fails.
            let _ = running.signal(Signal::SIGKILL);
        }
    }

    /// Empties the first server.
    ///
    /// # Errors
    /// `redis-cli` is missing.
    pub fn flush(&self) -> io::Result<()> {
        self.ask(&["FLUSHALL"]).map(drop)
    }

    /// What the first server answers.
    ///
    /// # Errors
    /// `redis-cli` is missing.
    pub fn ask(&self, words: &[&str]) -> io::Result<String> {
        let first = self.servers.first();
        first.map_or(Ok(String::new()), |server| server.ask(words))
    }

    /// How many Sentinels watch it.
    #[must_use]
    pub fn sentinels(&self) -> usize {
        self.sentinels.len()
    }
}
