//! The task that owns the UDP socket and all peers: routes packets, keeps timers, moves messages
//! between peers and their rooms.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use protocol::MAX_DATAGRAM;
use protocol::control::{CloseReason, LinkId};
use signaling::Claims;
use tokio::net::UdpSocket;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::peer::{Peer, Received};
use super::stun;
use crate::clock::Clock;
use crate::counters::{self, LiveLink};
use crate::room::Port;
use crate::transport::attach::Gate;
use crate::transport::outbox::{Outbox, Outgoing};
use crate::transport::{Link, LinkFull, Rung, Tagged};

/// How long a peer may take from its offer to open channels.
const SETUP_TIMEOUT: Duration = Duration::from_secs(20);

/// A peer of which nothing is heard this long is over.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// How long a peer may take to be told goodbye.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(1);

/// Addresses that one peer may speak from, newest kept.
const MOST_ADDRESSES: usize = 4;

/// Packets read before timers and senders have their turn again.
const READ_BATCH: usize = 64;

/// Largest packet read; ours and browsers' stay below 1,500.
const READ_BUFFER: usize = 2_048;

/// A peer whose offer was answered.
pub(super) struct NewPeer {
    pub(super) peer: Peer,
    pub(super) claims: Claims,
    pub(super) link: LinkId,
    pub(super) accepted: oneshot::Sender<String>,
}

type PeerKey = u64;

pub(super) struct Hub {
    socket: UdpSocket,
    is_v6: bool,
    gate: Gate,
    clock: Clock,
    peers: HashMap<PeerKey, Entry>,
    by_ufrag: HashMap<String, PeerKey>,
    by_address: HashMap<SocketAddr, PeerKey>,
    timers: BTreeSet<(Instant, PeerKey)>,
    next_key: PeerKey,
    ready: mpsc::UnboundedSender<PeerKey>,
    ready_queue: Option<mpsc::UnboundedReceiver<PeerKey>>,
}

struct Entry {
    peer: Peer,
    claims: Claims,
    link: LinkId,
    outbox: Arc<Outbox>,
    is_ready: Arc<AtomicBool>,
    /// Into the room, once both channels are open.
    port: Option<Port>,
    waiting: Option<OwnedSemaphorePermit>,
    live: Option<LiveLink>,
    addresses: Vec<SocketAddr>,
    heard: Instant,
    /// When the peer is dropped, whatever it does.
    deadline: Option<Instant>,
    timer: Instant,
}

impl Hub {
    pub(super) fn new(socket: UdpSocket, gate: Gate, clock: Clock) -> Self {
        let (ready, ready_queue) = mpsc::unbounded_channel();
        let is_v6 = socket.local_addr().is_ok_and(|address| address.is_ipv6());
        Self {
            socket,
            is_v6,
            gate,
            clock,
            peers: HashMap::new(),
            by_ufrag: HashMap::new(),
            by_address: HashMap::new(),
            timers: BTreeSet::new(),
            next_key: 0,
            ready,
            ready_queue: Some(ready_queue),
        }
    }

