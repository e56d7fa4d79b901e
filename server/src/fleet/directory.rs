//! Places in the rooms of a node of a fleet: a room that isn't here is asked for first.

use std::sync::Arc;

use async_trait::async_trait;
use protocol::ids::RoomId;
use signaling::{
    Placed, PlacementError, Placing, RoomDirectory, RoomSummary, SessionId, SessionStatus,
    Visibility, random_room,
};
use tracing::warn;

use super::{Fleet, LocalRooms, Taken};
use crate::rooms::Rooms;
use crate::storage::SavedRoom;

/// The rooms of one node, and those of the others in the list.
pub(crate) struct FleetDirectory {
    pub(crate) fleet: Arc<Fleet>,
    pub(crate) rooms: Arc<Rooms>,
}

#[async_trait]
impl RoomDirectory for FleetDirectory {
    async fn place(&self, placing: Placing) -> Result<Placed, PlacementError> {
        let rooms: &Rooms = &self.rooms;
        let left = placing.resume.as_ref().map(|seat| seat.room.clone());
        let wanted = left.clone().or(placing.room.clone());
        let is_public = placing.visibility == Visibility::Public;
        // Without the store, and without a wish, a place in a room that is here does as well.
        let room = wanted
            .or_else(|| is_public.then(|| rooms.open_room())?)
            .unwrap_or_else(random_room);
        if !rooms.has(&room) && rooms.is_draining() {
            return Err(PlacementError::ShuttingDown);
        }
        let taken = self.fleet.take(&room, rooms).await.map_err(|fault| {
            warn!(%room, %fault, "a join finds no room");
            PlacementError::StoreUnavailable
        })?;
        let is_claimed = matches!(taken, Taken::Ours(_));
        match taken {
            Taken::Theirs(node) => return Err(PlacementError::OtherNode(node)),
            Taken::Here => {}
            Taken::Ours(saved) => self.go_on(&room, saved, left.is_some()).await?,
        }
        let placing = Placing {
            room: placing.resume.is_none().then(|| room.clone()),
            ..placing
        };
        let placed = rooms.place(placing).await;
        // What was here before is another's matter: a room that is just closing has handed its state over.
        if is_claimed && placed.is_err() && !rooms.has(&room) {
            self.fleet.give_back(&room).await;
        }
        placed
    }

    fn session_status(&self, session: SessionId) -> SessionStatus {
        self.rooms.session_status(session)
    }

    async fn rooms(&self) -> Vec<RoomSummary> {
        let own = self.rooms.rooms().await;
        self.fleet.view().all_rooms(&self.fleet.own, own)
    }
}

impl FleetDirectory {
    /// Goes on with a room that has just become this node's, or gives it back for another to do so.
    async fn go_on(
        &self,
        room: &RoomId,
        saved: Option<SavedRoom>,
        is_return: bool,
    ) -> Result<(), PlacementError> {
        let rooms: &Rooms = &self.rooms;
        let refused = match saved {
            // Since the store was asked.
            _ if rooms.is_draining() => PlacementError::ShuttingDown,
            Some(_) if rooms.free() == 0 => PlacementError::ServerFull,
            Some(saved) => {
                LocalRooms::take_up(rooms, saved);
                return Ok(());
            }
            None if is_return => PlacementError::SeatGone,
            None => return Ok(()),
        };
        self.fleet.give_back(room).await;
        Err(refused)
    }
}

/// The rooms of all nodes, where this one has none.
#[async_trait]
impl RoomDirectory for Fleet {
    async fn place(&self, _: Placing) -> Result<Placed, PlacementError> {
        // Joins have been handed on before.
        Err(PlacementError::ServerFull)
    }

    fn session_status(&self, _: SessionId) -> SessionStatus {
        SessionStatus::Over
    }

    async fn rooms(&self) -> Vec<RoomSummary> {
        self.view().all_rooms(&self.own, Vec::new())
    }
}
