//! The rooms of this node and the sessions in them: where a join finds a place, a link its room,
//! and a room that fails is cleared away.

mod places;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use protocol::control::{Attach, CloseReason, LinkId};
use signaling::{
    Claims, Placed, PlacementError, Placing, RoomDirectory, RoomId, RoomSummary, SessionId,
    Standing, TokenError, TokenKey, Visibility,
};
use tokio_util::task::TaskTracker;
use tracing::{error, info};

use crate::clock::Clock;
use crate::counters;
use crate::room::{
    self, Port, ReturnSchedule, RoomGone, RoomHandle, RoomSetup, SeatClaim, Sessions,
};
use crate::simulation::Simulation;
use crate::transport::Link;
use places::Places;

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
    places: Places,
    rooms_begun: u64,
    /// Set when the server shuts down.
    returns: Option<Arc<ReturnSchedule>>,
}

struct Room {
    /// Tells it from an earlier room of the same name.
    number: u64,
    handle: RoomHandle,
    visibility: Visibility,
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
        let (room, claim) = {
            let mut state = self.lock();
            if let Some(returns) = &state.returns {
                return Err(returns.goodbye());
            }
            let State { rooms, places, .. } = &mut *state;
            let now = self.clock.now();
            if places.standing(now, claims.session) == Standing::Superseded {
                return Err(CloseReason::Superseded);
            }
            let place = places
                .attach(now, claims.session)
                .ok_or(CloseReason::Expired)?;
            let room = rooms.get(&place.room).ok_or(CloseReason::Expired)?;
            let claim = SeatClaim {
                session: claims.session,
                name: place.name.clone(),
                resumes: place.resumes,
            };
            (room.handle.clone(), claim)
        };
        Port::attach(room, self.clock, claim, socket, sender)
            .map_err(|RoomGone| CloseReason::RoomFailed)
    }

    /// Whether a session still has its place.
    pub(crate) fn holds(&self, session: SessionId) -> bool {
        self.standing(session) == Standing::Placed
    }

    /// Gives up the places for which no link has come in time. To be called about once a second.
    pub(crate) fn expire_places(&self) {
        let now = self.clock.now();
        let mut state = self.lock();
        state.places.expire(now);
        publish(&state);
    }

    /// Closes every room and waits until their players' goodbyes are on their way. Nobody comes in
    /// any more.
    pub async fn close(&self) {
        {
            let mut state = self.lock();
            let returns = Arc::new(ReturnSchedule::new(state.places.len()));
            state.returns = Some(Arc::clone(&returns));
            for room in state.rooms.values() {
                room.handle.shut_down(Arc::clone(&returns));
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
            seats: self.limits.capacity,
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
        state.places.end_room(id);
        publish(&state);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The room for a newcomer: one that runs, or the name of a new one.
    fn choose(&self, state: &State, wanted: Option<&RoomId>) -> Result<RoomId, PlacementError> {
        let taken = state.places.taken();
        let taken = |id: &RoomId| taken.get(id).copied().unwrap_or(0);
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
                .filter(|(_, room)| room.visibility == Visibility::Public)
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

    /// Starts a room if it isn't there.
    fn begin(
        &self,
        state: &mut State,
        id: &RoomId,
        visibility: Visibility,
    ) -> Result<(), PlacementError> {
        if state.rooms.contains_key(id) {
            return Ok(());
        }
        info!(room = %id, "room begins");
        state.rooms_begun += 1;
        let number = state.rooms_begun;
        let this = self.this.upgrade().ok_or(PlacementError::ShuttingDown)?;
        let room = Room {
            number,
            handle: (self.spawn)(&this, id.clone(), number),
            visibility,
        };
        state.rooms.insert(id.clone(), room);
        Ok(())
    }

    fn hold(
        &self,
        now: Duration,
        state: &mut State,
        placing: Placing,
    ) -> Result<RoomId, PlacementError> {
        if let Some(old) = placing.resume {
            return state
                .places
                .resume(now, placing.session, old)
                .ok_or(PlacementError::SeatGone);
        }
        let room = self.choose(state, placing.room.as_ref())?;
        self.begin(state, &room, placing.visibility)?;
        state
            .places
            .hold(now, placing.session, room.clone(), placing.name);
        Ok(room)
    }
}

#[async_trait]
impl RoomDirectory for Rooms {
    async fn place(&self, placing: Placing) -> Result<Placed, PlacementError> {
        let now = self.clock.now();
        let mut state = self.lock();
        if state.returns.is_some() {
            return Err(PlacementError::ShuttingDown);
        }
        state.places.expire(now);
        let by_default = placing.visibility;
        let room = self.hold(now, &mut state, placing)?;
        publish(&state);
        let found = state.rooms.get(&room);
        let visibility = found.map_or(by_default, |room| room.visibility);
        Ok(Placed { room, visibility })
    }

    fn standing(&self, session: SessionId) -> Standing {
        let now = self.clock.now();
        self.lock().places.standing(now, session)
    }

    async fn rooms(&self) -> Vec<RoomSummary> {
        let state = self.lock();
        let taken = state.places.taken();
        let mut list: Vec<RoomSummary> = state
            .rooms
            .iter()
            .map(|(id, room)| RoomSummary {
                room: id.clone(),
                players: taken.get(id).copied().unwrap_or(0),
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
            .is_some_and(|rooms| rooms.holds(session))
    }

    fn end(&self, session: SessionId) {
        if let Some(rooms) = self.rooms.upgrade() {
            let mut state = rooms.lock();
            state.places.end(session);
            publish(&state);
        }
    }

    fn retire_room(&self) -> bool {
        let Some(rooms) = self.rooms.upgrade() else {
            return true;
        };
        let now = rooms.clock.now();
        let mut state = rooms.lock();
        state.places.expire(now);
        let is_wanted = state.places.is_wanted(&self.room);
        if !is_wanted {
            state.rooms.remove(&self.room);
            publish(&state);
        }
        !is_wanted
    }
}

fn publish(state: &State) {
    counters::rooms().set(state.rooms.len() as f64);
    counters::sessions().set(state.places.len() as f64);
}
