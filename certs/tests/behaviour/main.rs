//! The crate as the server and its operator meet it.

mod acme;
mod common;
mod damaged_store;
mod handshake;
mod pem;
mod self_signed;
