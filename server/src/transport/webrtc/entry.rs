//! One peer as the hub holds it: the connection, its link into a room, and what may be taken from it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use protocol::MAX_DATAGRAM;
use protocol::control::{CloseReason, LinkId};
use signaling::Claims;
use tokio::sync::mpsc;

use super::paths::Paths;
use super::peer::{Peer, Received};
use super::rate_limit::RateLimit;
use super::routes::PeerKey;
use super::stun;
use crate::counters::{self, LiveLink};
use crate::link::{LinkSender, Tagged};
use crate::room::Port;
use crate::transport::attach::{Gate, Waiting};
use crate::transport::shared_queue::{GOODBYE_TIMEOUT, SharedQueue};
use protocol::rung::Rung;
use protocol::send_queue::Outgoing;
use protocol::send_queue::QueueFull;

/// How long a peer may take from its offer to open channels.
const SETUP_TIMEOUT: Duration = Duration::from_secs(20);

/// A peer of which nothing is heard this long is over.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// Packets a second that are taken from a peer, and at once. A client sends 60 datagrams a second at
/// most, a path may double them, and a stall lets three seconds' worth through together.
const PACKETS: (u32, u32) = (500, 500);

/// The same before its channels are open: a handshake is some forty packets with all that is repeated.
const SETUP_PACKETS: (u32, u32) = (50, 100);

/// The same for its checks. Browsers send 20 a second at most, over all pairs together.
const CHECKS: (u32, u32) = (50, 60);

/// A peer in the hub.
pub(super) struct Entry {
    pub(super) peer: Peer,
    pub(super) paths: Paths,
    pub(super) claims: Claims,
    /// When the peer is looked at next.
    pub(super) timer: Instant,
    /// When it was last heard, for certain.
    pub(super) heard: Instant,
    link: LinkId,
    queue: Arc<SharedQueue>,
    is_ready: Arc<AtomicBool>,
    /// Into the room, once both channels are open.
    port: Option<Port>,
    waiting: Option<Waiting>,
    live: Option<LiveLink>,
    setup: RateLimit,
    packets: RateLimit,
    checks: RateLimit,
    /// A grant that waits until its address is proven.
    owed: Option<Bytes>,
    /// When the peer is dropped, whatever it does.
    deadline: Option<Instant>,
    is_leaving: bool,
}

impl Entry {
    pub(super) fn new(
        now: Instant,
        peer: Peer,
        claims: Claims,
        link: LinkId,
        place: Waiting,
    ) -> Self {
        Self {
            peer,
            paths: Paths::default(),
            claims,
            timer: now,
            heard: now,
            link,
            queue: Arc::new(SharedQueue::new(Rung::WebRtc)),
            is_ready: Arc::new(AtomicBool::new(false)),
            port: None,
            waiting: Some(place),
            live: None,
            setup: RateLimit::new(now, SETUP_PACKETS.0, SETUP_PACKETS.1),
            packets: RateLimit::new(now, PACKETS.0, PACKETS.1),
            checks: RateLimit::new(now, CHECKS.0, CHECKS.1),
            owed: None,
            deadline: Some(now + SETUP_TIMEOUT),
            is_leaving: false,
        }
    }

    /// Whether the peer holds a seat.
    pub(super) fn is_attached(&self) -> bool {
        self.port.is_some()
    }

    /// Whether a packet is taken at all. Costs next to nothing, so that a flood does too.
    pub(super) fn takes(&mut self, now: Instant, packet: &[u8]) -> bool {
        let is_taken = if stun::is_request(packet) {
            self.checks.take(now)
        } else if !self.peer.expects(packet) {
            counters::refused("udp-packet", "unexpected");
            return false;
        } else if self.peer.is_open() {
            self.packets.take(now)
        } else {
            self.setup.take(now)
        };
        if !is_taken {
            counters::refused("udp-packet", "flood");
        }
        is_taken
    }

    /// Ends it without a goodbye if it holds no seat.
    pub(super) fn turn_away(&mut self, now: Instant) {
        if self.port.is_none() && !self.is_leaving {
            self.deadline = Some(now);
        }
    }

