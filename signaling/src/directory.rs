//! Where rooms are. One server keeps them in memory; a fleet keeps them in a shared store.

use async_trait::async_trait;
use protocol::ids::{PlayerId, RoomId, SessionId, Visibility};
use protocol::name::PlayerName;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use thiserror::Error;
use utoipa::ToSchema;

use crate::budget::AddressPrefix;
use crate::login::Login;

/// What a join asks of the rooms.
#[derive(Clone, Debug)]
pub struct Placing {
    /// The session that is to have the place.
    pub session: SessionId,
    /// The player.
    pub player: PlayerId,
    /// The player's name.
    pub name: PlayerName,
    /// Whether the player has come with neither identity nor login.
    pub is_guest: bool,
    /// The room to join, made if it isn't there; any public room with a place when left out.
    pub room: Option<RoomId>,
    /// What the room is to be if this join makes it.
    pub visibility: Visibility,
    /// What the game is asked for; nothing when the join has no options.
    pub options: Option<Value>,
    /// Who the player is, where it has logged in.
    pub login: Option<Login>,
    /// Whose budget of places it draws on, if there is one.
    pub budget: Option<AddressPrefix>,
    /// The seat that the new session takes over, in place of all of the above.
    pub resume: Option<LeftSeat>,
}

/// A seat to take over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftSeat {
    /// Whose it is.
    pub session: SessionId,
    /// Whose it was before, and is still where that one never came.
    pub before: Option<SessionId>,
    /// In which room.
    pub room: RoomId,
}

/// A place that is held.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The room.
    pub room: RoomId,
    /// What the room is.
    pub visibility: Visibility,
    /// The player; of a seat that is taken over, the one who had it.
    pub player: PlayerId,
    /// Whether it is a seat that the player had before.
    pub is_resumed: bool,
    /// The session whose seat it takes over, if that has one.
    pub takes_over: Option<SessionId>,
}

/// Finds a room for a player and holds a place there until a link comes.
#[async_trait]
pub trait RoomDirectory: Send + Sync {
    /// Holds a place, or that of the session to resume.
    ///
    /// # Errors
    /// [`PlacementError`].
    async fn place(&self, placing: Placing) -> Result<Placed, PlacementError>;

    /// How a session stands.
    fn session_status(&self, session: SessionId) -> SessionStatus;

    /// The public rooms that run.
    async fn rooms(&self) -> Vec<RoomSummary>;
}

/// How a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionStatus {
    /// It has its place.
    Placed,
    /// Its seat waits, in a room that was taken up again after a restart: a join is to resume it.
    Waiting,
    /// Another session has its seat: the page was loaded anew, or its tab was doubled.
    Superseded,
    /// It is over, or never was.
    Over,
}

/// Why there is no place.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlacementError {
    /// The session to resume has no seat any more.
    #[error("the seat is gone; join anew")]
    SeatGone,
    /// The player of the session to resume is there.
    #[error("the seat is in use on another page; join anew")]
    SeatInUse,
    /// Every seat of the wanted room is taken.
    #[error("room {0} is full; join without a room, or wait for a seat")]
    RoomFull(RoomId),
    /// Every room is full and no further one may be made.
    #[error("the server is full; try again in a moment")]
    ServerFull,
    /// The player's address holds as many places, or makes as many rooms, as one may.
    #[error("too many players come from your network; try again in a moment")]
    AddressFull,
    /// The server shuts down.
    #[error("the server is shutting down; try again in a moment")]
    ShuttingDown,
    /// The room runs on another node of the fleet, which has this name.
    #[error("the room is on node {0}")]
    OtherNode(String),
    /// Whether the room runs on another node can't be told now.
    #[error("the fleet's store can't be reached; rooms that run here take players still")]
    StoreUnavailable,
    /// The game can't read the join's options.
    #[error("the game can't read the options: {0}")]
    BadOptions(String),
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
    /// Who comes in.
    #[schema(value_type = String, pattern = "public|private")]
    pub visibility: Visibility,
    /// What the game says of it; empty where it says nothing.
    pub label: String,
}
