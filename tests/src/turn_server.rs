//! coturn, a TURN relay (RFC 8656) of Debian's, on a lab's server host.

use std::io;
use std::net::{SocketAddr, TcpStream};

use netlab::lab::Lab;
use netlab::prerequisites::Missing;
use tempfile::TempDir;
use thiserror::Error;

use crate::running::Running;

/// Its port, for TCP and UDP.
const PORT: u16 = 3_478;

/// A running relay, which ends when dropped.
#[derive(Debug)]
pub struct TurnServer {
    _running: Running,
    _folder: TempDir,
    address: SocketAddr,
}

/// Why there is none.
#[derive(Debug, Error)]
pub enum TurnServerError {
    /// Its program is not there.
    #[error("turnserver is missing; on Debian: apt-get install coturn")]
    NotInstalled,
    /// The system refuses something.
    #[error(transparent)]
    System(#[from] io::Error),
    /// It doesn't listen.
    #[error("turnserver does not listen; it said: {0}")]
    NotListening(String),
}

impl Missing for TurnServerError {
    fn is_missing(&self) -> bool {
        matches!(self, Self::NotInstalled)
    }
}

impl TurnServer {
    /// Starts it as operators do: credentials that last a while, under a secret that it shares with the game server.
    ///
    /// # Errors
    /// [`TurnServerError`].
    pub fn start(lab: &Lab, secret: &str) -> Result<Self, TurnServerError> {
        let folder = tempfile::tempdir()?;
        let address = SocketAddr::from((lab.server_address(), PORT));
        let host = address.ip().to_string();
        let mut command = lab.command_in_server("turnserver");
        command
            .args(["-n", "--no-cli", "--no-tls", "--no-dtls", "--simple-log"])
            .args(["--use-auth-secret", "--static-auth-secret", secret])
            .args(["--realm", "play.example", "--log-file", "stdout"])
            .args(["--listening-ip", &host, "--relay-ip", &host])
            .args(["--listening-port", &PORT.to_string()])
            .arg("--pidfile")
            .arg(folder.path().join("pid"))
            .arg("--userdb")
            .arg(folder.path().join("users"))
            .current_dir(folder.path());
        let is_there = std::env::var_os("PATH").is_some_and(|path| {
            std::env::split_paths(&path).any(|folder| folder.join("turnserver").is_file())
        });
        if !is_there {
            // In a namespace it is another program that doesn't find it.
            return Err(TurnServerError::NotInstalled);
        }
        let mut running = Running::start(&mut command, folder.path())?;
        let listens = || {
            let connects = || TcpStream::connect(address).is_ok();
            lab.run_in_server(connects).unwrap_or(false)
        };
        running
            .wait_until(folder.path(), listens)
            .map_err(TurnServerError::NotListening)?;
        Ok(Self {
            _running: running,
            _folder: folder,
            address,
        })
    }

    /// Where it is, as clients are told: `turn:HOST:PORT?transport=udp`, or `tcp`.
    pub fn url(&self, transport: &str) -> String {
        format!("turn:{}?transport={transport}", self.address)
    }
}
