//! What crosses the wire beside snapshots. `page/src/wire.ts` is the twin.

use protocol::seat::Seat;
use serde::{Deserialize, Serialize};

use crate::movement::Tuning;

/// What the join that makes a room may ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// How fast figures run, 1 to 3. Default: 2.
    pub speed: Option<u8>,
}

/// What a player holds down and presses in one tick, a bit each. No byte is invalid: opposite
/// directions cancel each other out, and bits without a meaning are ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Input(pub u8);

impl Input {
    /// To the left, held.
    pub const LEFT: u8 = 1;
    /// To the right, held.
    pub const RIGHT: u8 = 2;
    /// Up, held.
    pub const UP: u8 = 4;
    /// Down, held.
    pub const DOWN: u8 = 8;
    /// Dash, pressed.
    pub const DASH: u8 = 16;

    /// Whether all of these bits are set.
    #[must_use]
    pub fn has(self, bits: u8) -> bool {
        self.0 & bits == bits
    }

    /// What is held down, without what was pressed.
    #[must_use]
    pub fn held(self) -> Self {
        Self(self.0 & (Self::LEFT | Self::RIGHT | Self::UP | Self::DOWN))
    }
}

/// What a client is told first, so that it needs no constant of the game's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Welcome {
    /// The player's own seat.
    pub seat: Seat,
    /// How figures move in this room.
    pub tuning: Tuning,
}

/// What players are told reliably.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Somebody is here. A newcomer is told of everybody.
    Joined {
        /// Where.
        seat: Seat,
        /// What to call them.
        name: String,
    },
    /// Somebody is gone.
    Left {
        /// From where.
        seat: Seat,
    },
    /// A touch: `whom` is it now.
    Tagged {
        /// Who was it.
        by: Seat,
        /// Who is it.
        whom: Seat,
    },
    /// A dash has begun.
    Dashed {
        /// Whose.
        seat: Seat,
    },
    /// A round is over.
    Won {
        /// Who was free for the longest.
        seat: Seat,
    },
}

/// A client of this game sends no actions; one that does is refused.
#[derive(Clone, Copy, Debug, Deserialize)]
pub enum NoAction {}
