//! Rooms of an earlier process go on: each with its game, and its players' seats, for which they come back by their tokens.

use std::sync::Arc;

use tracing::{info, warn};

use super::making::Beginning;
use super::{Room, Rooms, Stage, publish};
use crate::room;
use crate::storage::SavedRoom;

impl Rooms {
    /// Takes up rooms, before anybody comes in. One that can't go on is told, and its players join anew.
    pub(crate) fn restore(&self, saved: Vec<SavedRoom>) {
        for room in saved {
            if room.tick_rate != self.limits.tick_rate {
                warn!(room = %room.id, ticks = room.tick_rate, "a room of another tick rate can't go on");
                self.forget_checkpoint(&room.id);
            } else if self.lock().running() >= self.limits.max_rooms {
                warn!(room = %room.id, "a room can't go on: max_rooms run already");
                self.forget_checkpoint(&room.id);
            } else {
                self.take_up(room);
            }
        }
    }

    fn take_up(&self, kept: SavedRoom) {
        let mut state = self.lock();
        let Some(this) = self.this.upgrade().filter(|_| state.returns.is_none()) else {
            return;
        };
        let core = self.cores.place_room();
        let (handle, queues) = room::queues(core.runtime());
        let number = state.number_room();
        let room = Room {
            number,
            stage: Stage::Running(handle),
            visibility: kept.visibility,
            maker: None,
        };
        state.rooms.insert(kept.id.clone(), room);
        let seats = &kept.checkpoint.seats;
        for seat in seats {
            if let Some(player) = seat.player() {
                state.places.restore(seat.session, kept.id.clone(), player);
            }
        }
        info!(room = %kept.id, players = seats.len(), "a room goes on");
        publish(&state);
        let id = kept.id.clone();
        let beginning = Beginning::Restored(kept);
        self.tasks.spawn(async move {
            Arc::clone(&this)
                .make_and_run(beginning, queues, &core)
                .await;
            this.forget_room(&id, number);
        });
    }
}
