//! The Control lane: frames of one link, and the session's reliable messages that ride in them.
//!
//! A frame is one postcard value of at most [`crate::MAX_CONTROL_FRAME`] bytes. The transport keeps
//! frames apart: a WebSocket message, a data-channel message, or on a WebTransport stream a
//! two-byte little-endian length before each.

use serde::{Deserialize, Serialize};

use crate::bounded::BoundedString;
use crate::tick::Tick;

/// Number of a link, chosen by the client, and never the same again: the server refuses one that it has seen. All links of
/// a session have one [`Self::key`], which the first of them sets.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct LinkId(pub u64);

impl LinkId {
    /// Bits of the number that count links.
    pub const COUNT_BITS: u32 = 12;

    /// Bits of the key before them. Together they are a whole number that JavaScript has.
    pub const KEY_BITS: u32 = 40;

    /// The largest there is.
    pub const MAX: Self = Self((1 << (Self::KEY_BITS + Self::COUNT_BITS)) - 1);

    /// The link with this key and count; both wrap around.
    #[must_use]
    pub const fn new(key: u64, count: u32) -> Self {
        let count = count as u64 & ((1 << Self::COUNT_BITS) - 1);
        Self((key << Self::COUNT_BITS | count) & Self::MAX.0)
    }

    /// What all links of one session share, and whoever has stolen its token doesn't know: 40 bits, which the client draws.
    #[must_use]
    pub const fn key(self) -> u64 {
        self.0 >> Self::COUNT_BITS
    }
}

/// Most bytes of a token.
pub const MAX_TOKEN: usize = 256;

/// Most sockets that one WebSocket link may hold.
pub const MAX_STRIPES: u8 = 8;

/// Claims a seat for a link. On WebRTC the `Authorization` header of the offer does the same, and
/// no such frame is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attach {
    /// The join's token.
    pub token: BoundedString<MAX_TOKEN>,
    /// This link's number.
    pub link: LinkId,
    /// Which socket of a WebSocket bundle this is, from 0; 0 on other rungs.
    pub stripe: u8,
}

/// How a client wants one link used for State.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkUse {
    /// Kept open, carries no State.
    Standby,
    /// Carries State, and Control when it is the newest such link.
    #[default]
    Active,
}

/// Why a side ends a link or the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CloseReason {
    /// The player left.
    Left,
    /// The token is malformed, forged or for another node.
    BadToken,
    /// The token or the session has expired.
    Expired,
    /// The link's number has been seen, or has a foreign key.
    StaleLink,
    /// A frame was malformed, oversized or out of place.
    ProtocolViolation,
    /// Nothing came in for too long.
    Silent,
    /// The peer doesn't read what it is sent.
    TooSlow,
    /// Another link took over, or there are too many.
    Superseded,
    /// The server shuts down, and another is expected in its place.
    ShuttingDown(ReturnSlot),
    /// The room ended by a fault of its own.
    RoomFailed,
    /// The game gives this player no seat; its own code says why.
    Refused(u16),
    /// The game takes no such action; its own code says why, 0 when the bytes are none.
    ActionRefused(u16),
    /// The game has removed the player; its own code says why.
    Kicked(u16),
    /// The game has ended the room.
    RoomEnded,
    /// More messages wait for the player than are kept.
    Backlogged,
}

/// When a client that was sent away is to ask for a seat again, so that they don't all come at once:
/// `after_ms` from the goodbye, and then each `every_ms` until it is answered. Each client of a
/// server has another `after_ms`. Zeros leave it to the client.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReturnSlot {
    /// Milliseconds from the goodbye to the first join.
    pub after_ms: u16,
    /// Milliseconds from one join to the next.
    pub every_ms: u16,
}

/// A frame from server to client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerFrame<'a> {
    /// The link holds the seat from now on.
    Attached,
    /// The link or the session ends; nothing follows.
    Close(CloseReason),
    /// Answers [`ClientFrame::Ping`] with its number.
    Pong(u32),
    /// A session message, numbered from 1.
    Message {
        /// Its number.
        sequence: u32,
        /// What it says.
        #[serde(borrow)]
        message: ServerMessage<'a>,
    },
    /// All messages up to this number have been taken.
    Ack(u32),
}

/// A frame from client to server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientFrame<'a> {
    /// Must be the first frame of a link that isn't attached yet.
    Attach(Attach),
    /// How this link is to be used from now on.
    Use(LinkUse),
    /// Asks for a [`ServerFrame::Pong`].
    Ping(u32),
    /// A session message, numbered from 1.
    Message {
        /// Its number.
        sequence: u32,
        /// What it says.
        #[serde(borrow)]
        message: ClientMessage<'a>,
    },
    /// All messages up to this number have been taken.
    Ack(u32),
    /// The page has just stood still for so many milliseconds, or longer: what came late or was
    /// dropped in that time tells nothing of the path.
    Stalled(u16),
}

/// A reliable message from server to client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServerMessage<'a> {
    /// First message of a session.
    Welcome(#[serde(borrow)] Welcome<'a>),
    /// Something that happened in the game; the bytes are its own.
    Event {
        /// When it happened.
        tick: Tick,
        /// The game's encoding.
        event: &'a [u8],
    },
    /// The session's token from now on, at most [`MAX_TOKEN`] bytes; the one before expires soon.
    Token(&'a str),
    /// The server ends in at most so many seconds; who plays may finish the match.
    Draining(u16),
}

/// What a client must know before its first snapshot makes sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome<'a> {
    /// The room's present tick.
    pub tick: Tick,
    /// Ticks a second.
    pub tick_rate: u16,
    /// Snapshots a second; `tick_rate` is a whole multiple.
    pub snapshot_rate: u16,
    /// Wall clock of the server at `tick`, in microseconds since 1970, for measurements on one
    /// machine; players' clocks are never compared with it.
    pub unix_micros: u64,
    /// The game's own welcome.
    pub game: &'a [u8],
}

/// A reliable message from client to server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientMessage<'a> {
    /// The page is hidden (`true`) or seen again: the server parks the seat and stops State.
    Hidden(bool),
    /// Something the player did that isn't an input of a tick; the bytes are the game's.
    Action(&'a [u8]),
    /// The player leaves; the seat is free at once.
    Leave,
    /// The page goes away, perhaps to be loaded again: the seat is kept for a short while.
    Unload,
}
