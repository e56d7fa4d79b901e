//! What one player sees at one tick, quantised to what the wire can carry.

use serde::{Deserialize, Serialize};

use protocol::seat::Seat;

/// Fixed-point units in one pixel of the world: positions are exact to 1/256 px.
pub const UNITS_PER_PIXEL: i32 = 256;

/// Fixed-point units in a quarter pixel, the grid on which other players' circles are sent.
pub const UNITS_PER_QUARTER: i32 = 64;

/// Knibbles alive at once at most; their slots are one byte.
pub const KNIBBLE_SLOTS: usize = 256;

/// One tick's steering: a direction whose length is the throttle, and whether a dash is pressed. (0, 0) stands still,
/// a vector of length 127 is full speed; a longer one is cut to 127.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GameInput {
    /// To the right, −127 to 127.
    pub x: i8,
    /// Downward, −127 to 127.
    pub y: i8,
    /// Whether a dash is pressed: once, in this tick.
    pub dash: bool,
}

impl GameInput {
    /// A dash on the spot.
    pub const DASH: Self = Self {
        x: 0,
        y: 0,
        dash: true,
    };

    /// A direction, and no dash.
    #[must_use]
    pub const fn steering(x: i8, y: i8) -> Self {
        Self { x, y, dash: false }
    }
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
    /// Ticks until it can dash again; in the first of them it dashes.
    pub cooldown: u16,
}

/// Another's circle in view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Whose circle the camera follows: the own one, or after death another's.
    pub focus: Seat,
    /// The own circle while it lives; it is that of `focus`.
    pub own: Option<OwnCircle>,
    /// The others' circles in view, by rising seat; never that of `focus` while `own` is there.
    pub circles: Vec<CircleView>,
    /// Knibbles in view, by rising slot.
    pub knibbles: Vec<KnibbleView>,
}

impl View {
    /// The circle of this seat, if it is another's and in view.
    #[must_use]
    pub fn circle(&self, seat: Seat) -> Option<&CircleView> {
        let found = self
            .circles
            .binary_search_by_key(&seat, |circle| circle.seat);
        self.circles.get(found.ok()?)
    }

    /// The knibble of this slot, if it is in view.
    #[must_use]
    pub fn knibble(&self, slot: u8) -> Option<&KnibbleView> {
        let found = self
            .knibbles
            .binary_search_by_key(&slot, |knibble| knibble.slot);
        self.knibbles.get(found.ok()?)
    }

    /// The pixel that the camera is on, rounded down; (0, 0) when the circle of `focus` is not in
    /// view.
    #[must_use]
    pub fn centre(&self) -> (i16, i16) {
        match (self.own, self.circle(self.focus)) {
            // Places beyond the range of 16 bits wrap; none in a game is.
            (Some(own), _) => ((own.x >> 8) as i16, (own.y >> 8) as i16),
            (None, Some(circle)) => (circle.x >> 2, circle.y >> 2),
            (None, None) => (0, 0),
        }
    }
}
