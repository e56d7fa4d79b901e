//! The packet-loss lab: bad networks that are the same each time, players of all kinds on them, and a verdict.
//!
//! What others may use alone: [`path`] (a bad network as a seeded state machine), [`trace`] (recorded networks),
//! [`lab`] and [`relay`] (real traffic over such a network) and [`judge`] (figures, floors and verdicts).

pub mod browser;
pub mod campaign;
pub mod clock;
pub mod delivery;
pub mod figures;
pub mod game_page;
pub mod http;
pub mod judge;
pub mod lab;
pub mod metrics;
pub mod path;
pub mod player;
pub mod playground;
pub mod prerequisites;
mod process;
pub mod profile;
pub mod programs;
mod realtime_priority;
pub mod relay;
pub mod report;
pub mod sdk_page;
pub mod server_process;
pub mod socket_io;
pub mod trace;
pub mod transport_under_test;
