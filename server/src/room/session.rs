//! One player's session as its room holds it: the seat, the links, the baselines and the inputs.

use std::sync::Arc;
use std::time::Duration;

use protocol::acks::Freshness;
use protocol::codec::{decode, encode};
use protocol::control::{
    ClientFrame, ClientMessage, CloseReason, LinkUse, ServerFrame, ServerMessage,
};
use protocol::datagram;
use protocol::ids::SessionId;
use protocol::input::{InputBatch, NO_VIEW, decode_batch};
use protocol::reliable::{Inbox, Outbox};
use protocol::rung::Rung;
use protocol::seat::Seat;
use protocol::tick::Tick;
use serde::de::DeserializeOwned;
use tracing::{Span, debug};

use super::SocketId;
use super::baselines::Baselines;
use super::faults::{Fault, Faults};
use super::inputs::{InputBuffer, Taken};
use super::links::{Attached, Link, Links, MAX_LINKS};
use super::report_card::{Closing, ReportCard};
use crate::allowance::Allowance;
use crate::counters::{self, RoomCounters};
use crate::game::{self, Game, SeatPath};
use crate::link::{LinkSender, Tagged};
use crate::path::DownPath;

/// State datagrams taken from one player in a second, over all links. The client sends 30 on each,
/// and 40 while some are lost; a path adds copies of its own, and lets bunches through after a stall.
const MOST_DATAGRAMS: usize = 75 * MAX_LINKS;

/// Frames, and bytes in them, taken from one player in ten seconds: four times what a client sends, even when a stall of
/// all that time lets them through together. Whoever sends more loses the link.
const MOST_FRAMES: usize = 1_200;
const MOST_FRAME_BYTES: usize = 1 << 20;
const FRAMES_PERIOD: Duration = Duration::from_secs(10);

/// How long the token of the join is left to a session.
const FIRST_RENEWAL: Duration = Duration::from_secs(30);

/// Silence after which a player counts as away.
const AWAY_AFTER: Duration = Duration::from_secs(2);

/// So many datagrams with inputs that can't be read, and none that can, are no accident.
const UNREADABLE: u32 = 30;

/// What a player's message asks of the room.
pub(super) enum Request<Action> {
    /// Nothing that concerns the room.
    Nothing,
    /// The page is hidden, or seen again.
    Hide(bool),
    /// The page goes away, perhaps to be loaded again.
    Unload,
    /// An action for the game.
    Act(Action),
    /// The session ends.
    End(CloseReason),
}

/// A session in its room.
pub(super) struct Session<G: Game> {
    pub(super) player: game::Player,
    pub(super) seat: Seat,
    pub(super) is_hidden: bool,
    pub(super) is_parked: bool,
    /// When the page said that it goes away; a link that comes after it takes that back.
    pub(super) unloaded_at: Option<Duration>,
    pub(super) inputs: InputBuffer<G::Input>,
    /// The tick that the player saw when it last said so.
    seen_tick: Option<Tick>,
    /// Datagrams whose inputs could not be read.
    unreadable: u32,
    pub(super) links: Links,
    pub(super) path: DownPath,
    /// Reliable messages to the player, and from it.
    outbox: Outbox,
    inbox: Inbox,
    pub(super) baselines: Baselines<G::View>,
    /// A link has come, or the player is back: the next tick sends a snapshot, whether or not one is due.
    pub(super) wants_snapshot: bool,
    /// When the last snapshot was sent.
    pub(super) sent_at: Duration,
    datagrams: Allowance,
    frames: Allowance,
    frame_bytes: Allowance,
    /// When the player is to be given a fresh token.
    pub(super) token_due: Duration,
    pub(super) card: ReportCard,
    /// What is logged of the session.
    pub(super) span: Span,
}

impl<G: Game> Session<G> {
    pub(super) fn new(player: game::Player, seat: Seat, now: Duration) -> Self {
        Self {
            player,
            seat,
            is_hidden: false,
            is_parked: false,
            unloaded_at: None,
            inputs: InputBuffer::default(),
            seen_tick: None,
            unreadable: 0,
            links: Links::new(now),
            path: DownPath::default(),
            outbox: Outbox::default(),
            inbox: Inbox::default(),
            baselines: Baselines::default(),
            wants_snapshot: false,
            sent_at: Duration::ZERO,
            datagrams: Allowance::new(MOST_DATAGRAMS, Duration::from_secs(1)),
            frames: Allowance::new(MOST_FRAMES, FRAMES_PERIOD),
            frame_bytes: Allowance::new(MOST_FRAME_BYTES, FRAMES_PERIOD),
            token_due: now + FIRST_RENEWAL,
            card: ReportCard::new(now),
            span: Span::none(),
        }
    }