    /// Which of these packets of the stack's may leave now. One that an unproven address may not
    /// have yet is dropped, but for the newest grant.
    pub(super) fn release(&mut self, now: Instant, mut packets: Vec<Bytes>) -> Vec<Bytes> {
        let Some(to) = self.paths.current() else {
            return Vec::new();
        };
        packets.extend(self.owed.take());
        // The answer to our check opens the way for all else.
        packets.sort_by_key(|packet| !stun::is_request(packet));
        let paths = &mut self.paths;
        let (released, kept): (Vec<_>, Vec<_>) = packets
            .into_iter()
            .partition(|packet| paths.send(now, to, packet));
        self.owed = kept.into_iter().rfind(|packet| stun::is_success(packet));
        released
    }

    /// Lets the link into its room when both channels are open.
    pub(super) fn attach(
        &mut self,
        gate: &Gate,
        key: PeerKey,
        ready: &mpsc::UnboundedSender<PeerKey>,
    ) {
        if self.port.is_some() || self.is_leaving || !self.peer.is_open() {
            return;
        }
        let link = PeerLink {
            key,
            queue: Arc::clone(&self.queue),
            is_ready: Arc::clone(&self.is_ready),
            ready: ready.clone(),
        };
        self.waiting = None;
        let socket = (self.link, 0);
        match gate
            .rooms()
            .attach_claims(&self.claims, socket, Arc::new(link))
        {
            Ok(port) => {
                self.port = Some(port);
                self.live = Some(LiveLink::new(Rung::WebRtc));
                self.deadline = None;
            }
            Err(reason) => self.queue.close(reason),
        }
    }

    /// Hands on what the peer said.
    pub(super) fn hand_on(&mut self, received: Vec<Received>) {
        let Some(port) = &self.port else { return };
        for message in received {
            match message {
                Received::State(bytes) if bytes.len() <= MAX_DATAGRAM => port.state(bytes),
                Received::State(_) => counters::refused("datagram", "oversized"),
                Received::Control(bytes) => {
                    if bytes.len() > protocol::MAX_CONTROL_FRAME || port.try_control(bytes).is_err()
                    {
                        counters::refused("frame", "oversized-or-room-behind");
                        self.queue.close(CloseReason::ProtocolViolation);
                    }
                }
            }
        }
    }

    /// Gives the stack what waits in the queue.
    pub(super) fn flush(&mut self, now: Instant) {
        if self.port.as_ref().is_some_and(Port::is_room_gone) {
            self.queue.close(CloseReason::RoomFailed);
            self.port = None;
        }
        self.is_ready.store(false, Ordering::Release);
        if !self.peer.is_open() {
            return;
        }
        while self.peer.has_room_for_control()
            && (self.peer.has_room_for_state() || !self.queue.has_state())
        {
            match self.queue.take_next() {
                Outgoing::Message(message) => {
                    let bytes = message.message();
                    if message.with_lane().first() == Some(&Tagged::STATE) {
                        self.peer.send_state(now, &bytes);
                    } else {
                        self.peer.send_control(now, &bytes);
                    }
                }
                Outgoing::Idle => break,
                Outgoing::Close => {
                    self.leave(now);
                    break;
                }
            }
        }
    }

    /// Whether the peer is to be dropped now.
    pub(super) fn is_over(&mut self, now: Instant) -> bool {
        let is_silent = now.duration_since(self.heard) > IDLE_TIMEOUT;
        let is_late = self.deadline.is_some_and(|deadline| now >= deadline);
        // Once its goodbye is acknowledged nothing is left to wait for.
        let is_told = self.is_leaving && self.peer.has_sent_control();
        self.peer.is_over() || is_late || is_told || (self.port.is_some() && is_silent)
    }

    fn leave(&mut self, now: Instant) {
        if !self.is_leaving {
            self.is_leaving = true;
            self.port = None;
            self.deadline = Some(now + GOODBYE_TIMEOUT);
        }
    }
}

struct PeerLink {
    key: PeerKey,
    queue: Arc<SharedQueue>,
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

impl LinkSender for PeerLink {
    fn rung(&self) -> Rung {
        Rung::WebRtc
    }

    fn is_backlogged(&self) -> bool {
        self.queue.has_state()
    }

    fn send_state(&self, datagram: &[u8]) {
        self.queue.put_state(Tagged::state(datagram));
        self.wake();
    }

    fn send_control(&self, frame: Tagged) -> Result<(), QueueFull> {
        self.queue.put_control(frame)?;
        self.wake();
        Ok(())
    }

    fn close(&self, reason: CloseReason) {
        self.queue.close(reason);
        self.wake();
    }
}
