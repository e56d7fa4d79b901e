//! One player's session as its room holds it: the seat, the links, the baselines and the inputs.

use std::time::Duration;

use protocol::acks::Freshness;
use protocol::codec::{decode, encode};
use protocol::control::{
    ClientFrame, ClientMessage, CloseReason, LinkId, LinkUse, ServerFrame, ServerMessage,
};
use protocol::datagram;
use protocol::input::{InputBatch, decode_batch};
use protocol::seat::Seat;
use protocol::session::{Attached, MAX_LINKS, Session};
use protocol::tick::Tick;
use signaling::SessionId;
use std::sync::Arc;

use super::Socket;
use super::baselines::Baselines;
use super::bundle::Bundle;
use super::inputs::InputBuffer;
use super::report_card::{Closing, ReportCard};
use crate::counters::{self, RoomCounters};
use crate::simulation::Simulation;
use crate::transport::{Link, Tagged};

/// State datagrams taken from one player in a second, over all links. The client sends 30 on each,
/// and 40 while some are lost; a path adds copies of its own, and lets bunches through after a stall.
const MOST_DATAGRAMS: u32 = 75 * MAX_LINKS as u32;

/// Silence after which a player counts as away.
const AWAY_AFTER: Duration = Duration::from_secs(2);

/// What a player's message asks of the room.
pub(super) enum Request {
    /// Nothing that concerns the room.
    Nothing,
    /// The page is hidden, or seen again.
    Hide(bool),
    /// The page goes away, perhaps to be loaded again.
    Unload,
    /// An action for the simulation.
    Act(Vec<u8>),
    /// The session ends.
    End(CloseReason),
}

/// A session in its room.
pub(super) struct Player<S: Simulation> {
    pub(super) seat: Seat,
    pub(super) is_hidden: bool,
    pub(super) is_parked: bool,
    /// When the page said that it goes away; a link that comes after it takes that back.
    pub(super) unloaded_at: Option<Duration>,
    pub(super) inputs: InputBuffer<S::Input>,
    pub(super) session: Session,
    pub(super) bundles: Vec<Bundle>,
    /// The link that carries Control.
    control: Option<LinkId>,
    pub(super) baselines: Baselines<S::View>,
    /// A link has come, or the player is back: the next tick sends a snapshot, whether or not one is due.
    pub(super) wants_snapshot: bool,
    /// When the last snapshot was sent.
    pub(super) sent_at: Duration,
    datagrams: (u64, u32),
    pub(super) card: ReportCard,
}

impl<S: Simulation> Player<S> {
    pub(super) fn new(seat: Seat, now: Duration) -> Self {
        Self {
            seat,
            is_hidden: false,
            is_parked: false,
            unloaded_at: None,
            inputs: InputBuffer::default(),
            session: Session::new(now),
            bundles: Vec::new(),
            control: None,
            baselines: Baselines::default(),
            wants_snapshot: false,
            sent_at: Duration::ZERO,
            datagrams: (0, 0),
            card: ReportCard::new(now),
        }
    }

    /// Takes a link. What is not acknowledged goes down it when Control is its business.
    ///
    /// # Errors
    /// Why the link may not hold the seat; the caller closes it.
    pub(super) fn attach(
        &mut self,
        now: Duration,
        socket: Socket,
        sender: Arc<dyn Link>,
    ) -> Result<(), CloseReason> {
        let link = socket.link;
        let rung = sender.rung();
        if self.bundle(link).is_some_and(|bundle| !bundle.takes(rung)) {
            return Err(CloseReason::StaleLink);
        }
        let attached = self.session.attach(now, link, socket.stripe)?;
        self.unloaded_at = None;
        if let Attached::Link { superseded } = attached {
            if let Some(old) = superseded {
                self.close_link(old, CloseReason::Superseded);
            }
            self.bundles.push(Bundle::new(link));
            self.card.on_link(sender.rung());
        }
        // A full queue is impossible here: the link is new.
        let _ = sender.send_control(Tagged::control(&encode(&ServerFrame::Attached)));
        if let Some(bundle) = self.bundle(link) {
            bundle.open(socket, sender);
        }
        if matches!(attached, Attached::Link { .. }) {
            self.choose_control(now);
            self.wants_snapshot = true;
        }
        Ok(())
    }

    /// Forgets a socket; Control moves on to what is left.
    /// One that was refused is not the one that holds its place.
    pub(super) fn detach(&mut self, now: Duration, socket: Socket) {
        let Socket { link, stripe, .. } = socket;
        if !self.bundle(link).is_some_and(|bundle| bundle.holds(socket)) {
            return;
        }
        let carried_control = self
            .bundle(link)
            .is_some_and(|bundle| bundle.forget(stripe));
        self.session.detach(link, stripe);
        self.bundles.retain(|bundle| !bundle.is_empty());
        if self.control == Some(link) && carried_control {
            self.control = None;
            self.choose_control(now);
        }
    }

    /// Whether any link is there.
    pub(super) fn is_linked(&self) -> bool {
        !self.session.links().is_empty()
    }

    /// How long nothing has come from the player.
    pub(super) fn silence(&self, now: Duration) -> Duration {
        self.session.silence(now)
    }

    /// Whether nothing has come for so long that the player counts as away.
    pub(super) fn is_silent(&self, now: Duration) -> bool {
        self.silence(now) > AWAY_AFTER
    }

    /// Ends all links.
    pub(super) fn close(&self, reason: CloseReason) {
        for bundle in &self.bundles {
            bundle.close(reason);
        }
    }

