//! The rooms of this node and the sessions in them: where a join finds a place, a link its room,
//! and a room that fails is cleared away.

mod factory;
mod places;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use protocol::control::{Attach, CloseReason, LinkId};
use protocol::ids::{PlayerId, RoomId, SessionId, Visibility};
use serde_json::Value;
use signaling::{
    Claims, Placed, PlacementError, Placing, RoomDirectory, RoomSummary, Standing, TokenError,
    TokenKey,
};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tracing::{error, info};

use crate::clock::Clock;
use crate::counters;
use crate::game::{Game, Listing, Player, Refusal, RoomInfo};
use crate::link::LinkSender;
use crate::room::{
    self, Port, ReturnSchedule, RoomGone, RoomHandle, RoomSetup, SeatClaim, Sessions, SocketId,
};
use factory::{Factory, GameFactory, PreparedRoom};
use places::{Place, Places};

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

/// How long a game may take to make a room before the joins that wait for it are turned away.
const CREATE_TIMEOUT: Duration = Duration::from_secs(10);

/// The rooms of this node.
pub struct Rooms {
    this: Weak<Self>,
    clock: Clock,
    tokens: TokenKey,
    limits: RoomLimits,
    factory: Arc<dyn Factory>,
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
    stage: Stage,
    visibility: Visibility,
}

enum Stage {
    /// The game is being made; the outcome comes once.
    Beginning(watch::Receiver<Option<Begun>>),
    Running(RoomHandle),
}

/// How the making of a room ended.
type Begun = Result<(), PlacementError>;

impl Rooms {
    /// An empty node whose rooms run what `create` makes.
    pub fn new<G: Game>(
        clock: Clock,
        tokens: TokenKey,
        limits: RoomLimits,
        create: impl Fn(RoomInfo<G::Options>) -> Result<G, Refusal> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            clock,
            tokens,
            limits,
            factory: Arc::new(GameFactory::<G, _>::new(create)),
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
        sender: Arc<dyn LinkSender>,
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
        (link, stripe): (LinkId, u8),
        sender: Arc<dyn LinkSender>,
    ) -> Result<Port, CloseReason> {
        let socket = SocketId::new(link, stripe);
        if !socket.suits(sender.rung()) {
            counters::refused("attach", "no-such-socket");
            return Err(CloseReason::ProtocolViolation);
        }
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
            let Some(Room {
                stage: Stage::Running(handle),
                ..
            }) = rooms.get(&place.room)
            else {
                return Err(CloseReason::Expired);
            };
            let claim = SeatClaim {
                session: claims.session,
                player: place.player.clone(),
                options: place.options.clone(),
                resumes: place.resumes,
            };
            (handle.clone(), claim)
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
                if let Stage::Running(handle) = &room.stage {
                    handle.shut_down(Arc::clone(&returns));
                }
            }
        }
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Starts the task of a room, and clears away after it.
    fn start(self: &Arc<Self>, game: Box<dyn PreparedRoom>, id: RoomId, number: u64) -> RoomHandle {
        let (handle, queues) = room::queues();
        let setup = RoomSetup {
            sessions: Arc::new(RoomSessions {
                rooms: Arc::downgrade(self),
                room: id.clone(),
            }),
            id: id.clone(),
            seats: self.limits.capacity,
            tick_rate: self.limits.tick_rate,
            snapshot_rate: self.limits.snapshot_rate,
            seat_timeout: self.limits.seat_timeout,
            linger: self.limits.linger,
            unix_origin: self.clock.unix_at(Duration::ZERO),
        };
        let task = game.start(self.clock, setup, queues);
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
            None => Ok(wanted.cloned().unwrap_or_else(signaling::random_room)),
        }
    }

    /// Holds a place; gives the room, and what to wait for if it is only being made.
    fn hold(
        &self,
        now: Duration,
        state: &mut State,
        placing: Placing,
    ) -> Result<(RoomId, PlayerId), PlacementError> {
        let session = placing.session;
        if let Some(old) = placing.resume {
            let place = state.places.resume(now, session, old);
            let place = place.ok_or(PlacementError::SeatGone)?;
            return Ok((place.room.clone(), place.player.id));
        }
        let id = self.choose(state, placing.room.as_ref())?;
        if !state.rooms.contains_key(&id) {
            let this = self.this.upgrade().ok_or(PlacementError::ShuttingDown)?;
            this.begin(
                state,
                id.clone(),
                placing.visibility,
                placing.options.clone(),
            );
        }
        let player = Player {
            id: placing.player,
            name: placing.name,
        };
        let place = Place::new(id.clone(), player, placing.options);
        state.places.hold(now, session, place);
        Ok((id, placing.player))
    }

    /// Lets a room's game be made, off the lock.
    fn begin(
        self: Arc<Self>,
        state: &mut State,
        id: RoomId,
        visibility: Visibility,
        options: Option<Value>,
    ) {
        info!(room = %id, "room begins");
        state.rooms_begun += 1;
        let number = state.rooms_begun;
        let (begun, outcome) = watch::channel(None);
        let room = Room {
            number,
            stage: Stage::Beginning(outcome),
            visibility,
        };
        state.rooms.insert(id.clone(), room);
        let info = RoomInfo {
            id,
            visibility,
            seats: self.limits.capacity,
            tick_rate: self.limits.tick_rate,
            seed: rand::random(),
            options,
        };
        let tasks = self.tasks.clone();
        tasks.spawn(async move {
            // Nobody may wait for it any more.
            let _ = begun.send(Some(self.make(info, number).await));
        });
    }

    async fn make(self: Arc<Self>, info: RoomInfo<Option<Value>>, number: u64) -> Begun {
        let id = info.id.clone();
        let factory = Arc::clone(&self.factory);
        let made = tokio::task::spawn_blocking(move || factory.create(info)).await;
        let game = match made {
            Ok(Ok(game)) => game,
            Ok(Err(refusal)) => {
                info!(room = %id, %refusal, "the game makes no such room");
                self.forget_room(&id, number);
                return Err(refusal);
            }
            Err(fault) => {
                counters::rooms_failed().increment(1);
                error!(room = %id, %fault, "the game failed to make a room");
                self.forget_room(&id, number);
                return Err(PlacementError::RoomFailed);
            }
        };
        let mut state = self.lock();
        if state.returns.is_some() {
            return Err(PlacementError::ShuttingDown);
        }
        let now = self.clock.now();
        state.places.renew(now, &id);
        if let Some(room) = state.rooms.get_mut(&id) {
            room.stage = Stage::Running(self.start(game, id, number));
        }
        Ok(())
    }

    /// Waits until a room runs.
    async fn begun(outcome: Option<watch::Receiver<Option<Begun>>>) -> Begun {
        let Some(mut outcome) = outcome else {
            return Ok(());
        };
        let begun = outcome.wait_for(Option::is_some);
        match tokio::time::timeout(CREATE_TIMEOUT, begun).await {
            Ok(Ok(begun)) => begun.clone().unwrap_or(Err(PlacementError::RoomFailed)),
            Ok(Err(_)) | Err(_) => Err(PlacementError::RoomFailed),
        }
    }
}

