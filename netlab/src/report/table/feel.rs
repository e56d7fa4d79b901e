//! What the player felt, way by way: nothing where nobody tells.

use super::{median, range};
use crate::report::Feel;
use crate::report::grid::{self, Column, Span};
use crate::report::group::{Group, WayRuns};
use crate::report::number::{ms, percent, whole};

const SPANS: [Span; 6] = [
    Span {
        title: "",
        columns: &[Column::words("felt")],
    },
    Span {
        title: "frames, % of all",
        columns: &[
            Column::figures("extrap."),
            Column::aside(),
            Column::figures("frozen"),
        ],
    },
    Span {
        title: "others",
        columns: &[Column::figures("ms"), Column::figures("px")],
    },
    Span {
        title: "own circle",
        columns: &[Column::figures("off, px"), Column::figures("moves in")],
    },
    Span {
        title: "frame",
        columns: &[Column::figures("CPU ms")],
    },
    Span {
        title: "extra bytes, %",
        columns: &[
            Column::figures("all"),
            Column::figures("down"),
            Column::figures("up"),
        ],
    },
];

/// One row per way that has frames.
pub(super) fn render(group: &Group<'_>) -> String {
    let rows: Vec<Vec<String>> = group.ways.iter().filter_map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    grid::render(&SPANS, &rows)
}

fn row(runs: &WayRuns<'_>) -> Option<Vec<String>> {
    let spread = |figure: fn(&Feel) -> Option<f64>| runs.spread(|run| figure(run.feel.as_ref()?));
    let extrapolated = spread(|feel| Some(feel.extrapolated_percent));
    extrapolated?;
    Some(vec![
        runs.way.name().to_owned(),
        median(extrapolated, percent),
        range(extrapolated, percent),
        median(spread(|feel| Some(feel.frozen_percent)), percent),
        median(spread(|feel| Some(feel.interpolation_delay)), ms),
        median(spread(|feel| feel.picture_px_p95), whole),
        median(spread(|feel| Some(feel.correction_px_p95)), percent),
        median(spread(|feel| feel.input_frames), whole),
        median(spread(|feel| Some(feel.frame_cpu_p95)), percent),
        median(spread(|feel| Some(feel.extra_percent)), percent),
        median(spread(|feel| Some(feel.extra_down_percent)), percent),
        median(spread(|feel| Some(feel.extra_up_percent)), percent),
    ])
}
