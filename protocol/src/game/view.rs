//! What one player sees at one tick, quantised to what the wire can carry.

use serde::{Deserialize, Serialize};

use crate::seat::Seat;

/// Fixed-point units in one pixel of the world: positions are exact to 1/256 px.
pub const UNITS_PER_PIXEL: i32 = 256;

/// Fixed-point units in a quarter pixel, the grid on which other players' circles are sent.
pub const UNITS_PER_QUARTER: i32 = 64;

/// Knibbles alive at once at most; their slots are one byte.
pub const KNIBBLE_SLOTS: usize = 256;

/// One tick's steering: a direction whose length is the throttle. (0, 0) stands still, a vector
/// of length 127 is full speed; a longer one is cut to 127.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GameInput {
    /// To the right, −127 to 127.
    pub x: i8,
    /// Downward, −127 to 127.
    pub y: i8,
}

/// The player's own circle, exact, so that prediction can start from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnCircle {
    /// Position in 1/256 px, the arena's centre at 0.
    pub x: i32,
    /// Position in 1/256 px, downward.
    pub y: i32,
    /// Velocity in 1/256 px a tick.
    pub vx: i32,
    /// Velocity in 1/256 px a tick.
    pub vy: i32,
    /// Mass; the radius in pixels is twice its root.
    pub mass: u32,
}

/// A circle in view, the own one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CircleView {
    /// Whose it is.
    pub seat: Seat,
    /// Position in quarter pixels.
    pub x: i16,
    /// Position in quarter pixels.
    pub y: i16,
    /// Radius in quarter pixels.
    pub radius: u16,
}

/// A knibble in view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnibbleView {
    /// Its slot; a slot is used again after the knibble is eaten, and its colour follows from it.
    pub slot: u8,
    /// Position in pixels.
    pub x: i16,
    /// Position in pixels.
    pub y: i16,
}

/// Everything that one player may see at one tick.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Whose circle the camera follows: the own one, or after death another's.
    pub focus: Seat,
    /// The own circle while it lives.
    pub own: Option<OwnCircle>,
    /// Circles in view, by rising seat.
    pub circles: Vec<CircleView>,
    /// Knibbles in view, by rising slot.
    pub knibbles: Vec<KnibbleView>,
}
