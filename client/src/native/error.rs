//! Why a player isn't in, or a link isn't open; each says what to do.

use std::io;

use protocol::rung::Rung;

/// Why there is no seat.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// Not `http://host:port` or `https://host:port`.
    #[error("{0:?} is no origin: give http://HOST:PORT or https://HOST:PORT, with nothing behind")]
    BadOrigin(String),
    /// The name or room can't stand in a request.
    #[error("the join can't be written: {0}")]
    BadRequest(String),
    /// No answer.
    #[error(
        "no answer from {origin}: {source}; is the server running, and its certificate trusted?"
    )]
    Unreachable {
        /// Where from.
        origin: String,
        /// What the system says.
        source: io::Error,
    },
    /// The server said no.
    #[error("the server refused with {status}: {body}")]
    Refused {
        /// The HTTP status: 426 asks for a newer client, 429 and 503 to try again later.
        status: u16,
        /// The problem, as JSON (RFC 9457).
        body: String,
    },
    /// The answer isn't as promised.
    #[error(
        "the join's answer can't be read ({0}): is this a server of the same protocol version?"
    )]
    Malformed(String),
}

/// Why a link isn't open.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The join offered no such rung.
    #[error("the server offers no {0} rung: choose another one of the join's answer")]
    NotOffered(Rung),
    /// The connection didn't come up.
    #[error("{rung} doesn't come up at {url}: {reason}; try again, or another rung")]
    Failed {
        /// The rung.
        rung: Rung,
        /// Where.
        url: String,
        /// What the transport says.
        reason: String,
    },
    /// It took too long.
    #[error(
        "{rung} doesn't come up at {url} within {seconds} s: a firewall may drop it; try another rung"
    )]
    TimedOut {
        /// The rung.
        rung: Rung,
        /// Where.
        url: String,
        /// How long was waited.
        seconds: u64,
    },
    /// The session is over, so it takes no more links.
    #[error("the session is over: join again")]
    SessionOver,
}

/// Why a player doesn't play.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// There is no seat.
    #[error(transparent)]
    Join(#[from] JoinError),
    /// There is a seat and no link.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// This process can't do TLS or open a socket.
    #[error("the network can't be set up here: {0}")]
    Setup(#[from] io::Error),
}
