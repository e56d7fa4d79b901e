//! An authoritative server for realtime games: transports, sessions and rooms, for any game.
//!
//! A game implements [`simulation::Simulation`]. [`cli::main`] makes a whole program of it, and [`serve`] serves it
//! from a program of one's own. Dependencies point one way: transports and rooms know sessions, rooms know the
//! `Simulation` trait, and nothing here knows the game behind it.

pub mod cli;
pub mod clock;
pub mod config;
mod counters;
mod doctor;
mod http;
mod page;
pub mod room;
pub mod rooms;
mod serve;
pub mod simulation;
mod tcp;
mod tls;
pub mod transport;

pub use doctor::doctor;
pub use page::Page;
pub use serve::{Game, Listening, ServeError, serve};
pub use tls::certificates;
