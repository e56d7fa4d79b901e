//! The task that owns the UDP socket and all peers: reads packets, keeps timers, and lets each peer
//! do what follows. What one peer sends never holds up the others, nor the runtime: it is shed by
//! peer before it costs anything, and the task yields after each batch.

use std::collections::{BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use bytes::Bytes;
use protocol::control::LinkId;
use signaling::{Claims, SessionId};
use tokio::net::UdpSocket;
use tokio::sync::{mpsc, oneshot};
use tracing::warn;

use super::credentials::Credentials;
use super::entry::Entry;
use super::peer::Peer;
use super::routes::{PeerKey, Route, Routes};
use super::strays::{LastRecord, Strays};
use super::stun::{self, Transaction};
use crate::clock::Clock;
use crate::counters;
use crate::link::Rung;
use crate::transport::attach::Gate;

/// Packets read before timers and senders have their turn again.
const READ_BATCH: usize = 64;

/// Largest packet read; ours and browsers' stay below 1,500.
const READ_BUFFER: usize = 2_048;

/// Peers of one session that are being set up; a further one takes the place of the oldest.
const MOST_SETUPS: usize = 4;

/// Bytes of a check of ours to a browser.
const CHECK_LENGTH: usize = 96;

/// A peer whose offer was answered.
pub(super) struct NewPeer {
    pub(super) peer: Peer,
    pub(super) claims: Claims,
    pub(super) link: LinkId,
    pub(super) accepted: oneshot::Sender<String>,
}

pub(super) struct Hub {
    socket: UdpSocket,
    is_v6: bool,
    gate: Gate,
    clock: Clock,
    peers: HashMap<PeerKey, Entry>,
    routes: Routes,
    timers: BTreeSet<(Instant, PeerKey)>,
    strays: Strays,
    next_key: PeerKey,
    ready: mpsc::UnboundedSender<PeerKey>,
}

impl Hub {
    /// A hub without peers, and the queue by which their links wake it.
    pub(super) fn new(
        socket: UdpSocket,
        gate: Gate,
        clock: Clock,
    ) -> (Self, mpsc::UnboundedReceiver<PeerKey>) {
        let (ready, ready_queue) = mpsc::unbounded_channel();
        let is_v6 = socket.local_addr().is_ok_and(|address| address.is_ipv6());
        let hub = Self {
            socket,
            is_v6,
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
        let mut buffer = vec![0; READ_BUFFER];
        while !(is_closed && self.peers.is_empty()) {
            let due = self.timers.first().map(|(due, _)| *due);
            let timer = async {
                match due {
                    Some(due) => tokio::time::sleep_until(due.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = &mut closed, if !is_closed => {
                    is_closed = true;
                    self.turn_away();
                }
                Some(offer) = offers.recv(), if !is_closed => self.admit(offer),
                Some(key) = ready.recv() => self.serve_ready(key, &mut ready),
                readable = self.socket.readable() => {
                    if readable.is_ok() {
                        self.read(&mut buffer);
                    }
                }
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
            accepted,
        } = offer;
        if !self.gate.rooms().holds(claims.session) {
            counters::refused("offer", "no-session");
            return;
        }
        self.limit_setups(claims.session);
        let Some(place) = self.gate.wait(Rung::WebRtc) else {
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
            .insert(key, Entry::new(now, peer, claims, link, place));
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

    fn read(&mut self, buffer: &mut [u8]) {
        for _ in 0..READ_BATCH {
            let Ok((length, from)) = self.socket.try_recv_from(buffer) else {
                return;
            };
            if let Some(packet) = buffer.get(..length) {
                self.receive(canonical(from), packet);
            }
        }
    }

    fn receive(&mut self, from: SocketAddr, packet: &[u8]) {
        match self.routes.find(from, packet) {
            Route::Check(key) => self.hear(key, packet, |hub, entry, now| {
                hub.on_check(key, entry, now, from, packet);
            }),
            Route::Answer(key) => self.hear(key, packet, |hub, entry, now| {
                hub.on_answer(key, entry, now, from, packet);
            }),
            Route::Proven(key) => self.hear(key, packet, |hub, entry, now| {
                hub.on_packet(entry, now, from, packet);
            }),
            Route::Stray(number) => self.on_stray(from, packet, number),
            Route::Nobody => counters::refused("udp-packet", "no-peer"),
        }
    }

    /// As [`Self::with_peer`], if the peer hasn't sent too much.
    fn hear(
        &mut self,
        key: PeerKey,
        packet: &[u8],
        act: impl FnOnce(&mut Self, &mut Entry, Instant),
    ) {
        let now = self.clock.instant();
        let entry = self.peers.get_mut(&key);
        if entry.is_some_and(|entry| entry.takes(now, packet)) {
            self.with_peer(key, act);
        }
    }

    fn on_check(
        &mut self,
        key: PeerKey,
        entry: &mut Entry,
        now: Instant,
        from: SocketAddr,
        packet: &[u8],
    ) {
        if !entry.peer.credentials.vouch_for(packet) {
            counters::refused("udp-packet", "bad-integrity");
            return;
        }
        self.note_path(key, entry, now, from, packet.len());
        if stun::is_nomination(packet) {
            entry.paths.nominate(now, from);
        }
        entry.paths.choose();
        if entry.paths.is_proven(from) {
            entry.heard = now;
        }
        if entry.paths.current() == Some(from) {
            hand_in(entry, now, packet);
        } else {
            self.ask(key, entry, now, from);
            if let Some(grant) = entry.peer.credentials.grant(packet, from) {
                self.send_to(key, entry, now, from, &grant);
            }
        }
    }

    fn on_answer(
        &mut self,
        key: PeerKey,
        entry: &mut Entry,
        now: Instant,
        from: SocketAddr,
        packet: &[u8],
    ) {
        let is_good = entry.peer.credentials.vouch_for(packet);
        let answered = stun::transaction(packet).filter(|_| is_good);
        let Some(checks) = answered.and_then(|check| self.proof(key, entry, now, from, check))
        else {
            counters::refused("udp-packet", "bad-integrity");
            return;
        };
        if let Some(before) = self.routes.prove(from, &checks, key)
            && let Some(other) = self.peers.get_mut(&before)
        {
            other.paths.lose(from);
        }
        entry.heard = now;
        entry.paths.choose();
        // The agent waits for the answers to its own checks.
        hand_in(entry, now, packet);
    }

    /// Whether an answer proves its peer to be at an address: then the checks that went there.
    fn proof(
        &mut self,
        key: PeerKey,
        entry: &mut Entry,
        now: Instant,
        from: SocketAddr,
        answered: Transaction,
    ) -> Option<Vec<Transaction>> {
        if let Some(checks) = entry.paths.answer(now, from, answered) {
            return Some(checks);
        }
        let stray = self.strays.answer(from, key, answered)?;
        if let Some(forgotten) = entry.paths.prove(now, from) {
            self.routes.forget_path(&forgotten, key);
        }
        Some(stray.asked.iter().map(|(_, check)| *check).collect())
    }

    fn on_packet(&mut self, entry: &mut Entry, now: Instant, from: SocketAddr, packet: &[u8]) {
        entry.heard = now;
        entry.paths.hear(now, from, packet.len());
        entry.paths.choose();
        let number = stun::record_number(packet);
        entry.newest_record = entry.newest_record.max(number);
        hand_in(entry, now, packet);
    }

    /// Looks whether a peer has moved to where a record came from.
    fn on_stray(&mut self, from: SocketAddr, packet: &[u8], number: u64) {
        counters::refused("udp-packet", "stray");
        let now = self.clock.instant();
        if let Some(forgotten) = self.strays.hear(now, from, packet.len()) {
            self.routes.forget_stray(&forgotten);
        }
        let last = |entry: &Entry| {
            let number = entry.newest_record?;
            let heard_at = entry.heard;
            Some(LastRecord { number, heard_at })
        };
        let peers = self.peers.iter();
        let peers = peers.filter_map(|(key, entry)| Some((*key, last(entry)?)));
        let Some(key) = self
            .strays
            .whom_to_ask(now, from, number, CHECK_LENGTH, peers)
        else {
            return;
        };
        let check = self.peers.get(&key).map(|entry| &entry.peer.credentials);
        let Some(check) = check.and_then(Credentials::check) else {
            return;
        };
        if let Some(transaction) = stun::transaction(&check) {
            self.strays.ask(from, key, transaction, check.len());
            self.routes.add_check(transaction, key);
            self.send(from, &check);
        }
    }

    fn note_path(
        &mut self,
        key: PeerKey,
        entry: &mut Entry,
        now: Instant,
        from: SocketAddr,
        length: usize,
    ) {
        if let Some(forgotten) = entry.paths.hear(now, from, length) {
            self.routes.forget_path(&forgotten, key);
        }
    }

    /// Checks whether the peer is at an address that isn't proven.
    fn ask(&mut self, key: PeerKey, entry: &mut Entry, now: Instant, at: SocketAddr) {
        if !entry.paths.is_proven(at)
            && let Some(check) = entry.peer.credentials.check()
        {
            self.send_to(key, entry, now, at, &check);
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
    fn with_peer(&mut self, key: PeerKey, act: impl FnOnce(&mut Self, &mut Entry, Instant)) {
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
    fn send_to(
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

    fn forget(&mut self, key: PeerKey, entry: &Entry) {
        self.routes.forget_peer(&entry.peer.credentials.ours.ufrag);
        for path in entry.paths.all() {
            self.routes.forget_path(path, key);
        }
    }
}

/// Gives a packet to the stack, as from the one address that it knows.
fn hand_in(entry: &mut Entry, now: Instant, packet: &[u8]) {
    if let Some(told) = entry.paths.told() {
        entry.peer.receive(now, told, packet);
    }
}

/// An IPv4 peer of a socket that serves both versions, as the IPv4 address that it is.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
