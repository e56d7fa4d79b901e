//! One player's QUIC connection: its session, the way into the room, and what waits to go out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::http::uri::Authority;
use bytes::Bytes;
use protocol::MAX_DATAGRAM;
use protocol::control::CloseReason;
use protocol::rung::Rung;
use protocol::send_queue::QueueFull;
use quinn_proto::{Connection, ConnectionEvent, Event, SendDatagramError, VarInt};
use signaling::Reach;
use tokio::sync::mpsc;
use tracing::debug;
use wtransport_proto::error::ErrorCode;
use wtransport_proto::session::{SessionRequest, SessionResponse};

use super::control_stream::Oversized;
use super::session::Session;
use super::streams::quic;
use super::{HANDSHAKE_TIMEOUT, PARTING, PATH};
use crate::counters::{self, LiveLink};
use crate::link::{LinkSender, Tagged};
use crate::room::{NotTaken, Port};
use crate::transport::attach::{ATTACH_TIMEOUT, Gate, Waiting};
use crate::transport::flood::FloodWatch;
use crate::transport::shared_queue::{GOODBYE_TIMEOUT, SharedQueue};

/// How often we look whether the room has taken a player's frames, where it could not.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A connection among those of its hub.
pub(super) type LinkKey = usize;

/// One connection, with what it is to us.
pub(super) struct Link {
    pub(super) connection: Connection,
    /// Packets of it that have not been handled: that is done where a fault ends this one connection.
    pub(super) events: Vec<ConnectionEvent>,
    /// From the end of the handshake on.
    session: Option<Session>,
    stage: Stage,
    flood: FloodWatch,
    outbound: Arc<Outbound>,
    /// What quinn's buffer has room for when nothing is in it.
    room: usize,
    /// A frame for which the room had no place yet.
    held: Option<Bytes>,
    /// Whether the address has not proved itself.
    pub(super) is_unproven: bool,
    /// When the hub has a timer for it.
    pub(super) timer: Option<Instant>,
    /// Whether the hub has it on its list.
    pub(super) is_touched: bool,
}

enum Stage {
    /// Until the session's request.
    Opening { place: Waiting, until: Instant },
    /// Until the first frame of Control.
    Waiting { _place: Waiting, until: Instant },
    /// In a room.
    Attached { port: Port, _live: LiveLink },
    /// It has been told that it is over, or is being told.
    Parting { until: Instant },
    /// The connection is closed.
    Closed,
}

impl Link {
    /// A connection that has begun its handshake.
    pub(super) fn new(
        connection: Connection,
        gate: &Gate,
        place: Waiting,
        is_unproven: bool,
        outbound: Arc<Outbound>,
        now: Instant,
    ) -> Self {
        Self {
            connection,
            events: Vec::new(),
            session: None,
            stage: Stage::Opening {
                place,
                until: now + HANDSHAKE_TIMEOUT,
            },
            flood: FloodWatch::new(gate.clock()),
            outbound,
            room: 0,
            held: None,
            is_unproven,
            timer: None,
            is_touched: false,
        }
    }

    /// Whether a player holds a seat by it, or is being told why not.
    pub(super) fn is_in_use(&self) -> bool {
        matches!(self.stage, Stage::Attached { .. } | Stage::Parting { .. })
    }

    /// When its stage is to be over.
    fn deadline(&self) -> Option<Instant> {
        match &self.stage {
            Stage::Opening { until, .. }
            | Stage::Waiting { until, .. }
            | Stage::Parting { until } => Some(*until),
            Stage::Attached { .. } | Stage::Closed => None,
        }
    }

    /// When something is to be done, whatever comes.
    pub(super) fn next_timer(&mut self, now: Instant) -> Option<Instant> {
        let own = self.deadline();
        let held = self.held.as_ref().map(|_| now + LOOK_AGAIN);
        let timers = [own, held, self.connection.poll_timeout()];
        timers.into_iter().flatten().min()
    }

    /// Does what follows from what has come and from the time; what is to be sent is with the connection then.
    pub(super) fn drive(&mut self, now: Instant, gate: &Gate, reach: &Reach) {
        for event in self.events.drain(..) {
            self.connection.handle_event(event);
        }
        if self.connection.poll_timeout().is_some_and(|due| due <= now) {
            self.connection.handle_timeout(now);
        }
        while let Some(event) = self.connection.poll() {
            if let Err(code) = self.take(event, now) {
                self.close(now, quic(code));
            }
        }
        self.answer_request(now, reach);
        self.read_control(now, gate);
        self.flush(now);
        self.expire(now);
    }

    /// Ends a link that holds no seat, for the server does.
    pub(super) fn turn_away(&mut self, now: Instant) {
        if matches!(self.stage, Stage::Opening { .. } | Stage::Waiting { .. }) {
            self.close(now, VarInt::from_u32(0));
        }
    }

