//! The server's own room against virtual players over seeded paths, in virtual time: no socket, no sleep, thousands of
//! seconds in one.
//!
//! A datagram with a flipped byte is a lost one, as on every rung: the checks of UDP, DTLS or QUIC find it, and what the
//! players see is held against what the room wrote. Only with [`Checksum::Unchecked`] does it go to the decoder, where it
//! may pass for something else: then the player whose path does it may see what isn't there, and nobody else may. A
//! stream's segments are repeated until they arrive whole.

mod counts;
mod fault_injection;
mod guest;
mod link_plan;
mod network_conditions;
mod outcome;
mod pipe;
mod random_source;
mod record;
pub mod scenario;
mod scenario_generator;
mod send_queue;
mod starvation;
mod steering;
mod stream;
mod witness;
mod world;

pub use client::session::SnapshotTally;
pub use counts::Counts;
pub use fault_injection::{FaultInjection, InjectedFault};
pub use link_plan::LinkPlan;
pub use network_conditions::NetworkConditions;
pub use outcome::{GuestOutcome, Outcome, play};
pub use pipe::Checksum;
pub use record::{InputTally, PlayerRecord};
pub use scenario_generator::{ONE_ROUND, link_plan_and_conditions, plan};
pub use starvation::{STARVED_AFTER, shares_elsewhere, starved_share};
pub use witness::Witness;
