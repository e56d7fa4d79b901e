//! The rooms of this node and the sessions in them: where a join finds a place, a link its room,
//! and a room that fails is cleared away.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use protocol::control::{Attach, CloseReason, LinkId, ReturnSlot};
use signaling::{
    Claims, PlacementError, PlayerName, RoomDirectory, RoomId, RoomSummary, SessionId, TokenError,
    TokenKey,
};
use tokio_util::task::TaskTracker;
use tracing::{error, info};

use crate::clock::Clock;
use crate::counters;
use crate::room::{self, Port, RoomGone, RoomHandle, RoomSetup, Sessions};
use crate::simulation::Simulation;
use crate::transport::Link;

/// How long a join holds a place for a first link.
const PLACE_LIFETIME: Duration = Duration::from_secs(15);

/// What rooms are made of and how many there may be.
#[derive(Clone, Debug)]
pub struct RoomLimits {
    /// Most rooms at once.
    pub max_rooms: usize,
    /// Places in each.
    pub capacity: usize,
    /// Ticks a second.
    pub tick_rate: u16,
    /// Snapshots a second; the tick rate is a whole multiple.
    pub snapshot_rate: u16,
    /// How long a seat is kept for a player of whom nothing is heard.
    pub seat_timeout: Duration,
    /// How long an empty room waits.
    pub linger: Duration,
}

/// Starts a room's task with a fresh simulation.
type Spawn = dyn Fn(&Arc<Rooms>, RoomId, u64) -> RoomHandle + Send + Sync;

/// The rooms of this node.
pub struct Rooms {
    this: Weak<Self>,
    clock: Clock,
    tokens: TokenKey,
    limits: RoomLimits,
    spawn: Box<Spawn>,
    tasks: TaskTracker,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    rooms: HashMap<RoomId, Room>,
    sessions: HashMap<SessionId, Place>,
    rooms_begun: u64,
    is_closing: bool,
}

struct Room {
    /// Tells it from an earlier room of the same name.
    number: u64,
    handle: RoomHandle,
    /// Made by name, so strangers are not put into it.
    is_private: bool,
}

struct Place {
    room: RoomId,
    name: PlayerName,
    /// When the place is given up, unless a link comes first.
    expires: Option<Duration>,
}

