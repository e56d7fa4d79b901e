//! The relay's TCP: takes connections in, and looks after those there are.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};
use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::PollFlags;

use super::connection::Connection;
use super::engine::{Interest, Lanes, Source};

const MOST_CONNECTIONS: usize = 256;
/// How long no connection is taken after the system refused one, for example because no descriptor was left.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) struct TcpSide {
    listener: TcpListener,
    to: SocketAddr,
    connections: BTreeMap<u64, Connection>,
    taken: u64,
    /// How often the NAT had forgotten TCP when the connections were opened.
    epoch: u32,
    paused_until: Duration,
}

impl TcpSide {
    pub(super) fn new(listener: TcpListener, to: SocketAddr) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self {
            listener,
            to,
            connections: BTreeMap::new(),
            taken: 0,
            epoch: 0,
            paused_until: Duration::ZERO,
        })
    }

    pub(super) fn show_interest<'a>(&'a self, now: Duration, interest: &mut Interest<'a>) {
        if now >= self.paused_until {
            interest.add(Source::Listener, self.listener.as_fd(), PollFlags::POLLIN);
        }
        for (number, connection) in &self.connections {
            connection.show_interest(*number, now, interest);
        }
    }

    pub(super) fn next_due(&self, now: Duration) -> Option<Duration> {
        let pause = Some(self.paused_until).filter(|until| *until > now);
        let connections = self.connections.values();
        let dues = connections.filter_map(|connection| connection.next_due(now));
        dues.chain(pause).min()
    }

    /// Does what is due before any socket is read.
    pub(super) fn begin(&mut self, now: Duration, lanes: &mut Lanes) {
        let epoch = lanes.up.nat_epochs(now).tcp;
        if epoch != self.epoch {
            self.epoch = epoch;
            self.connections.clear();
        }
        self.connections
            .retain(|_, connection| connection.begin(now, lanes).is_ok());
    }

    pub(super) fn accept(&mut self, now: Duration, lanes: &mut Lanes) {
        loop {
            match self.listener.accept() {
                Ok((client, _)) => {
                    let has_place = self.connections.len() < MOST_CONNECTIONS;
                    match Connection::new(client, self.to, now, lanes) {
                        Ok(connection) if has_place => {
                            self.taken += 1;
                            self.connections.insert(self.taken, connection);
                            lanes.counters.connections += 1;
                        }
                        _ => lanes.counters.connections_refused += 1,
                    }
                }
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => return,
                    ErrorKind::Interrupted | ErrorKind::ConnectionAborted => {}
                    _ => {
                        self.paused_until = now + PAUSE;
                        return;
                    }
                },
            }
        }
    }

    /// Takes what has come at either end of a connection; one that is broken ends at both.
    pub(super) fn take(&mut self, number: u64, now: Duration, lanes: &mut Lanes) {
        if let Some(connection) = self.connections.get_mut(&number)
            && connection.take(now, lanes).is_err()
        {
            self.connections.remove(&number);
        }
    }

    /// Lets out what is due at `now`.
    pub(super) fn release(&mut self, now: Duration, lanes: &mut Lanes) {
        self.connections
            .retain(|_, connection| connection.release(now, lanes).unwrap_or(false));
    }
}
