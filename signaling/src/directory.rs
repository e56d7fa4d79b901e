//! Where rooms are. One server keeps them in memory; a fleet keeps them in a shared store.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use crate::ids::{RoomId, SessionId};
use crate::join::PlayerName;

/// Finds a room for a player and holds a place there until a link comes.
#[async_trait]
pub trait RoomDirectory: Send + Sync {
    /// Holds a place for `session` in the wanted room, which is made if it isn't there, or in any
    /// room with a place.
    ///
    /// # Errors
    /// [`PlacementError`].
    async fn place(
        &self,
        session: SessionId,
        name: &PlayerName,
        wanted: Option<&RoomId>,
    ) -> Result<RoomId, PlacementError>;

    /// The rooms that run.
    async fn rooms(&self) -> Vec<RoomSummary>;
}

/// Why there is no place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlacementError {
    /// Every seat of the wanted room is taken.
    #[error("room {0} is full; join without a room, or wait for a seat")]
    RoomFull(RoomId),
    /// Every room is full and no further one may be made.
    #[error("the server is full; try again in a moment")]
    ServerFull,
    /// The server shuts down.
    #[error("the server is shutting down; try again in a moment")]
    ShuttingDown,
}

/// One room in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RoomSummary {
    /// Its name.
    #[schema(value_type = String)]
    pub room: RoomId,
    /// Seats taken by players.
    pub players: usize,
    /// Seats taken by bots, who make way for players.
    pub bots: usize,
    /// Seats in all.
    pub capacity: usize,
}
