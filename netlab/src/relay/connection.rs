//! One TCP connection through the relay: its two ends and the streams between them.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use nix::errno::Errno;
use nix::poll::PollFlags;
use socket2::{Domain, Protocol, Socket, Type};

use super::engine::{Interest, Lanes, Source};
use super::stream::Stream;

/// A first packet of a connection, with options.
const SYN_BYTES: usize = 60;

pub(super) struct Connection {
    client: TcpStream,
    to: SocketAddr,
    server: Server,
    /// When the player's first packet reaches the server.
    opens: Duration,
    /// When the player would know that it is open, and sends.
    is_ready: Duration,
    up: Stream,
    down: Stream,
}

enum Server {
    Waiting,
    Connecting(TcpStream),
    Open(TcpStream),
}

impl Connection {
    /// A connection that a player opened at `now`; the system has told it so already.
    pub(super) fn new(
        client: TcpStream,
        to: SocketAddr,
        now: Duration,
        lanes: &mut Lanes,
    ) -> io::Result<Self> {
        client.set_nonblocking(true)?;
        client.set_nodelay(true)?;
        // A full queue would have dropped it; the next one would come in a second.
        let opens = lanes.up.hold_up(now, SYN_BYTES).unwrap_or(now);
        let back = lanes.down.hold_up(now, SYN_BYTES).unwrap_or(now);
        Ok(Self {
            client,
            to,
            server: Server::Waiting,
            opens,
            is_ready: opens + back.saturating_sub(now),
            up: Stream::default(),
            down: Stream::default(),
        })
    }

    pub(super) fn show_interest<'a>(
        &'a self,
        number: u64,
        now: Duration,
        interest: &mut Interest<'a>,
    ) {
        let flags = |wants_more: bool, is_blocked: bool| {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::POLLIN, wants_more);
            flags.set(PollFlags::POLLOUT, is_blocked);
            flags
        };
        let reads = now >= self.is_ready && self.up.wants_more();
        let client = flags(reads, self.down.is_blocked());
        let (server, flags) = match &self.server {
            Server::Waiting => (None, PollFlags::empty()),
            Server::Connecting(stream) => (Some(stream), PollFlags::POLLOUT),
            Server::Open(stream) => (
                Some(stream),
                flags(self.down.wants_more(), self.up.is_blocked()),
            ),
        };
        for (stream, flags) in [(Some(&self.client), client), (server, flags)] {
            // A socket nothing is wanted of would still wake the thread, again and again, when its peer is gone.
            if let Some(stream) = stream.filter(|_| !flags.is_empty()) {
                interest.add(Source::Connection(number), stream.as_fd(), flags);
            }
        }
    }

    /// When there is something to do without a word from a socket.
    pub(super) fn next_due(&self, now: Duration) -> Option<Duration> {
        let opens = matches!(self.server, Server::Waiting).then_some(self.opens);
        let ready = Some(self.is_ready).filter(|ready| *ready > now);
        // Before it is open nothing can be let out towards the server.
        let up = match self.server {
            Server::Open(_) => self.up.next_due(now),
            _ => None,
        };
        let dues = [opens, ready, up, self.down.next_due(now)];
        dues.into_iter().flatten().min()
    }

    /// Does what is due before any socket is read.
    pub(super) fn begin(&mut self, now: Duration, lanes: &mut Lanes) -> io::Result<()> {
        if matches!(self.server, Server::Waiting) && self.opens <= now {
            self.server = Server::Connecting(connect(self.to)?);
        }
        self.up
            .hand_in(now, &mut lanes.up, &mut lanes.counters.up.tcp);
        self.down
            .hand_in(now, &mut lanes.down, &mut lanes.counters.down.tcp);
        Ok(())
    }

    /// Takes what has come at either end.
    pub(super) fn take(&mut self, now: Duration, lanes: &mut Lanes) -> io::Result<()> {
        self.open()?;
        if now >= self.is_ready {
            let flow = &mut lanes.counters.up.tcp;
            self.up.read_from(&self.client, now, &mut lanes.up, flow)?;
        }
        if let Server::Open(server) = &self.server {
            let flow = &mut lanes.counters.down.tcp;
            self.down.read_from(server, now, &mut lanes.down, flow)?;
        }
        Ok(())
    }

    /// Lets out what is due at `now`; tells whether anything is still to come.
    pub(super) fn release(&mut self, now: Duration, lanes: &mut Lanes) -> io::Result<bool> {
        let counters = &mut lanes.counters;
        let lateness = &mut counters.lateness;
        if let Server::Open(server) = &self.server {
            let flow = &mut counters.up.tcp;
            self.up.write_to(server, now, flow, lateness)?;
        }
        let flow = &mut counters.down.tcp;
        self.down.write_to(&self.client, now, flow, lateness)?;
        Ok(!(self.up.is_done() && self.down.is_done()))
    }

    /// Whether the server has answered by now.
    fn open(&mut self) -> io::Result<()> {
        let Server::Connecting(stream) = &self.server else {
            return Ok(());
        };
        if let Some(error) = stream.take_error()? {
            return Err(error);
        }
        match stream.peer_addr() {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotConnected => return Ok(()),
            Err(error) => return Err(error),
        }
        if let Server::Connecting(stream) = std::mem::replace(&mut self.server, Server::Waiting) {
            self.server = Server::Open(stream);
        }
        Ok(())
    }
}

/// Begins to connect, without waiting for the answer.
fn connect(to: SocketAddr) -> io::Result<TcpStream> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    socket.set_tcp_nodelay(true)?;
    match socket.connect(&to.into()) {
        Err(error) if error.raw_os_error() != Some(Errno::EINPROGRESS as i32) => Err(error),
        _ => Ok(socket.into()),
    }
}
