//! The authoritative server: transports, sessions, rooms and the game.

pub mod game;
pub mod simulation;
