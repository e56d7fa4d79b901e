//! The relay's thread: waits for sockets and due times, and lets UDP and TCP do their work. Knows neither protocol.

use std::io;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::eventfd::EventFd;
use nix::sys::time::TimeSpec;
use socket2::SockRef;

use super::RelayCounters;
use super::tcp::TcpSide;
use super::udp::UdpSide;
use crate::clock::Stopwatch;
use crate::path::{PathConfig, PathModel, PathPair, PathPairError, reconfigure_both};

/// What the relay's thread shares with its owner.
#[derive(Debug)]
pub(super) struct Shared {
    clock: Stopwatch,
    lanes: Mutex<Lanes>,
    wake: EventFd,
}

/// Both directions' models, and what came of it.
#[derive(Debug)]
pub(super) struct Lanes {
    pub(super) up: PathModel,
    pub(super) down: PathModel,
    pub(super) counters: RelayCounters,
    stopped: bool,
}

impl Shared {
    pub(super) fn new(up: PathModel, down: PathModel) -> io::Result<Self> {
        Ok(Self {
            clock: Stopwatch::start(),
            lanes: Mutex::new(Lanes {
                up,
                down,
                counters: RelayCounters::default(),
                stopped: false,
            }),
            wake: EventFd::new()?,
        })
    }

    pub(super) fn lanes(&self) -> MutexGuard<'_, Lanes> {
        // Counters and paths stay usable whatever a panicking reader held.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn now(&self) -> Duration {
        self.clock.elapsed()
    }

    pub(super) fn set_paths(
        &self,
        up: PathConfig,
        down: PathConfig,
    ) -> Result<Duration, PathPairError> {
        let mut lanes = self.lanes();
        let now = self.now();
        let Lanes {
            up: up_link,
            down: down_link,
            ..
        } = &mut *lanes;
        reconfigure_both(now, (up_link, up), (down_link, down))?;
        Ok(now)
    }

    /// As [`Shared::set_paths`], with random draws from other seeds.
    pub(super) fn set_pair(&self, paths: &PathPair) -> Result<Duration, PathPairError> {
        let mut lanes = self.lanes();
        let now = self.now();
        let Lanes { up, down, .. } = &mut *lanes;
        paths.put_in_force(now, up, down)?;
        Ok(now)
    }

    /// Ends the thread; `false` when it can't be woken to see that.
    pub(super) fn stop(&self) -> bool {
        self.lanes().stopped = true;
        self.wake.write(1).is_ok()
    }
}

/// The relay's thread, with all its sockets.
pub(super) struct Engine {
    pub(super) address: SocketAddr,
    pub(super) to: SocketAddr,
    udp: UdpSide,
    tcp: TcpSide,
    shared: Arc<Shared>,
}

/// Which socket is ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Wake,
    /// The datagrams of players.
    Players,
    /// The datagrams for one player.
    Peer(SocketAddr),
    /// New connections.
    Listener,
    /// A connection, at either end.
    Connection(u64),
}

/// The sockets to wait for, and what to wait for at each.
#[derive(Default)]
pub(super) struct Interest<'a> {
    sources: Vec<Source>,
    fds: Vec<PollFd<'a>>,
}

impl<'a> Interest<'a> {
    pub(super) fn add(&mut self, source: Source, fd: BorrowedFd<'a>, flags: PollFlags) {
        self.sources.push(source);
        self.fds.push(PollFd::new(fd, flags));
    }
}

impl Engine {
    pub(super) fn listen(
        listen: SocketAddr,
        to: SocketAddr,
        shared: Arc<Shared>,
    ) -> io::Result<Self> {
        /// How many free TCP ports are tried until one is free for UDP too.
        const TRIES: usize = 20;
        let tries = if listen.port() == 0 { TRIES } else { 1 };
        let mut sockets = bind(listen);
        for _ in 1..tries {
            if sockets.is_ok() {
                break;
            }
            sockets = bind(listen);
        }
        let (listener, players) = sockets?;
        let address = listener.local_addr()?;
        let mut to = to;
        if to.port() == 0 {
            to.set_port(address.port());
        }
        Ok(Self {
            address,
            to,
            udp: UdpSide::new(players, to)?,
            tcp: TcpSide::new(listener, to)?,
            shared,
        })
    }

    pub(super) fn run(mut self) {
        while let Ok(ready) = self.wait() {
            let shared = Arc::clone(&self.shared);
            let mut lanes = shared.lanes();
            if lanes.stopped {
                return;
            }
            let now = shared.now();
            self.udp.begin(now, &mut lanes);
            self.tcp.begin(now, &mut lanes);
            for source in ready {
                let now = shared.now();
                match source {
                    Source::Wake => {}
                    Source::Players => self.udp.take_from_players(now, &mut lanes),
                    Source::Peer(peer) => self.udp.take_for(peer, now, &mut lanes),
                    Source::Listener => self.tcp.accept(now, &mut lanes),
                    Source::Connection(number) => self.tcp.take(number, now, &mut lanes),
                }
            }
            let now = shared.now();
            self.udp.release(now, &mut lanes);
            self.tcp.release(now, &mut lanes);
        }
    }

    /// Until a socket is ready, something is due, or the relay is stopped. Tells which sockets are ready.
    fn wait(&self) -> nix::Result<Vec<Source>> {
        let now = self.shared.now();
        let mut interest = Interest::default();
        interest.add(Source::Wake, self.shared.wake.as_fd(), PollFlags::POLLIN);
        self.udp.show_interest(&mut interest);
        self.tcp.show_interest(now, &mut interest);
        let due = [self.udp.next_due(), self.tcp.next_due(now)];
        let wait = due.into_iter().flatten().min();
        let wait = wait.map(|due| TimeSpec::from_duration(due.saturating_sub(now)));
        let Interest { sources, mut fds } = interest;
        match ppoll(&mut fds, wait, None) {
            Ok(_) | Err(nix::Error::EINTR) => {}
            Err(error) => return Err(error),
        }
        let ready = sources.into_iter().zip(&fds);
        Ok(ready
            .filter(|(_, fd)| fd.any().unwrap_or(false))
            .map(|(source, _)| source)
            .collect())
    }
}

/// Both sockets on one port number.
fn bind(listen: SocketAddr) -> io::Result<(TcpListener, UdpSocket)> {
    let listener = TcpListener::bind(listen)?;
    let players = UdpSocket::bind(listener.local_addr()?)?;
    // As much as the system gives: what doesn't find room here is lost uncounted.
    let _ = SockRef::from(&players).set_recv_buffer_size(4 * 1024 * 1024);
    Ok((listener, players))
}
