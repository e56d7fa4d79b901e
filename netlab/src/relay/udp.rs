//! The relay's UDP: one socket towards the server for each player's address, and the path model in full.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::time::Duration;

use nix::poll::PollFlags;

use super::engine::{Interest, Lanes, Source};
use crate::lab::Flow;
use crate::path::{DelayLine, DropCause, Packet, PacketFate, PathModel};

const MOST_PEERS: usize = 256;
/// How long a still peer keeps its socket: as long as RFC 4787 asks of a NAT.
const IDLE: Duration = Duration::from_secs(120);
const MOST_BYTES_HELD: usize = 16 * 1024 * 1024;
/// Datagrams taken from one socket before the others have their turn.
const BATCH: usize = 64;
/// What IPv4 and UDP put before a payload.
const HEADER_BYTES: usize = 28;

pub(super) struct UdpSide {
    players: UdpSocket,
    to: SocketAddr,
    peers: HashMap<SocketAddr, Peer>,
    /// How often the NAT had forgotten UDP when the peers' sockets were opened.
    epoch: u32,
    up: Way,
    down: Way,
    /// A datagram as it is read.
    buffer: Vec<u8>,
}

struct Peer {
    to_server: UdpSocket,
    last_heard: Duration,
}

/// Datagrams on their way in one direction, each with the player that it is from or for.
#[derive(Default)]
struct Way {
    line: DelayLine<(SocketAddr, Vec<u8>)>,
    bytes_held: usize,
}

impl UdpSide {
    pub(super) fn new(players: UdpSocket, to: SocketAddr) -> io::Result<Self> {
        players.set_nonblocking(true)?;
        Ok(Self {
            players,
            to,
            peers: HashMap::new(),
            epoch: 0,
            up: Way::default(),
            down: Way::default(),
            buffer: vec![0; 65_536],
        })
    }

    pub(super) fn show_interest<'a>(&'a self, interest: &mut Interest<'a>) {
        interest.add(Source::Players, self.players.as_fd(), PollFlags::POLLIN);
        for (address, peer) in &self.peers {
            let socket = peer.to_server.as_fd();
            interest.add(Source::Peer(*address), socket, PollFlags::POLLIN);
        }
    }

    pub(super) fn next_due(&self) -> Option<Duration> {
        let lines = [self.up.line.next_due(), self.down.line.next_due()];
        lines.into_iter().flatten().min()
    }

    /// Forgets what is to be forgotten at `now`.
    pub(super) fn begin(&mut self, now: Duration, lanes: &mut Lanes) {
        self.peers
            .retain(|_, peer| now.saturating_sub(peer.last_heard) < IDLE);
        let epoch = lanes.up.nat_epochs(now).udp;
        if epoch != self.epoch {
            self.epoch = epoch;
            // A peer for which there is no socket any more gets one with its next datagram, if it can.
            self.peers.retain(|_, peer| match open_towards(self.to) {
                Ok(socket) => {
                    peer.to_server = socket;
                    true
                }
                Err(_) => false,
            });
        }
    }

    pub(super) fn take_from_players(&mut self, now: Duration, lanes: &mut Lanes) {
        for _ in 0..BATCH {
            let Ok((length, from)) = self.players.recv_from(&mut self.buffer) else {
                return;
            };
            if !self.has_place_for(from, now, lanes) {
                lanes.counters.datagrams_refused += 1;
                continue;
            }
            let flow = &mut lanes.counters.up.udp;
            self.up
                .take(now, &mut lanes.up, flow, from, &self.buffer[..length]);
        }
    }

    pub(super) fn take_for(&mut self, peer: SocketAddr, now: Duration, lanes: &mut Lanes) {
        for _ in 0..BATCH {
            let Some(known) = self.peers.get_mut(&peer) else {
                return;
            };
            // An error of an earlier datagram, as of a closed port, is gone when it has been read.
            let Ok(length) = known.to_server.recv(&mut self.buffer) else {
                return;
            };
            known.last_heard = now;
            let flow = &mut lanes.counters.down.udp;
            self.down
                .take(now, &mut lanes.down, flow, peer, &self.buffer[..length]);
        }
    }

    /// Lets out what is due at `now`.
    pub(super) fn release(&mut self, now: Duration, lanes: &mut Lanes) {
        let counters = &mut lanes.counters;
        while let Some((due, peer, datagram)) = self.up.pop_due(now) {
            counters.lateness.note(now - due);
            let is_sent = match self.peers.get(&peer) {
                Some(peer) => sent(peer, &datagram),
                None => false,
            };
            count_out(&mut counters.up.udp, is_sent, datagram.len());
        }
        while let Some((due, peer, datagram)) = self.down.pop_due(now) {
            counters.lateness.note(now - due);
            let is_sent = self.players.send_to(&datagram, peer).is_ok();
            count_out(&mut counters.down.udp, is_sent, datagram.len());
        }
    }

    /// Whether the player has a socket towards the server; a new one gets it, if there is any.
    fn has_place_for(&mut self, player: SocketAddr, now: Duration, lanes: &mut Lanes) -> bool {
        if let Some(peer) = self.peers.get_mut(&player) {
            peer.last_heard = now;
            return true;
        }
        if self.peers.len() >= MOST_PEERS {
            return false;
        }
        let Ok(to_server) = open_towards(self.to) else {
            return false;
        };
        let peer = Peer {
            to_server,
            last_heard: now,
        };
        self.peers.insert(player, peer);
        lanes.counters.peers += 1;
        true
    }
}