    /// Takes a link, or a further socket of one. What is not acknowledged goes down it when Control
    /// is its business.
    ///
    /// # Errors
    /// Why the link may not hold the seat; the caller closes it.
    pub(super) fn attach(
        &mut self,
        now: Duration,
        socket: SocketId,
        sender: Arc<dyn LinkSender>,
    ) -> Result<(), CloseReason> {
        let attached = self.links.attach(now, socket, Arc::clone(&sender))?;
        self.unloaded_at = None;
        // A full queue is impossible here: the link is new.
        let _ = sender.send_control(Tagged::control(&encode(&ServerFrame::Attached)));
        if attached == Attached::Link {
            debug!(parent: &self.span, rung = sender.rung().name(), "link came");
            self.card.on_link(sender.rung());
            self.path.on_new_path();
            self.choose_control(now);
            self.wants_snapshot = true;
        }
        Ok(())
    }

    /// Forgets a socket; Control moves on to what is left.
    pub(super) fn detach(&mut self, now: Duration, socket: SocketId) {
        let Some(detached) = self.links.detach(socket) else {
            return;
        };
        if detached.is_link_gone {
            debug!(parent: &self.span, "link gone");
            self.path.on_new_path();
        }
        if detached.carried_control {
            self.choose_control(now);
        }
    }

    /// Whether any link is there.
    pub(super) fn is_linked(&self) -> bool {
        !self.links.is_empty()
    }

    /// What carries State: the newest link in use.
    pub(super) fn rung(&self) -> Option<Rung> {
        self.links.active().last().and_then(Link::rung)
    }

    /// How long nothing has come from the player.
    pub(super) fn silence(&self, now: Duration) -> Duration {
        self.links.silence(now)
    }

    /// Whether nothing has come for so long that the player counts as away.
    pub(super) fn is_silent(&self, now: Duration) -> bool {
        self.silence(now) > AWAY_AFTER
    }

    /// Ends all links.
    pub(super) fn close(&self, reason: CloseReason) {
        self.links.close_all(reason);
    }

    /// Takes a State datagram: acknowledgements and inputs.
    pub(super) fn take_datagram(
        &mut self,
        at: Duration,
        socket: SocketId,
        (stepped, bytes): (Tick, &[u8]),
        counters: &RoomCounters,
        faults: &Faults,
    ) {
        if !self.datagrams.take(at, 1) {
            counters::refused("datagram", "flood");
            return;
        }
        let Ok((header, body)) = datagram::split(bytes) else {
            counters::refused("datagram", "malformed");
            return;
        };
        let batch: InputBatch<G::Input> = match decode_batch(body) {
            Ok(batch) => batch,
            Err(error) => {
                counters::refused("inputs", "malformed");
                self.unreadable = self.unreadable.saturating_add(1);
                if self.unreadable == UNREADABLE && !self.inputs.has_any() {
                    faults.note(Fault::InputsUnreadable, error);
                }
                return;
            }
        };
        // One that came on another link already shows all the same that this one lives.
        self.heard(at, socket);
        let freshness = self.path.receive(at, header);
        if freshness == Freshness::Duplicate {
            counters::refused("datagram", "duplicate");
            return;
        }
        if self.path.lane().is_acked_unsent(header) {
            counters::refused("ack", "unsent");
        }
        if freshness == Freshness::Newest && batch.view_lag != NO_VIEW {
            let acked = self.path.lane().acked_tick();
            self.seen_tick = acked.map(|tick| tick.minus(u32::from(batch.view_lag)));
        }
        let taken = self.inputs.take(stepped, &batch);
        self.card.inputs.late += u64::from(taken.late);
        self.card.inputs.early += u64::from(taken.early);
        if taken != Taken::default() {
            counters.late_inputs.increment(u64::from(taken.late));
            counters.early_inputs.increment(u64::from(taken.early));
        }
    }

    /// The input for `tick`, as [`InputBuffer::for_tick`] gives it.
    pub(super) fn input_for(&mut self, tick: Tick) -> Option<G::Input> {
        let input = self.inputs.for_tick(tick, G::repeat, G::join);
        self.card.inputs.missed += u64::from(!self.is_parked && self.inputs.has_missed(tick));
        input
    }

