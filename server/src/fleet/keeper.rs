//! Rooms of a fleet as their node keeps them: by lease, and saved in the store. Rooms hand theirs over at once; only the newest
//! of each is sent.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use protocol::ids::RoomId;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::leases::Leases;
use super::store::{FleetStore, HeldRoom};
use crate::clock::Clock;
use crate::counters;
use crate::rooms::RoomKeeper;
use crate::storage::{SavedRoom, encode_room};

/// How long what rooms hand over is gathered before it is sent.
const GATHER: Duration = Duration::from_millis(50);

/// How soon the end of a room is told again that the store didn't take.
const AGAIN: Duration = Duration::from_millis(500);

/// What is to be sent of a room.
#[derive(Debug)]
enum Sending {
    Saved(HeldRoom, Vec<u8>),
    Over(HeldRoom),
}

/// The rooms that this node keeps.
#[derive(Debug)]
pub(crate) struct Keeper {
    node: String,
    clock: Clock,
    store: Arc<dyn FleetStore>,
    pub(super) leases: Leases,
    pending: Mutex<HashMap<RoomId, Sending>>,
    changed: Notify,
}

impl Keeper {
    pub(super) fn new(node: String, clock: Clock, store: Arc<dyn FleetStore>) -> Self {
        Self {
            node,
            clock,
            store,
            leases: Leases::default(),
            pending: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// Sends what comes until `closing`, then what is left, and gives all rooms up for others to take.
    pub(super) async fn run(&self, closing: CancellationToken) {
        while !closing.is_cancelled() {
            tokio::select! {
                () = self.changed.notified() => {
                    let _ = tokio::time::timeout(GATHER, closing.cancelled()).await;
                }
                () = closing.cancelled() => {}
            }
            self.send().await;
            if !self.lock().is_empty() {
                let _ = tokio::time::timeout(AGAIN, closing.cancelled()).await;
                self.changed.notify_one();
            }
        }
        // What came while the last was sent.
        self.send().await;
        let held = self.leases.all();
        let released = held
            .iter()
            .map(|held| self.store.release(&self.node, held, false));
        for released in join_all(released).await {
            note("release", released.err());
        }
    }

    async fn send(&self) {
        let pending = std::mem::take(&mut *self.lock());
        let each = pending.into_values().map(|sending| async move {
            match sending {
                Sending::Saved(held, content) => {
                    match self.store.save(&self.node, &held, &content).await {
                        Ok(true) => {}
                        // The next renewal says so too, and ends the room.
                        Ok(false) => counters::storage_faults("fleet-lost").increment(1),
                        Err(fault) => note("save", Some(fault)),
                    }
                }
                Sending::Over(held) => match self.store.release(&self.node, &held, true).await {
                    Ok(()) => self.leases.drop_ended(&held),
                    Err(fault) => {
                        note("end", Some(fault));
                        let again = Sending::Over(held.clone());
                        self.lock().entry(held.room).or_insert(again);
                    }
                },
            }
        });
        join_all(each).await;
    }

    fn put(&self, id: RoomId, sending: Sending) {
        self.lock().insert(id, sending);
        self.changed.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RoomId, Sending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn note(what: &'static str, fault: Option<super::store::StoreError>) {
    if let Some(fault) = fault {
        counters::storage_faults("fleet").increment(1);
        warn!(%fault, what, "a room's state didn't reach the fleet's store");
    }
}

impl RoomKeeper for Keeper {
    fn save(&self, room: SavedRoom) {
        let id = room.id.clone();
        if let Some(held) = self.leases.of(&id) {
            let content = encode_room(room, self.clock.unix_ms());
            self.put(id, Sending::Saved(held, content));
        }
    }

    /// Whoever is the last to be gone could come back until the room ends, which is soon.
    fn emptied(&self, _: &RoomId) {}

    fn forget(&self, id: &RoomId) {
        if let Some(held) = self.leases.end(id) {
            debug!(room = %id, fence = held.fence, "a room is over");
            self.put(id.clone(), Sending::Over(held));
        }
    }

    fn may_run(&self, id: &RoomId) -> bool {
        self.leases.is_good(self.clock.now(), id)
    }
}
