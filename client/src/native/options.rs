//! What a player is to be; data only.

use protocol::rung::Rung;

use super::Trust;

/// Who plays, where and how.
#[derive(Debug, Clone)]
pub struct PlayerOptions {
    /// The server: `http://HOST:PORT` or `https://HOST:PORT`.
    pub origin: String,
    /// The player's name, 1 to 16 characters. Default `Player`.
    pub name: String,
    /// The room, which is made if it isn't there. Default any with a place.
    pub room: Option<String>,
    /// What the game is asked for: a JSON object of its own, at most 1,024 bytes. Default nothing.
    pub options: Option<serde_json::Value>,
    /// Who the player is: a token of the game's own login service, where the server takes logins. Default nobody.
    pub login: Option<String>,
    /// How the first link is made. Default WebSocket, which every network lets through.
    pub rung: Rung,
    /// Sockets of a WebSocket link, 1 to 8; more lose less time to one lost segment. Default 3.
    pub sockets: u8,
    /// Ticks by which inputs should reach the server early. Default 1; see
    /// [`crate::session::ClientSession::set_input_lead`].
    pub input_lead: u16,
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
            options: None,
            login: None,
            rung: Rung::WebSocket,
            sockets: 3,
            input_lead: 1,
            trust: Trust::default(),
        }
    }
}
