//! How a join finds its room: one that runs, or a new one whose game is made off every lock.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use protocol::ids::{PlayerId, RoomId, SessionId, Visibility};
use serde_json::Value;
use signaling::{
    AddressPrefix, Placed, PlacementError, Placing, RoomDirectory, RoomSummary, SessionStatus,
};
use tokio::sync::watch;
use tracing::{error, info};

use super::places::Place;
use super::{Begun, Room, Rooms, Stage, State, publish};
use crate::counters;
use crate::game::{Listing, Player, RoomInfo};

/// How long a game may take to make a room before the joins that wait for it are turned away.
const CREATE_TIMEOUT: Duration = Duration::from_secs(10);

/// Rooms that one address may have made without that anybody has come in.
const MOST_UNENTERED: usize = 4;

/// Places that one address may hold without a link.
const MOST_UNATTACHED: usize = 48;

impl Rooms {
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

    /// Holds a place; gives its room and player.
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
        let is_new = !state.rooms.contains_key(&id);
        if let Some(address) = placing.budget {
            self.within_budget(state, address, is_new)?;
        }
        if is_new {
            let this = self.this.upgrade().ok_or(PlacementError::ShuttingDown)?;
            this.begin(
                state,
                id.clone(),
                placing.visibility,
                placing.options.clone(),
                placing.budget,
            );
        }
        let player = Player {
            id: placing.player,
            name: placing.name,
        };
        let place = Place::new(id.clone(), player, placing.options, placing.budget);
        state.places.hold(now, session, place);
        Ok((id, placing.player))
    }

    /// Whether an address may hold one place more, perhaps in a room of its own.
    fn within_budget(
        &self,
        state: &State,
        address: AddressPrefix,
        is_new_room: bool,
    ) -> Result<(), PlacementError> {
        let unentered = state
            .rooms
            .values()
            .filter(|room| room.unentered == Some(address));
        let has_many_rooms = is_new_room && unentered.count() >= MOST_UNENTERED;
        let (held, unattached) = state.places.of_address(address);
        let has_many = held >= self.limits.places_of_address || unattached >= MOST_UNATTACHED;
        if has_many || has_many_rooms {
            return Err(PlacementError::AddressFull);
        }
        Ok(())
    }

    /// Lets a room's game be made, off the lock.
    fn begin(
        self: Arc<Self>,
        state: &mut State,
        id: RoomId,
        visibility: Visibility,
        options: Option<Value>,
        budget: Option<AddressPrefix>,
    ) {
        info!(room = %id, "room begins");
        state.rooms_begun += 1;
        let number = state.rooms_begun;
        let outcome = Arc::new(watch::Sender::new(None));
        let room = Room {
            number,
            stage: Stage::Beginning(Arc::clone(&outcome)),
            visibility,
            unentered: budget,
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
        // Not among the tasks that a shutdown waits for: a game may take as long as it likes.
        tokio::spawn(async move {
            let begun = self.make(info, number).await;
            outcome
                .send_if_modified(|first| first.is_none().then(|| *first = Some(begun)).is_some());
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
                Stage::Beginning(outcome) => Some(outcome.subscribe()),
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

    fn session_status(&self, session: SessionId) -> SessionStatus {
        let now = self.clock.now();
        self.lock().places.session_status(now, session)
    }

    async fn rooms(&self) -> Vec<RoomSummary> {
        let state = self.lock();
        let taken = state.places.taken();
        let summary = |(id, room): (&RoomId, &Room)| {
            // The name of a private room is all that it takes to come in.
            let (Stage::Running(handle), Visibility::Public) = (&room.stage, room.visibility)
            else {
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
