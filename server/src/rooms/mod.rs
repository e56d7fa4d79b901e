//! The rooms of this node and the sessions in them: where a join finds a place, a link its room,
//! and a room that fails is cleared away.

mod factory;
mod in_fleet;
mod keeper;
mod making;
mod on_node;
mod places;
mod placing;
mod restoring;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use protocol::control::{Attach, CloseReason, LinkId};
use protocol::ids::{RoomId, SessionId, Visibility};
use serde_json::Value;
use signaling::{AddressPrefix, Claims, RoomDirectory, SessionStatus, TokenError, TokenKey};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::agones::Presence;
use crate::clock::Clock;
use crate::cores::Cores;
use crate::counters;
use crate::game::{Game, Refusal, RoomInfo};
use crate::link::LinkSender;
use crate::room::{Port, ReturnSchedule, RoomGone, RoomHandle, SeatClaim, SocketId};
use crate::storage::FinishedGames;
use factory::{Factory, GameFactory};
pub(crate) use keeper::RoomKeeper;
use places::{Place, Places};

/// How often a session is given a fresh token.
pub(crate) const TOKEN_RENEWAL: Duration = Duration::from_secs(60);

/// What rooms are made of and how many there may be.
#[derive(Clone, Debug)]
pub struct RoomLimits {
    /// This node's name in tokens.
    pub node: String,
    /// How long a token lasts.
    pub token_lifetime: Duration,
    /// Most rooms at once.
    pub max_rooms: usize,
    /// Places in each.
    pub capacity: usize,
    /// Places that one address may hold, over all rooms.
    pub places_of_address: usize,
    /// Rooms that joins of one address may make.
    pub rooms_of_address: usize,
    /// Ticks a second.
    pub tick_rate: u16,
    /// Snapshots a second; the tick rate is a whole multiple.
    pub snapshot_rate: u16,
    /// How long a seat is kept for a player of whom nothing is heard.
    pub seat_timeout: Duration,
    /// How long an empty room waits.
    pub linger: Duration,
}

/// Where what outlives a match, or the process, goes; nowhere where nothing is kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Persistence {
    pub(crate) games: Option<FinishedGames>,
    pub(crate) keeper: Option<Arc<dyn RoomKeeper>>,
}

/// The rooms of this node.
pub struct Rooms {
    this: Weak<Self>,
    clock: Clock,
    cores: Cores,
    tokens: TokenKey,
    limits: RoomLimits,
    factory: Arc<dyn Factory>,
    persistence: Persistence,
    tasks: TaskTracker,
    /// Ends the making of rooms when the server shuts down.
    closing: CancellationToken,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    rooms: HashMap<RoomId, Room>,
    places: Places,
    rooms_begun: u64,
    /// Set when the server is about to shut down: nobody new comes in.
    is_draining: bool,
    /// Set when the server shuts down.
    returns: Option<Arc<ReturnSchedule>>,
}

struct Room {
    /// Tells it from an earlier room of the same name.
    number: u64,
    stage: Stage,
    visibility: Visibility,
    /// Whose join made it, if that address has a budget.
    maker: Option<AddressPrefix>,
}

enum Stage {
    /// Joins have named it, and no link has come; with the options of the first.
    Reserved(Option<Value>),
    /// It has its queues, and its game, or that is being made.
    Running(RoomHandle),
}

impl State {
    /// Whether the server is on its way out.
    fn takes_nobody_new(&self) -> bool {
        self.is_draining || self.returns.is_some()
    }

    /// Rooms that cost more than their name.
    fn running(&self) -> usize {
        let rooms = self.rooms.values();
        rooms
            .filter(|room| matches!(room.stage, Stage::Running(_)))
            .count()
    }

    /// Rooms that joins of an address have made, and of those the ones that run.
    fn made_by(&self, address: AddressPrefix) -> (usize, usize) {
        let rooms = self.rooms.values();
        let made = rooms.filter(|room| room.maker == Some(address));
        made.fold((0, 0), |(all, running), room| {
            let runs = matches!(room.stage, Stage::Running(_));
            (all + 1, running + usize::from(runs))
        })
    }

    /// Of the public rooms that aren't full, the fullest.
    fn open_room(&self, capacity: usize) -> Option<RoomId> {
        let taken = self.places.taken();
        let public = self.rooms.iter();
        let public = public.filter(|(_, room)| room.visibility == Visibility::Public);
        let counted = public.map(|(id, _)| (taken.get(id).copied().unwrap_or(0), id));
        let open = counted.filter(|(taken, _)| *taken < capacity);
        open.max().map(|(_, id)| id.clone())
    }

    fn number_room(&mut self) -> u64 {
        self.rooms_begun += 1;
        self.rooms_begun
    }

    /// Gives up the places for which no link has come in time, and the rooms that were named for them alone.
    fn expire(&mut self, now: Duration) {
        self.places.expire(now);
        let wanted = self.places.rooms();
        self.rooms
            .retain(|id, room| matches!(room.stage, Stage::Running(_)) || wanted.contains(id));
    }
}