#[async_trait]
impl RoomDirectory for Rooms {
    async fn place(&self, placing: Placing) -> Result<Placed, PlacementError> {
        if let Some(options) = &placing.options {
            self.factory.reads(options)?;
        }
        let now = self.clock.now();
        let by_default = placing.visibility;
        let (placed, outcome) = {
            let mut state = self.lock();
            if state.returns.is_some() {
                return Err(PlacementError::ShuttingDown);
            }
            state.places.expire(now);
            let (room, player) = self.hold(now, &mut state, placing)?;
            publish(&state);
            let found = state.rooms.get(&room);
            let outcome = found.and_then(|room| match &room.stage {
                Stage::Beginning(outcome) => Some(outcome.clone()),
                Stage::Running(_) => None,
            });
            let placed = Placed {
                visibility: found.map_or(by_default, |room| room.visibility),
                room,
                player,
            };
            (placed, outcome)
        };
        Self::begun(outcome).await?;
        Ok(placed)
    }

    fn standing(&self, session: SessionId) -> Standing {
        let now = self.clock.now();
        self.lock().places.standing(now, session)
    }

    async fn rooms(&self) -> Vec<RoomSummary> {
        let state = self.lock();
        let taken = state.places.taken();
        let summary = |(id, room): (&RoomId, &Room)| {
            let Stage::Running(handle) = &room.stage else {
                return None;
            };
            let Listing { bots, label } = handle.listing();
            Some(RoomSummary {
                room: id.clone(),
                players: taken.get(id).copied().unwrap_or(0),
                bots,
                capacity: self.limits.capacity,
                visibility: room.visibility,
                label,
            })
        };
        let mut list: Vec<RoomSummary> = state.rooms.iter().filter_map(summary).collect();
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
