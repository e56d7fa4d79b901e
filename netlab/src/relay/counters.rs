//! What the relay did, in numbers.

use serde::Serialize;

use crate::lab::{DirectionCounters, Lateness};

/// Everything that a relay did since it was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct RelayCounters {
    /// From the players to the server. Packets of TCP are pieces of at most 1,448 bytes; all bytes count with the
    /// headers that they would have.
    pub up: DirectionCounters,
    /// From the server to the players.
    pub down: DirectionCounters,
    /// How well the relay kept time.
    pub lateness: Lateness,
    /// UDP peers taken in.
    pub peers: u64,
    /// Datagrams of peers for whom there was no place.
    pub datagrams_refused: u64,
    /// TCP connections taken in.
    pub connections: u64,
    /// Connections for which there was no place.
    pub connections_refused: u64,
}
