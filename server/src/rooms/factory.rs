//! Makes rooms of one game, and hides which game it is from the list of rooms.

use std::marker::PhantomData;

use serde_json::Value;
use signaling::PlacementError;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::game::{Game, Refusal, RoomInfo};
use crate::room::{self, Room, RoomCheckpoint, RoomQueues, RoomSetup};

/// Makes games. Called off every lock, on a thread that may block.
pub(super) trait Factory: Send + Sync {
    /// Whether the game can read a join's options.
    fn reads(&self, options: &Value) -> Result<(), PlacementError>;

    /// Makes the game of a room, from the options of the join that asks for it.
    fn create(&self, info: RoomInfo<Option<Value>>) -> Result<Box<dyn PreparedRoom>, Refusal>;
}

/// A game that waits for its room.
pub(super) trait PreparedRoom: Send {
    /// Starts the room's task on a core, from a checkpoint where it is to go on from one.
    ///
    /// # Errors
    /// The game can't go on from it; with the queues, for whoever waits in them.
    fn start(
        self: Box<Self>,
        clock: Clock,
        setup: RoomSetup,
        checkpoint: Option<&RoomCheckpoint>,
        queues: RoomQueues,
        core: &Handle,
    ) -> Result<JoinHandle<()>, (Refusal, RoomQueues)>;
}

/// What a game is made by.
pub(super) struct GameFactory<G, F> {
    create: F,
    game: PhantomData<fn() -> G>,
}

impl<G: Game, F: Fn(RoomInfo<G::Options>) -> Result<G, Refusal>> GameFactory<G, F> {
    pub(super) fn new(create: F) -> Self {
        Self {
            create,
            game: PhantomData,
        }
    }
}

impl<G, F> Factory for GameFactory<G, F>
where
    G: Game,
    F: Fn(RoomInfo<G::Options>) -> Result<G, Refusal> + Send + Sync,
{
    fn reads(&self, options: &Value) -> Result<(), PlacementError> {
        read::<G>(Some(options.clone())).map(|_| ())
    }

    fn create(&self, info: RoomInfo<Option<Value>>) -> Result<Box<dyn PreparedRoom>, Refusal> {
        // The join's options were read once already.
        let options =
            read::<G>(info.options).map_err(|error| Refusal::new(0, error.to_string()))?;
        let info = RoomInfo {
            options,
            id: info.id,
            visibility: info.visibility,
            seats: info.seats,
            tick_rate: info.tick_rate,
            seed: info.seed,
        };
        let game = (self.create)(info)?;
        Ok(Box::new(Prepared(game)))
    }
}

struct Prepared<G>(G);

impl<G: Game> PreparedRoom for Prepared<G> {
    fn start(
        self: Box<Self>,
        clock: Clock,
        setup: RoomSetup,
        checkpoint: Option<&RoomCheckpoint>,
        queues: RoomQueues,
        core: &Handle,
    ) -> Result<JoinHandle<()>, (Refusal, RoomQueues)> {
        let now = room::next_phase(clock.now(), setup.tick_rate);
        let room = match checkpoint {
            None => Ok(Room::new(now, self.0, setup)),
            Some(checkpoint) => Room::restore(now, self.0, setup, checkpoint),
        };
        match room {
            Ok(room) => Ok(core.spawn(room::run(clock, room, queues))),
            Err(refusal) => Err((refusal, queues)),
        }
    }
}

fn read<G: Game>(options: Option<Value>) -> Result<G::Options, PlacementError> {
    options.map_or_else(
        || Ok(G::Options::default()),
        |options| {
            serde_json::from_value(options)
                .map_err(|error| PlacementError::BadOptions(error.to_string()))
        },
    )
}
