//! Matches as they were played: a match follows from the state at its start and from what its
//! players did, so that these are all that is kept of it. No file is read or written here.
//!
//! [`Recorded`] is a game that hands out a recording of each match it has played to the end.
//! [`Recording`] is one that was read: it plays the match again and tells where this program's game
//! goes another way.
//!
//! # Format
//!
//! ```text
//! magic      8 bytes: "BCMATCH" and 0
//! version    2 bytes: 2
//! body       postcard, in this order:
//!   tick_rate  u16
//!   settings   GameConfig
//!   start      bytes: the game's checkpoint, made in the tick in which the countdown began
//!   ticks      u32: ticks after that one, up to the one in which the results came
//!   calls      bytes: what the room called between ticks, below
//!   tracks     16 times bytes: the inputs by seat, see `track.rs`
//!   marks      list: the state's `Mark` after each whole second
//!   end        u64: the digest of the game's checkpoint after the last tick
//! digest     8 bytes: of all before
//! ```
//!
//! Numbers of a fixed size have their lowest byte first, digests are FNV-1a of 64 bits. A *call* is
//! the number of ticks since the call before (since the start for the first) and then what `call.rs` has,
//! both in postcard. The seed of a match is in its checkpoint: it is the random generator's state.
//!
//! A match of three minutes with twelve players who live to its end and steer by hand takes
//! some 64 KiB, one in which each of their inputs is drawn at random 384 KiB.

mod call;
mod mark;
mod playing;
mod reading;
mod recorded;
mod recorder;
mod track;
mod view_file;

pub use playing::{Divergence, Replay};
pub use reading::{Recording, RecordingError};
pub use recorded::{Outcome, Recorded, Sink};
pub use view_file::{Frame, Frames, MAX_VIEW_FILE, ViewFile, ViewFileError};

/// Most bytes of a recording. A match that takes more is not recorded to its end.
pub const MAX_RECORDING: usize = 1 << 20;

const MAGIC: [u8; 8] = *b"BCMATCH\0";

/// Grows with every change of the format and of what a call means. A change of the rules' code
/// needs none: [`Recording::verify`] tells of it.
const VERSION: u16 = 2;
