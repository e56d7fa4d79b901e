//! A WebSocket link of several sockets, as browsers have it: State is striped over them, Control goes down the first.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::{PlayerLink, Received, SocketLink};
use crate::clock::Stopwatch;

/// Sockets that are one link.
#[derive(Debug)]
pub struct SocketBundle {
    sockets: Vec<SocketLink>,
    received: VecDeque<Received>,
}

impl SocketBundle {
    /// Opens so many sockets, one after the other as browsers do, and shows the token on each.
    ///
    /// # Errors
    /// When one doesn't come up.
    pub fn open(server: SocketAddr, sockets: u8, token: &str, link: u32) -> io::Result<Self> {
        let open = |stripe| {
            let mut socket = SocketLink::open(server)?;
            socket.attach(token, link, stripe)?;
            socket.stream().set_nonblocking(true)?;
            Ok(socket)
        };
        Ok(Self {
            sockets: (0..sockets).map(open).collect::<io::Result<_>>()?,
            received: VecDeque::new(),
        })
    }

    /// Takes in what has come on any socket. One that is gone takes the link with it.
    fn drain(&mut self) {
        for socket in &mut self.sockets {
            while let Some(received) = socket.receive(Duration::ZERO) {
                let is_gone = received == Received::Gone;
                self.received.push_back(received);
                if is_gone {
                    break;
                }
            }
        }
    }

    /// Until something comes on any socket, up to `limit`.
    fn wait(&self, limit: Duration) {
        let mut fds: Vec<PollFd<'_>> = self
            .sockets
            .iter()
            .map(|socket| PollFd::new(socket.stream().as_fd(), PollFlags::POLLIN))
            .collect();
        let limit = PollTimeout::try_from(limit).unwrap_or(PollTimeout::MAX);
        // An interrupted wait is only shorter.
        let _ = poll(&mut fds, limit);
    }
}

impl PlayerLink for SocketBundle {
    fn send_state(&mut self, datagram: &[u8]) -> io::Result<()> {
        let sequence = datagram.first().copied().unwrap_or_default();
        let turn = usize::from(sequence) % self.sockets.len().max(1);
        self.sockets
            .get_mut(turn)
            .map_or(Ok(()), |socket| socket.send_state(datagram))
    }

    fn send_control(&mut self, frame: &[u8]) -> io::Result<()> {
        self.sockets
            .first_mut()
            .map_or(Ok(()), |socket| socket.send_control(frame))
    }

    fn receive(&mut self, limit: Duration) -> Option<Received> {
        let clock = Stopwatch::start();
        loop {
            self.drain();
            if let Some(received) = self.received.pop_front() {
                return Some(received);
            }
            self.wait(clock.remaining(limit)?);
        }
    }
}
