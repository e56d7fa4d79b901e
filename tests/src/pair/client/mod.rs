//! A client of the protocol in plain Rust: one session over any number of links. It has no socket, clock or task: time
//! is an argument, parcels come in by [`Client::receive`] and go out by the trays of its sockets. When to open, use or
//! close links is the caller's choice; nothing is predicted or drawn.

mod control;
mod inputs;
mod links;
mod snapshots;

use std::sync::Arc;
use std::time::Duration;

use game::wire::View;
use protocol::codec::{decode, encode};
use protocol::control::{ClientMessage, CloseReason, LinkId, LinkUse, ServerFrame, ServerMessage};
use protocol::session::Session;
use protocol::tick::Tick;

use super::tray::{Parcel, Tray};
use control::ControlLane;
use inputs::Inputs;
pub(super) use links::Links;
pub use snapshots::SnapshotTally;
use snapshots::{Snapshots, Taken};

/// Something that a client learnt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The session has begun.
    Welcome,
    /// A snapshot of this tick was decoded; [`Client::view`] has it.
    Snapshot {
        /// The tick that it shows.
        tick: Tick,
        /// Whether it is newer than all before.
        is_newest: bool,
    },
    /// An event, in its turn.
    Event {
        /// When it happened.
        tick: Tick,
        /// The game's encoding.
        bytes: Vec<u8>,
    },
    /// A link has ended.
    LinkClosed(LinkId, CloseReason),
    /// The session has ended.
    SessionClosed(CloseReason),
}

/// One player's end of a session.
pub struct Client {
    session: Session,
    snapshots: Snapshots,
    inputs: Inputs,
    control: ControlLane,
    links: Links,
    is_hidden: bool,
}

impl Client {
    /// Player `player`, who has not opened a link yet. `tick_rate`: the client's own ticks a second.
    pub fn new(now: Duration, player: u64, tick_rate: u16) -> Self {
        Self {
            session: Session::new(now),
            snapshots: Snapshots::default(),
            inputs: Inputs::new(player, tick_rate),
            control: ControlLane::new(now),
            links: Links::default(),
            is_hidden: false,
        }
    }

    /// Opens a link over these sockets: claims the seat on each.
    pub(super) fn open(&mut self, link: LinkId, token: &str, trays: Vec<Arc<Tray>>) {
        self.links.open(link, token, trays);
    }

    /// Says how a link is to be used.
    pub fn use_link(&mut self, now: Duration, link: LinkId, usage: LinkUse) {
        self.links.set_usage(link, usage);
        self.settle_control(now);
    }

    /// Closes a link.
    pub fn close(&mut self, now: Duration, link: LinkId) {
        self.links.close(link);
        self.settle_control(now);
    }

    /// One socket of a link has died.
    pub fn lose(&mut self, now: Duration, link: LinkId, stripe: u8) {
        self.links.lose(link, stripe);
        self.settle_control(now);
    }

    /// The page is hidden, or seen again.
    pub fn hide(&mut self, now: Duration, is_hidden: bool) {
        self.is_hidden = is_hidden;
        self.say(now, ClientMessage::Hidden(is_hidden));
    }

    /// Says something that must arrive, once and in order.
    pub fn say(&mut self, now: Duration, message: ClientMessage<'_>) {
        self.control.say(now, message, &self.links);
    }

    /// Whether all that was said has been taken.
    pub fn is_acknowledged(&self) -> bool {
        self.control.is_acknowledged()
    }

    /// Whether a link is open and has this socket.
    pub fn holds(&self, link: LinkId, stripe: u8) -> bool {
        self.links.holds(link, stripe)
    }

    /// The links that are open, oldest first.
    pub fn links(&self) -> impl Iterator<Item = LinkId> {
        self.links.ids()
    }

