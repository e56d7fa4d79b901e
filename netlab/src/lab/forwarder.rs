//! The thread that carries packets from one TUN device to the other, at the time the path model says.

use std::io::{self, ErrorKind};
use std::net::Ipv4Addr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::eventfd::EventFd;
use nix::sys::time::TimeSpec;
use tun_rs::SyncDevice;

use super::counters::Counters;
use super::direction::Direction;
use super::lateness::Lateness;
use super::nat::Nat;
use super::packet::Protocol;
use crate::clock::Stopwatch;
use crate::path::{PathConfig, PathModel, PathPair, PathPairError, reconfigure_both};
use crate::realtime_priority::take_realtime_priority;

/// One end of the path.
pub(super) struct End {
    pub(super) device: SyncDevice,
    pub(super) address: Ipv4Addr,
}

/// A running forwarder; stops, and closes both devices, when dropped.
#[derive(Debug)]
pub(super) struct Forwarder {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    clock: Stopwatch,
    state: Mutex<State>,
    wake: EventFd,
}

#[derive(Debug)]
struct State {
    up: Direction,
    down: Direction,
    nat: Nat,
    lateness: Lateness,
    stopped: bool,
}

impl Forwarder {
    /// Starts to carry: `up` from the client to the server, `down` back.
    pub(super) fn start(
        server: End,
        client: End,
        up: PathModel,
        down: PathModel,
    ) -> io::Result<Self> {
        server.device.set_nonblocking(true)?;
        client.device.set_nonblocking(true)?;
        let state = State {
            up: Direction::new(up, server.address),
            down: Direction::new(down, client.address),
            nat: Nat::default(),
            lateness: Lateness::default(),
            stopped: false,
        };
        let shared = Arc::new(Shared {
            clock: Stopwatch::start(),
            state: Mutex::new(state),
            wake: EventFd::new()?,
        });
        let thread = std::thread::Builder::new()
            .name("lab-forwarder".into())
            .spawn({
                let shared = Arc::clone(&shared);
                move || {
                    take_realtime_priority();
                    shared.carry(&server.device, &client.device);
                }
            })?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Changes both directions at once, and tells when.
    pub(super) fn set_paths(
        &self,
        up: PathConfig,
        down: PathConfig,
    ) -> Result<Duration, PathPairError> {
        let mut state = self.shared.state();
        state.set_paths(self.shared.clock.elapsed(), up, down)
    }

    /// As [`Forwarder::set_paths`], with random draws from other seeds.
    pub(super) fn set_pair(&self, paths: &PathPair) -> Result<Duration, PathPairError> {
        let mut state = self.shared.state();
        let now = self.shared.clock.elapsed();
        let State { up, down, .. } = &mut *state;
        paths.put_in_force(now, &mut up.path, &mut down.path)?;
        Ok(now)
    }

    /// The time that packets enter and leave at, from zero at the start.
    pub(super) fn now(&self) -> Duration {
        self.shared.clock.elapsed()
    }

    pub(super) fn counters(&self) -> Counters {
        let state = self.shared.state();
        Counters {
            up: state.up.counters,
            down: state.down.counters,
            lateness: state.lateness,
        }
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.shared.state().stopped = true;
        // Without the wake-up the thread would end at its next packet only.
        let woken = self.shared.wake.write(1).is_ok();
        if let Some(thread) = self.thread.take()
            && woken
        {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        // Counters and paths stay usable whatever a panicking reader held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn carry(&self, server: &SyncDevice, client: &SyncDevice) {
        let mut buffer = [0; 65_536];
        loop {
            let wait = {
                let mut state = self.state();
                if state.stopped {
                    return;
                }
                let entered = self.drain(client, &mut buffer, |now, packet| {
                    state.up.enter(now, packet, |_, _| true);
                }) | self.drain(server, &mut buffer, |now, packet| {
                    state.enter_down(now, packet);
                });
                state.release(self.clock.elapsed(), server, client);
                if entered {
                    Some(Duration::ZERO)
                } else {
                    self.wait(&state)
                }
            };
            if self.sleep(server, client, wait).is_err() {
                return;
            }
        }
    }

    /// Takes in what has arrived, but no more than one batch, so that due packets go out in between. Tells whether
    /// there was any.
    fn drain(
        &self,
        from: &SyncDevice,
        buffer: &mut [u8],
        mut enter: impl FnMut(Duration, &mut [u8]),
    ) -> bool {
        const BATCH: usize = 32;
        for taken in 0..BATCH {
            match from.recv(buffer) {
                Ok(length) => enter(self.clock.elapsed(), &mut buffer[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return taken > 0,
            }
        }
        true
    }

    fn wait(&self, state: &State) -> Option<Duration> {
        let due = [state.up.next_due(), state.down.next_due()]
            .into_iter()
            .flatten()
            .min()?;
        Some(due.saturating_sub(self.clock.elapsed()))
    }

    /// Until a packet arrives, `wait` is over, or the forwarder is stopped.
    fn sleep(
        &self,
        server: &SyncDevice,
        client: &SyncDevice,
        wait: Option<Duration>,
    ) -> nix::Result<()> {
        let readable = |fd| PollFd::new(fd, PollFlags::POLLIN);
        let mut fds = [
            readable(fd_of(server)),
            readable(fd_of(client)),
            readable(self.wake.as_fd()),
        ];
        match ppoll(&mut fds, wait.map(TimeSpec::from_duration), None) {
            Ok(_) | Err(nix::Error::EINTR) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl State {
    fn set_paths(
        &mut self,
        now: Duration,
        up: PathConfig,
        down: PathConfig,
    ) -> Result<Duration, PathPairError> {
        reconfigure_both(now, (&mut self.up.path, up), (&mut self.down.path, down))?;
        Ok(now)
    }

    /// Takes in a packet of the server, which passes the NAT before the path.
    fn enter_down(&mut self, now: Duration, packet: &mut [u8]) {
        let epochs = self.up.path.nat_epochs(now);
        let nat = &mut self.nat;
        self.down.enter(now, packet, |protocol, packet| {
            nat.inbound(protocol, packet, epochs)
        });
    }

    /// Lets out what is due; the client's packets pass the NAT after the path.
    fn release(&mut self, now: Duration, server: &SyncDevice, client: &SyncDevice) {
        let epochs = self.up.path.nat_epochs(now);
        let nat = &mut self.nat;
        let to_server = |protocol: Protocol, packet: &mut [u8]| {
            nat.outbound(protocol, packet, epochs);
            server.send(packet).is_ok()
        };
        let to_client = |_: Protocol, packet: &mut [u8]| client.send(packet).is_ok();
        self.up.release(now, &mut self.lateness, to_server);
        self.down.release(now, &mut self.lateness, to_client);
    }
}

fn fd_of(device: &SyncDevice) -> BorrowedFd<'_> {
    // SAFETY: the descriptor stays open as long as the device, which the result borrows.
    unsafe { BorrowedFd::borrow_raw(device.as_raw_fd()) }
}
