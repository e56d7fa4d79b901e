//! What a run's snapshots were worth to the player, what they could have been worth at best, and whether that is good
//! enough. Pure: it measures nothing itself.

pub mod compare;
mod figures;
mod floor;
mod verdict;

pub use figures::{Arrival, STARVED_AFTER_MS, Sent, figures};
pub use floor::{floor, longest_own_delay_ms};
pub use verdict::verdict;
