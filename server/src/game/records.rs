//! What is kept of a match that is over.

use protocol::seat::Seat;
use protocol::tick::Tick;

/// A finished match, as the game tells of it. The engine knows who sat where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchRecord {
    /// When it began.
    pub started: Tick,
    /// Who played, in any order; seats without a player are left out by the engine.
    pub standings: Vec<Standing>,
}

/// One seat's outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whose.
    pub seat: Seat,
    /// From 1; equal where players share one.
    pub place: u16,
    /// The score.
    pub score: i64,
}
