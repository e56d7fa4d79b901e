//! The authoritative server: transports, sessions, rooms and the game.
//!
//! [`run`] is the whole program with Battle Circles in its rooms; [`serve`] is the same with any
//! [`simulation::Simulation`]. Dependencies point one way: transports and rooms know sessions,
//! rooms know the `Simulation` trait, and only [`run`] knows the game behind it.

pub mod clock;
pub mod config;
mod counters;
mod doctor;
pub mod game;
mod http;
pub mod room;
pub mod rooms;
mod serve;
pub mod simulation;
mod tcp;
mod tls;
pub mod transport;

pub use doctor::doctor;
pub use serve::{Listening, ServeError, run, serve};
pub use tls::certificates;