    pub(super) async fn run(
        mut self,
        mut offers: mpsc::Receiver<NewPeer>,
        shutdown: CancellationToken,
    ) {
        let Some(mut ready) = self.ready_queue.take() else {
            return;
        };
        let mut buffer = vec![0; READ_BUFFER];
        loop {
            let due = self.timers.first().map(|(due, _)| *due);
            let timer = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = shutdown.cancelled(), if self.peers.is_empty() => return,
                offer = offers.recv() => match offer {
                    Some(offer) => self.admit(offer),
                    None => return,
                },
                key = ready.recv() => {
                    let mut next = key;
                    while let Some(key) = next {
                        self.with_peer(key, |_, _| {});
                        next = ready.try_recv().ok();
                    }
                }
                readable = self.socket.readable() => {
                    if readable.is_ok() {
                        self.read(&mut buffer);
                    }
                }
                () = timer => self.wake(),
            }
        }
    }

    fn admit(&mut self, offer: NewPeer) {
        let NewPeer {
            peer,
            claims,
            link,
            accepted,
        } = offer;
        let Some(permit) = self.gate.wait(Rung::WebRtc) else {
            return;
        };
        if !self.gate.rooms().knows(claims.session) {
            counters::refused("offer", "no-session");
            return;
        }
        if accepted.send(peer.answer.clone()).is_err() {
            return;
        }
        let now = self.clock.instant();
        let key = self.next_key;
        self.next_key += 1;
        self.by_ufrag.insert(peer.ufrag.clone(), key);
        self.peers.insert(
            key,
            Entry {
                peer,
                claims,
                link,
                outbox: Arc::new(Outbox::new(Rung::WebRtc)),
                is_ready: Arc::new(AtomicBool::new(false)),
                port: None,
                waiting: Some(permit),
                live: None,
                addresses: Vec::new(),
                heard: now,
                deadline: Some(now + SETUP_TIMEOUT),
                timer: now,
            },
        );
        self.timers.insert((now, key));
        self.with_peer(key, |_, _| {});
    }

    fn read(&mut self, buffer: &mut [u8]) {
        for _ in 0..READ_BATCH {
            let Ok((length, from)) = self.socket.try_recv_from(buffer) else {
                return;
            };
            let from = canonical(from);
            let Some(packet) = buffer.get(..length) else {
                continue;
            };
            let known = self.by_address.get(&from).copied();
            let named = stun::local_ufrag(packet).map(|ufrag| self.by_ufrag.get(ufrag).copied());
            // A check names its peer, so an address that another peer had before goes to the new.
            let Some(key) = named.unwrap_or(known) else {
                counters::refused("udp-packet", "no-peer");
                continue;
            };
            self.with_peer(key, |entry, now| {
                if known == Some(key) {
                    entry.heard = now;
                }
                entry.peer.receive(now, from, packet);
            });
        }
    }

    fn wake(&mut self) {
        let now = self.clock.instant();
        while let Some((due, key)) = self.timers.first().copied() {
            if due > now {
                return;
            }
            self.timers.pop_first();
            self.with_peer(key, |entry, now| entry.peer.wake(now));
        }
    }

    /// Does something to a peer and then all that follows from it. The WebRTC stack is not ours: a
    /// panic in it ends this one peer.
    fn with_peer(&mut self, key: PeerKey, act: impl FnOnce(&mut Entry, Instant)) {
        let Some(mut entry) = self.peers.remove(&key) else {
            return;
        };
        self.timers.remove(&(entry.timer, key));
        let now = self.clock.instant();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            act(&mut entry, now);
            self.settle(key, &mut entry, now)
        }));
        match outcome {
            Ok(true) => {
                self.timers.insert((entry.timer, key));
                self.peers.insert(key, entry);
            }
            Ok(false) => self.forget(&entry),
            Err(_) => {
                counters::refused("webrtc-peer", "panic");
                warn!(session = %entry.claims.session, "the WebRTC stack failed on a peer");
                self.forget(&entry);
            }
        }
    }

    /// Moves everything that waits at a peer; says whether it lives on.
    fn settle(&mut self, key: PeerKey, entry: &mut Entry, now: Instant) -> bool {
        self.drain(key, entry, now);
        if entry.port.is_none() && entry.deadline.is_some() && entry.peer.is_open() {
            self.attach(key, entry, now);
        }
        if !self.flush(entry, now) {
            entry.peer.close();
        }
        self.drain(key, entry, now);
        for record in entry.peer.repeat_flight(now) {
            if let Some(to) = entry.addresses.last() {
                self.send(*to, &record);
            }
        }
        let is_silent = now.duration_since(entry.heard) > IDLE_TIMEOUT;
        let is_late = entry.deadline.is_some_and(|deadline| now >= deadline);
        let room_ended = entry.port.as_ref().is_some_and(Port::is_room_gone);
        if room_ended {
            entry.outbox.close(CloseReason::RoomFailed);
            entry.port = None;
            entry.deadline = Some(now + GOODBYE_TIMEOUT);
        }
        if entry.peer.is_over() || is_late || (entry.port.is_some() && is_silent) {
            if !entry.peer.is_over() {
                entry.peer.close();
                self.drain(key, entry, now);
            }
            return false;
        }
        let housekeeping = now + Duration::from_secs(1);
        let next = entry
            .peer
            .next_wake()
            .map_or(housekeeping, |next| next.min(housekeeping));
        // Never earlier than a moment from now, so that a timer in the past can't spin.
        entry.timer = next.max(now + Duration::from_millis(1));
        true
    }

    fn drain(&mut self, key: PeerKey, entry: &mut Entry, now: Instant) {
        let mut grants = Vec::new();
        let received = entry.peer.drain(now, |packet| {
            self.send(packet.to, &packet.bytes);
            if packet.is_grant {
                grants.push(packet.to);
            }
        });
        for address in grants {
            self.bind(key, entry, address, now);
        }
        let Some(port) = &entry.port else { return };
        for message in received {
            match message {
                Received::State(bytes) if bytes.len() <= MAX_DATAGRAM => port.state(bytes),
                Received::State(_) => counters::refused("datagram", "oversized"),
                Received::Control(bytes) => {
                    if bytes.len() > protocol::MAX_CONTROL_FRAME || port.try_control(bytes).is_err()
                    {
                        counters::refused("frame", "oversized-or-room-behind");
                        entry.outbox.close(CloseReason::ProtocolViolation);
                    }
                }
            }
        }
    }

    /// Notes that a peer speaks from an address, as its ICE agent has just granted.
    fn bind(&mut self, key: PeerKey, entry: &mut Entry, address: SocketAddr, now: Instant) {
        entry.heard = now;
        if entry.addresses.last() == Some(&address) {
            return;
        }
        entry.addresses.retain(|known| *known != address);
        if entry.addresses.len() == MOST_ADDRESSES {
            let oldest = entry.addresses.remove(0);
            self.by_address.remove(&oldest);
        }
        entry.addresses.push(address);
        self.by_address.insert(address, key);
    }

    fn attach(&mut self, key: PeerKey, entry: &mut Entry, now: Instant) {
        let link = PeerLink {
            key,
            outbox: Arc::clone(&entry.outbox),
            is_ready: Arc::clone(&entry.is_ready),
            ready: self.ready.clone(),
        };
        entry.waiting = None;
        match self
            .gate
            .rooms()
            .attach_claims(&entry.claims, (entry.link, 0), Arc::new(link))
        {
            Ok(port) => {
                entry.port = Some(port);
                entry.live = Some(LiveLink::new(Rung::WebRtc));
                entry.deadline = None;
            }
            Err(reason) => {
                entry.outbox.close(reason);
                entry.deadline = Some(now + GOODBYE_TIMEOUT);
            }
        }
    }

    /// Sends what waits in the outbox; says whether the link lives on.
    fn flush(&self, entry: &mut Entry, now: Instant) -> bool {
        entry.is_ready.store(false, Ordering::Release);
        if !entry.peer.is_open() {
            return true;
        }
        let mut lives = true;
        while entry.peer.has_room_for_control()
            && (entry.peer.has_room_for_state() || !entry.outbox.has_state())
        {
            match entry.outbox.next() {
                Outgoing::Message(message) => {
                    let bytes = message.message();
                    if message.with_lane().first() == Some(&Tagged::STATE) {
                        entry.peer.send_state(now, &bytes);
                    } else {
                        entry.peer.send_control(now, &bytes);
                    }
                }
                Outgoing::Idle => break,
                Outgoing::Close => {
                    lives = false;
                    break;
                }
            }
        }
        lives
    }

    fn forget(&mut self, entry: &Entry) {
        self.by_ufrag.remove(&entry.peer.ufrag);
        for address in &entry.addresses {
            self.by_address.remove(address);
        }
    }

    fn send(&self, to: SocketAddr, packet: &[u8]) {
        let to = match (self.is_v6, to) {
            (true, SocketAddr::V4(v4)) => {
                SocketAddr::new(IpAddr::V6(v4.ip().to_ipv6_mapped()), v4.port())
            }
            _ => to,
        };
        if self.socket.try_send_to(packet, to).is_err() {
            counters::refused("udp-packet", "not-sent");
        }
    }
}

/// An IPv4 peer of a socket that serves both versions, as the IPv4 address that it is.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

struct PeerLink {
    key: PeerKey,
    outbox: Arc<Outbox>,
    is_ready: Arc<AtomicBool>,
    ready: mpsc::UnboundedSender<PeerKey>,
}

impl PeerLink {
    /// Tells the hub once that something waits, until it has looked.
    fn wake(&self) {
        if !self.is_ready.swap(true, Ordering::AcqRel) {
            // The hub ends only when the server does.
            let _ = self.ready.send(self.key);
        }
    }
}

impl Link for PeerLink {
    fn rung(&self) -> Rung {
        Rung::WebRtc
    }

    fn is_backlogged(&self) -> bool {
        self.outbox.has_state()
    }

    fn send_state(&self, datagram: Tagged) {
        self.outbox.put_state(datagram);
        self.wake();
    }

    fn send_control(&self, frame: Tagged) -> Result<(), LinkFull> {
        self.outbox.put_control(frame)?;
        self.wake();
        Ok(())
    }

    fn close(&self, reason: CloseReason) {
        self.outbox.close(reason);
        self.wake();
    }
}
