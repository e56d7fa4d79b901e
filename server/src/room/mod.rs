//! A room as a state machine: a simulation and the sessions of its players, stepped together. It
//! owns no queue, clock, socket or task, and knows nothing of the game.
//!
//! Drive one yourself, in a test or in another shell than the server's own: [`Room::attach`] and
//! [`Room::detach`] its links, hand what comes in on them to [`Room::take_inbound`], and call
//! [`Room::tick`] whenever [`Room::next_tick`] has come. Times are counted from an origin that the
//! caller chooses. What the room sends, it hands to each link's [`Link`] at once.

mod baselines;
mod bundle;
mod faults;
mod inbound;
mod inputs;
mod pacing;
mod player;
mod port;
mod report_card;
mod return_schedule;
mod setup;
mod snapshots;
mod task;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use protocol::MAX_SEATS;
use protocol::control::{CloseReason, ServerMessage, Welcome};
use protocol::seat::Seat;
use protocol::weather::Condition;
use signaling::SessionId;
use tracing::{debug, info};

use crate::counters::{self, RoomCounters};
use crate::simulation::{Occupancy, Simulation};
use crate::transport::Link;
use faults::Fault;
pub(crate) use faults::Faults;
pub use inbound::{Inbound, InboundLane, SeatClaim, Socket};
use pacing::Pacing;
use player::{Player, Request};
pub(crate) use port::{Port, RoomGone, RoomHandle, queues};
use report_card::Closing;
pub(crate) use return_schedule::ReturnSchedule;
pub use setup::{RoomSetup, Sessions};
pub(crate) use task::run;

/// How long the seat of a page that said it goes away waits for it to be loaded again.
const RELOAD_TIMEOUT: Duration = Duration::from_secs(20);

/// What a tick has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The room goes on, at [`Room::next_tick`].
    Tick,
    /// The room is empty and off the list; it is to be dropped.
    End,
}

/// A simulation, its players' sessions, and the time of the next tick.
pub struct Room<S: Simulation> {
    simulation: S,
    setup: RoomSetup,
    pacing: Pacing,
    /// Ordered, so that the same events give the same room.
    players: BTreeMap<SessionId, Player<S>>,
    counters: RoomCounters,
    empty_since: Option<Duration>,
    ticks: u64,
    /// When the last tick was due.
    stepped_at: Duration,
    games_reported: u32,
}

impl<S: Simulation> Room<S> {
    /// A room without players whose ticks count from `now`.
    pub fn new(now: Duration, simulation: S, setup: RoomSetup) -> Self {
        Self {
            simulation,
            pacing: Pacing::new(now, setup.tick_rate),
            setup,
            players: BTreeMap::new(),
            counters: RoomCounters::new(),
            empty_since: None,
            ticks: 0,
            stepped_at: Duration::ZERO,
            games_reported: 0,
        }
    }

    /// When [`Self::tick`] is to be called next.
    #[must_use]
    pub fn next_tick(&self) -> Duration {
        self.pacing.next()
    }

    /// Who plays.
    #[must_use]
    pub fn occupancy(&self) -> Occupancy {
        self.simulation.occupancy()
    }

    /// Takes a link that came at `at`; one of an unknown session seats a newcomer, or gives it the
    /// seat of the session that it resumes. The answer goes down the link: an `Attached` frame or a
    /// `Close`.
    pub fn attach(
        &mut self,
        at: Duration,
        claim: &SeatClaim,
        socket: Socket,
        sender: Arc<dyn Link>,
    ) {
        let session = claim.session;
        let is_new = !self.players.contains_key(&session);
        if !socket.suits(sender.rung()) {
            counters::refused("attach", "no-such-socket");
            sender.close(CloseReason::ProtocolViolation);
            return;
        }
        if is_new && let Err(reason) = self.seat(at, claim) {
            sender.close(reason);
            return;
        }
        let Some(player) = self.players.get_mut(&session) else {
            return;
        };
        if let Err(reason) = player.attach(at, socket, Arc::clone(&sender)) {
            counters::refused("attach", "stale");
            sender.close(reason);
            return;
        }
        if is_new {
            self.welcome(at, session);
        }
        self.refresh_parking(session, at);
    }

    /// Forgets a link's socket that has ended.
    pub fn detach(&mut self, now: Duration, session: SessionId, socket: Socket) {
        if let Some(player) = self.players.get_mut(&session) {
            player.detach(now, socket);
            if !player.is_linked() {
                debug!(%session, "no link left; the seat waits");
                self.refresh_parking(session, now);
            }
        }
    }

