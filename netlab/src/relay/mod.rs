//! A bad network without root: a relay on one UDP and TCP port that passes what it gets on to a server, as two
//! [`crate::path`]s say. Not as true as [`crate::lab`], because TCP's packets are out of its reach: see
//! [`Relay::limits`].
//!
//! A server that is to be reached through it listens on the address that the relay passes on to, with the same port
//! number, and announces the relay's: `--listen 127.0.0.2 --public-address 127.0.0.1`.

mod connection;
mod counters;
mod engine;
mod error;
mod stream;
mod tcp;
mod udp;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

pub use counters::RelayCounters;
use engine::{Engine, Shared};
pub use error::RelayError;

use crate::clock::unix_ms;
use crate::path::{PathConfig, PathPair, PathPairError};
use crate::realtime_priority::take_realtime_priority;

/// A running relay, which stops when dropped.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    to: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Relay {
    /// Takes players in at `listen`, TCP and UDP, and passes them on to `to`. Port 0 takes a free one, and in `to`
    /// the same number.
    ///
    /// It holds at most 256 UDP peers, each until it has been still for two minutes, 256 connections with 256 KiB on
    /// their way each, and 16 MiB of datagrams, in each direction. Bytes beyond wait at their sender; what else comes
    /// beyond is dropped and counted.
    ///
    /// # Errors
    /// When it can't listen there, or a figure of `paths` is out of range.
    pub fn start(listen: SocketAddr, to: SocketAddr, paths: &PathPair) -> Result<Self, RelayError> {
        let (up, down) = paths.paths()?;
        let shared = Arc::new(Shared::new(up, down).map_err(RelayError::system("start"))?);
        let engine = Engine::listen(listen, to, Arc::clone(&shared))
            .map_err(|source| RelayError::Listen { listen, source })?;
        let (address, to) = (engine.address, engine.to);
        let thread = std::thread::Builder::new()
            .name("relay".into())
            .spawn(move || {
                take_realtime_priority();
                engine.run();
            })
            .map_err(RelayError::system("start a thread"))?;
        Ok(Self {
            address,
            to,
            shared,
            thread: Some(thread),
        })
    }

    /// What the relay can't do, in sentences for whoever reads its figures.
    pub fn limits() -> &'static str {
        "UDP datagrams meet the path as it is set; a corrupted one is dropped, as its checksum would have it. TCP is \
         only delayed and throttled: a connection opens after a round trip, and its bytes wait for bandwidth, delay \
         and jitter, but no loss, fade, duplicate, corruption or gap reaches its packets, which this machine has \
         acknowledged already. So WebSockets look better here than on a real path: use the lab, which needs root, to \
         compare rungs. A NAT rebinding gives UDP new ports towards the server; one that forgets TCP too ends its \
         connections at both ends."
    }

    /// Where it takes players in.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it passes them on to.
    pub fn server_address(&self) -> SocketAddr {
        self.to
    }

    /// Changes both directions from now on, and tells when that was, on the relay's own time: as
    /// [`crate::lab::Lab::set_paths`].
    ///
    /// # Errors
    /// When a figure is out of range; then nothing changes.
    pub fn set_paths(&self, up: PathConfig, down: PathConfig) -> Result<Duration, PathPairError> {
        self.shared.set_paths(up, down)
    }

    /// As [`Relay::set_paths`], with all random draws from the seed of `paths` from now on.
    ///
    /// # Errors
    /// When a figure is out of range; then nothing changes.
    pub fn set_pair(&self, paths: &PathPair) -> Result<Duration, PathPairError> {
        self.shared.set_pair(paths)
    }

    /// The relay's own time, from zero when it was started.
    pub fn now(&self) -> Duration {
        self.shared.now()
    }

    /// A moment of the relay's own time on the wall clock, in milliseconds since 1970, as that stands now.
    pub fn unix_ms_at(&self, moment: Duration) -> f64 {
        unix_ms() + (moment.as_secs_f64() - self.now().as_secs_f64()) * 1e3
    }

    /// What it did so far.
    pub fn counters(&self) -> RelayCounters {
        self.shared.lanes().counters
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let woken = self.shared.stop();
        if let Some(thread) = self.thread.take()
            && woken
        {
            let _ = thread.join();
        }
    }
}