    fn take(&mut self, event: Event, now: Instant) -> Result<(), ErrorCode> {
        match event {
            Event::Connected => {
                self.room = self.connection.datagrams().send_buffer_space();
                self.session = Some(Session::begin(&mut self.connection));
            }
            Event::ConnectionLost { .. } => self.over(),
            Event::Stream(event) => {
                if let Some(session) = &mut self.session {
                    session.take(&mut self.connection, event)?;
                    if session.is_ended() {
                        self.close(now, quic(ErrorCode::NoError));
                    }
                }
            }
            Event::DatagramReceived => self.read_datagrams(now)?,
            Event::HandshakeDataReady | Event::DatagramsUnblocked => {}
        }
        Ok(())
    }

    fn read_datagrams(&mut self, now: Instant) -> Result<(), ErrorCode> {
        while let Some(datagram) = self.connection.datagrams().recv() {
            if !self.flood.bears_one_more() {
                self.close(now, VarInt::from_u32(0));
                return Ok(());
            }
            let Some(session) = &self.session else {
                continue;
            };
            let payload = session.unwrap(&datagram)?;
            if let (Some(payload), Stage::Attached { port, .. }) = (payload, &self.stage) {
                if payload.len() <= MAX_DATAGRAM {
                    port.state(payload);
                } else {
                    counters::refused("datagram", "oversized");
                }
            }
        }
        Ok(())
    }

    fn answer_request(&mut self, now: Instant, reach: &Reach) {
        let Some(session) = &mut self.session else {
            return;
        };
        let Some(request) = session.take_due_request() else {
            return;
        };
        let response = judge(reach, &request);
        session.answer(&mut self.connection, &response);
        self.is_unproven = false;
        let stage = std::mem::replace(&mut self.stage, Stage::Closed);
        self.stage = match stage {
            Stage::Opening { place, .. } if session.is_accepted() => Stage::Waiting {
                _place: place,
                until: now + ATTACH_TIMEOUT,
            },
            Stage::Opening { .. } => {
                counters::refused("webtransport-session", "not-opened");
                Stage::Parting {
                    until: now + PARTING,
                }
            }
            other => other,
        };
    }

    /// Takes the frames of Control for which there is a place.
    fn read_control(&mut self, now: Instant, gate: &Gate) {
        loop {
            let control = self.session.as_mut().and_then(Session::control);
            let frame = match (self.held.take(), control) {
                (Some(held), _) => Ok(Some(held)),
                (None, Some(control)) => control.next_frame(&mut self.connection),
                (None, None) => return,
            };
            let is_ended = self.session.as_ref().is_some_and(Session::is_ended);
            match frame {
                Ok(Some(frame)) => {
                    if !self.take_frame(frame, now, gate) {
                        return;
                    }
                }
                Ok(None) if is_ended => return self.close(now, VarInt::from_u32(0)),
                Ok(None) => return,
                Err(Oversized) => {
                    counters::refused("frame", "oversized");
                    return match &self.stage {
                        Stage::Attached { port, .. } => port.violated(),
                        Stage::Waiting { .. } => self.close(now, VarInt::from_u32(0)),
                        _ => {}
                    };
                }
            }
        }
    }

    /// Hands a frame on; says whether a further one may be.
    fn take_frame(&mut self, frame: Bytes, now: Instant, gate: &Gate) -> bool {
        match &self.stage {
            Stage::Attached { port, .. } => match port.try_control(frame) {
                Ok(()) => true,
                Err(NotTaken::Full(frame)) => {
                    self.held = Some(frame);
                    false
                }
                Err(NotTaken::RoomGone) => {
                    self.outbound.queue.close(CloseReason::RoomFailed);
                    false
                }
            },
            Stage::Waiting { .. } => {
                let sender = Arc::new(RoomEnd(Arc::clone(&self.outbound)));
                match gate.attach(&frame, sender) {
                    Ok(port) => {
                        let _live = LiveLink::new(Rung::WebTransport);
                        self.stage = Stage::Attached { port, _live };
                        true
                    }
                    Err(reason) => {
                        self.outbound.queue.close(reason);
                        self.part(now);
                        false
                    }
                }
            }
            Stage::Opening { .. } | Stage::Parting { .. } | Stage::Closed => false,
        }
    }

    /// Whether a datagram waits that the connection would take.
    pub(super) fn has_due_state(&mut self) -> bool {
        self.session.is_some()
            && self.outbound.queue.has_state()
            && self.connection.datagrams().send_buffer_space() >= self.room
    }

