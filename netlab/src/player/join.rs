//! The HTTP part of getting in.

use std::io;
use std::net::SocketAddr;

use protocol::PROTOCOL_VERSION;
use serde::Deserialize;
use serde_json::json;

use crate::http;

/// A seat that is held for whoever shows its token.
#[derive(Debug, Clone, Deserialize)]
pub struct Seat {
    /// Where its server is.
    #[serde(skip, default = "nowhere")]
    pub server: SocketAddr,
    /// What its links must show.
    pub token: String,
    /// Its room.
    pub room: String,
    /// Ticks a second.
    pub tick_rate: u16,
    /// Snapshots a second.
    pub snapshot_rate: u16,
}

/// Why there is no seat.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// No answer.
    #[error("no answer to the join: {0}")]
    System(#[from] io::Error),
    /// The server said no.
    #[error("the join was refused with {status}: {body}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// What it said.
        body: String,
    },
    /// The answer isn't as promised.
    #[error("the join's answer can't be read: {0}")]
    Shape(#[from] serde_json::Error),
}

impl Seat {
    /// Joins a room of `server`, which is made if it isn't there.
    ///
    /// # Errors
    /// [`JoinError`].
    pub fn take(server: SocketAddr, name: &str, room: &str) -> Result<Self, JoinError> {
        let body = json!({ "name": name, "room": room, "protocol": PROTOCOL_VERSION });
        let headers = ["content-type: application/json"];
        let body = body.to_string();
        let answer = http::request(server, "POST", "/v1/join", &headers, body.as_bytes())?;
        if answer.status != 200 {
            return Err(JoinError::Refused {
                status: answer.status,
                body: answer.body,
            });
        }
        Ok(Self {
            server,
            ..serde_json::from_str(&answer.body)?
        })
    }
}

fn nowhere() -> SocketAddr {
    SocketAddr::from(([0, 0, 0, 0], 0))
}