    /// Takes what came in on one socket.
    pub(super) fn receive(
        &mut self,
        now: Duration,
        link: LinkId,
        stripe: u8,
        parcel: &Parcel,
    ) -> Vec<Heard> {
        if !self.links.holds(link, stripe) {
            return Vec::new();
        }
        match parcel {
            Parcel::State(datagram) => self.receive_datagram(now, datagram),
            Parcel::Control(frame) => self.receive_frame(now, link, stripe, frame),
            Parcel::End => {
                self.lose(now, link, stripe);
                Vec::new()
            }
        }
    }

    /// Does what is due: inputs, acknowledgements, repeats. To be called once a tick.
    pub fn tick(&mut self, now: Duration) {
        if !self.is_hidden
            && let Some(datagram) = self.inputs.due(now, &mut self.session)
        {
            self.links.send_state(&datagram);
        }
        self.control.poll(now, &self.links);
    }

    /// What the client holds of a tick that it got a snapshot of, while it is kept as a baseline.
    pub fn view(&self, tick: Tick) -> Option<&View> {
        self.snapshots.view(tick)
    }

    /// The newest tick that it got a snapshot of.
    pub fn newest(&self) -> Option<Tick> {
        self.snapshots.newest()
    }

    /// What became of the datagrams that came in.
    pub fn tally(&self) -> SnapshotTally {
        self.snapshots.tally
    }

    fn receive_datagram(&mut self, now: Duration, datagram: &[u8]) -> Vec<Heard> {
        let Some(taken) = self.snapshots.take(now, datagram, &mut self.session) else {
            return Vec::new();
        };
        let Taken {
            tick,
            input_lead,
            is_newest,
        } = taken;
        if is_newest {
            let round_trip = self.session.path().round_trip();
            self.inputs.on_snapshot(now, tick, input_lead, round_trip);
        }
        vec![Heard::Snapshot { tick, is_newest }]
    }

    fn receive_frame(
        &mut self,
        now: Duration,
        link: LinkId,
        stripe: u8,
        frame: &[u8],
    ) -> Vec<Heard> {
        let Ok(frame) = decode::<ServerFrame<'_>>(frame, protocol::MAX_CONTROL_FRAME) else {
            self.close(now, link);
            return vec![Heard::LinkClosed(link, CloseReason::ProtocolViolation)];
        };
        match frame {
            ServerFrame::Attached => {
                self.links.attached(link, stripe);
                self.settle_control(now);
                Vec::new()
            }
            ServerFrame::Close(reason) => self.closed(now, link, stripe, reason),
            ServerFrame::Pong(_) => Vec::new(),
            ServerFrame::Ack(sequence) => {
                self.control.acknowledge(sequence);
                Vec::new()
            }
            ServerFrame::Message { sequence, message } => {
                let due = self.control.take(sequence, &message);
                let ack = self.control.ack();
                self.links.answer(link, stripe, &encode(&ack));
                due.iter().filter_map(|message| heard(message)).collect()
            }
        }
    }

    fn closed(
        &mut self,
        now: Duration,
        link: LinkId,
        stripe: u8,
        reason: CloseReason,
    ) -> Vec<Heard> {
        let ends_session = matches!(
            reason,
            CloseReason::Left
                | CloseReason::BadToken
                | CloseReason::Expired
                | CloseReason::Silent
                | CloseReason::ShuttingDown(_)
                | CloseReason::RoomFailed
        );
        if ends_session {
            self.links.close_all();
            return vec![Heard::SessionClosed(reason)];
        }
        self.lose(now, link, stripe);
        vec![Heard::LinkClosed(link, reason)]
    }

    /// Moves Control to the socket that is its now, with what may have been lost on another.
    fn settle_control(&mut self, now: Duration) {
        self.control.settle(now, &self.links);
    }
}

/// A message as what it tells; the bytes are a whole encoded message.
fn heard(message: &[u8]) -> Option<Heard> {
    match decode::<ServerMessage<'_>>(message, protocol::MAX_CONTROL_FRAME).ok()? {
        ServerMessage::Welcome(_) => Some(Heard::Welcome),
        ServerMessage::Event { tick, event } => Some(Heard::Event {
            tick,
            bytes: event.to_vec(),
        }),
    }
}
