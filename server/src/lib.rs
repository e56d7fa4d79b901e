//! An authoritative server for realtime games: transports, sessions and rooms, for any game.
//!
//! A game implements [`game::Game`]. [`cli::main`] makes a whole program of it, and [`serve`] serves it
//! from a program of one's own. Dependencies point one way: transports and rooms know sessions, rooms know the
//! `Game` trait, and nothing here knows the game behind it.

mod accept;
mod acme;
mod agones;
mod allowance;
mod beside;
mod bind;
mod certificate_flaw;
pub mod cli;
pub mod clock;
pub mod config;
mod connections;
mod cores;
mod counters;
mod descriptors;
mod doctor;
pub mod fleet;
#[doc(hidden)]
pub mod fuzzing;
pub mod game;
mod headers;
mod http;
mod http_runtime;
mod https;
mod kept_certificates;
pub mod link;
mod listener;
mod log;
mod login_keys;
mod operations;
mod otlp;
mod page;
mod path;
mod reach;
mod redirect;
mod renewal;
pub mod room;
pub mod rooms;
mod rungs;
mod serve;
pub mod storage;
mod systemd;
mod tcp;
mod tls;
mod tls_accept;
pub mod transport;
mod turn;

pub use doctor::{Diagnosis, Finding, Status, doctor};
pub use page::Page;
pub use serve::{Listening, ServeError, Service, serve, serve_signaling};
pub use tls::certificates;
