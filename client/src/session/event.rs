//! What goes into a session and comes out of it; words only.

use protocol::control::{CloseReason, LinkId, Welcome};
use protocol::sequence::Sequence;
use protocol::tick::Tick;

/// One socket of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId {
    /// The link. Numbers grow by one with each attempt.
    pub link: LinkId,
    /// Which socket of a WebSocket bundle, from 0; 0 on other rungs.
    pub stripe: u8,
}

/// What came in on a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Received<'a> {
    /// A State datagram.
    State(&'a [u8]),
    /// A Control frame.
    Control(&'a [u8]),
    /// The socket is over; nothing follows.
    Closed,
}

/// What is to be done on a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmit {
    /// Which.
    pub socket: SocketId,
    /// What.
    pub outgoing: Outgoing,
}

/// What a socket is to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// A State datagram. One that still waits is stale: this takes its place.
    State(Vec<u8>),
    /// A Control frame, after those before it.
    Control(Vec<u8>),
    /// Nothing more: close it after the frames that wait.
    Close,
}

/// Something that a session learnt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A socket of ours holds the seat.
    Attached(SocketId),
    /// The session has begun.
    Welcome(WelcomeInfo),
    /// A snapshot was decoded; [`super::ClientSession::view`] has it.
    Snapshot {
        /// Its datagram's number.
        sequence: Sequence,
        /// The tick that it shows.
        tick: Tick,
        /// Whether it is newer than all before.
        is_newest: bool,
    },
    /// A datagram came that had come before, as on two links at once, or is too old to tell.
    Repeat {
        /// Its number.
        sequence: Sequence,
        /// The tick that it shows.
        tick: Tick,
    },
    /// An event of the game, in its turn.
    Game {
        /// When it happened.
        tick: Tick,
        /// The game's encoding.
        bytes: Vec<u8>,
    },
    /// A fresh token, for links that are opened from now on and for taking the seat over.
    Token(String),
    /// The server ends in at most so many seconds; the match may be finished.
    Draining(u16),
    /// The server has closed a link, or we did for what came on it. Others may be open.
    LinkClosed(LinkId, CloseReason),
    /// A link's last socket has died without a goodbye.
    LinkLost(LinkId),
    /// The session has ended, with all its links.
    SessionClosed(CloseReason),
}

/// What the server says first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WelcomeInfo {
    /// The room's tick at that moment.
    pub tick: Tick,
    /// Ticks a second.
    pub tick_rate: u16,
    /// Snapshots a second.
    pub snapshot_rate: u16,
    /// The server's wall clock at `tick`, in microseconds since 1970; only for measurements on one machine.
    pub unix_micros: u64,
    /// The game's own welcome.
    pub game: Vec<u8>,
}

impl From<Welcome<'_>> for WelcomeInfo {
    fn from(welcome: Welcome<'_>) -> Self {
        Self {
            tick: welcome.tick,
            tick_rate: welcome.tick_rate,
            snapshot_rate: welcome.snapshot_rate,
            unix_micros: welcome.unix_micros,
            game: welcome.game.to_vec(),
        }
    }
}
