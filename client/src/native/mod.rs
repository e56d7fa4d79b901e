//! A player on tokio: joins over HTTP(S), holds links on any rung, and keeps the session's time.
//!
//! Each player is a task of a few kilobytes, each socket one more; none has a thread. What players of one process share
//! ([`Connector`]) is the TLS set-up and one UDP socket for all WebTransport links. A WebRTC link has a UDP socket of
//! its own, for an ICE-lite server tells peers apart by their addresses.

mod clock;
mod connector;
mod driver;
mod error;
mod http;
mod join;
mod options;
mod player;
mod rung;
mod send_queue;
mod socket;
mod stats;
mod stream;
mod trust;
mod webrtc;
mod websocket;
mod webtransport;

pub use connector::Connector;
pub use error::{ConnectError, JoinError, LinkError};
pub use join::{RungOffer, Seat};
pub use options::PlayerOptions;
pub use player::{Player, Timed};
pub use rung::Rung;
pub use stats::PlayerStats;
pub use trust::Trust;