    /// Writes the report card of what is over, and begins the next.
    pub(super) fn report(&mut self, now: Duration, session: SessionId, closing: Closing) {
        let whose = (session, self.seat);
        let tally = self.path.tally();
        let card = &mut self.card;
        self.span
            .in_scope(|| card.close(now, closing, whose, tally));
    }

    /// Takes a Control frame.
    pub(super) fn take_frame(
        &mut self,
        at: Duration,
        socket: SocketId,
        bytes: &[u8],
    ) -> Request<G::Action> {
        if !self.frames.take(at, 1) || !self.frame_bytes.take(at, bytes.len()) {
            counters::refused("frame", "flood");
            self.violated(at, socket);
            return Request::Nothing;
        }
        let Ok(frame) = decode::<ClientFrame<'_>>(bytes, protocol::MAX_CONTROL_FRAME) else {
            counters::refused("frame", "malformed");
            self.violated(at, socket);
            return Request::Nothing;
        };
        self.heard(at, socket);
        match frame {
            ClientFrame::Attach(_) => {
                counters::refused("frame", "attached-twice");
                self.violated(at, socket);
                Request::Nothing
            }
            ClientFrame::Use(usage) => {
                if self.links.set_usage(socket.link, usage) {
                    self.path.on_new_path();
                }
                self.choose_control(at);
                self.wants_snapshot |= usage == LinkUse::Active;
                Request::Nothing
            }
            ClientFrame::Ping(number) => {
                let pong = Tagged::control(&encode(&ServerFrame::Pong(number)));
                self.links.answer(socket, pong);
                Request::Nothing
            }
            ClientFrame::Ack(sequence) => {
                if !self.outbox.acknowledge(sequence) {
                    counters::refused("ack", "unsent");
                }
                Request::Nothing
            }
            ClientFrame::Stalled(millis) => {
                let stood = Duration::from_millis(u64::from(millis));
                self.path.excuse(at, stood);
                Request::Nothing
            }
            ClientFrame::Message { sequence, message } => {
                let is_news = self.inbox.accept(sequence);
                let ack = ServerFrame::Ack(self.inbox.delivered());
                self.links.send_control(Tagged::control(&encode(&ack)));
                match message {
                    _ if !is_news => Request::Nothing,
                    ClientMessage::Hidden(hidden) => Request::Hide(hidden),
                    ClientMessage::Action(action) => read_action(action),
                    ClientMessage::Unload => Request::Unload,
                    ClientMessage::Leave => Request::End(CloseReason::Left),
                }
            }
        }
    }

    /// Sends a reliable message.
    ///
    /// # Errors
    /// Why the session must end.
    pub(super) fn send_message(&mut self, message: ServerMessage<'_>) -> Result<(), CloseReason> {
        let frame = self
            .outbox
            .push(|sequence| encode(&ServerFrame::Message { sequence, message }))
            .map(Tagged::control)
            .map_err(|_| CloseReason::Backlogged)?;
        self.links.send_control(frame);
        Ok(())
    }

    /// The connection as the game may know it.
    pub(super) fn seat_path(&self) -> SeatPath {
        SeatPath {
            round_trip: self.path.round_trip(),
            seen_tick: self.seen_tick,
        }
    }

    fn heard(&mut self, at: Duration, socket: SocketId) {
        self.wants_snapshot |= self.is_silent(at);
        self.links.heard(at, socket.link);
        self.choose_control(at);
    }

    /// Lets Control go down the link for it. What the peer hasn't acknowledged goes down a new one again.
    fn choose_control(&mut self, now: Duration) {
        if self.links.choose_control(now) {
            for frame in self.outbox.unacknowledged() {
                self.links.send_control(Tagged::control(frame));
            }
        }
    }

    /// Closes the link of a socket whose peer doesn't keep to the protocol.
    pub(super) fn violated(&mut self, now: Duration, socket: SocketId) {
        if self
            .links
            .close(socket.link, CloseReason::ProtocolViolation)
        {
            self.path.on_new_path();
            self.choose_control(now);
        }
    }
}

fn read_action<Action: DeserializeOwned>(bytes: &[u8]) -> Request<Action> {
    match decode(bytes, protocol::MAX_CONTROL_FRAME) {
        Ok(action) => Request::Act(action),
        Err(_) => {
            counters::refused("action", "malformed");
            Request::End(CloseReason::ActionRefused(0))
        }
    }
}
