//! One player's end of a session, over any number of links: no socket, clock or task. Time is an argument: a
//! [`Duration`] since an origin that the caller chooses.
//!
//! The contract: hand in what happens ([`ClientSession::open`], [`ClientSession::receive`],
//! [`ClientSession::handle_timeout`], …), then drain [`ClientSession::poll_transmit`] and
//! [`ClientSession::poll_event`] until both are empty, and come back at [`ClientSession::poll_timeout`] or when
//! something happens before. When to open, use or close links is the caller's choice; nothing is predicted or drawn.

mod codec;
mod control;
mod event;
mod input_clock;
mod inputs;
mod links;
mod snapshots;

use std::collections::VecDeque;
use std::time::Duration;

pub use codec::GameCodec;
use control::ControlLane;
pub use event::{Event, Outgoing, Received, SocketId, Transmit, WelcomeInfo};
use inputs::Inputs;
use links::Links;
use protocol::acks::Freshness;
use protocol::codec::{decode, encode};
use protocol::control::{ClientMessage, CloseReason, LinkId, LinkUse, ServerFrame, ServerMessage};
use protocol::estimate::PathEstimate;
use protocol::state_lane::StateLane;
use protocol::tick::Tick;
use snapshots::Snapshots;
pub use snapshots::{SnapshotTally, StoredView};

/// One player's end of a session. `G` tells how the game writes its views and inputs.
pub struct ClientSession<G: GameCodec> {
    state: StateLane,
    snapshots: Snapshots<G>,
    inputs: Inputs<G::Input>,
    control: ControlLane,
    links: Links,
    events: VecDeque<Event>,
    is_hidden: bool,
}

impl<G: GameCodec> ClientSession<G> {
    /// A session without a link. `tick_rate`: the room's ticks a second, as the join tells it.
    #[must_use]
    pub fn new(now: Duration, tick_rate: u16) -> Self {
        Self {
            state: StateLane::default(),
            snapshots: Snapshots::default(),
            inputs: Inputs::new(tick_rate),
            control: ControlLane::new(now),
            links: Links::default(),
            events: VecDeque::new(),
            is_hidden: false,
        }
    }

    /// Ticks by which inputs should reach the server early, nine times in ten. Default 1; more makes fewer inputs late
    /// on a path that varies, and adds as much to the time until they show.
    pub fn set_input_lead(&mut self, ticks: u16) {
        self.inputs.set_lead(ticks);
    }

    /// A socket is open. The first one of a link makes the link; more make it a bundle. `token` claims the seat by the
    /// socket's first frame; `None` where the transport has shown the token itself, as WebRTC's offer does. A token
    /// that is longer than any can be is sent as none, and refused by the server.
    pub fn open(&mut self, socket: SocketId, token: Option<&str>) {
        self.links.open(socket, token);
    }

    /// Says how a link is to be used, here and to the server; a link that isn't there is ignored.
    pub fn use_link(&mut self, now: Duration, link: LinkId, usage: LinkUse) {
        self.links.set_usage(link, usage);
        self.settle_control(now);
    }

    /// Closes a link, after what it still has to send.
    pub fn close(&mut self, now: Duration, link: LinkId) {
        self.links.close(link);
        self.settle_control(now);
    }

    /// A socket has died; the link goes with its last one.
    pub fn lose(&mut self, now: Duration, socket: SocketId) {
        self.links.lose(socket);
        self.settle_control(now);
    }

    /// Whether a datagram still waits for its turn on a socket: the next one then rather takes another of the bundle.
    pub fn set_backlogged(&mut self, socket: SocketId, is_backlogged: bool) {
        self.links.set_backlogged(socket, is_backlogged);
    }

    /// The player's view is hidden, or seen again: while it is hidden the server parks the seat, and no inputs go out.
    pub fn hide(&mut self, now: Duration, is_hidden: bool) {
        self.is_hidden = is_hidden;
        self.say(now, ClientMessage::Hidden(is_hidden));
    }

    /// Says something that must arrive, once and in order. It is dropped when the server has acknowledged none of the
    /// last [`protocol::reliable::Outbox::MAX_MESSAGES`]: then the server is about to end the session.
    pub fn say(&mut self, now: Duration, message: ClientMessage<'_>) {
        self.control.say(now, message, &mut self.links);
    }

    /// Takes what came in on a socket; what comes on one that isn't open is ignored.
    pub fn receive(&mut self, now: Duration, socket: SocketId, received: Received<'_>) {
        if !self.links.contains(socket) {
            return;
        }
        match received {
            Received::State(datagram) => self.receive_datagram(now, datagram),
            Received::Control(frame) => self.receive_frame(now, socket, frame),
            Received::Closed => {
                self.lose(now, socket);
                if !self.links.ids().any(|link| link == socket.link) {
                    self.events.push_back(Event::LinkLost(socket.link));
                }
            }
        }
    }

    /// Does what is due: inputs, acknowledgements, repeats, pings. `input` is asked once for each tick of the player's
    /// in order, for at most [`protocol::input::MAX_INPUTS`] of them. Calls before [`Self::poll_timeout`] are fine.
    pub fn handle_timeout(&mut self, now: Duration, input: impl FnMut(Tick) -> G::Input) {
        if !self.is_hidden
            && let Some(datagram) = self.inputs.due(now, &mut self.state, input)
        {
            self.links.send_state(&datagram);
        }
        self.control.poll(now, &mut self.links);
    }

