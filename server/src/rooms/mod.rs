//! The rooms of this node and the sessions in them: where a join finds a place, a link its room,
//! and a room that fails is cleared away.

mod factory;
mod places;
mod placing;
mod sessions;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use protocol::control::{Attach, CloseReason, LinkId};
use protocol::ids::{RoomId, SessionId, Visibility};
use signaling::{
    AddressPrefix, Claims, PlacementError, RoomDirectory, SessionStatus, TokenError, TokenKey,
};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;
use tracing::{error, info};

use crate::clock::Clock;
use crate::counters;
use crate::game::{Game, Refusal, RoomInfo};
use crate::link::LinkSender;
use crate::room::{
    self, Port, ReturnSchedule, RoomGone, RoomHandle, RoomSetup, SeatClaim, SocketId,
};
use factory::{Factory, GameFactory, PreparedRoom};
use places::Places;
use sessions::RoomSessions;

/// What rooms are made of and how many there may be.
#[derive(Clone, Debug)]
pub struct RoomLimits {
    /// Most rooms at once.
    pub max_rooms: usize,
    /// Places in each.
    pub capacity: usize,
    /// Places that one address may hold, over all rooms.
    pub places_of_address: usize,
    /// Ticks a second.
    pub tick_rate: u16,
    /// Snapshots a second; the tick rate is a whole multiple.
    pub snapshot_rate: u16,
    /// How long a seat is kept for a player of whom nothing is heard.
    pub seat_timeout: Duration,
    /// How long an empty room waits.
    pub linger: Duration,
}

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
    /// Whose join made it, while nobody has come in.
    unentered: Option<AddressPrefix>,
}

enum Stage {
    /// The game is being made; the first outcome counts.
    Beginning(Arc<watch::Sender<Option<Begun>>>),
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
            if places.session_status(now, claims.session) == SessionStatus::Superseded {
                return Err(CloseReason::Superseded);
            }
            let place = places
                .attach(now, claims.session)
                .ok_or(CloseReason::Expired)?;
            let Some(Room {
                stage: Stage::Running(handle),
                unentered,
                ..
            }) = rooms.get_mut(&place.room)
            else {
                return Err(CloseReason::Expired);
            };
            *unentered = None;
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
        self.session_status(session) == SessionStatus::Placed
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
                match &room.stage {
                    Stage::Running(handle) => handle.shut_down(Arc::clone(&returns)),
                    Stage::Beginning(outcome) => {
                        outcome.send_replace(Some(Err(PlacementError::ShuttingDown)));
                    }
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
}

fn publish(state: &State) {
    counters::rooms().set(state.rooms.len() as f64);
    counters::sessions().set(state.places.len() as f64);
}