    /// Takes a datagram or frame. One of an unknown session is dropped.
    pub fn take_inbound(&mut self, inbound: Inbound) {
        let Inbound {
            session,
            socket,
            lane,
            bytes,
            at,
        } = inbound;
        let Some(player) = self.players.get_mut(&session) else {
            counters::refused("message", "no-session");
            return;
        };
        let request = match lane {
            InboundLane::State => {
                let stepped = self.simulation.tick();
                player.take_datagram(at, socket.link, stepped, &bytes, &self.counters);
                Request::Nothing
            }
            InboundLane::Control => player.take_frame(at, socket, &bytes),
        };
        match request {
            Request::Nothing => {}
            Request::Hide(hidden) => {
                player.is_hidden = hidden;
                player.wants_snapshot |= !hidden;
                self.refresh_parking(session, at);
            }
            Request::Unload => {
                player.unloaded_at = Some(at);
                self.refresh_parking(session, at);
            }
            Request::Act(action) => {
                let seat = player.seat;
                if self.simulation.act(seat, &action).is_err() {
                    counters::refused("action", "malformed");
                    self.end_session(at, session, CloseReason::ProtocolViolation);
                }
            }
            Request::End(reason) => self.end_session(at, session, reason),
        }
    }

    /// Steps the simulation and sends what is due. `now` is when the tick begins, at
    /// [`Self::next_tick`] or later.
    pub fn tick(&mut self, now: Duration) -> Next {
        let due = self.pacing.next();
        let lateness = self.pacing.begin(now);
        if lateness.is_overrun {
            self.counters.overruns.increment(1);
            self.counters.skipped.increment(u64::from(lateness.skipped));
        }
        self.step();
        self.stepped_at = due;
        self.send_events(now);
        self.send_snapshots(now);
        self.report_games(now);
        let ticks_per_second = u64::from(self.setup.tick_rate.max(1));
        if self.ticks.is_multiple_of(ticks_per_second) {
            self.look_after_players(now);
        }
        if self.is_over(now) {
            Next::End
        } else {
            Next::Tick
        }
    }

    /// Ends every session, each with its own reason; the room is to be dropped.
    pub fn close(&mut self, now: Duration, mut reason: impl FnMut() -> CloseReason) {
        for (session, mut player) in std::mem::take(&mut self.players) {
            player.report(now, session, Closing::SessionOver);
            player.close(reason());
            self.setup.sessions.end(session);
        }
    }

    /// Gives a session that has none its seat.
    fn seat(&mut self, now: Duration, claim: &SeatClaim) -> Result<(), CloseReason> {
        let SeatClaim {
            session,
            ref name,
            resumes,
        } = *claim;
        if !self.setup.sessions.holds(session) {
            return Err(CloseReason::Left);
        }
        let player = match resumes {
            Some(old) => self.hand_over(now, old),
            None => {
                let seat = self.simulation.join(name.as_str());
                seat.filter(|seat| self.is_free(*seat))
                    .map(|seat| Player::new(seat, now))
            }
        };
        let Some(player) = player else {
            self.setup.sessions.end(session);
            return Err(CloseReason::Expired);
        };
        info!(%session, %name, seat = player.seat.0, resumes = ?resumes, "player came");
        self.players.insert(session, player);
        Ok(())
    }

    /// Whether a seat that the simulation gave is one to give.
    fn is_free(&self, seat: Seat) -> bool {
        let is_there = usize::from(seat.0) < self.setup.seats;
        let is_taken = self.players.values().any(|player| player.seat == seat);
        let fault = match (is_there, is_taken) {
            (true, false) => return true,
            (false, _) => Fault::SeatOutOfRange,
            (true, true) => Fault::SeatTaken,
        };
        self.counters
            .faults
            .note(fault, format_args!("seat {}", seat.0));
        false
    }

    /// Ends a session whose page was loaded anew, and gives its seat to the next one.
    fn hand_over(&mut self, now: Duration, old: SessionId) -> Option<Player<S>> {
        let mut before = self.players.remove(&old)?;
        before.report(now, old, Closing::SessionOver);
        before.close(CloseReason::Superseded);
        self.setup.sessions.end(old);
        let mut player = Player::new(before.seat, now);
        player.is_parked = before.is_parked;
        Some(player)
    }

