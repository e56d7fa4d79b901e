//! The task that owns one thread's QUIC socket and all its connections: reads packets by the batch, keeps timers, and lets
//! each connection do what follows; between a room's tick and the socket there is no other.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use protocol::rung::Rung;
use quinn_proto::{
    ConnectionHandle, DatagramEvent, EcnCodepoint, Endpoint, EndpointEvent, Incoming, ServerConfig,
    Transmit,
};
use signaling::Reach;
use tokio::sync::mpsc;
use tracing::warn;

use super::link::{Link, LinkKey, Outbound};
use super::{MOST_UNPROVEN, PARTING};
use crate::counters;
use crate::transport::attach::Gate;
use crate::transport::sleep_until;
use crate::transport::udp_socket::{Batch, PacketSocket};

/// The least time to a timer.
const MOMENT: Duration = Duration::from_millis(1);

/// Packets of one connection that the kernel may take at once.
const MOST_SEGMENTS: usize = 10;

pub(super) struct Hub {
    socket: PacketSocket,
    endpoint: Endpoint,
    /// By their handles.
    links: Vec<Option<Box<Link>>>,
    timers: BTreeSet<(Instant, LinkKey)>,
    /// To be driven next.
    touched: Vec<LinkKey>,
    ready: mpsc::UnboundedSender<LinkKey>,
    gate: Gate,
    reach: Arc<Reach>,
    /// Connections whose address has not proved itself.
    unproven: usize,
    /// Where packets are written, one after the other.
    packet: Vec<u8>,
    is_closed: bool,
}

impl Hub {
    /// A hub without connections, and the queue by which rooms wake it.
    pub(super) fn new(
        socket: PacketSocket,
        (endpoint, server): (quinn_proto::EndpointConfig, ServerConfig),
        gate: Gate,
        reach: Arc<Reach>,
    ) -> (Self, mpsc::UnboundedReceiver<LinkKey>) {
        let (ready, ready_queue) = mpsc::unbounded_channel();
        let (endpoint, server) = (Arc::new(endpoint), Arc::new(server));
        let hub = Self {
            socket,
            endpoint: Endpoint::new(endpoint, Some(server), false, None),
            links: Vec::new(),
            timers: BTreeSet::new(),
            touched: Vec::new(),
            ready,
            gate,
            reach,
            unproven: 0,
            packet: Vec::new(),
            is_closed: false,
        };
        (hub, ready_queue)
    }

    /// Serves connections until the gate closes and nobody holds a seat by one; what closes then has a moment to leave.
    pub(super) async fn run(mut self, mut ready: mpsc::UnboundedReceiver<LinkKey>) {
        let gate = self.gate.clone();
        let closed = gate.closed();
        tokio::pin!(closed);
        let mut batch = Batch::new();
        while !(self.is_closed && self.links().all(|link| !link.is_in_use())) {
            tokio::select! {
                () = &mut closed, if !self.is_closed => {
                    self.is_closed = true;
                    self.turn_away();
                }
                () = self.step(&mut batch, &mut ready) => {}
            }
            // Nothing above uses up the runtime's patience, however much there is to do.
            tokio::task::yield_now().await;
        }
        let parting = async {
            while self.links().next().is_some() {
                self.step(&mut batch, &mut ready).await;
            }
        };
        let _ = tokio::time::timeout(PARTING, parting).await;
    }

    /// Waits for whatever comes next, and does all that follows.
    async fn step(&mut self, batch: &mut Batch, ready: &mut mpsc::UnboundedReceiver<LinkKey>) {
        let timer = sleep_until(self.timers.first().map(|(due, _)| *due));
        tokio::select! {
            Some(key) = ready.recv() => {
                self.touch(key);
                for _ in 0..ready.len() {
                    if let Ok(key) = ready.try_recv() {
                        self.touch(key);
                    }
                }
            }
            () = self.socket.readable() => self.read(batch),
            () = timer => self.wake(),
        }
        self.drive_touched();
    }

    fn links(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().flatten().map(|link| &**link)
    }

    /// One batch; then timers and rooms have their turn again.
    fn read(&mut self, batch: &mut Batch) {
        self.socket.read(batch);
        let now = self.now();
        for read in batch.reads() {
            let mut rest = BytesMut::from(read.bytes);
            let ecn = read.ecn.and_then(|ecn| EcnCodepoint::from_bits(ecn as u8));
            while !rest.is_empty() {
                let packet = rest.split_to(read.stride.min(rest.len()));
                self.packet.clear();
                let (from, to) = (read.from, read.to);
                let event = self
                    .endpoint
                    .handle(now, from, to, ecn, packet, &mut self.packet);
                match event {
                    None => {}
                    Some(DatagramEvent::ConnectionEvent(handle, event)) => {
                        if let Some(link) = self.links.get_mut(handle.0).and_then(Option::as_mut) {
                            link.events.push(event);
                            self.touch(handle.0);
                        }
                    }
                    Some(DatagramEvent::NewConnection(incoming)) => self.admit(incoming, now),
                    Some(DatagramEvent::Response(transmit)) => self.send(&transmit),
                }
            }
        }
    }

