//! A stock Socket.IO server before the game on the server's host, to compare with: what it passes on is the game's own
//! traffic. Its program is `browser/socket-io.mjs`; it has no figures.

use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::lab::Lab;
use crate::process::ProcessGroup;

/// A running one, which is killed on drop.
#[derive(Debug)]
pub struct SocketIoServer {
    _process: ProcessGroup,
    origin: String,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum SocketIoError {
    /// Its npm packages are not installed.
    #[error("Socket.IO is missing: run `npm install --no-save` in {}", .folder.display())]
    NotInstalled {
        /// Where they belong.
        folder: PathBuf,
    },
    /// Node.js can't be started or heard.
    #[error("cannot start the Socket.IO server: {0}")]
    System(#[from] io::Error),
    /// It has ended; why stands on standard error.
    #[error("the Socket.IO server ended before it listened")]
    Ended,
}

impl SocketIoServer {
    /// Starts one, on the lab's server host when there is a lab, before the game that is at `game` there and may start
    /// later. Its port is any that is free.
    ///
    /// # Errors
    /// When its packages are missing or it doesn't start.
    pub fn start(lab: Option<&Lab>, game: SocketAddr) -> Result<Self, SocketIoError> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
        let are_installed = |name| folder.join("node_modules").join(name).is_dir();
        if !["socket.io", "ws"].into_iter().all(are_installed) {
            return Err(SocketIoError::NotInstalled { folder });
        }
        let node = "node";
        let mut command = lab.map_or_else(|| Command::new(node), |lab| lab.command_in_server(node));
        command
            .arg(folder.join("socket-io.mjs"))
            .arg(game.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = ProcessGroup::spawn(&mut command)?;
        let mut said = String::new();
        if let Some(stdout) = process.child().stdout.take() {
            BufReader::new(stdout).read_line(&mut said)?;
        }
        let port: u16 = said.trim().parse().map_err(|_| SocketIoError::Ended)?;
        let host = lab.map_or(Ipv4Addr::LOCALHOST, Lab::server_address);
        Ok(Self {
            _process: process,
            origin: format!("http://{host}:{port}"),
        })
    }

    /// Where it is for pages.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}
