//! Drawings in SVG that fit any width: marks stretch, words and line widths don't, because words stand beside the
//! drawing and lines keep their width on screen. Colours come from the page's style. It knows marks, not reports.

mod frame;
mod path;
mod scale;
mod spread;
mod thin;

pub(super) use frame::frame;
pub(super) use path::{areas, dots, line, spans};
pub(super) use scale::Scale;
pub(super) use spread::{Marks, spread};
pub(super) use thin::{bands, thin};

/// Units across a drawing.
pub(super) const WIDTH: f64 = 2_000.0;
/// Units down a drawing.
pub(super) const HEIGHT: f64 = 400.0;

/// Where a share of the width lies, from the left.
pub(super) fn across(share: f64) -> f64 {
    share * WIDTH
}

/// Where a share of the height lies, from the bottom.
pub(super) fn up(share: f64) -> f64 {
    (1.0 - share) * HEIGHT
}
