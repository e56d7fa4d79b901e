//! What a running server holds, by its own account and by the kernel's.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use super::{ServerProcess, run_beside};
use crate::http::{self, Answer};
use crate::lab::Lab;
use crate::metrics::Metrics;

/// What a process holds, as the kernel counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Memory in use that is its own, in bytes: its heap and stacks, not its program's text (`RssAnon`).
    pub memory: u64,
    /// Threads.
    pub threads: usize,
    /// Open files, sockets among them.
    pub files: usize,
}

impl ServerProcess {
    /// Its address on its own host.
    pub fn local_address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port()))
    }

    /// Asks for `target` over HTTP, from the server's own host, so that no lab's path is in between.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn get(&self, target: &str, lab: Option<&Lab>) -> io::Result<Answer> {
        let ask = || http::get(self.local_address(), target);
        run_beside(self.place.as_ref(), lab, ask).map_err(io::Error::other)?
    }

    /// What it counts itself.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn metrics(&self, lab: Option<&Lab>) -> io::Result<Metrics> {
        Ok(Metrics::parse(&self.get("/metrics", lab)?.body))
    }

    /// What the kernel counts.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn usage(&self) -> io::Result<Usage> {
        let folder = format!("/proc/{}", self.pid());
        let status = fs::read_to_string(format!("{folder}/status"))?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.split_whitespace().next()?.parse::<u64>().ok()
        };
        Ok(Usage {
            memory: field("RssAnon:").unwrap_or(0) * 1_024,
            threads: fs::read_dir(format!("{folder}/task"))?.count(),
            files: fs::read_dir(format!("{folder}/fd"))?.count(),
        })
    }
}