impl Rooms {
    /// An empty node whose rooms run what `simulation` makes of a room's name.
    pub fn new<S: Simulation>(
        clock: Clock,
        tokens: TokenKey,
        limits: RoomLimits,
        simulation: impl Fn(&RoomId) -> S + Send + Sync + 'static,
    ) -> Arc<Self> {
        let spawn = move |rooms: &Arc<Self>, id: RoomId, number: u64| {
            rooms.start(simulation(&id), id, number)
        };
        Arc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            clock,
            tokens,
            limits,
            spawn: Box::new(spawn),
            tasks: TaskTracker::new(),
            state: Mutex::default(),
        })
    }

    /// Lets a link into the room that its token names.
    ///
    /// # Errors
    /// Why not; the link is to be closed with it.
    pub(crate) fn attach(
        &self,
        attach: &Attach,
        sender: Arc<dyn Link>,
    ) -> Result<Port, CloseReason> {
        let claims = self
            .tokens
            .verify(&attach.token, self.clock.unix_seconds())
            .map_err(|error| match error {
                TokenError::Invalid => {
                    counters::refused("token", "invalid");
                    CloseReason::BadToken
                }
                TokenError::Expired => {
                    counters::refused("token", "expired");
                    CloseReason::Expired
                }
            })?;
        self.attach_claims(&claims, (attach.link, attach.stripe), sender)
    }

    /// As [`Self::attach`], for a token that has been judged already.
    pub(crate) fn attach_claims(
        &self,
        claims: &Claims,
        socket: (LinkId, u8),
        sender: Arc<dyn Link>,
    ) -> Result<Port, CloseReason> {
        let (room, name) = {
            let mut state = self.lock();
            let State {
                rooms, sessions, ..
            } = &mut *state;
            let place = sessions
                .get_mut(&claims.session)
                .ok_or(CloseReason::Expired)?;
            place.expires = None;
            let room = rooms.get(&place.room).ok_or(CloseReason::Expired)?;
            (room.handle.clone(), place.name.clone())
        };
        Port::attach(room, self.clock, (claims.session, name), socket, sender)
            .map_err(|RoomGone| CloseReason::RoomFailed)
    }

    /// Whether a session still has its place.
    pub(crate) fn knows(&self, session: SessionId) -> bool {
        self.lock().sessions.contains_key(&session)
    }

    /// Closes every room and waits until their players have been told.
    pub async fn close(&self) {
        {
            let mut state = self.lock();
            state.is_closing = true;
            for room in state.rooms.values() {
                room.handle
                    .close(CloseReason::ShuttingDown(ReturnSlot::default()));
            }
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    fn start<S: Simulation>(
        self: &Arc<Self>,
        simulation: S,
        id: RoomId,
        number: u64,
    ) -> RoomHandle {
        let (handle, queues) = room::queues();
        let setup = RoomSetup {
            sessions: Arc::new(RoomSessions {
                rooms: Arc::downgrade(self),
                room: id.clone(),
            }),
            tick_rate: self.limits.tick_rate,
            snapshot_rate: self.limits.snapshot_rate,
            seat_timeout: self.limits.seat_timeout,
            linger: self.limits.linger,
            unix_origin: self.clock.unix_at(Duration::ZERO),
        };
        let room = room::Room::new(self.clock.now(), simulation, setup);
        let task = tokio::spawn(room::run(self.clock, room, queues));
        let rooms = Arc::downgrade(self);
        self.tasks.spawn(async move {
            let outcome = task.await;
            let Some(rooms) = rooms.upgrade() else { return };
            match outcome {
                Ok(()) => info!(room = %id, "room ended"),
                Err(fault) => {
                    counters::rooms_failed().increment(1);
                    error!(room = %id, %fault, "room failed; its players must join again");
                }
            }
            rooms.forget_room(&id, number);
        });
        handle
    }

    /// Clears away what a room left that ended without taking itself off the list. Its name may
    /// be another room's by now.
    fn forget_room(&self, id: &RoomId, number: u64) {
        let mut state = self.lock();
        if state.rooms.get(id).is_none_or(|room| room.number != number) {
            return;
        }
        state.rooms.remove(id);
        state.sessions.retain(|_, place| place.room != *id);
        publish(&state);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn choose(&self, state: &State, wanted: Option<&RoomId>) -> Result<RoomId, PlacementError> {
        if state.is_closing {
            return Err(PlacementError::ShuttingDown);
        }
        let taken = |id: &RoomId| {
            state
                .sessions
                .values()
                .filter(|place| place.room == *id)
                .count()
        };
        let found = match wanted {
            Some(wanted) if state.rooms.contains_key(wanted) => {
                if taken(wanted) >= self.limits.capacity {
                    return Err(PlacementError::RoomFull(wanted.clone()));
                }
                Some(wanted.clone())
            }
            Some(_) => None,
            None => state
                .rooms
                .iter()
                .filter(|(_, room)| !room.is_private)
                .map(|(id, _)| (taken(id), id))
                .filter(|(taken, _)| *taken < self.limits.capacity)
                .max()
                .map(|(_, id)| id.clone()),
        };
        match found {
            Some(found) => Ok(found),
            None if state.rooms.len() >= self.limits.max_rooms => Err(PlacementError::ServerFull),
            None => Ok(wanted.cloned().unwrap_or_else(RoomId::random)),
        }
    }
}

#[async_trait]
impl RoomDirectory for Rooms {
    async fn place(
        &self,
        session: SessionId,
        name: &PlayerName,
        wanted: Option<&RoomId>,
    ) -> Result<RoomId, PlacementError> {
        let now = self.clock.now();
        let mut state = self.lock();
        state
            .sessions
            .retain(|_, place| place.expires.is_none_or(|expires| expires > now));
        let room = self.choose(&state, wanted)?;
        if !state.rooms.contains_key(&room) {
            info!(%room, "room begins");
            state.rooms_begun += 1;
            let number = state.rooms_begun;
            let this = self.this.upgrade().ok_or(PlacementError::ShuttingDown)?;
            let handle = (self.spawn)(&this, room.clone(), number);
            let is_private = wanted.is_some();
            state.rooms.insert(
                room.clone(),
                Room {
                    number,
                    handle,
                    is_private,
                },
            );
        }
        let place = Place {
            room: room.clone(),
            name: name.clone(),
            expires: Some(now + PLACE_LIFETIME),
        };
        state.sessions.insert(session, place);
        publish(&state);
        Ok(room)
    }

    async fn rooms(&self) -> Vec<RoomSummary> {
        let state = self.lock();
        let mut list: Vec<RoomSummary> = state
            .rooms
            .iter()
            .map(|(id, room)| RoomSummary {
                room: id.clone(),
                players: state
                    .sessions
                    .values()
                    .filter(|place| place.room == *id)
                    .count(),
                bots: room.handle.bots(),
                capacity: self.limits.capacity,
            })
            .collect();
        list.sort_by(|a, b| a.room.cmp(&b.room));
        list
    }
}

struct RoomSessions {
    rooms: Weak<Rooms>,
    room: RoomId,
}

impl Sessions for RoomSessions {
    fn holds(&self, session: SessionId) -> bool {
        self.rooms
            .upgrade()
            .is_some_and(|rooms| rooms.knows(session))
    }

    fn end(&self, session: SessionId) {
        if let Some(rooms) = self.rooms.upgrade() {
            let mut state = rooms.lock();
            state.sessions.remove(&session);
            publish(&state);
        }
    }

    fn retire_room(&self) -> bool {
        let Some(rooms) = self.rooms.upgrade() else {
            return true;
        };
        let now = rooms.clock.now();
        let mut state = rooms.lock();
        state
            .sessions
            .retain(|_, place| place.expires.is_none_or(|expires| expires > now));
        let is_wanted = state.sessions.values().any(|place| place.room == self.room);
        if !is_wanted {
            state.rooms.remove(&self.room);
            publish(&state);
        }
        !is_wanted
    }
}

fn publish(state: &State) {
    counters::rooms().set(state.rooms.len() as f64);
    counters::sessions().set(state.sessions.len() as f64);
}