impl Way {
    fn take(
        &mut self,
        now: Duration,
        path: &mut PathModel,
        flow: &mut Flow,
        player: SocketAddr,
        datagram: &[u8],
    ) {
        let bytes = datagram.len() + HEADER_BYTES;
        flow.packets_in += 1;
        flow.bytes_in += bytes as u64;
        if self.bytes_held + datagram.len() > MOST_BYTES_HELD {
            flow.dropped.count(DropCause::Queue);
            return;
        }
        let is_udp = true;
        let fate = path.send(now, Packet { bytes, is_udp });
        match fate {
            PacketFate::Dropped(cause) => flow.dropped.count(cause),
            PacketFate::Passed { copy, .. } => flow.copies += u64::from(copy.is_some()),
        }
        for departure in fate.departures() {
            if departure.corruption.is_some() {
                // Its checksum would have it dropped; the next kernel would give a flipped byte a right one.
                flow.corrupted += 1;
                continue;
            }
            self.bytes_held += datagram.len();
            self.line.push(departure.at, (player, datagram.to_vec()));
        }
    }

    fn pop_due(&mut self, now: Duration) -> Option<(Duration, SocketAddr, Vec<u8>)> {
        let (due, (player, datagram)) = self.line.pop_due(now)?;
        self.bytes_held -= datagram.len();
        Some((due, player, datagram))
    }
}

/// Whether it is sent. The first try may fail for an earlier datagram, which met a closed port.
fn sent(peer: &Peer, datagram: &[u8]) -> bool {
    let send = || peer.to_server.send(datagram).is_ok();
    send() || send()
}

fn count_out(flow: &mut Flow, sent: bool, bytes: usize) {
    if sent {
        flow.packets_out += 1;
        flow.bytes_out += (bytes + HEADER_BYTES) as u64;
    } else {
        flow.refused += 1;
    }
}

fn open_towards(to: SocketAddr) -> io::Result<UdpSocket> {
    let any = match to {
        SocketAddr::V4(_) => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        SocketAddr::V6(_) => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
    };
    let socket = UdpSocket::bind(any)?;
    socket.connect(to)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use super::super::engine::Shared;
    use super::*;
    use crate::clock::Stopwatch;
    use crate::path::PathPair;

    #[test]
    fn a_still_peer_gives_its_place_up() {
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let socket = || UdpSocket::bind(anywhere).unwrap();
        let (players, player, server) = (socket(), socket(), socket());
        player.connect(players.local_addr().unwrap()).unwrap();
        let (up, down) = PathPair::default().paths().unwrap();
        let shared = Shared::new(up, down).unwrap();
        let mut lanes = shared.lanes();
        let mut side = UdpSide::new(players, server.local_addr().unwrap()).unwrap();
        let mut hear = |side: &mut UdpSide, now: Duration, taken: u64| {
            player.send(b"hello").unwrap();
            let clock = Stopwatch::start();
            while lanes.counters.up.udp.packets_in < taken && clock.elapsed() < IDLE {
                side.take_from_players(now, &mut lanes);
            }
            side.begin(now, &mut lanes);
            side.peers.len()
        };
        assert_eq!(hear(&mut side, Duration::ZERO, 1), 1);
        assert_eq!(hear(&mut side, IDLE / 2, 2), 1);
        side.begin(IDLE, &mut lanes);
        assert_eq!(side.peers.len(), 1);
        side.begin(IDLE / 2 + IDLE, &mut lanes);
        assert_eq!(side.peers.len(), 0);
        assert_eq!(lanes.counters.peers, 1);
    }
}
