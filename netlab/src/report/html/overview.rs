//! All profiles, players and ways in one table, so that a page can be judged at a glance.

use maud::{Markup, html};

use super::{checks, words};
use crate::report::figure::{age, lost_percent};
use crate::report::group::{Group, Spread, WayRuns};
use crate::report::number::{NONE, ms, percent};
use crate::report::plot::{Marks, Scale, spread};
use crate::report::{Check, Figures, Report, Run};

pub(super) fn render(report: &Report, groups: &[Group<'_>]) -> Markup {
    if report.runs.is_empty() {
        return html! {};
    }
    let starved = report.runs.iter().filter(|run| run.fault().is_none());
    let starved = starved.flat_map(|run| [run.figures.starved_percent, run.floor.starved_percent]);
    let scale = Scale::root(starved.fold(0.0, f64::max));
    html! {
        section class="overview" {
            h2 { "At a glance" }
            p class="caption" {
                "The median of the repeats, and beside it, in grey, what the link alone costs: what an ideal sender "
                "would have got through the same network conditions. "
                strong { "Starved" } " is the time that lies more than 150 ms after the newest snapshot came in; "
                "the line is the span of the repeats, the grey bar the link alone."
            }
            div class="scroll" { table {
                thead { tr {
                    th scope="col" { "TransportUnderTest" }
                    th scope="col" class="chart" { "Starved" (axis(&scale)) }
                    @for heading in ["Starved, %", "Age p50, ms", "Age p99, ms", "Longest gap, ms", "Lost, %"] {
                        th scope="col" class="pair" { (heading) }
                    }
                    th scope="col" { "First snapshot, ms" }
                    th scope="col" { "Checks" }
                } }
                @for (index, group) in groups.iter().enumerate() {
                    tbody {
                        tr class="group" { th colspan="9" scope="rowgroup" {
                            a href=(format!("#g{index}")) { (group.profile) " · " (group.player) }
                        } }
                        @for runs in &group.ways {
                            (row(&scale, group, runs))
                        }
                    }
                }
            } }
        }
    }
}

fn axis(scale: &Scale) -> Markup {
    html! {
        div class="axis" {
            @for tick in scale.ticks(6) {
                span style=(format!("left:{:.2}%", scale.place(tick) * 100.0)) { (tick) }
            }
        }
    }
}

fn row(scale: &Scale, group: &Group<'_>, runs: &WayRuns<'_>) -> Markup {
    let own: Vec<&Check> = group
        .checks
        .iter()
        .copied()
        .filter(|check| check.way == runs.way)
        .collect();
    let first = runs.spread(|run| run.connection.first_snapshot);
    html! {
        tr class=(runs.way.name()) {
            th scope="row" { i class="swatch" {} (words::way(runs.way)) }
            td class="chart" { (chart(scale, runs)) }
            (pair(runs, |figures| Some(figures.starved_percent), percent))
            (pair(runs, |figures| age(figures, |age| age.p50), ms))
            (pair(runs, |figures| age(figures, |age| age.p99), ms))
            (pair(runs, |figures| Some(figures.longest_gap), ms))
            (pair(runs, lost_percent, percent))
            td { (first.map_or_else(|| NONE.to_owned(), |first| ms(first.median))) }
            td {
                @match words::tally(&own) {
                    Some((passed, tally)) => span class={ "badge " (checks::class(passed)) } { (tally) },
                    None => (NONE),
                }
            }
        }
    }
}

fn chart(scale: &Scale, runs: &WayRuns<'_>) -> Markup {
    let floor = runs.spread(|run| Some(run.floor.starved_percent));
    let Some(own) = runs.spread(|run| Some(run.figures.starved_percent)) else {
        return html! {};
    };
    let marks = Marks {
        min: own.min,
        median: own.median,
        max: own.max,
        floor: floor.map(|floor| floor.median),
    };
    spread(scale, &marks)
}

/// The player's figure, and the link's own beside it.
fn pair(
    runs: &WayRuns<'_>,
    figure: fn(&Figures) -> Option<f64>,
    words: fn(f64) -> String,
) -> Markup {
    let shown = |of: fn(&Run) -> &Figures| {
        let spread: Option<Spread> = runs.spread(|run| figure(of(run)));
        spread.map_or_else(|| NONE.to_owned(), |spread| words(spread.median))
    };
    html! {
        td class="pair" { (shown(|run| &run.figures)) " " small { (shown(|run| &run.floor)) } }
    }
}
