//! One room and its virtual players in virtual time: moves messages between them when they are due, and nothing else.
//! The room gets what its task would hand it, in the same order: at a tick first the links that came and went, then
//! what came in on them.

use std::collections::{BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use client::session::SocketId;
use game::config::GameConfig;
use game::{BattleCircles, Rules};
use protocol::codec::decode;
use protocol::control::{ClientFrame, LinkId};
use protocol::ids::{PlayerId, RoomId, SessionId};
use server::game::Player;
use server::link::LinkSender;
use server::room::{
    Inbound, InboundLane, Next, Room, RoomHost, RoomSetup, SeatClaim, SocketId as RoomSocket,
};

use super::guest::{Guest, ServerEnd};
use super::record::{RecordHandle, Recorded};
use super::scenario::Scenario;
use super::send_queue::{SendQueue, SocketMessage};
use super::witness::Witness;

/// A datagram link on which nothing that is sent arrives any more is given up by its transport.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// One run.
pub(super) struct World {
    pub(super) now: Duration,
    pub(super) record: RecordHandle,
    pub(super) guests: Vec<Guest>,
    pub(super) witnesses: Vec<Witness>,
    room: Room<Recorded<BattleCircles>>,
    sessions: Arc<SessionList>,
    stalls: Vec<(Duration, Duration)>,
    seat_timeout: Duration,
    coming: VecDeque<Lifecycle>,
    data: VecDeque<Inbound>,
    is_over: bool,
    seen: DefaultHasher,
}

/// A link that comes or goes.
enum Lifecycle {
    Attach {
        guest: usize,
        socket: RoomSocket,
        queue: Arc<SendQueue>,
        at: Duration,
    },
    Detach(SessionId, RoomSocket),
}

/// Sessions that hold a place, as rooms' list would have them.
#[derive(Debug, Default)]
struct SessionList(Mutex<BTreeSet<u64>>);

impl SessionList {
    fn lock(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RoomHost for SessionList {
    fn holds(&self, session: SessionId) -> bool {
        self.lock().contains(&session.0)
    }

    fn renew_token(&self, _: SessionId) -> (String, Duration) {
        ("token".to_owned(), Duration::from_secs(60))
    }

    fn end(&self, session: SessionId) {
        self.lock().remove(&session.0);
    }

    fn end_room(&self) {}

    fn retire_room(&self) -> bool {
        self.lock().is_empty()
    }
}

impl World {
    pub(super) fn new(scenario: &Scenario) -> Self {
        let rules = Rules::new(GameConfig::default(), scenario.rates.tick)
            .expect("the default rules are valid");
        let (game, record) = Recorded::new(BattleCircles::new(rules, scenario.seed));
        let count = scenario.guests.len() as u64;
        let sessions = Arc::new(SessionList(Mutex::new((0..count).collect())));
        let setup = RoomSetup {
            host: Arc::clone(&sessions) as Arc<dyn RoomHost>,
            id: RoomId::parse("pair").expect("a plain name"),
            incarnation: Default::default(),
            node: String::new(),
            seats: game::wire::MAX_SEATS,
            tick_rate: scenario.rates.tick,
            snapshot_rate: scenario.rates.snapshot,
            seat_timeout: scenario.seat_timeout,
            linger: Duration::from_secs(5),
            unix_origin: Duration::ZERO,
        };
        let guests = scenario.guests.iter().enumerate();
        Self {
            now: Duration::ZERO,
            record,
            guests: guests
                .map(|(number, plan)| Guest::new(number, plan.clone(), scenario.rates.tick))
                .collect(),
            witnesses: scenario.guests.iter().map(Witness::new).collect(),
            room: Room::new(Duration::ZERO, game, setup),
            sessions,
            stalls: scenario.stalls.clone(),
            seat_timeout: scenario.seat_timeout,
            coming: VecDeque::new(),
            data: VecDeque::new(),
            is_over: false,
            seen: DefaultHasher::new(),
        }
    }

    /// Lets time pass until `end`, or until `is_enough`.
    pub(super) fn run(&mut self, end: Duration, mut is_enough: impl FnMut(&Self) -> bool) {
        while !self.is_over {
            let guests = self.guests.iter().map(Guest::next_due);
            let next = guests.fold(self.room_due(), Duration::min).max(self.now);
            if next > end || is_enough(self) {
                break;
            }
            self.now = next;
            self.step();
        }
    }

    /// All that has passed between players and room, as one number.
    pub(super) fn digest(&self) -> u64 {
        self.seen.finish()
    }

    fn step(&mut self) {
        for index in 0..self.guests.len() {
            self.deliver_down(index);
            self.deliver_up(index);
            self.guests[index].act(self.now);
        }
        while !self.is_over && self.room_due() <= self.now {
            self.tick_room();
        }
        for guest in &mut self.guests {
            guest.pump(self.now);
        }
    }

    /// When the room's task wakes up: at the next tick, or after standing still.
    fn room_due(&self) -> Duration {
        let due = self.room.next_tick();
        let stall = self
            .stalls
            .iter()
            .find(|(at, length)| (*at..*at + *length).contains(&due));
        stall.map_or(due, |(at, length)| *at + *length)
    }

    fn deliver_down(&mut self, index: usize) {
        let record = self.record.read();
        let guest = &mut self.guests[index];
        let known = record.get(guest.name.as_str());
        let witness = &mut self.witnesses[index];
        let (now, seen) = (self.now, &mut self.seen);
        guest.receive(now, |client, socket, message, events| {
            note(seen, now, (index, socket), true, message);
            witness.note(now, client, socket, message, events, known);
        });
    }

    fn deliver_up(&mut self, index: usize) {
        let guest = &mut self.guests[index];
        let mut gone = Vec::new();
        for (number, wire) in guest.wires.iter_mut().enumerate() {
            let is_idle = wire.is_datagram && wire.up.unheard_for(self.now) > IDLE_TIMEOUT;
            let mut is_gone = is_idle || wire.dies_at.is_some_and(|at| at <= self.now);
            while let Some(message) = wire.up.pop_due(self.now) {
                let key = (index, wire.socket);
                note(&mut self.seen, self.now, key, false, &message);
                let (lane, bytes) = match message {
                    SocketMessage::End => {
                        is_gone = true;
                        break;
                    }
                    SocketMessage::State(bytes) => (InboundLane::State, bytes),
                    SocketMessage::Control(bytes) => (InboundLane::Control, bytes),
                };
                match wire.server {
                    ServerEnd::Waiting if lane == InboundLane::Control => {
                        let Some((link, stripe)) = claimed(&bytes) else {
                            self.witnesses[index].fault("a link began without an attach");
                            continue;
                        };
                        let socket = RoomSocket::new(link, stripe);
                        wire.server = ServerEnd::Attached(socket);
                        self.coming.push_back(Lifecycle::Attach {
                            guest: index,
                            socket,
                            queue: Arc::clone(wire.down.queue()),
                            at: self.now,
                        });
                    }
                    ServerEnd::Attached(socket) => {
                        self.witnesses[index].server_heard_at = self.now;
                        let come = match &mut guest.fault_injector {
                            Some(fault_injector) if lane == InboundLane::State => {
                                fault_injector.tamper(self.now, bytes)
                            }
                            _ => vec![bytes],
                        };
                        self.data.extend(come.into_iter().map(|bytes| Inbound {
                            session: guest.session,
                            socket,
                            lane,
                            bytes,
                            at: self.now,
                        }));
                    }
                    // Too early or too late: the transport has no use for it.
                    ServerEnd::Waiting | ServerEnd::Closed => {}
                }
            }
            if is_gone {
                gone.push(number);
            }
        }
        for number in gone.into_iter().rev() {
            let wire = self.guests[index].remove(number);
            // One that timed out does so at both ends.
            self.guests[index].lose(self.now, &wire);
            if let ServerEnd::Attached(socket) = wire.server {
                let session = self.guests[index].session;
                self.coming.push_back(Lifecycle::Detach(session, socket));
            }
        }
    }

    fn tick_room(&mut self) {
        for lifecycle in std::mem::take(&mut self.coming) {
            match lifecycle {
                Lifecycle::Attach {
                    guest,
                    socket,
                    queue,
                    at,
                } => {
                    self.witnesses[guest].server_heard_at = at;
                    let Guest { session, name, .. } = &self.guests[guest];
                    let claim = SeatClaim {
                        session: *session,
                        player: Player::guest(PlayerId::from_bits(session.0.into()), name.clone()),
                        options: None,
                        resumes: None,
                    };
                    let sender: Arc<dyn LinkSender> = queue;
                    self.room.attach(at, claim, socket, sender);
                }
                Lifecycle::Detach(session, socket) => {
                    self.room.detach(self.now, session, socket);
                }
            }
        }
        for inbound in std::mem::take(&mut self.data) {
            self.room.take_inbound(inbound);
        }
        self.is_over = self.room.tick(self.now) == Next::End;
        self.close_ended_sockets();
        self.judge_ended_sessions();
    }

    /// A socket that the room has closed detaches.
    fn close_ended_sockets(&mut self) {
        for guest in &mut self.guests {
            for wire in &mut guest.wires {
                if let ServerEnd::Attached(socket) = wire.server
                    && wire.down.queue().is_closed()
                {
                    wire.server = ServerEnd::Closed;
                    let detach = Lifecycle::Detach(guest.session, socket);
                    self.coming.push_back(detach);
                }
            }
        }
    }

    fn judge_ended_sessions(&mut self) {
        let held = self.sessions.lock();
        for (guest, witness) in self.guests.iter().zip(&mut self.witnesses) {
            if !held.contains(&guest.session.0) {
                witness.session_ended(self.now, self.seat_timeout);
            }
        }
    }
}

/// The link and stripe that a frame claims a seat for; a token is taken as it is.
fn claimed(frame: &[u8]) -> Option<(LinkId, u8)> {
    match decode(frame, protocol::MAX_CONTROL_FRAME).ok()? {
        ClientFrame::Attach(attach) => Some((attach.link, attach.stripe)),
        _ => None,
    }
}

fn note(
    seen: &mut DefaultHasher,
    now: Duration,
    key: (usize, SocketId),
    is_down: bool,
    message: &SocketMessage,
) {
    (now, key, is_down).hash(seen);
    match message {
        SocketMessage::State(bytes) => (0u8, bytes).hash(seen),
        SocketMessage::Control(bytes) => (1u8, bytes).hash(seen),
        SocketMessage::End => 2u8.hash(seen),
    }
}
