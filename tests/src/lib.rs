//! The ground that end-to-end and packet-loss tests of Battle Circles stand on; no part of the game or the server.

pub mod browser;
pub mod clock;
pub mod lab;
pub mod link;
pub mod prerequisites;
mod process;
pub mod server_process;