    /// Gives the connection what waits in the queue, as far as it takes it.
    pub(super) fn flush(&mut self, now: Instant) {
        self.outbound.is_ready.store(false, Ordering::Release);
        if let Stage::Attached { port, .. } = &self.stage
            && port.is_room_gone()
        {
            self.outbound.queue.close(CloseReason::RoomFailed);
        }
        let Some(session) = &mut self.session else {
            return;
        };
        if let Some(control) = session.control() {
            control.write_on(&mut self.connection);
            while control.has_written()
                && let Some(frame) = self.outbound.queue.take_control()
            {
                control.write_frame(&mut self.connection, &frame.message());
            }
        }
        // Behind one that quinn holds back, for its window is full, a datagram would go stale; here a newer one replaces it.
        if self.connection.datagrams().send_buffer_space() >= self.room
            && let Some(datagram) = self.outbound.queue.take_state()
        {
            self.send(datagram);
        }
        if self.outbound.queue.is_closing() {
            self.part(now);
            let control = self.session.as_mut().and_then(Session::control);
            if let Some(control) = control.filter(|it| it.has_written()) {
                control.finish(&mut self.connection);
            }
        }
    }

    fn send(&mut self, datagram: Tagged) {
        let Some(session) = &self.session else { return };
        let bytes = session.wrap(&datagram.message());
        // The connection's end shows by itself.
        if let Err(SendDatagramError::TooLarge) = self.connection.datagrams().send(bytes, true) {
            counters::refused("snapshot", "too-large-for-path");
        }
    }

    /// Lets go of the room. The peer has a while to take what it is told, and to close the connection: were we to close it
    /// at once, the browser would drop what lies unread.
    fn part(&mut self, now: Instant) {
        if !matches!(self.stage, Stage::Parting { .. } | Stage::Closed) {
            self.stage = Stage::Parting {
                until: now + GOODBYE_TIMEOUT,
            };
        }
    }

    fn expire(&mut self, now: Instant) {
        if self.deadline().is_some_and(|until| until <= now) {
            self.close(now, VarInt::from_u32(0));
        }
    }

    /// Closes the connection.
    fn close(&mut self, now: Instant, code: VarInt) {
        self.over();
        self.connection.close(now, code, Bytes::new());
    }

    /// Lets go of everything but the connection.
    fn over(&mut self) {
        debug!(remote = %self.connection.remote_address(), "connection over");
        match &self.stage {
            Stage::Opening { .. } => counters::refused("webtransport-session", "not-opened"),
            Stage::Waiting { .. } => counters::refused("webtransport-session", "not-attached"),
            Stage::Attached { .. } | Stage::Parting { .. } | Stage::Closed => {}
        }
        self.stage = Stage::Closed;
        self.session = None;
        self.is_unproven = false;
    }
}

/// What a session's request is answered.
fn judge(reach: &Reach, request: &SessionRequest) -> SessionResponse {
    if request.path() != PATH {
        counters::refused("webtransport-session", "not-found");
        return SessionResponse::not_found();
    }
    let host = request.authority().parse::<Authority>();
    if !reach.admits(request.origin(), host.as_ref().map_or("", Authority::host)) {
        counters::refused("webtransport-session", "origin-not-allowed");
        return SessionResponse::forbidden();
    }
    SessionResponse::ok()
}

/// What waits for the hub to give it to the connection.
pub(super) struct Outbound {
    queue: SharedQueue,
    /// Whether the hub has been told.
    is_ready: AtomicBool,
    key: LinkKey,
    ready: mpsc::UnboundedSender<LinkKey>,
}

impl Outbound {
    pub(super) fn new(key: LinkKey, ready: mpsc::UnboundedSender<LinkKey>) -> Self {
        Self {
            queue: SharedQueue::new(Rung::WebTransport),
            is_ready: AtomicBool::new(false),
            key,
            ready,
        }
    }

    /// Tells the hub once that something waits, until it has looked.
    fn wake(&self) {
        if !self.is_ready.swap(true, Ordering::AcqRel) {
            // The hub ends only when the server does.
            let _ = self.ready.send(self.key);
        }
    }
}

/// What a room holds of a link.
struct RoomEnd(Arc<Outbound>);

impl LinkSender for RoomEnd {
    fn rung(&self) -> Rung {
        Rung::WebTransport
    }

    fn is_backlogged(&self) -> bool {
        self.0.queue.has_state()
    }

    fn send_state(&self, datagram: &[u8]) {
        self.0.queue.put_state(Tagged::state(datagram));
        self.0.wake();
    }

    fn send_control(&self, frame: Tagged) -> Result<(), QueueFull> {
        self.0.queue.put_control(frame)?;
        self.0.wake();
        Ok(())
    }

    fn close(&self, reason: CloseReason) {
        self.0.queue.close(reason);
        self.0.wake();
    }
}
