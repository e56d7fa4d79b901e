//! A player on tokio: joins over HTTP(S), holds links on any rung, and keeps the session's time.
//!
//! Each player is a task of a few kilobytes, each socket one more; none has a thread. What players of one process share
//! ([`Connector`]) is the TLS set-up and one UDP socket for all WebTransport links. A WebRTC link has a UDP socket of
//! its own, for an ICE-lite server tells peers apart by their addresses.

mod admission;
mod clock;
mod connector;
mod driver;
mod error;
mod http;
mod options;
mod player;
mod send_queue;
mod socket;
mod stats;
mod stream;
mod trust;
mod webrtc;
mod websocket;
mod webtransport;

pub use admission::{Admission, RungOffer};
pub use connector::Connector;
pub use error::{ConnectError, JoinError, LinkError};
pub use options::PlayerOptions;
pub use player::{Player, Timed};
pub use protocol::rung::Rung;
pub use stats::PlayerStats;
pub use trust::Trust;
