//! The task that owns the UDP socket and all peers: reads packets, keeps timers, and lets each peer
//! do what follows. What one peer sends never holds up the others, nor the runtime: it is shed by
//! peer before it costs anything, and the task yields after each batch.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use bytes::Bytes;
use protocol::control::LinkId;
use signaling::{AddressPrefix, Claims, SessionId};
use tokio::sync::{mpsc, oneshot};
use tracing::warn;

use super::entry::Entry;
use super::peer::Peer;
use super::routes::{PeerKey, Routes};
use super::strays::Strays;
use super::stun;
use crate::clock::Clock;
use crate::counters;
use crate::transport::attach::Gate;
use crate::transport::sleep_until;
use crate::transport::udp_socket::{Batch, PacketSocket};
use protocol::rung::Rung;

/// Peers of one session that are being set up; a further one takes the place of the oldest.
const MOST_SETUPS: usize = 4;

/// A peer whose offer was answered.
pub(super) struct NewPeer {
    pub(super) peer: Peer,
    pub(super) claims: Claims,
    pub(super) link: LinkId,
    pub(super) budget: Option<AddressPrefix>,
    pub(super) accepted: oneshot::Sender<String>,
}

pub(super) struct Hub {
    socket: PacketSocket,
    gate: Gate,
    pub(super) clock: Clock,
    pub(super) peers: HashMap<PeerKey, Box<Entry>>,
    pub(super) routes: Routes,
    timers: BTreeSet<(Instant, PeerKey)>,
    pub(super) strays: Strays,
    next_key: PeerKey,
    ready: mpsc::UnboundedSender<PeerKey>,
}

impl Hub {
    /// A hub without peers, and the queue by which their links wake it.
    pub(super) fn new(
        socket: PacketSocket,
        gate: Gate,
        clock: Clock,
    ) -> (Self, mpsc::UnboundedReceiver<PeerKey>) {
        let (ready, ready_queue) = mpsc::unbounded_channel();
        let hub = Self {
            socket,
            gate,
            clock,
            peers: HashMap::new(),
            routes: Routes::default(),
            timers: BTreeSet::new(),
            strays: Strays::new(clock.instant()),
            next_key: 0,
            ready,
        };
        (hub, ready_queue)
    }

    /// Serves peers until the gate closes and the last is gone.
    pub(super) async fn run(
        mut self,
        mut offers: mpsc::Receiver<NewPeer>,
        mut ready: mpsc::UnboundedReceiver<PeerKey>,
    ) {
        let gate = self.gate.clone();
        let closed = gate.closed();
        tokio::pin!(closed);
        let mut is_closed = false;
        let mut batch = Batch::new();
        while !(is_closed && self.peers.is_empty()) {
            let timer = sleep_until(self.timers.first().map(|(due, _)| *due));
            tokio::select! {
                () = &mut closed, if !is_closed => {
                    is_closed = true;
                    self.turn_away();
                }
                Some(offer) = offers.recv(), if !is_closed => self.admit(offer),
                Some(key) = ready.recv() => self.serve_ready(key, &mut ready),
                () = self.socket.readable() => self.read(&mut batch),
                () = timer => self.wake(),
            }
            // Nothing above uses up the runtime's patience, however much there is to do.
            tokio::task::yield_now().await;
        }
    }

    fn admit(&mut self, offer: NewPeer) {
        let NewPeer {
            peer,
            claims,
            link,
            budget,
            accepted,
        } = offer;
        if !self.gate.rooms().holds(claims.session) {
            counters::refused("offer", "no-session");
            return;
        }
        self.limit_setups(claims.session);
        let Some(place) = self.gate.wait(Rung::WebRtc, budget) else {
            return;
        };
        if accepted.send(peer.answer.clone()).is_err() {
            return;
        }
        let now = self.clock.instant();
        let key = self.next_key;
        self.next_key += 1;
        self.routes.add_peer(&peer.credentials.ours.ufrag, key);
        self.peers
            .insert(key, Box::new(Entry::new(now, peer, claims, link, place)));
        self.timers.insert((now, key));
        self.with_peer(key, |_, _, _| {});
    }

