//! How old snapshots were and how long there was none, way by way.

use super::{FLOOR, median, range};
use crate::report::Figures;
use crate::report::figure::{age, starved_above_floor};
use crate::report::grid::{self, Column, left, right};
use crate::report::group::{Group, Spread};
use crate::report::number::{more_percent, percent, whole};

const COLUMNS: [Column; 11] = [
    left(["", ""]),
    right(["age, ms", "p50"]),
    right(["", "p95"]),
    right(["", "p99"]),
    left(["", ""]),
    right(["", "max"]),
    right(["", "gaps"]),
    right(["longest", "gap, ms"]),
    right(["starved", "%"]),
    left(["", ""]),
    right(["above", "link"]),
];

/// One row per way, and one of the link.
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
    grid::render(&COLUMNS, &rows)
}

type Figure = fn(&Figures) -> Option<f64>;

fn cells(name: &str, spread: impl Fn(Figure) -> Option<Spread>) -> Vec<String> {
    let p99 = spread(|figures| age(figures, |age| age.p99));
    let starved = spread(|figures| Some(figures.starved_percent));
    vec![
        name.to_owned(),
        median(spread(|figures| age(figures, |age| age.p50)), whole),
        median(spread(|figures| age(figures, |age| age.p95)), whole),
        median(p99, whole),
        range(p99, whole),
        median(spread(|figures| age(figures, |age| age.max)), whole),
        median(spread(|figures| Some(f64::from(figures.gaps))), whole),
        median(spread(|figures| Some(figures.longest_gap)), whole),
        median(starved, percent),
        range(starved, percent),
    ]
}
