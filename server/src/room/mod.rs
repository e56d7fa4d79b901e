//! A room as a state machine: a game and the sessions of its players, stepped together. It
//! owns no queue, clock, socket or task, and knows nothing of what is played.
//!
//! Drive one yourself, in a test or in another shell than the server's own: [`Room::attach`] and
//! [`Room::detach`] its links, hand what comes in on them to [`Room::take_inbound`], and call
//! [`Room::tick`] whenever [`Room::next_tick`] has come. Times are counted from an origin that the
//! caller chooses. What the room sends, it hands to each link's [`LinkSender`] at once.

mod baselines;
mod checkpoint;
mod commands;
mod ending;
mod faults;
mod finished_game;
mod inbound;
mod inputs;
mod links;
mod pacing;
mod port;
mod report_card;
mod return_schedule;
mod seating;
mod session;
mod setup;
mod share;
mod snapshots;
mod task;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use protocol::control::{CloseReason, ServerMessage};
use protocol::ids::SessionId;
use protocol::tick::Tick;
use protocol::{MAX_DATAGRAM, MAX_SEATS};
use tracing::info;

use crate::counters::{self, RoomCounters};
use crate::game::{Context, Game, Listing, Refusal};
use crate::link::LinkSender;
use crate::path::PathQuality;
pub use checkpoint::{RoomCheckpoint, SeatCheckpoint};
use faults::Faults;
pub use finished_game::{FinishedGame, PlayerStanding};
pub use inbound::{Inbound, InboundLane, SeatClaim, SocketId};
use pacing::Pacing;
pub(crate) use pacing::next_phase;
pub(crate) use port::{NotTaken, Port, RoomGone, RoomHandle, RoomQueues, queues};
pub(crate) use return_schedule::ReturnSchedule;
use session::{Request, Session};
pub use setup::{RoomHost, RoomSetup};
pub(crate) use share::Share;
use snapshots::{Sending, Sent};
pub(crate) use task::run;

/// How long the seat of a page that said it goes away waits for it to be loaded again.
const RELOAD_TIMEOUT: Duration = Duration::from_secs(20);

/// How long players see the results of the last match before a server that is about to end sends them away.
const RESULTS: Duration = Duration::from_secs(8);

/// Most snapshots a second down streams that stall: with so many the sockets of a link have mostly been acknowledged when
/// their turn comes again.
const MOST_ON_STREAMS: u16 = 20;

/// How often the game is asked for its listing.
const LISTINGS_PER_SECOND: u16 = 4;

/// What a tick has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The room goes on, at [`Room::next_tick`].
    Tick,
    /// The room is over, or empty and off the list; it is to be dropped.
    End,
}

/// A game, its players' sessions, and the time of the next tick.
pub struct Room<G: Game> {
    game: G,
    context: Context<G::Event>,
    setup: RoomSetup,
    pacing: Pacing,
    /// Ordered, so that the same events give the same room.
    sessions: BTreeMap<SessionId, Session<G>>,
    counters: RoomCounters,
    faults: Faults,
    /// Where datagrams are written, one after the other.
    datagram: Vec<u8>,
    empty_since: Option<Duration>,
    ticks: u64,
    /// Matches that it has finished.
    finished: u32,
    /// Somebody has come or gone since the last checkpoint.
    is_checkpoint_due: bool,
    /// Until when a room that was taken up again waits for its first player.
    paused_until: Option<Duration>,
    /// When the last tick was due.
    stepped_at: Duration,
    is_ended: bool,
    /// When the room ends because the server does.
    ends_at: Option<Duration>,
}

impl<G: Game> Room<G> {
    /// A room without players whose ticks count from `now`.
    pub fn new(now: Duration, game: G, setup: RoomSetup) -> Self {
        Self {
            game,
            context: Context::new(Tick(0), setup.tick_rate),
            pacing: Pacing::new(now, setup.tick_rate),
            setup,
            sessions: BTreeMap::new(),
            counters: RoomCounters::new(),
            faults: Faults::default(),
            datagram: Vec::with_capacity(MAX_DATAGRAM),
            empty_since: None,
            ticks: 0,
            finished: 0,
            is_checkpoint_due: false,
            paused_until: None,
            stepped_at: now,
            is_ended: false,
            ends_at: None,
        }
    }

    /// When [`Self::tick`] is to be called next.
    #[must_use]
    pub fn next_tick(&self) -> Duration {
        self.pacing.next()
    }

