//! What a room asks of the node that it is on, and tells it.

use std::sync::Weak;
use std::time::Duration;

use protocol::ids::{RoomId, SessionId, Visibility};
use serde_json::Value;
use signaling::Claims;

use super::{Rooms, TOKEN_RENEWAL, publish};
use crate::game::RoomInfo;
use crate::room::{FinishedGame, RoomCheckpoint, RoomHost};
use crate::storage::SavedRoom;

/// One room's end of its node.
pub(super) struct RoomOnNode {
    rooms: Weak<Rooms>,
    room: RoomId,
    visibility: Visibility,
    /// As JSON.
    options: Option<String>,
    seed: u64,
    tick_rate: u16,
}

impl RoomOnNode {
    /// The end of a room that was made from `info`.
    pub(super) fn new(rooms: Weak<Rooms>, info: RoomInfo<Option<Value>>) -> Self {
        Self {
            rooms,
            room: info.id,
            visibility: info.visibility,
            options: info.options.as_ref().map(Value::to_string),
            seed: info.seed,
            tick_rate: info.tick_rate,
        }
    }
}

impl RoomHost for RoomOnNode {
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
            takes_over: None,
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
            rooms.forget_checkpoint(&self.room);
        }
    }

    fn finished(&self, game: FinishedGame) {
        let rooms = self.rooms.upgrade();
        if let Some(games) = rooms
            .as_ref()
            .and_then(|rooms| rooms.persistence.games.as_ref())
        {
            games.hand_over(game);
        }
    }

    fn saves_checkpoints(&self) -> bool {
        let rooms = self.rooms.upgrade();
        rooms.is_some_and(|rooms| rooms.persistence.keeper.is_some())
    }

    fn may_run(&self) -> bool {
        let rooms = self.rooms.upgrade();
        let keeper = rooms
            .as_ref()
            .and_then(|rooms| rooms.persistence.keeper.as_ref());
        keeper.is_none_or(|keeper| keeper.may_run(&self.room))
    }

    fn save(&self, checkpoint: Option<RoomCheckpoint>) {
        let rooms = self.rooms.upgrade();
        let keeper = rooms
            .as_ref()
            .and_then(|rooms| rooms.persistence.keeper.as_ref());
        match (keeper, checkpoint) {
            (None, _) => {}
            (Some(keeper), None) => keeper.emptied(&self.room),
            (Some(keeper), Some(checkpoint)) => keeper.save(SavedRoom {
                id: self.room.clone(),
                visibility: self.visibility,
                options: self.options.clone(),
                seed: self.seed,
                tick_rate: self.tick_rate,
                checkpoint,
            }),
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
            rooms.forget_checkpoint(&self.room);
        }
        !is_wanted
    }
}