impl Rooms {
    /// An empty node whose rooms run what `create` makes.
    pub(crate) fn new<G: Game>(
        (clock, cores): (Clock, Cores),
        tokens: TokenKey,
        limits: RoomLimits,
        persistence: Persistence,
        create: impl Fn(RoomInfo<G::Options>) -> Result<G, Refusal> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new_cyclic(|this| Self {
            this: Weak::clone(this),
            clock,
            cores,
            tokens,
            limits,
            factory: Arc::new(GameFactory::<G, _>::new(create)),
            persistence,
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
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

    /// As [`Self::attach`], for a token whose signature has been judged already.
    pub(crate) fn attach_claims(
        &self,
        claims: &Claims,
        (link, stripe): (LinkId, u8),
        sender: Arc<dyn LinkSender>,
    ) -> Result<Port, CloseReason> {
        if claims.node != self.limits.node {
            counters::refused("token", "other-node");
            return Err(CloseReason::BadToken);
        }
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
            let now = self.clock.now();
            match state.places.session_status(now, claims.session) {
                SessionStatus::Placed => {}
                SessionStatus::Superseded => return Err(CloseReason::Superseded),
                SessionStatus::Waiting | SessionStatus::Over => return Err(CloseReason::Expired),
            }
            let is_here = |place: &&Place| place.room == claims.room;
            let held = state.places.get(now, claims.session).filter(is_here);
            held.ok_or(CloseReason::Expired)?;
            // Before the place is taken for good: one whose room can't be entered is still given up in time.
            let room = self.enter(&mut state, &claims.room)?;
            let place = state.places.attach(now, claims.session);
            let place = place.ok_or(CloseReason::Expired)?;
            let claim = SeatClaim {
                session: claims.session,
                player: place.player.clone(),
                options: place.options.clone(),
                resumes: place.resumes,
            };
            let share = place.share.clone();
            publish(&state);
            (room, (claim, share))
        };
        Port::attach(room, self.clock, claim, socket, sender)
            .map_err(|RoomGone| CloseReason::RoomFailed)
    }

    /// The clock that all is told by.
    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// Whether a session still has its place.
    pub(crate) fn holds(&self, session: SessionId) -> bool {
        self.session_status(session) == SessionStatus::Placed
    }

    /// Gives up the places for which no link has come in time. To be called about once a second.
    pub(crate) fn expire_places(&self) {
        let now = self.clock.now();
        let mut state = self.lock();
        state.expire(now);
        publish(&state);
    }

    /// Lets the matches that run end, for so long at most. Nobody new comes in any more; who plays goes on, and comes back
    /// to the seat over any link.
    pub async fn drain(&self, limit: Duration) {
        {
            let mut state = self.lock();
            state.is_draining = true;
            let deadline = self.clock.now() + limit;
            let returns = Arc::new(ReturnSchedule::new(state.places.len()));
            for room in state.rooms.values() {
                if let Stage::Running(handle) = &room.stage {
                    handle.drain(deadline, Arc::clone(&returns));
                }
            }
        }
        self.tasks.close();
        // What is left then is closed.
        let _ = tokio::time::timeout(limit, self.tasks.wait()).await;
    }

    /// Whether nobody new comes in any more.
    pub(crate) fn is_draining(&self) -> bool {
        self.lock().takes_nobody_new()
    }

    /// Whom this node is for at the moment.
    pub(crate) fn presence(&self) -> Presence {
        let state = self.lock();
        match state.places.len() {
            _ if state.takes_nobody_new() => Presence::Leaving,
            0 => Presence::Empty,
            _ => Presence::Played,
        }
    }

    /// Closes every room and waits until their players' goodbyes are on their way. Nobody comes in
    /// any more. Whether the rooms go on elsewhere at once, `goes_on` says: then nobody is to wait.
    pub async fn close(&self, goes_on: bool) {
        {
            let mut state = self.lock();
            let returns = Arc::new(if goes_on {
                ReturnSchedule::at_once()
            } else {
                ReturnSchedule::new(state.places.len())
            });
            state.returns = Some(Arc::clone(&returns));
            for room in state.rooms.values() {
                if let Stage::Running(handle) = &room.stage {
                    handle.shut_down(Arc::clone(&returns));
                }
            }
        }
        self.closing.cancel();
        self.tasks.close();
        self.tasks.wait().await;
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
        // Rooms of a server that ends go on in the next one.
        if !state.takes_nobody_new() {
            self.forget_checkpoint(id);
        }
    }

    fn forget_checkpoint(&self, id: &RoomId) {
        if let Some(keeper) = &self.persistence.keeper {
            keeper.forget(id);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn publish(state: &State) {
    counters::rooms().set(state.running() as f64);
    counters::sessions().set(state.places.len() as f64);
}
