//! One figure over its repeats as a small drawing for a table's cell: a dot, its span, and a mark to hold it against.

use maud::{Markup, html};

use super::Scale;

/// What to draw.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) struct Marks {
    pub(in crate::report) min: f64,
    pub(in crate::report) median: f64,
    pub(in crate::report) max: f64,
    /// Held against it.
    pub(in crate::report) floor: Option<f64>,
}

/// Drawn by boxes, which keep their shape at any width.
pub(in crate::report) fn spread(scale: &Scale, marks: &Marks) -> Markup {
    let at = |value: f64| scale.place(value) * 100.0;
    let (min, max) = (at(marks.min), at(marks.max));
    html! {
        div class="spread" {
            @if let Some(floor) = marks.floor {
                i class="floor" style=(format!("width:{:.2}%", at(floor))) {}
            }
            i class="span" style=(format!("left:{min:.2}%;width:{:.2}%", max - min)) {}
            i class="dot" style=(format!("left:{:.2}%", at(marks.median))) {}
        }
    }
}
