//! A drawing with its axes: lines across it, and the figures beside and below it as words of the page.

use maud::{Markup, html};

use super::{HEIGHT, WIDTH, across, line, up};

/// Where figures stand along one side, from left or bottom as a share, and how they read.
pub(in crate::report) type Axis = [(f64, String)];

/// `marks` is SVG within [`WIDTH`] by [`HEIGHT`]; `label` is for those who can't see it.
pub(in crate::report) fn frame(label: &str, beside: &Axis, below: &Axis, marks: &Markup) -> Markup {
    html! {
        div class="plot" {
            div class="beside" {
                @for (share, words) in beside {
                    span style=(format!("bottom:{:.2}%", share * 100.0)) { (words) }
                }
            }
            svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" role="img" aria-label=(label) {
                path class="grid" d=(grid(beside, below)) {}
                (marks)
            }
            @if below.iter().any(|(_, words)| !words.is_empty()) {
                div class="below" {
                    @for (share, words) in below {
                        span style=(format!("left:{:.2}%", share * 100.0)) class=[(*share > 0.98).then_some("end")] { (words) }
                    }
                }
            }
        }
    }
}

fn grid(beside: &Axis, below: &Axis) -> String {
    let level = beside
        .iter()
        .map(|(share, _)| line([(0.0, up(*share)), (WIDTH, up(*share))]));
    let upright = below
        .iter()
        .map(|(share, _)| line([(across(*share), 0.0), (across(*share), HEIGHT)]));
    // Each begins with a step from where the path stands, which is only at the start of a path the same as a place.
    level
        .chain(upright)
        .map(|path| path.replacen('m', "M", 1))
        .collect()
}
