//! The netcode serves any game: a second game plays through the same rooms, sessions and
//! links, and its faults stay its own.

mod admission;
mod client;
mod faults;
mod harness;
mod links;
#[path = "../../../signaling/tests/support/login_service.rs"]
mod login_service;
mod play;
mod rooms;
mod tally;
