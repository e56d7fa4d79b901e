//! Ticks: the game's steps as a count. Not wall-clock time.

use serde::{Deserialize, Serialize};

/// A step of the game, counted from the room's first. At 60 ticks a second the count lasts
/// 828 days, longer than any room.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Tick(pub u32);

impl Tick {
    /// The tick `count` steps later, saturating at the last one.
    #[must_use]
    pub fn plus(self, count: u32) -> Self {
        Self(self.0.saturating_add(count))
    }

    /// The tick `count` steps earlier, saturating at the first one.
    #[must_use]
    pub fn minus(self, count: u32) -> Self {
        Self(self.0.saturating_sub(count))
    }

    /// Steps from `earlier` to `self`; negative when `earlier` is in fact later.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        i64::from(self.0) - i64::from(earlier.0)
    }
}