    /// Drops the oldest peer of a session that is still being set up, if there are many.
    fn limit_setups(&mut self, session: SessionId) {
        let setups = self
            .peers
            .iter()
            .filter(|(_, entry)| entry.claims.session == session && !entry.is_attached());
        let keys: Vec<PeerKey> = setups.map(|(key, _)| *key).collect();
        if keys.len() >= MOST_SETUPS
            && let Some(oldest) = keys.into_iter().min()
        {
            counters::refused("offer", "too-many-at-once");
            self.with_peer(oldest, |_, entry, now| entry.turn_away(now));
        }
    }

    fn turn_away(&mut self) {
        let keys: Vec<PeerKey> = self.peers.keys().copied().collect();
        for key in keys {
            self.with_peer(key, |_, entry, now| entry.turn_away(now));
        }
    }

    fn serve_ready(&mut self, first: PeerKey, queue: &mut mpsc::UnboundedReceiver<PeerKey>) {
        self.with_peer(first, |_, _, _| {});
        for _ in 0..queue.len() {
            if let Ok(key) = queue.try_recv() {
                self.with_peer(key, |_, _, _| {});
            }
        }
    }

    /// One batch; then timers and senders have their turn again.
    fn read(&mut self, batch: &mut Batch) {
        self.socket.read(batch);
        for (from, packet) in batch.packets() {
            self.receive(from, packet);
        }
    }

    fn wake(&mut self) {
        let now = self.clock.instant();
        while let Some((due, key)) = self.timers.first().copied() {
            if due > now {
                return;
            }
            self.timers.pop_first();
            self.with_peer(key, |_, entry, now| entry.peer.wake(now));
        }
    }

    /// Does something to a peer and then all that follows from it. The WebRTC stack is not ours: a
    /// panic in it ends this one peer.
    pub(super) fn with_peer(
        &mut self,
        key: PeerKey,
        act: impl FnOnce(&mut Self, &mut Entry, Instant),
    ) {
        let Some(mut entry) = self.peers.remove(&key) else {
            return;
        };
        self.timers.remove(&(entry.timer, key));
        let now = self.clock.instant();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            act(self, &mut entry, now);
            self.settle(key, &mut entry, now)
        }));
        match outcome {
            Ok(true) => {
                self.timers.insert((entry.timer, key));
                self.peers.insert(key, entry);
            }
            Ok(false) => self.forget(key, &entry),
            Err(_) => {
                counters::refused("webrtc-peer", "panic");
                warn!(session = %entry.claims.session, "the WebRTC stack failed on a peer");
                self.forget(key, &entry);
            }
        }
    }

    /// Moves everything that waits at a peer; says whether it lives on.
    fn settle(&mut self, key: PeerKey, entry: &mut Entry, now: Instant) -> bool {
        self.drain(key, entry, now);
        entry.attach(&self.gate, key, &self.ready);
        entry.flush(now);
        self.drain(key, entry, now);
        let repeats = entry.peer.repeat_flight(now);
        self.transmit(key, entry, now, repeats);
        if entry.is_over(now) {
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
        let mut packets = Vec::new();
        let received = entry.peer.drain(now, &mut packets);
        self.transmit(key, entry, now, packets);
        entry.hand_on(received);
    }

    /// Sends the stack's packets to where the peer is.
    fn transmit(&mut self, key: PeerKey, entry: &mut Entry, now: Instant, packets: Vec<Bytes>) {
        let released = entry.release(now, packets);
        if let Some(to) = entry.paths.current() {
            for packet in released {
                self.sent(key, entry, to, &packet);
            }
        }
    }

    /// Sends a packet of our own making, if it may go there.
    pub(super) fn send_to(
        &mut self,
        key: PeerKey,
        entry: &mut Entry,
        now: Instant,
        to: SocketAddr,
        packet: &[u8],
    ) {
        if entry.paths.send(now, to, packet) {
            self.sent(key, entry, to, packet);
        }
    }

    fn sent(&mut self, key: PeerKey, entry: &Entry, to: SocketAddr, packet: &[u8]) {
        if stun::is_request(packet)
            && !entry.paths.is_proven(to)
            && let Some(check) = stun::transaction(packet)
        {
            self.routes.add_check(check, key);
        }
        self.send(to, packet);
    }

    pub(super) fn send(&self, to: SocketAddr, packet: &[u8]) {
        if self.socket.send(to, packet).is_err() {
            counters::refused("udp-packet", "not-sent");
        }
    }

    fn forget(&mut self, key: PeerKey, entry: &Entry) {
        self.routes.forget_peer(&entry.peer.credentials.ours.ufrag);
        for path in entry.paths.all() {
            self.routes.forget_path(path, key);
        }
    }
}