    /// When [`Self::handle_timeout`] is due next; `None` while only something that comes in can change anything.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Duration> {
        let inputs = self.inputs.next_due().filter(|_| !self.is_hidden);
        inputs.into_iter().chain(self.control.next_due()).min()
    }

    /// What is to be sent next.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.links.poll_transmit()
    }

    /// What has happened next.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Whether all that was said has been taken.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        self.control.is_acknowledged()
    }

    /// Whether a link is open and has this socket.
    #[must_use]
    pub fn contains(&self, socket: SocketId) -> bool {
        self.links.contains(socket)
    }

    /// The links that are open, oldest first.
    pub fn links(&self) -> impl Iterator<Item = LinkId> {
        self.links.ids()
    }

    /// The view of a tick that a snapshot was decoded for, while it is kept as a baseline: the last 128.
    #[must_use]
    pub fn view(&self, tick: Tick) -> Option<&StoredView<G>> {
        self.snapshots.view(tick)
    }

    /// The newest tick that a snapshot was decoded for.
    #[must_use]
    pub fn newest(&self) -> Option<Tick> {
        self.snapshots.newest()
    }

    /// What became of the datagrams that came in.
    #[must_use]
    pub fn tally(&self) -> SnapshotTally {
        self.snapshots.tally()
    }

    /// What became of the datagrams that went out, and the round trip, as the server's acknowledgements tell them.
    #[must_use]
    pub fn path(&self) -> &PathEstimate {
        self.state.path()
    }

    fn receive_datagram(&mut self, now: Duration, datagram: &[u8]) {
        let Some(taken) = self.snapshots.take(now, datagram, &mut self.state) else {
            return;
        };
        let (sequence, tick) = (taken.sequence, taken.tick);
        let is_newest = taken.freshness == Freshness::Newest;
        if is_newest {
            let round_trip = self.state.path().round_trip();
            self.inputs
                .on_snapshot(now, tick, taken.input_lead, round_trip);
        }
        self.events
            .push_back(if taken.freshness == Freshness::Duplicate {
                Event::Repeat { sequence, tick }
            } else {
                Event::Snapshot {
                    sequence,
                    tick,
                    is_newest,
                }
            });
    }

    fn receive_frame(&mut self, now: Duration, socket: SocketId, frame: &[u8]) {
        let Ok(frame) = decode::<ServerFrame<'_>>(frame, protocol::MAX_CONTROL_FRAME) else {
            self.close(now, socket.link);
            let reason = CloseReason::ProtocolViolation;
            self.events
                .push_back(Event::LinkClosed(socket.link, reason));
            return;
        };
        match frame {
            ServerFrame::Attached => {
                self.links.attached(socket);
                self.events.push_back(Event::Attached(socket));
                self.settle_control(now);
            }
            ServerFrame::Close(reason) => self.closed(now, socket, reason),
            ServerFrame::Pong(_) => {}
            ServerFrame::Ack(sequence) => self.control.acknowledge(sequence),
            ServerFrame::Message { sequence, message } => {
                let due = self.control.take(sequence, &message);
                self.links.send(socket, encode(&self.control.ack()));
                self.events
                    .extend(due.iter().filter_map(|message| event_of(message)));
            }
        }
    }

    fn closed(&mut self, now: Duration, socket: SocketId, reason: CloseReason) {
        if ends_session(reason) {
            self.links.close_all();
            self.settle_control(now);
            self.events.push_back(Event::SessionClosed(reason));
        } else {
            self.lose(now, socket);
            self.events
                .push_back(Event::LinkClosed(socket.link, reason));
        }
    }

    /// Moves Control to the socket that is its now, with what may have been lost on another.
    fn settle_control(&mut self, now: Duration) {
        self.control.settle(now, &mut self.links);
    }
}

/// Whether a goodbye concerns the session; else it concerns the link that it came on.
fn ends_session(reason: CloseReason) -> bool {
    matches!(
        reason,
        CloseReason::Left
            | CloseReason::BadToken
            | CloseReason::Expired
            | CloseReason::ShuttingDown(_)
            | CloseReason::RoomFailed
            | CloseReason::Refused(_)
            | CloseReason::ActionRefused(_)
            | CloseReason::Kicked(_)
            | CloseReason::RoomEnded
            | CloseReason::Backlogged
    )
}

/// A whole encoded message as what it tells.
fn event_of(message: &[u8]) -> Option<Event> {
    match decode::<ServerMessage<'_>>(message, protocol::MAX_CONTROL_FRAME).ok()? {
        ServerMessage::Welcome(welcome) => Some(Event::Welcome(WelcomeInfo::from(welcome))),
        ServerMessage::Draining(seconds) => Some(Event::Draining(seconds)),
        ServerMessage::Token(token) => Some(Event::Token(token.to_owned())),
        ServerMessage::Event { tick, event } => Some(Event::Game {
            tick,
            bytes: event.to_vec(),
        }),
    }
}
