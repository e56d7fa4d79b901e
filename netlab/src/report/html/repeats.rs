//! The plots over time, one set per repeat, of which the reader picks one: each repeat has network conditions of its
//! own, so laid over each other they would say nothing.

use std::fmt::Write;

use maud::{Markup, PreEscaped, html};

use super::{ages, starved};
use crate::report::Run;
use crate::report::group::{Group, WayRuns};
use crate::report::plot::Scale;

/// What every plot over time of one section is drawn with, so that repeats and ways can be compared.
pub(super) struct Axes {
    /// Seconds since the start of the measurement.
    pub(super) time: Scale,
    /// Milliseconds.
    pub(super) age: Scale,
}

/// One picker and the plots that it picks from.
pub(super) fn render(group: &Group<'_>, index: usize) -> Markup {
    let repeats = repeats(group);
    let axes = axes(group);
    let worst = worst(group, &repeats);
    html! {
        div class="repeats" {
            @if repeats.len() > 1 {
                fieldset class="pick" {
                    legend { "Repeat" }
                    @for (at, repeat) in repeats.iter().enumerate() {
                        label {
                            input type="radio" name=(format!("g{index}")) class=(format!("p{at}")) checked[at == worst];
                            span { (repeat) @if at == worst { " – the worst" } }
                        }
                    }
                }
            }
            @for (at, repeat) in repeats.iter().enumerate() {
                @let runs = runs_of(group, *repeat);
                div class=(format!("repeat r{at}")) {
                    @if repeats.len() > 1 { p class="which" { "Repeat " (repeat) } }
                    (starved::render(&runs, &axes))
                    (ages::render(&runs, &axes))
                }
            }
        }
    }
}

/// Shows the picked repeat alone, where the browser knows how to.
pub(super) fn style(groups: &[Group<'_>]) -> Markup {
    let most = groups
        .iter()
        .map(|group| repeats(group).len())
        .max()
        .unwrap_or(0);
    let mut rules = String::new();
    for at in 0..most {
        // Writing to a string can't fail.
        let _ = write!(
            rules,
            ".repeats:has(.p{at}:checked) .r{at}{{display:block}}"
        );
    }
    PreEscaped(format!(
        "@supports selector(:has(a)){{.pick~.repeat{{display:none}}.repeat .which{{display:none}}{rules}}}"
    ))
}

fn repeats(group: &Group<'_>) -> Vec<u32> {
    let runs = group.ways.iter().flat_map(|runs| &runs.runs);
    let mut repeats: Vec<u32> = runs.map(|run| run.repeat).collect();
    repeats.sort_unstable();
    repeats.dedup();
    repeats
}

fn runs_of<'a>(group: &Group<'a>, repeat: u32) -> Vec<&'a Run> {
    let of_way = |runs: &WayRuns<'a>| runs.runs.iter().copied().find(|run| run.repeat == repeat);
    group.ways.iter().filter_map(of_way).collect()
}

/// The repeat in which the ways together starved the most.
fn worst(group: &Group<'_>, repeats: &[u32]) -> usize {
    let starved = |repeat: u32| -> f64 {
        let runs = runs_of(group, repeat);
        runs.iter().map(|run| run.figures.starved_percent).sum()
    };
    let sums = repeats.iter().map(|repeat| starved(*repeat)).enumerate();
    let worst = sums.reduce(|worst, next| if next.1 > worst.1 { next } else { worst });
    worst.map_or(0, |(at, _)| at)
}

fn axes(group: &Group<'_>) -> Axes {
    let runs = || group.ways.iter().flat_map(|runs| &runs.runs);
    let ages = || runs().flat_map(|run| run.series.age.iter().chain(&run.floor_series.age));
    let seconds = runs().map(|run| run.seconds).fold(0.0, f64::max);
    let least = ages().copied().fold(f64::INFINITY, f64::min);
    let most = ages().copied().fold(0.0, f64::max);
    Axes {
        time: Scale::linear(seconds),
        age: age_scale(least, most),
    }
}

/// Ages below 5 ms are one to every player.
pub(super) fn age_scale(least: f64, most: f64) -> Scale {
    Scale::logarithmic(least, most, 5.0)
}
