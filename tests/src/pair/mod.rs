//! The server's own room against virtual players over seeded links, in virtual time: no socket, no sleep, thousands of
//! seconds in one.
//!
//! A datagram with a flipped byte is a lost one, as on every rung: the checks of UDP, DTLS or QUIC find it, and what the
//! players see is held against what the room wrote. Only with [`Checksum::Unchecked`] does it go to the decoder, where it
//! may pass for something else: then the player whose path does it may see what isn't there, and nobody else may. A
//! stream's segments are repeated until they arrive whole.

mod counts;
mod draw;
mod guest;
mod luck;
mod mischief;
mod outcome;
mod pipe;
mod record;
pub mod scenario;
mod starvation;
mod steering;
mod stream;
mod tray;
mod way;
mod weather;
mod witness;
mod world;

pub use client::session::SnapshotTally;
pub use counts::Counts;
pub use draw::{ONE_ROUND, plan, way_and_weather};
pub use mischief::{Mischief, Trick};
pub use outcome::{GuestOutcome, Outcome, play};
pub use pipe::Checksum;
pub use record::{InputTally, PlayerRecord};
pub use starvation::{STARVED_AFTER, shares_elsewhere, starved_share};
pub use way::Way;
pub use weather::Weather;
pub use witness::Witness;
