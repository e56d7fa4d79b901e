//! The ground that end-to-end and packet-loss tests of Battle Circles stand on; no part of the game or the server.

pub mod browser;
pub mod bystanders;
pub mod campaign;
pub mod clock;
pub mod delivery;
pub mod figures;
pub mod game_page;
pub mod http;
pub mod judge;
pub mod lab;
pub mod link;
pub mod metrics;
pub mod pair;
pub mod player;
pub mod playground;
pub mod prerequisites;
mod process;
pub mod profile;
mod punctual;
pub mod relay;
pub mod report;
pub mod rung;
pub mod sdk_page;
pub mod server_process;
pub mod socket_io;
pub mod trace;
pub mod way;
