//! A room's task: drains its queues at each tick, steps the simulation, sends what is due.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use protocol::MAX_SEATS;
use protocol::control::{CloseReason, ServerMessage, Welcome};
use signaling::{PlayerName, SessionId};
use tracing::{debug, info};

use super::pacing::Pacing;
use super::player::{Player, Request};
use super::{Inbound, InboundLane, Lifecycle, RoomQueues, Socket};
use crate::clock::Clock;
use crate::counters::{self, RoomCounters};
use crate::rooms::Sessions;
use crate::simulation::{Inputs, Simulation};
use crate::transport::Link;

/// Silence after which a player counts as away.
const AWAY_AFTER: Duration = Duration::from_secs(2);

/// What a room needs beside its simulation and queues.
pub(crate) struct RoomSetup {
    pub(crate) clock: Clock,
    pub(crate) sessions: Arc<dyn Sessions>,
    pub(crate) tick_rate: u16,
    pub(crate) snapshot_rate: u16,
    /// How long a seat is kept for a player of whom nothing is heard.
    pub(crate) seat_timeout: Duration,
    /// How long an empty room waits for somebody to come.
    pub(crate) linger: Duration,
}

/// Runs a room until it is empty or closed.
pub(crate) async fn run<S: Simulation>(simulation: S, queues: RoomQueues, setup: RoomSetup) {
    let mut pacing = Pacing::new(setup.clock.now(), setup.tick_rate);
    let mut room = Room::new(simulation, queues, setup);
    loop {
        let due = pacing.next();
        tokio::time::sleep_until(room.setup.clock.instant_at(due).into()).await;
        let now = room.setup.clock.now();
        let lateness = pacing.begin(now);
        if lateness.is_overrun {
            room.counters.overruns.increment(1);
            room.counters.skipped.increment(u64::from(lateness.skipped));
        }
        if room.tick(now, due) == Next::End {
            return;
        }
    }
}

#[derive(PartialEq, Eq)]
enum Next {
    Tick,
    End,
}

struct Room<S: Simulation> {
    simulation: S,
    queues: RoomQueues,
    setup: RoomSetup,
    players: HashMap<SessionId, Player<S>>,
    counters: RoomCounters,
    empty_since: Option<Duration>,
    ticks: u64,
    /// When the last tick was due.
    stepped_at: Duration,
}

impl<S: Simulation> Room<S> {
    fn new(simulation: S, queues: RoomQueues, setup: RoomSetup) -> Self {
        Self {
            simulation,
            queues,
            setup,
            players: HashMap::new(),
            counters: RoomCounters::new(),
            empty_since: None,
            ticks: 0,
            stepped_at: Duration::ZERO,
        }
    }

    /// Does all that a tick does which was due at `due` and begins at `now`.
    fn tick(&mut self, now: Duration, due: Duration) -> Next {
        while let Ok(lifecycle) = self.queues.lifecycle.try_recv() {
            if let Lifecycle::Close(reason) = lifecycle {
                return self.close(reason);
            }
            self.take_lifecycle(now, lifecycle);
        }
        while let Ok(inbound) = self.queues.data.try_recv() {
            self.take_inbound(inbound);
        }
        self.step();
        self.stepped_at = due;
        self.send_events();
        self.send_snapshots();
        let ticks_per_second = u64::from(self.setup.tick_rate.max(1));
        if self.ticks.is_multiple_of(ticks_per_second) {
            self.look_after_players(now);
        }
        self.queues
            .bots
            .store(self.simulation.occupancy().bots, Ordering::Relaxed);
        if self.is_over(now) {
            Next::End
        } else {
            Next::Tick
        }
    }

    fn take_lifecycle(&mut self, now: Duration, lifecycle: Lifecycle) {
        match lifecycle {
            Lifecycle::Attach {
                session,
                name,
                socket,
                sender,
                at,
            } => {
                self.attach(at, session, &name, socket, sender);
            }
            Lifecycle::Detach { session, socket } => {
                if let Some(player) = self.players.get_mut(&session) {
                    player.detach(socket);
                    if !player.is_linked() {
                        debug!(%session, "no link left; the seat waits");
                        self.refresh_parking(session, now);
                    }
                }
            }
            Lifecycle::Close(_) => {}
        }
    }

