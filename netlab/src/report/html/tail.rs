//! How many snapshots were older than any age, with as much room for the oldest in a thousand as for the rest.

use maud::{Markup, html};

use super::repeats::age_scale;
use super::words;
use crate::report::group::{Group, Spread, WayRuns};
use crate::report::number::{NONE, ms};
use crate::report::plot::{Scale, across, frame, line, up};
use crate::report::{Quantiles, Run, Series};

/// Steps of a line from all snapshots to the oldest.
const STEPS: u32 = 120;

/// Shares that are older, and their names.
const LEVELS: [(f64, &str); 5] = [
    (0.5, "p50"),
    (0.1, "p90"),
    (0.05, "p95"),
    (0.01, "p99"),
    (0.001, "p99.9"),
];

/// The smallest share that is drawn.
const RAREST: f64 = 0.001;

pub(super) fn render(group: &Group<'_>) -> Markup {
    let floor = ages(group.measured().map(|run| &run.floor_series));
    let ways: Vec<(&WayRuns<'_>, Vec<f64>)> = group
        .ways
        .iter()
        .map(|runs| (runs, ages(runs.measured().map(|run| &run.series))))
        .collect();
    let all = || ways.iter().map(|(_, ages)| ages).chain([&floor]);
    let least = all()
        .filter_map(|ages| ages.first())
        .copied()
        .fold(f64::INFINITY, f64::min);
    let most = all()
        .filter_map(|ages| ages.last())
        .copied()
        .fold(0.0, f64::max);
    let scale = age_scale(least, most);
    let marks = html! {
        path class="tail alone" d=(tail(&floor, &scale)) {}
        @for (runs, _) in &ways {
            @for run in runs.measured() {
                path class={ "tail single " (runs.way.name()) } d=(tail(&ages([&run.series]), &scale)) {}
            }
        }
        @for (runs, ages) in ways.iter().rev() {
            path class={ "tail " (runs.way.name()) } d=(tail(ages, &scale)) { title { (words::way(runs.way)) } }
        }
    };
    html! {
        figure class="tails" {
            figcaption {
                h3 { "How old the oldest were" }
                p { "A line shows how many snapshots were older than the age below it: at p99, one in a hundred. \
                     The further left it falls, the better. Bold: all repeats together; faint: each. What never \
                     came in has no age, so a way that loses much can look young here: see its gaps." }
            }
            div class="split" {
                (frame("Age of snapshots, distribution", &levels(), &age_axis(&scale), &marks))
                (legend(group))
            }
        }
    }
}

/// Ages of the snapshots that were of use, in order.
fn ages<'a>(series: impl IntoIterator<Item = &'a Series>) -> Vec<f64> {
    let arrivals = series
        .into_iter()
        .flat_map(|series| series.age.iter().zip(&series.is_new));
    let mut ages: Vec<f64> = arrivals
        .filter(|(_, is_new)| **is_new)
        .map(|(age, _)| *age)
        .collect();
    ages.sort_by(f64::total_cmp);
    ages
}

/// Shares from all down to the rarest, by the logarithm.
fn height(share: f64) -> f64 {
    1.0 - share.ln() / RAREST.ln()
}

fn tail(ages: &[f64], scale: &Scale) -> String {
    let places = (0..=STEPS).map_while(|step| {
        let share = RAREST.powf(f64::from(step) / f64::from(STEPS));
        let older = (share * ages.len() as f64).round() as usize;
        // The last of them is the oldest; there is none beyond.
        let age = ages.get(ages.len().checked_sub(older.max(1))?)?;
        (older > 0).then(|| (across(scale.place(*age)), up(height(share))))
    });
    line(places)
}

fn levels() -> Vec<(f64, String)> {
    LEVELS
        .map(|(share, name)| (height(share), name.to_owned()))
        .to_vec()
}

fn age_axis(scale: &Scale) -> Vec<(f64, String)> {
    let ticks = scale.ticks(7);
    let words = |tick: &f64| format!("{tick} ms");
    ticks
        .iter()
        .map(|tick| (scale.place(*tick), words(tick)))
        .collect()
}

/// Which line is whose, and the figures to it.
fn legend(group: &Group<'_>) -> Markup {
    html! {
        table class="legend" {
            thead { tr {
                th { "Age, ms" }
                @for name in ["p50", "p95", "p99", "max"] { th scope="col" { (name) } }
            } }
            tbody {
                @for runs in &group.ways {
                    tr class=(runs.way.name()) {
                        th scope="row" { i class="key" {} (words::way(runs.way)) }
                        (quantiles(|pick| runs.spread(|run| (run.figures.arrived > 0).then(|| pick(&run.figures.age)))))
                    }
                }
                tr class="link" {
                    th scope="row" { i class="key" {} (words::FLOOR) }
                    (quantiles(|pick| Spread::of(group.measured().map(|run: &Run| pick(&run.floor.age)))))
                }
            }
        }
    }
}

fn quantiles(spread: impl Fn(fn(&Quantiles) -> f64) -> Option<Spread>) -> Markup {
    let picks: [fn(&Quantiles) -> f64; 4] =
        [|age| age.p50, |age| age.p95, |age| age.p99, |age| age.max];
    html! {
        @for pick in picks {
            td { (spread(pick).map_or_else(|| NONE.to_owned(), |spread| ms(spread.median))) }
        }
    }
}