    /// Lets a newcomer go on with its handshake, if there is a place for it.
    fn admit(&mut self, incoming: Incoming, now: Instant) {
        self.packet.clear();
        if self.is_closed {
            return self.endpoint.ignore(incoming);
        }
        let is_unproven = !incoming.remote_address_validated();
        if is_unproven && self.unproven >= MOST_UNPROVEN {
            counters::refused("webtransport-session", "address-not-proven");
            match self.endpoint.retry(incoming, &mut self.packet) {
                Ok(transmit) => self.send(&transmit),
                Err(error) => self.endpoint.ignore(error.into_incoming()),
            }
            return;
        }
        let budget = self.reach.budget(incoming.remote_address().ip());
        let Some(place) = self.gate.wait(Rung::WebTransport, budget) else {
            let transmit = self.endpoint.refuse(incoming, &mut self.packet);
            return self.send(&transmit);
        };
        match self.endpoint.accept(incoming, now, &mut self.packet, None) {
            Ok((ConnectionHandle(key), connection)) => {
                let outbound = Arc::new(Outbound::new(key, self.ready.clone()));
                let link = Link::new(connection, &self.gate, place, is_unproven, outbound, now);
                if self.links.len() <= key {
                    self.links.resize_with(key + 1, || None);
                }
                self.links[key] = Some(Box::new(link));
                self.unproven += usize::from(is_unproven);
                self.touch(key);
            }
            Err(error) => {
                if let Some(transmit) = error.response {
                    self.send(&transmit);
                }
            }
        }
    }

    fn turn_away(&mut self) {
        let now = self.now();
        for key in 0..self.links.len() {
            if let Some(link) = &mut self.links[key] {
                link.turn_away(now);
                self.touch(key);
            }
        }
        self.drive_touched();
    }

    fn wake(&mut self) {
        let now = self.now();
        while let Some((_, key)) = self.timers.first().copied().filter(|(due, _)| *due <= now) {
            self.timers.pop_first();
            if let Some(link) = &mut self.links[key] {
                link.timer = None;
            }
            self.touch(key);
        }
    }

    fn touch(&mut self, key: LinkKey) {
        if let Some(link) = self.links.get_mut(key).and_then(Option::as_mut)
            && !std::mem::replace(&mut link.is_touched, true)
        {
            self.touched.push(key);
        }
    }

    fn drive_touched(&mut self) {
        let now = self.now();
        let mut touched = std::mem::take(&mut self.touched);
        for key in touched.drain(..) {
            let Some(mut link) = self.links[key].take() else {
                continue;
            };
            link.is_touched = false;
            self.unproven -= usize::from(link.is_unproven);
            // QUIC is not ours; a fault in it ends this one connection.
            let driven = catch_unwind(AssertUnwindSafe(|| self.drive(key, &mut link, now)));
            match driven {
                Ok(true) => {
                    self.unproven += usize::from(link.is_unproven);
                    self.links[key] = Some(link);
                }
                Ok(false) => self.forget(key, &link),
                Err(_) => {
                    counters::refused("webtransport-session", "panic");
                    warn!("QUIC failed on a connection");
                    self.endpoint
                        .handle_event(ConnectionHandle(key), EndpointEvent::drained());
                    self.forget(key, &link);
                }
            }
        }
        self.touched = touched;
    }

    /// Lets a connection do all that it can; says whether it goes on.
    fn drive(&mut self, key: LinkKey, link: &mut Link, now: Instant) -> bool {
        link.drive(now, &self.gate, &self.reach);
        let mut is_drained = false;
        while let Some(event) = link.connection.poll_endpoint_events() {
            is_drained |= event.is_drained();
            if let Some(event) = self.endpoint.handle_event(ConnectionHandle(key), event) {
                link.connection.handle_event(event);
            }
        }
        self.transmit(link, now);
        while link.has_due_state() {
            link.flush(now);
            self.transmit(link, now);
        }
        if is_drained {
            return false;
        }
        // A timer that is set for earlier finds out.
        let next = link.next_timer(now);
        // Never earlier than a moment from now, so that a timer in the past can't spin.
        if let Some(next) = next.map(|next| next.max(now + MOMENT))
            && link.timer.is_none_or(|timer| next < timer)
        {
            if let Some(before) = link.timer.replace(next) {
                self.timers.remove(&(before, key));
            }
            self.timers.insert((next, key));
        }
        true
    }

    fn transmit(&mut self, link: &mut Link, now: Instant) {
        let most = self.socket.most_segments().min(MOST_SEGMENTS);
        loop {
            self.packet.clear();
            match link.connection.poll_transmit(now, most, &mut self.packet) {
                Some(transmit) => self.send(&transmit),
                None => return,
            }
        }
    }

    fn forget(&mut self, key: LinkKey, link: &Link) {
        if let Some(timer) = link.timer {
            self.timers.remove(&(timer, key));
        }
    }

    fn send(&self, transmit: &Transmit) {
        let Some(bytes) = self.packet.get(..transmit.size) else {
            return;
        };
        let ecn = transmit.ecn.map(|ecn| ecn as u8);
        let sent = self.socket.transmit(quinn_udp::Transmit {
            destination: transmit.destination,
            ecn: ecn.and_then(quinn_udp::EcnCodepoint::from_bits),
            contents: bytes,
            segment_size: transmit.segment_size,
            src_ip: transmit.src_ip,
        });
        if sent.is_err() {
            counters::refused("udp-packet", "not-sent");
        }
    }

    fn now(&self) -> Instant {
        self.gate.clock().instant()
    }
}