    fn welcome(&mut self, now: Duration, session: SessionId) {
        let Some(player) = self.players.get_mut(&session) else {
            return;
        };
        let simulation = self.simulation.welcome(player.seat);
        let unix = self.setup.unix_origin + self.stepped_at;
        let welcome = ServerMessage::Welcome(Welcome {
            tick: self.simulation.tick(),
            tick_rate: self.setup.tick_rate,
            snapshot_rate: self.setup.snapshot_rate,
            unix_micros: u64::try_from(unix.as_micros()).unwrap_or(0),
            simulation: &simulation,
        });
        let tick = self.simulation.tick();
        let mut sent = player.send_message(welcome);
        for event in self.simulation.catch_up(player.seat) {
            if !self.counters.faults.takes_event(&event) {
                continue;
            }
            sent = sent.and_then(|()| {
                player.send_message(ServerMessage::Event {
                    tick,
                    event: &event,
                })
            });
        }
        if let Err(reason) = sent {
            self.end_session(now, session, reason);
        }
    }

    fn step(&mut self) {
        let tick = self.simulation.tick().plus(1);
        let mut inputs = [None; MAX_SEATS];
        for player in self.players.values_mut() {
            if let Some(input) = inputs.get_mut(usize::from(player.seat.0)) {
                *input = player.input_for(tick);
            }
        }
        self.simulation.step(&inputs);
        let after = self.simulation.tick();
        if after != tick {
            let measure = format_args!("{} instead of {}", after.0, tick.0);
            self.counters.faults.note(Fault::TickNotNext, measure);
        }
        self.ticks += 1;
    }

    fn send_events(&mut self, now: Duration) {
        let mut ended = Vec::new();
        for event in self.simulation.drain_events() {
            if !self.counters.faults.takes_event(&event.bytes) {
                continue;
            }
            let message = ServerMessage::Event {
                tick: event.tick,
                event: &event.bytes,
            };
            for (session, player) in &mut self.players {
                let is_addressed = event.audience.is_none_or(|seat| seat == player.seat);
                if is_addressed && let Err(reason) = player.send_message(message) {
                    ended.push((*session, reason));
                }
            }
        }
        for (session, reason) in ended {
            self.end_session(now, session, reason);
        }
    }

    fn send_snapshots(&mut self, now: Duration) {
        let every = u64::from(self.setup.tick_rate / self.setup.snapshot_rate.max(1)).max(1);
        let is_due = self.ticks.is_multiple_of(every);
        // Further ones between two: fresh State does what a repeat would, and is never stale.
        let is_between = every > 1 && self.ticks % every == every.div_ceil(2);
        let gains = |condition| match condition {
            Condition::Fair => false,
            Condition::Rough => is_between,
            Condition::Fading => true,
        };
        for player in self.players.values_mut() {
            if is_due || player.wants_snapshot {
                player.send_snapshot(now, &mut self.simulation, &self.counters);
            } else if gains(player.condition(now)) {
                player.send_extra_snapshot(now, &mut self.simulation, &self.counters);
            }
        }
    }

    fn report_games(&mut self, now: Duration) {
        let ended = self.simulation.games_ended();
        if ended != self.games_reported {
            self.games_reported = ended;
            for (session, player) in &mut self.players {
                player.report(now, *session, Closing::GameOver);
            }
        }
    }

    fn look_after_players(&mut self, now: Duration) {
        let sessions: Vec<SessionId> = self.players.keys().copied().collect();
        for session in sessions {
            let Some(player) = self.players.get(&session) else {
                continue;
            };
            let is_unloaded = player
                .unloaded_at
                .is_some_and(|at| now.saturating_sub(at) > RELOAD_TIMEOUT);
            if is_unloaded || player.silence(now) > self.setup.seat_timeout {
                self.end_session(now, session, CloseReason::Silent);
            } else {
                self.refresh_parking(session, now);
            }
        }
    }

    fn refresh_parking(&mut self, session: SessionId, now: Duration) {
        let Some(player) = self.players.get_mut(&session) else {
            return;
        };
        let is_parked = player.is_hidden
            || player.unloaded_at.is_some()
            || !player.is_linked()
            || player.is_silent(now);
        if is_parked != player.is_parked {
            player.is_parked = is_parked;
            self.simulation.park(player.seat, is_parked);
        }
    }

    fn end_session(&mut self, now: Duration, session: SessionId, reason: CloseReason) {
        if let Some(mut player) = self.players.remove(&session) {
            info!(%session, seat = player.seat.0, ?reason, "player gone");
            player.report(now, session, Closing::SessionOver);
            player.close(reason);
            self.simulation.leave(player.seat);
            self.setup.sessions.end(session);
        }
    }

    fn is_over(&mut self, now: Duration) -> bool {
        if !self.players.is_empty() {
            self.empty_since = None;
            return false;
        }
        let since = *self.empty_since.get_or_insert(now);
        now.saturating_sub(since) >= self.setup.linger && self.setup.sessions.retire_room()
    }
}
