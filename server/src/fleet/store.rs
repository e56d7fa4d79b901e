//! What the nodes of a fleet tell each other, through a store that they share: who is there, who runs which room, and how
//! each room stands.

use std::time::Duration;

use async_trait::async_trait;
use protocol::ids::RoomId;
use serde::{Deserialize, Serialize};
use signaling::RoomSummary;
use thiserror::Error;

/// How long a node counts as there after it was last heard of.
pub const NODE_LIFETIME: Duration = Duration::from_millis(2_000);

/// How long a room stays a node's after that last said so. Short, for it is what players wait when a node dies.
pub const LEASE_LIFETIME: Duration = Duration::from_millis(2_000);

/// How long what a room left is kept for whoever takes it up.
pub(super) const ROOM_LIFETIME: Duration = Duration::from_secs(3_600);

/// How long a store that begins empty, or anew, gives no rooms away: those who run some say so first.
pub const SETTLING: Duration = Duration::from_millis(2_500);

/// How long a place in a room that a node was chosen to make counts before the node has said that it has made it.
pub(super) const OPENING_LIFETIME: Duration = Duration::from_secs(15);

/// How long somebody who was sent to a room may take before its node counts them.
pub(super) const ON_THE_WAY: Duration = Duration::from_secs(3);

/// The store can't be asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// It takes too long over an answer.
    #[error("the fleet's store doesn't answer in time")]
    Late,
    /// It isn't there, or refuses.
    #[error("the fleet's store can't be reached: {0}")]
    Away(String),
}

/// A node, as it tells the others of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeRecord {
    /// Its name.
    pub name: String,
    /// Tells its process from an earlier one of the same name.
    pub process: u64,
    /// Where other nodes reach it: an origin.
    pub address: String,
    /// Tells its `token_secret` from others.
    #[serde(default)]
    pub secret: String,
    /// Where it is, in the operator's words; empty for anywhere.
    pub region: String,
    /// Rooms that it has place for still.
    pub free_rooms: u32,
    /// Whether nobody new comes in any more.
    pub is_draining: bool,
    /// Its public rooms.
    pub rooms: Vec<RoomSummary>,
}

/// What becomes of a claim to a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The room is the node's, with a number higher than that of any before; and how an earlier one left it.
    Ours {
        /// The number.
        fence: u64,
        /// What was saved of it.
        saved: Option<Vec<u8>>,
    },
    /// It is another node's.
    Theirs(String),
    /// The store has begun anew lately: the room may be somebody's who hasn't said so yet.
    Settling,
}

/// Where a newcomer goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The room, which may be new.
    pub room: RoomId,
    /// The node that has it, or is to make it.
    pub node: String,
}

/// A room that a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRoom {
    /// Its name.
    pub room: RoomId,
    /// The number of its lease.
    pub fence: u64,
}

/// The store. Each call is one decision: of two nodes that ask at once for the same, one gets it.
#[async_trait]
pub trait FleetStore: std::fmt::Debug + Send + Sync {
    /// Tells of a node, for [`NODE_LIFETIME`]. False where another process has its name.
    async fn announce(&self, node: &NodeRecord) -> Result<bool, StoreError>;

    /// The node is gone.
    async fn withdraw(&self, node: &NodeRecord) -> Result<(), StoreError>;

    /// The nodes that are there.
    async fn nodes(&self) -> Result<Vec<NodeRecord>, StoreError>;

    /// The node that runs a room.
    async fn holder(&self, room: &RoomId) -> Result<Option<String>, StoreError>;

    /// Asks for a room, for [`LEASE_LIFETIME`].
    async fn claim(&self, room: &RoomId, node: &str) -> Result<Claim, StoreError>;

    /// Keeps rooms for [`LEASE_LIFETIME`] more; for each whether it is the node's still. What the store has lost is put
    /// back.
    async fn renew(&self, node: &str, held: &[HeldRoom]) -> Result<Vec<bool>, StoreError>;

    /// Saves how a room stands. False where it is the node's no more.
    async fn save(&self, node: &str, held: &HeldRoom, content: &[u8]) -> Result<bool, StoreError>;

    /// Gives a room up: for another to take, or, where nothing is left of it, for good.
    async fn release(&self, node: &str, held: &HeldRoom, is_over: bool) -> Result<(), StoreError>;

    /// A place in the fullest public room of a region that isn't full; else in a new room, called `fresh`, on the node with
    /// place for most.
    async fn find_spot(
        &self,
        region: &str,
        fresh: &RoomId,
        capacity: usize,
    ) -> Result<Option<Spot>, StoreError>;
}
