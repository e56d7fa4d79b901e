//! The rooms of a node as its fleet sees them.

use std::sync::Arc;

use protocol::ids::RoomId;
use signaling::RoomSummary;

use super::{Rooms, Stage, publish};
use crate::fleet::LocalRooms;
use crate::room::ReturnSchedule;
use crate::storage::SavedRoom;

impl Rooms {
    /// Of the public rooms that aren't full, the fullest.
    pub(crate) fn open_room(&self) -> Option<RoomId> {
        self.lock().open_room(self.limits.capacity)
    }
}

impl LocalRooms for Rooms {
    fn has(&self, room: &RoomId) -> bool {
        let now = self.clock.now();
        let mut state = self.lock();
        state.expire(now);
        state.rooms.contains_key(room)
    }

    fn free(&self) -> usize {
        self.limits.max_rooms.saturating_sub(self.lock().running())
    }

    fn is_draining(&self) -> bool {
        Self::is_draining(self)
    }

    fn listed(&self) -> Vec<RoomSummary> {
        self.summaries()
    }

    fn take_up(&self, room: SavedRoom) {
        self.restore(vec![room]);
    }

    fn lose(&self, room: &RoomId) {
        let mut state = self.lock();
        if let Some(lost) = state.rooms.remove(room)
            && let Stage::Running(handle) = lost.stage
        {
            handle.shut_down(Arc::new(ReturnSchedule::at_once()));
        }
        state.places.end_room(room);
        publish(&state);
    }
}
