//! What became of the snapshots that were sent, and what the connection did beside bringing them, way by way.

use super::{FLOOR, median, range};
use crate::report::Figures;
use crate::report::figure::{kbit_per_s_down, lost_percent};
use crate::report::grid::{self, Column, Span};
use crate::report::group::{Group, Spread, WayRuns};
use crate::report::number::{ms, percent, whole};

const SPANS: [Span; 7] = [
    Span {
        title: "",
        columns: &[Column::words("")],
    },
    Span {
        title: "snapshots",
        columns: &[
            Column::figures("sent"),
            Column::figures("lost %"),
            Column::figures("late"),
            Column::figures("superseded"),
        ],
    },
    Span {
        title: "first snapshot",
        columns: &[Column::figures("ms"), Column::aside()],
    },
    Span {
        title: "rung",
        columns: &[Column::figures("moves")],
    },
    Span {
        title: "RTT, ms",
        columns: &[Column::figures("seen"), Column::figures("set")],
    },
    Span {
        title: "TCP",
        columns: &[Column::figures("resent")],
    },
    Span {
        title: "kbit/s",
        columns: &[Column::figures("down")],
    },
];

/// One row per way, and one of the path.
pub(super) fn render(group: &Group<'_>) -> String {
    let mut rows: Vec<Vec<String>> = group.ways.iter().map(row).collect();
    let floor = |figure: Figure| Spread::of(group.measured().filter_map(|run| figure(&run.floor)));
    rows.push(snapshots(FLOOR, floor));
    grid::render(&SPANS, &rows)
}

fn row(runs: &WayRuns<'_>) -> Vec<String> {
    let mut row = snapshots(runs.way.name(), |figure| {
        runs.spread(|run| figure(&run.figures))
    });
    let first = runs.spread(|run| run.connection.first_snapshot);
    let moves = runs.spread(|run| run.connection.rung_changes.map(f64::from));
    let again = runs.spread(|run| run.connection.tcp_retransmitted.map(|count| count as f64));
    row.extend([
        median(first, ms),
        range(first, ms),
        median(moves, whole),
        median(runs.spread(|run| run.connection.rtt_seen), ms),
        median(runs.spread(|run| Some(run.connection.rtt_set)), ms),
        median(again, whole),
        median(runs.spread(kbit_per_s_down), whole),
    ]);
    row
}

type Figure = fn(&Figures) -> Option<f64>;

fn snapshots(name: &str, spread: impl Fn(Figure) -> Option<Spread>) -> Vec<String> {
    vec![
        name.to_owned(),
        median(spread(|figures| Some(f64::from(figures.sent))), whole),
        median(spread(lost_percent), percent),
        median(spread(|figures| Some(f64::from(figures.late))), whole),
        median(spread(|figures| Some(f64::from(figures.superseded))), whole),
    ]
}
