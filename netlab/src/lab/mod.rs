//! A real lossy IP path on one machine, without netem: two network namespaces, a TUN device in each, and a forwarder
//! between that lets packets through as a [`crate::path`] model says.
//!
//! TCP, QUIC, ICE, DTLS and SCTP all meet the same loss, and browsers run in the client's namespace like anything
//! else. It needs root, `/dev/net/tun` and `ip` (iproute2), and says so when it hasn't them. No packet leaves the
//! machine: what is not for the other end is dropped.
//!
//! Between the path and the server stands a NAT, which keeps every port until a [`crate::path::NatRebinding`]: then the
//! server sees the client's next packets come from new ports, and what it still sends to the old ones is dropped.
//!
//! [`Hosts`] are the other thing a test may need: several machines on a good network, to be unplugged.
//!
//! Namespaces are called `bc-PID-N-server` and `bc-PID-N-client`, those of hosts `bc-PID-N-switch` and `bc-PID-N-hostM`.
//! They go, with all that runs in them, when the [`Lab`] or the [`Hosts`] are dropped or the process is interrupted; what a
//! killed process leaves, the next lab removes.

mod counters;
mod direction;
mod error;
mod forwarder;
mod hosts;
mod lateness;
mod namespace;
mod nat;
mod packet;
mod ports;
mod registry;

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::process::Command;
use std::time::Duration;

pub use counters::{Counters, DirectionCounters, Drops, Flow};
pub use error::LabError;
use forwarder::{End, Forwarder};
pub use hosts::{Host, Hosts};
pub use lateness::Lateness;
use namespace::Namespace;
use nix::unistd::geteuid;

use crate::clock::unix_ms;
use crate::path::{PathConfig, PathPair};

const SERVER: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);

/// Two hosts, a server and a client, on one emulated path.
#[derive(Debug)]
pub struct Lab {
    // Fields drop in this order: the processes at both ends go before the path.
    client: Namespace,
    server: Namespace,
    forwarder: Forwarder,
}

impl Lab {
    /// Sets up both hosts, with `up` from the client to the server and `down` back. The two directions have network
    /// conditions of their own, both from `seed`.
    ///
    /// From the first lab on, SIGINT, SIGTERM and SIGHUP clean up before they end the process.
    ///
    /// # Errors
    /// When this machine or user can't have one ([`LabError::is_missing`]), or a figure is out of range.
    pub fn new(up: PathConfig, down: PathConfig, seed: u64) -> Result<Self, LabError> {
        Self::with_paths(&PathPair {
            up,
            down,
            seed,
            shared_fades: false,
        })
    }

    /// As [`Lab::new`], with directions that may share their fades.
    ///
    /// # Errors
    /// As [`Lab::new`].
    pub fn with_paths(paths: &PathPair) -> Result<Self, LabError> {
        let (up, down) = paths.paths()?;
        check_machine()?;
        registry::clear_leftovers();
        registry::clean_up_on_signals().map_err(LabError::system("watch for signals"))?;
        let names = registry::next_names();
        let server = Namespace::create(names.of("server"))?;
        let client = Namespace::create(names.of("client"))?;
        let server_end = End {
            device: server.make_device(SERVER, CLIENT)?,
            address: SERVER,
        };
        let client_end = End {
            device: client.make_device(CLIENT, SERVER)?,
            address: CLIENT,
        };
        let forwarder = Forwarder::start(server_end, client_end, up, down)
            .map_err(LabError::system("start the forwarder"))?;
        Ok(Self {
            client,
            server,
            forwarder,
        })
    }

    /// From now on signals are the caller's own business: no lab made later listens to them. What is dropped before
    /// the process ends is cleaned up all the same.
    pub fn leave_signals_alone() {
        registry::leave_signals_alone();
    }

    /// The server's address on the path.
    pub fn server_address(&self) -> Ipv4Addr {
        SERVER
    }

    /// The client's address on the path.
    pub fn client_address(&self) -> Ipv4Addr {
        CLIENT
    }

    /// A command that runs `program` on the server's host. What still runs when the lab is dropped is killed.
    pub fn command_in_server(&self, program: impl AsRef<OsStr>) -> Command {
        self.server.command(program)
    }

    /// A command that runs `program` on the client's host. What still runs when the lab is dropped is killed.
    pub fn command_in_client(&self, program: impl AsRef<OsStr>) -> Command {
        self.client.command(program)
    }

    /// Runs `work` on a thread of the server's host. Sockets opened there stay there, wherever they are used
    /// afterwards, and so do threads started there.
    ///
    /// # Errors
    /// When the thread can't enter the namespace.
    pub fn run_in_server<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, LabError> {
        self.server
            .enter(work)
            .map_err(LabError::system("enter the server's namespace"))
    }

    /// Runs `work` on a thread of the client's host, as [`Lab::run_in_server`] does on the server's.
    ///
    /// # Errors
    /// When the thread can't enter the namespace.
    pub fn run_in_client<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, LabError> {
        self.client
            .enter(work)
            .map_err(LabError::system("enter the client's namespace"))
    }

    /// Changes both directions from now on, and tells when that was, on the lab's own time. Their gaps, schedules and
    /// fades count from there: [`PathPair::paths`] of the same configurations, seed and `shared_fades`, with times
    /// from zero, meet the same ones. Packets on their way keep their fate.
    ///
    /// # Errors
    /// When a figure is out of range; then nothing changes.
    pub fn set_paths(&self, up: PathConfig, down: PathConfig) -> Result<Duration, LabError> {
        Ok(self.forwarder.set_paths(up, down)?)
    }

    /// As [`Lab::set_paths`], with all random draws from the seed of `paths` from now on, as in a lab made with them.
    ///
    /// # Errors
    /// When a figure is out of range; then nothing changes.
    pub fn set_pair(&self, paths: &PathPair) -> Result<Duration, LabError> {
        Ok(self.forwarder.set_pair(paths)?)
    }

    /// The lab's own time, from zero when it was set up.
    pub fn now(&self) -> Duration {
        self.forwarder.now()
    }

    /// A moment of the lab's own time on the wall clock, in milliseconds since 1970, as that stands now.
    pub fn unix_ms_at(&self, moment: Duration) -> f64 {
        unix_ms() + (moment.as_secs_f64() - self.now().as_secs_f64()) * 1e3
    }

    /// What the path did so far.
    pub fn counters(&self) -> Counters {
        self.forwarder.counters()
    }
}

fn check_user() -> Result<(), LabError> {
    if geteuid().is_root() {
        return Ok(());
    }
    Err(LabError::NotPermitted {
        detail: format!("this is user {}", geteuid()),
    })
}

fn check_machine() -> Result<(), LabError> {
    check_user()?;
    match std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/net/tun")
    {
        Ok(_) => Ok(()),
        Err(source) if source.kind() == ErrorKind::PermissionDenied => {
            Err(LabError::NotPermitted {
                detail: format!("/dev/net/tun: {source}"),
            })
        }
        Err(source) => Err(LabError::NoTun { source }),
    }
}
