//! View files: a recorded match as who draws it needs it, with all circles and knibbles at twenty
//! frames a second and all events. The page plays them; it can't run the rules itself.
//!
//! [`Recording::to_view_file`](super::Recording::to_view_file) makes one, [`ViewFile`] reads it.
//! The bytes stand in `docs/protocol-game.md`, _View files_.

mod reading;
mod writing;

use crate::wire::GameEvent;
use protocol::bounded::{BoundedString, BoundedVec};
use protocol::ids::RoomId;
use protocol::tick::Tick;
use serde::{Deserialize, Serialize};

pub use reading::{Frame, Frames, ViewFile, ViewFileError};

/// Most bytes of a view file. The longest match that a recording holds takes less.
pub const MAX_VIEW_FILE: usize = 16 << 20;

/// Most ticks of one: those of the longest match by any settings at the highest tick rate.
const MAX_TICKS: u32 = (60 + 3_600) * 240 + 1;

/// Most events between two frames; the ticks between them have fewer.
const MAX_EVENTS: usize = 1_024;

const MAGIC: [u8; 8] = *b"BCVIEWS\0";

/// Grows with every change of the format, and of what of the wire's is in it.
const VERSION: u16 = 1;

/// What stands before the frames.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    /// Empty where it isn't known.
    room: BoundedString<{ RoomId::MAX_LENGTH }>,
    tick_rate: u16,
    /// Ticks between frames; fewer before the last one.
    interval: u16,
    /// Distance from the centre in 1/256 px that no circle's centre can pass.
    wall: u32,
    /// The first frame's.
    start: Tick,
    /// From the first frame to the last.
    ticks: u32,
}

/// A frame as it is written.
#[derive(Serialize, Deserialize)]
struct Record<'a> {
    /// Ticks since the frame before; 0 for the first alone.
    age: u16,
    /// Whether the delta is against the empty view, `age` 0.
    is_key: bool,
    /// What happened since the frame before: how many ticks before this one, and what.
    events: BoundedVec<(u16, GameEvent), MAX_EVENTS>,
    /// What [`crate::wire::encode_delta`] writes; nobody's own circle is in it.
    delta: &'a [u8],
}