    /// What the game says of the room, after those ticks at which it is worth asking.
    #[must_use]
    pub fn listing(&self) -> Option<Listing> {
        let every = u64::from(self.setup.tick_rate / LISTINGS_PER_SECOND).max(1);
        (self.ticks % every == 1 % every).then(|| self.game.listing())
    }

    /// Takes a link that came at `at`; one of an unknown session seats a newcomer, or gives it the
    /// seat of the session that it resumes. The answer goes down the link: an `Attached` frame or a
    /// `Close`.
    pub fn attach(
        &mut self,
        at: Duration,
        claim: SeatClaim,
        socket: SocketId,
        sender: Arc<dyn LinkSender>,
    ) {
        let id = claim.session;
        let is_new = !self.sessions.contains_key(&id);
        if is_new && let Err(reason) = self.seat(at, claim) {
            sender.close(reason);
            return;
        }
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        if let Err(reason) = session.attach(at, socket, Arc::clone(&sender)) {
            counters::refused("attach", "stale");
            sender.close(reason);
            return;
        }
        if is_new {
            self.is_checkpoint_due = true;
            self.welcome(at, id);
        }
        self.refresh_parking(id, at);
    }

    /// Forgets a link's socket that has ended.
    pub fn detach(&mut self, now: Duration, id: SessionId, socket: SocketId) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.detach(now, socket);
            if !session.is_linked() {
                self.refresh_parking(id, now);
            }
        }
    }

    /// Closes a link, with all its sockets: on one of them came what is against the protocol.
    pub fn violated(&mut self, now: Duration, id: SessionId, socket: SocketId) {
        if let Some(session) = self.sessions.get_mut(&id) {
            session.violated(now, socket);
            self.refresh_parking(id, now);
        }
    }

    /// How long nothing has come from a player who is there; nothing where the seat is left: it has no link, or the page
    /// said that it goes.
    #[must_use]
    pub fn silence(&self, now: Duration, id: SessionId) -> Option<Duration> {
        let session = self.sessions.get(&id)?;
        let is_left = !session.is_linked() || session.unloaded_at.is_some();
        (!is_left).then(|| session.silence(now))
    }

    /// Takes a datagram or frame. One of an unknown session is dropped.
    pub fn take_inbound(&mut self, inbound: Inbound) {
        let Inbound {
            session: id,
            socket,
            lane,
            bytes,
            at,
        } = inbound;
        let Some(session) = self.sessions.get_mut(&id) else {
            counters::refused("message", "no-session");
            return;
        };
        let request = match lane {
            InboundLane::State => {
                let datagram = (self.context.tick(), bytes.as_ref());
                session.take_datagram(at, socket, datagram, &self.counters, &self.faults);
                Request::Nothing
            }
            InboundLane::Control => session.take_frame(at, socket, &bytes),
        };
        match request {
            Request::Nothing => {}
            Request::Hide(hidden) => {
                session.is_hidden = hidden;
                session.wants_snapshot |= !hidden;
                self.refresh_parking(id, at);
            }
            Request::Unload => {
                session.unloaded_at = Some(at);
                self.refresh_parking(id, at);
            }
            Request::Act(action) => {
                let seat = session.seat;
                if let Err(Refusal { code, reason }) =
                    self.game.act(&mut self.context, seat, action)
                {
                    counters::refused("action", "by-game");
                    info!(parent: &session.span, code, reason, "the game refuses an action");
                    self.end_session(at, id, CloseReason::ActionRefused(code));
                }
            }
            Request::End(reason) => self.end_session(at, id, reason),
        }
    }

    /// Steps the game and sends what is due. `now` is when the tick begins, at
    /// [`Self::next_tick`] or later.
    pub fn tick(&mut self, now: Duration) -> Next {
        let due = self.pacing.next();
        let lateness = self.pacing.begin(now);
        self.counters.lateness.record(lateness.late);
        if lateness.is_overrun {
            self.counters.overruns.increment(1);
            self.counters.skipped.increment(u64::from(lateness.skipped));
        }
        self.stepped_at = due;
        if self.is_paused(now) {
            return Next::Tick;
        }
        self.step();
        self.obey(now);
        self.send_snapshots(now);
        let ticks_per_second = u64::from(self.setup.tick_rate.max(1));
        if self.ticks.is_multiple_of(ticks_per_second) {
            self.look_after_sessions(now);
            self.is_checkpoint_due = true;
        }
        let quarter = (ticks_per_second / 4).max(1);
        if self.is_checkpoint_due && self.ticks.is_multiple_of(quarter) {
            self.is_checkpoint_due = false;
            self.save();
        }
        if self.is_over(now) {
            Next::End
        } else {
            Next::Tick
        }
    }

    /// Notes how long a tick has taken, with what came in for it.
    pub fn note_tick(&self, took: Duration) {
        self.counters.tick.record(took);
    }

    fn step(&mut self) {
        self.context.advance();
        let tick = self.context.tick();
        let mut inputs = [None; MAX_SEATS];
        for session in self.sessions.values_mut() {
            if let Some(input) = inputs.get_mut(usize::from(session.seat.0)) {
                *input = session.input_for(tick);
            }
            self.context.set_path(session.seat, session.seat_path());
        }
        self.game.tick(&mut self.context, &inputs);
        self.ticks += 1;
    }

    fn send_snapshots(&mut self, now: Duration) {
        let every = u64::from(self.setup.tick_rate / self.setup.snapshot_rate.max(1)).max(1);
        let is_due = self.ticks.is_multiple_of(every);
        let every_on_streams = every.max(u64::from(self.setup.tick_rate.div_ceil(MOST_ON_STREAMS)));
        let is_due_on_streams = self.ticks.is_multiple_of(every_on_streams);
        // Further ones between two: fresh State does what a repeat would, and is never stale.
        let is_between = every > 1 && self.ticks % every == every.div_ceil(2);
        let gains = |quality| match quality {
            PathQuality::Fair => false,
            PathQuality::Lossy | PathQuality::Rough => is_between,
            PathQuality::Fading => true,
        };
        let mut sending = Sending {
            now,
            tick: self.context.tick(),
            game: &mut self.game,
            counters: &self.counters,
            faults: &self.faults,
            datagram: &mut self.datagram,
            sent: Sent::default(),
        };
        for session in self.sessions.values_mut() {
            let is_its_turn = match session.stalls() {
                true => is_due_on_streams,
                false => is_due,
            };
            if is_its_turn || session.wants_snapshot {
                session.send_snapshot(&mut sending);
            } else if gains(session.path_quality(now)) {
                session.send_extra_snapshot(&mut sending);
            }
        }
        sending.finish();
    }

    fn look_after_sessions(&mut self, now: Duration) {
        let all: Vec<SessionId> = self.sessions.keys().copied().collect();
        for id in all {
            let Some(session) = self.sessions.get(&id) else {
                continue;
            };
            let is_unloaded = session
                .unloaded_at
                .is_some_and(|at| now.saturating_sub(at) > RELOAD_TIMEOUT);
            if is_unloaded || session.silence(now) > self.setup.seat_timeout {
                self.end_session(now, id, CloseReason::Silent);
            } else {
                self.measure_path(session);
                self.refresh_parking(id, now);
                self.renew_token(id, now);
            }
        }
    }

    /// Puts a player's path into the histograms.
    fn measure_path(&self, session: &Session<G>) {
        let Some(rung) = session.rung().filter(|_| !session.is_parked) else {
            return;
        };
        if let Some(round_trip) = session.path.round_trip() {
            counters::round_trip(rung).record(round_trip);
        }
        if let Some(acked) = session.path.lane().acked_tick() {
            let ticks = self.context.tick().since(acked).max(0);
            counters::acked_age(rung).record(ticks as f64 / f64::from(self.setup.tick_rate.max(1)));
        }
    }

    /// Gives a player a fresh token when it is time: the seat is to be kept through an outage at any moment.
    fn renew_token(&mut self, id: SessionId, now: Duration) {
        let due = |session: &&mut Session<G>| session.is_linked() && session.token_due <= now;
        let Some(session) = self.sessions.get_mut(&id).filter(due) else {
            return;
        };
        let (token, renewal) = self.setup.host.renew_token(id);
        session.token_due = now + renewal;
        if let Err(reason) = session.send_message(ServerMessage::Token(&token)) {
            self.end_session(now, id, reason);
        }
    }

    fn refresh_parking(&mut self, id: SessionId, now: Duration) {
        let Some(session) = self.sessions.get_mut(&id) else {
            return;
        };
        let is_parked = session.is_hidden
            || session.unloaded_at.is_some()
            || !session.is_linked()
            || session.is_silent(now);
        if is_parked != session.is_parked {
            session.is_parked = is_parked;
            self.game.park(&mut self.context, session.seat, is_parked);
        }
    }
}
