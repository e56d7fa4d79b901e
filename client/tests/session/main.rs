//! One player's end of a session against a scripted server, in virtual time.

mod control;
mod server;
mod state;