    fn attach(
        &mut self,
        at: Duration,
        session: SessionId,
        name: &PlayerName,
        socket: Socket,
        sender: Arc<dyn Link>,
    ) {
        let is_new = !self.players.contains_key(&session);
        if is_new {
            if !self.setup.sessions.holds(session) {
                sender.close(CloseReason::Left);
                return;
            }
            let Some(seat) = self.simulation.join(name.as_str()) else {
                sender.close(CloseReason::Superseded);
                self.setup.sessions.end(session);
                return;
            };
            info!(%session, %name, seat = seat.0, "player came");
            self.players.insert(session, Player::new(seat, at));
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
            self.welcome(session);
        }
        self.refresh_parking(session, at);
    }

    fn welcome(&mut self, session: SessionId) {
        let Some(player) = self.players.get_mut(&session) else {
            return;
        };
        let simulation = self.simulation.welcome(player.seat);
        let unix = self.setup.clock.unix_at(self.stepped_at);
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
            sent = sent.and_then(|()| {
                player.send_message(ServerMessage::Event {
                    tick,
                    event: &event,
                })
            });
        }
        if let Err(reason) = sent {
            self.end_session(session, reason);
        }
    }

    fn take_inbound(&mut self, inbound: Inbound) {
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
                player.take_datagram(at, stepped, &bytes, &self.counters);
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
            Request::Act(action) => {
                let seat = player.seat;
                if self.simulation.act(seat, &action).is_err() {
                    counters::refused("action", "malformed");
                    self.end_session(session, CloseReason::ProtocolViolation);
                }
            }
            Request::End(reason) => self.end_session(session, reason),
        }
    }

    fn step(&mut self) {
        let tick = self.simulation.tick().plus(1);
        let mut inputs: Inputs<S::Input> = [None; MAX_SEATS];
        for player in self.players.values_mut() {
            if let Some(input) = inputs.get_mut(usize::from(player.seat.0)) {
                *input = player.inputs.for_tick(tick);
            }
        }
        self.simulation.step(&inputs);
        self.ticks += 1;
    }

    fn send_events(&mut self) {
        let mut ended = Vec::new();
        for event in self.simulation.drain_events() {
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
            self.end_session(session, reason);
        }
    }

    fn send_snapshots(&mut self) {
        let every = u64::from(self.setup.tick_rate / self.setup.snapshot_rate.max(1)).max(1);
        let is_due = self.ticks.is_multiple_of(every);
        for player in self.players.values_mut() {
            if is_due || player.wants_snapshot {
                let now = self.setup.clock.now();
                player.send_snapshot(now, &mut self.simulation, &self.counters);
            }
        }
    }

    fn look_after_players(&mut self, now: Duration) {
        let sessions: Vec<SessionId> = self.players.keys().copied().collect();
        for session in sessions {
            let Some(player) = self.players.get(&session) else {
                continue;
            };
            if player.silence(now) > self.setup.seat_timeout {
                self.end_session(session, CloseReason::Silent);
            } else {
                self.refresh_parking(session, now);
            }
        }
    }

    fn refresh_parking(&mut self, session: SessionId, now: Duration) {
        let Some(player) = self.players.get_mut(&session) else {
            return;
        };
        let is_parked = player.is_hidden || !player.is_linked() || player.silence(now) > AWAY_AFTER;
        if is_parked != player.is_parked {
            player.is_parked = is_parked;
            self.simulation.park(player.seat, is_parked);
        }
    }

    fn end_session(&mut self, session: SessionId, reason: CloseReason) {
        if let Some(player) = self.players.remove(&session) {
            info!(%session, seat = player.seat.0, ?reason, "player gone");
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

    fn close(&mut self, reason: CloseReason) -> Next {
        for (session, player) in self.players.drain() {
            player.close(reason);
            self.setup.sessions.end(session);
        }
        while let Ok(lifecycle) = self.queues.lifecycle.try_recv() {
            if let Lifecycle::Attach { sender, .. } = lifecycle {
                sender.close(reason);
            }
        }
        Next::End
    }
}
