//! How a room comes to be: its queues at once, when the first link comes; its game off every lock, on a thread that may
//! block; and what is left when it can't be made, or has ended.

use std::sync::Arc;
use std::time::Duration;

use protocol::control::CloseReason;
use protocol::ids::{RoomId, Visibility};
use serde_json::Value;
use tracing::{error, info, warn};
use uuid::Uuid;

use super::factory::PreparedRoom;
use super::on_node::RoomOnNode;
use super::placing::{ROOMS_ANYWAY, is_fair};
use super::{Rooms, Stage, State};
use crate::cores::OnCore;
use crate::counters;
use crate::game::{Refusal, RoomInfo};
use crate::room::{self, RoomCheckpoint, RoomHandle, RoomQueues, RoomSetup};
use crate::storage::SavedRoom;

/// How a room comes to be.
pub(super) enum Beginning {
    /// A join has named it.
    New {
        id: RoomId,
        visibility: Visibility,
        /// Of that join.
        options: Option<Value>,
    },
    /// An earlier process ran it.
    Restored(SavedRoom),
}

/// What a room is made from.
struct Plan {
    info: RoomInfo<Option<Value>>,
    checkpoint: Option<RoomCheckpoint>,
}

/// How long a game may take to make a room before the links that wait for it are turned away.
const CREATE_TIMEOUT: Duration = Duration::from_secs(10);

impl Rooms {
    /// The way into a room that joins have named; the first link has it made.
    pub(super) fn enter(&self, state: &mut State, id: &RoomId) -> Result<RoomHandle, CloseReason> {
        let (running, is_draining) = (state.running(), state.takes_nobody_new());
        let maker = state.rooms.get(id).and_then(|room| room.maker);
        let made = maker.map_or(0, |maker| state.made_by(maker).1);
        let free = self.limits.max_rooms.saturating_sub(running);
        let room = state.rooms.get_mut(id).ok_or(CloseReason::Expired)?;
        let options = match &mut room.stage {
            Stage::Running(handle) => return Ok(handle.clone()),
            Stage::Reserved(_) if is_draining => return Err(CloseReason::Expired),
            Stage::Reserved(_) if free == 0 || !is_fair(made, ROOMS_ANYWAY, free) => {
                counters::refused("attach", "too-many-rooms");
                return Err(CloseReason::Expired);
            }
            Stage::Reserved(options) => options.take(),
        };
        let this = self.this.upgrade().ok_or(CloseReason::RoomFailed)?;
        let core = self.cores.place_room();
        let (handle, queues) = room::queues(core.runtime());
        room.stage = Stage::Running(handle.clone());
        let beginning = Beginning::New {
            id: id.clone(),
            visibility: room.visibility,
            options,
        };
        let (id, number) = (id.clone(), room.number);
        self.tasks.spawn(async move {
            this.make_and_run(beginning, queues, &core).await;
            this.forget_room(&id, number);
        });
        Ok(handle)
    }

    /// Makes a room, and runs it there to its end.
    pub(super) async fn make_and_run(
        self: &Arc<Self>,
        beginning: Beginning,
        queues: RoomQueues,
        core: &OnCore,
    ) {
        let plan = self.plan(beginning);
        let id = plan.info.id.clone();
        info!(room = %id, "room begins");
        match self.make(plan.info.clone()).await {
            Ok(game) => self.run(game, plan, queues, core).await,
            Err(reason) => queues.turn_away(|| reason),
        }
    }

    fn plan(&self, beginning: Beginning) -> Plan {
        let (id, visibility, options, seed, checkpoint) = match beginning {
            Beginning::New {
                id,
                visibility,
                options,
            } => (id, visibility, options, rand::random(), None),
            Beginning::Restored(kept) => {
                let options = kept.options.as_deref();
                // It was written as JSON.
                let options = options.and_then(|options| serde_json::from_str(options).ok());
                let SavedRoom {
                    id,
                    visibility,
                    seed,
                    checkpoint,
                    ..
                } = kept;
                (id, visibility, options, seed, Some(checkpoint))
            }
        };
        let info = RoomInfo {
            id,
            visibility,
            seats: self.limits.capacity,
            tick_rate: self.limits.tick_rate,
            seed,
            options,
        };
        Plan { info, checkpoint }
    }

    /// Makes the game.
    async fn make(
        &self,
        info: RoomInfo<Option<Value>>,
    ) -> Result<Box<dyn PreparedRoom>, CloseReason> {
        let id = info.id.clone();
        let factory = Arc::clone(&self.factory);
        let made = tokio::task::spawn_blocking(move || factory.create(info));
        let made = tokio::select! {
            made = tokio::time::timeout(CREATE_TIMEOUT, made) => made,
            () = self.closing.cancelled() => return Err(self.goodbye()),
        };
        match made {
            Ok(Ok(Ok(game))) => Ok(game),
            Ok(Ok(Err(Refusal { code, reason }))) => {
                info!(room = %id, code, reason, "the game makes no such room");
                Err(CloseReason::Refused(code))
            }
            Ok(Err(fault)) => {
                counters::rooms_failed().increment(1);
                error!(room = %id, %fault, "the game failed to make a room");
                Err(CloseReason::RoomFailed)
            }
            Err(_) => {
                counters::rooms_failed().increment(1);
                warn!(room = %id, "the game takes too long to make a room");
                Err(CloseReason::RoomFailed)
            }
        }
    }

    /// Runs a room to its end.
    async fn run(
        self: &Arc<Self>,
        game: Box<dyn PreparedRoom>,
        plan: Plan,
        queues: RoomQueues,
        core: &OnCore,
    ) {
        let Plan { info, checkpoint } = plan;
        let id = info.id.clone();
        let setup = RoomSetup {
            id: id.clone(),
            incarnation: checkpoint
                .as_ref()
                .map_or_else(Uuid::new_v4, |checkpoint| checkpoint.incarnation),
            node: self.limits.node.clone(),
            seats: self.limits.capacity,
            tick_rate: self.limits.tick_rate,
            snapshot_rate: self.limits.snapshot_rate,
            seat_timeout: self.limits.seat_timeout,
            linger: self.limits.linger,
            unix_origin: self.clock.unix_at(Duration::ZERO),
            host: Arc::new(RoomOnNode::new(Arc::downgrade(self), info)),
        };
        let (clock, core) = (self.clock, core.runtime().clone());
        // A game may take its time to go on from a checkpoint, and fail over it.
        let start = move || game.start(clock, setup, checkpoint.as_ref(), queues, &core);
        let ended = match tokio::task::spawn_blocking(start).await {
            Ok(Ok(task)) => task.await,
            Ok(Err((Refusal { code, reason }, queues))) => {
                warn!(room = %id, code, reason, "the game can't go on with a saved room");
                return queues.turn_away(|| CloseReason::Expired);
            }
            Err(fault) => Err(fault),
        };
        match ended {
            Ok(()) => info!(room = %id, "room ended"),
            Err(fault) => {
                counters::rooms_failed().increment(1);
                error!(room = %id, %fault, "room failed; its players must join again");
            }
        }
    }

    fn goodbye(&self) -> CloseReason {
        let returns = &self.lock().returns;
        returns
            .as_ref()
            .map_or(CloseReason::Expired, |returns| returns.goodbye())
    }
}
