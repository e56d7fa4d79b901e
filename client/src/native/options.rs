//! What a player is to be; data only.

use super::{Rung, Trust};

/// Who plays, where and how.
#[derive(Debug, Clone)]
pub struct PlayerOptions {
    /// The server: `http://HOST:PORT` or `https://HOST:PORT`.
    pub origin: String,
    /// The player's name, 1 to 16 characters. Default `Player`.
    pub name: String,
    /// The room, which is made if it isn't there. Default any with a place.
    pub room: Option<String>,
    /// How the first link is made. Default WebSocket, which every network lets through.
    pub rung: Rung,
    /// Sockets of a WebSocket link, 1 to 8; more lose less time to one lost segment. Default 3.
    pub sockets: u8,
    /// Which servers are believed. Default those that the system's authorities vouch for.
    pub trust: Trust,
}

impl PlayerOptions {
    /// A player on a server, with the defaults.
    #[must_use]
    pub fn new(origin: impl Into<String>) -> Self {
        Self {
            origin: origin.into(),
            name: "Player".to_owned(),
            room: None,
            rung: Rung::WebSocket,
            sockets: 3,
            trust: Trust::default(),
        }
    }
}