    /// Takes a State datagram: acknowledgements and inputs.
    pub(super) fn take_datagram(
        &mut self,
        at: Duration,
        link: LinkId,
        stepped: Tick,
        bytes: &[u8],
        counters: &RoomCounters,
    ) {
        if !self.may_send_another(at) {
            counters::refused("datagram", "flood");
            return;
        }
        let Ok((header, body)) = datagram::split(bytes) else {
            counters::refused("datagram", "malformed");
            return;
        };
        let batch: InputBatch<S::Input> = match decode_batch(body) {
            Ok(batch) => batch,
            Err(_) => {
                counters::refused("datagram", "malformed");
                return;
            }
        };
        // One that came on another link already shows all the same that this one lives.
        self.heard(at, link);
        if self.session.receive_datagram(at, header) == Freshness::Duplicate {
            counters::refused("datagram", "duplicate");
            return;
        }
        if self.session.is_acked_unsent(header) {
            counters::refused("ack", "unsent");
        }
        let taken = self.inputs.take(stepped, &batch);
        self.card.inputs.late += u64::from(taken.late);
        self.card.inputs.early += u64::from(taken.early);
        counters.late_inputs.increment(u64::from(taken.late));
        counters.early_inputs.increment(u64::from(taken.early));
    }

    /// The input for `tick`, as [`InputBuffer::for_tick`] gives it.
    pub(super) fn input_for(&mut self, tick: Tick) -> Option<S::Input> {
        let input = self.inputs.for_tick(tick);
        self.card.inputs.missed += u64::from(!self.is_parked && self.inputs.has_missed(tick));
        input
    }

    /// Writes the report card of what is over, and begins the next.
    pub(super) fn report(&mut self, now: Duration, session: SessionId, closing: Closing) {
        let whose = (session, self.seat);
        self.card.close(now, closing, whose, self.session.tally());
    }

    /// Takes a Control frame.
    pub(super) fn take_frame(
        &mut self,
        at: Duration,
        Socket { link, stripe, .. }: Socket,
        bytes: &[u8],
    ) -> Request {
        let Ok(frame) = decode::<ClientFrame<'_>>(bytes, protocol::MAX_CONTROL_FRAME) else {
            counters::refused("frame", "malformed");
            return self.drop_link(link, CloseReason::ProtocolViolation);
        };
        self.heard(at, link);
        match frame {
            ClientFrame::Attach(_) => {
                counters::refused("frame", "attached-twice");
                self.drop_link(link, CloseReason::ProtocolViolation)
            }
            ClientFrame::Use(usage) => {
                self.session.set_usage(link, usage);
                self.choose_control(at);
                self.wants_snapshot |= usage == LinkUse::Active;
                Request::Nothing
            }
            ClientFrame::Ping(number) => {
                let pong = Tagged::control(&encode(&ServerFrame::Pong(number)));
                if let Some(bundle) = self.bundle(link) {
                    bundle.answer(stripe, pong);
                }
                Request::Nothing
            }
            ClientFrame::Ack(sequence) => {
                if !self.session.outbox.acknowledge(sequence) {
                    counters::refused("ack", "unsent");
                }
                Request::Nothing
            }
            ClientFrame::Stalled(millis) => {
                let stood = Duration::from_millis(u64::from(millis));
                self.session.excuse(at, stood);
                Request::Nothing
            }
            ClientFrame::Message { sequence, message } => {
                let is_news = self.session.inbox.accept(sequence);
                let ack = ServerFrame::Ack(self.session.inbox.delivered());
                self.send_frame(Tagged::control(&encode(&ack)));
                match message {
                    _ if !is_news => Request::Nothing,
                    ClientMessage::Hidden(hidden) => Request::Hide(hidden),
                    ClientMessage::Action(action) => Request::Act(action.to_vec()),
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
            .session
            .outbox
            .push(|sequence| encode(&ServerFrame::Message { sequence, message }))
            .map(Tagged::control)
            .map_err(|_| CloseReason::TooSlow)?;
        self.send_frame(frame);
        Ok(())
    }

    fn send_frame(&self, frame: Tagged) {
        if let Some(bundle) = self.control_bundle() {
            bundle.send_control(frame);
        }
    }

    fn heard(&mut self, at: Duration, link: LinkId) {
        self.wants_snapshot |= self.is_silent(at);
        self.session.heard(at, link);
        self.choose_control(at);
    }

    /// Lets Control go down the link for it. What the peer hasn't acknowledged goes down a new one again.
    fn choose_control(&mut self, now: Duration) {
        let chosen = self.session.control_link(now);
        if chosen != self.control {
            self.control = chosen;
            self.resend_unacknowledged();
        }
    }

    fn control_bundle(&self) -> Option<&Bundle> {
        self.bundles
            .iter()
            .find(|bundle| Some(bundle.id) == self.control)
    }

    fn resend_unacknowledged(&self) {
        for frame in self.session.outbox.unacknowledged() {
            self.send_frame(Tagged::control(frame));
        }
    }

    fn drop_link(&mut self, link: LinkId, reason: CloseReason) -> Request {
        self.close_link(link, reason);
        Request::Nothing
    }

    fn close_link(&mut self, link: LinkId, reason: CloseReason) {
        if let Some(bundle) = self.bundle(link) {
            bundle.close(reason);
        }
    }

    fn bundle(&mut self, link: LinkId) -> Option<&mut Bundle> {
        self.bundles.iter_mut().find(|bundle| bundle.id == link)
    }

    fn may_send_another(&mut self, at: Duration) -> bool {
        let second = at.as_secs();
        if self.datagrams.0 != second {
            self.datagrams = (second, 0);
        }
        self.datagrams.1 += 1;
        self.datagrams.1 <= MOST_DATAGRAMS
    }
}
