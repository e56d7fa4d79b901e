//! What a room asks of the list that it stands on, and tells it.

use std::sync::Weak;

use protocol::ids::{RoomId, SessionId};

use super::{Rooms, publish};
use crate::room::Sessions;

/// One room's end of the list.
pub(super) struct RoomSessions {
    pub(super) rooms: Weak<Rooms>,
    pub(super) room: RoomId,
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
