//! Where rooms are kept that are to outlive their process, and by whose leave they run.

use std::fmt::Debug;

use protocol::ids::RoomId;

use crate::storage::{Checkpoints, SavedRoom};

/// Keeps rooms. Nothing here waits.
pub(crate) trait RoomKeeper: Debug + Send + Sync {
    /// Keeps how a room stands.
    fn save(&self, room: SavedRoom);

    /// Nobody is in a room any more, which runs still.
    fn emptied(&self, id: &RoomId);

    /// A room is over: there is nothing to go on with.
    fn forget(&self, id: &RoomId);

    /// Whether a room may run now: it might be another node's.
    fn may_run(&self, id: &RoomId) -> bool;
}

/// In files, for the next process on this machine.
impl RoomKeeper for Checkpoints {
    fn save(&self, room: SavedRoom) {
        Checkpoints::save(self, room);
    }

    fn emptied(&self, id: &RoomId) {
        Checkpoints::forget(self, id);
    }

    fn forget(&self, id: &RoomId) {
        Checkpoints::forget(self, id);
    }

    fn may_run(&self, _: &RoomId) -> bool {
        true
    }
}
