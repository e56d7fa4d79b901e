//! How old snapshots were and how long there was none, way by way.

use super::{FLOOR, median, range};
use crate::report::Figures;
use crate::report::figure::{age, starved_above_floor};
use crate::report::grid::{self, Column, Span};
use crate::report::group::{Group, Spread};
use crate::report::number::{more_percent, ms, percent, whole};

const SPANS: [Span; 4] = [
    Span {
        title: "",
        columns: &[Column::words("")],
    },
    Span {
        title: "age, ms",
        columns: &[
            Column::figures("p50"),
            Column::figures("p95"),
            Column::figures("p99"),
            Column::aside(),
            Column::figures("max"),
        ],
    },
    Span {
        title: "gaps",
        columns: &[Column::figures("count"), Column::figures("longest")],
    },
    Span {
        title: "starved, %",
        columns: &[
            Column::figures("of time"),
            Column::aside(),
            Column::figures("above link"),
        ],
    },
];

/// One row per way, and one of the path.
pub(super) fn render(group: &Group<'_>) -> String {
    let mut rows = Vec::new();
    for runs in &group.ways {
        let mut row = cells(runs.way.name(), |figure| {
            runs.spread(|run| figure(&run.figures))
        });
        let above = runs.spread(|run| Some(starved_above_floor(run)));
        row.push(median(above, more_percent));
        rows.push(row);
    }
    let mut floor = cells(FLOOR, |figure| {
        Spread::of(group.measured().filter_map(|run| figure(&run.floor)))
    });
    floor.push(String::new());
    rows.push(floor);
    grid::render(&SPANS, &rows)
}

type Figure = fn(&Figures) -> Option<f64>;

fn cells(name: &str, spread: impl Fn(Figure) -> Option<Spread>) -> Vec<String> {
    let p99 = spread(|figures| age(figures, |age| age.p99));
    let starved = spread(|figures| Some(figures.starved_percent));
    vec![
        name.to_owned(),
        median(spread(|figures| age(figures, |age| age.p50)), ms),
        median(spread(|figures| age(figures, |age| age.p95)), ms),
        median(p99, ms),
        range(p99, ms),
        median(spread(|figures| age(figures, |age| age.max)), ms),
        median(spread(|figures| Some(f64::from(figures.gaps))), whole),
        median(spread(|figures| Some(figures.longest_gap)), ms),
        median(starved, percent),
        range(starved, percent),
    ]
}
