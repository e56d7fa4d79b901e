//! A square of whole pixels, and whether it holds one. Who asks, and of what, stands elsewhere.

use crate::wire::UNITS_PER_PIXEL;

use super::movement::Body;

/// A coordinate that is in no square.
pub(super) const NOWHERE: i16 = i16::MIN;

/// A square with its edges, in pixels.
pub(super) struct PixelSquare {
    left: i16,
    right: i16,
    top: i16,
    bottom: i16,
}

impl PixelSquare {
    /// The pixels that are at most `reach` away along both axes, both in 1/256 px.
    pub(super) fn around(centre: &Body, reach: u32) -> Self {
        let unit = i64::from(UNITS_PER_PIXEL);
        let reach = i64::from(reach);
        let least = |centre: i32| whole((i64::from(centre) - reach + unit - 1).div_euclid(unit));
        let most = |centre: i32| whole((i64::from(centre) + reach).div_euclid(unit));
        Self {
            left: least(centre.x),
            right: most(centre.x),
            top: least(centre.y),
            bottom: most(centre.y),
        }
    }

    /// Whether a pixel is in it.
    pub(super) fn holds(&self, x: i16, y: i16) -> bool {
        // Without branches, so that it can be done to many at once.
        (x >= self.left) & (x <= self.right) & (y >= self.top) & (y <= self.bottom)
    }
}

fn whole(pixels: i64) -> i16 {
    pixels.clamp((NOWHERE + 1).into(), i16::MAX.into()) as i16
}
