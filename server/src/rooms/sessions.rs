//! What a room asks of the list that it stands on, and tells it.

use std::sync::Weak;
use std::time::Duration;

use protocol::ids::{RoomId, SessionId};

use signaling::Claims;

use super::{Rooms, TOKEN_RENEWAL, publish};
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

    fn renew_token(&self, session: SessionId) -> (String, Duration) {
        let Some(rooms) = self.rooms.upgrade() else {
            return (String::new(), TOKEN_RENEWAL);
        };
        let expires = rooms.clock.unix_seconds() + rooms.limits.token_lifetime.as_secs();
        let claims = Claims {
            session,
            room: self.room.clone(),
            node: rooms.limits.node.clone(),
            expires,
        };
        (rooms.tokens.sign(&claims), TOKEN_RENEWAL)
    }

    fn end(&self, session: SessionId) {
        if let Some(rooms) = self.rooms.upgrade() {
            let mut state = rooms.lock();
            state.places.end(session);
            publish(&state);
        }
    }

    fn end_room(&self) {
        if let Some(rooms) = self.rooms.upgrade() {
            let mut state = rooms.lock();
            state.rooms.remove(&self.room);
            state.places.end_room(&self.room);
            publish(&state);
        }
    }

    fn retire_room(&self) -> bool {
        let Some(rooms) = self.rooms.upgrade() else {
            return true;
        };
        let now = rooms.clock.now();
        let mut state = rooms.lock();
        state.expire(now);
        let is_wanted = state.places.is_wanted(&self.room);
        if !is_wanted {
            state.rooms.remove(&self.room);
            publish(&state);
        }
        !is_wanted
    }
}
