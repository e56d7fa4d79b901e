//! How old each snapshot was when it came in, over time: one plot per way, the link alone behind it.

use maud::{Markup, html};

use super::repeats::Axes;
use super::starved::{longest, seconds, time_axis};
use super::words;
use crate::report::number::{NONE, ms};
use crate::report::plot::{across, areas, bands, dots, frame, spans, thin, up};
use crate::report::silence::silences;
use crate::report::{Figures, Run, Series};

pub(super) fn render(runs: &[&Run], axes: &Axes) -> Markup {
    html! {
        figure {
            figcaption {
                h3 { "Age of snapshots over time" }
                p { "Each dot is a snapshot, as old as it was when it came in. Grey band: through the link alone. \
                     Faint: after a newer one, and so of no use. Shaded: nothing new for more than 150 ms. \
                     The scale is logarithmic." }
            }
            @for (at, run) in runs.iter().enumerate() {
                (lane(run, axes, at + 1 == runs.len()))
            }
        }
    }
}

fn lane(run: &Run, axes: &Axes, is_last: bool) -> Markup {
    let name = words::way(run.way);
    let silences = silences(&run.series, run.seconds * 1_000.0);
    let at = |ms: f64| across(axes.time.place(ms / 1_000.0));
    let marks = html! {
        path class="gaps" d=(spans(silences.iter().map(|span| (at(span.from), at(span.to))))) {}
        path class="band" d=(areas(&bands(&places(&run.floor_series, axes, |_| true)))) {}
        path class="dots stale" d=(dots(thin(&places(&run.series, axes, |is_new| !is_new)))) {}
        path class="dots" d=(dots(thin(&places(&run.series, axes, |is_new| is_new)))) {}
        @for span in longest(&silences) {
            path class="told" d=(spans([(at(span.from), at(span.to))])) {
                title { (name) ": nothing new for " (ms(span.length())) " ms, from " (seconds(span.from)) " on" }
            }
        }
        @if run.seconds < axes.time.end() {
            path class="unplayed" d=(spans([(at(run.seconds * 1_000.0), across(1.0))])) { title { "not played" } }
        }
    };
    let label = format!("{name}: age of snapshots over time");
    html! {
        div class={ "lane age " (run.way.name()) } {
            div class="name" {
                i class="swatch" {} span { (name) }
                small { (quantile(&run.figures, run.figures.age.p50)) " p50" }
                small { (quantile(&run.figures, run.figures.age.p99)) " p99" }
                @if run.fault().is_some() { em { "broke off" } }
            }
            (frame(&label, &age_axis(axes), &time_axis(axes, is_last), &marks))
        }
    }
}

fn quantile(figures: &Figures, age: f64) -> String {
    match figures.arrived {
        0 => NONE.to_owned(),
        _ => format!("{} ms", ms(age)),
    }
}

fn age_axis(axes: &Axes) -> Vec<(f64, String)> {
    let ticks = axes.age.ticks(4);
    let last = ticks.len().saturating_sub(1);
    let words = |(at, tick): (usize, &f64)| match at == last {
        true => format!("{tick} ms"),
        false => tick.to_string(),
    };
    let places = ticks.iter().map(|tick| axes.age.place(*tick));
    places.zip(ticks.iter().enumerate().map(words)).collect()
}

/// Of those arrivals that are asked for, where they lie.
fn places(series: &Series, axes: &Axes, wanted: impl Fn(bool) -> bool) -> Vec<(f64, f64)> {
    let arrivals = series.at.iter().zip(&series.age).zip(&series.is_new);
    // What was sent just before the end came in after it, where nothing is drawn.
    let drawn =
        arrivals.filter(|((at, _), is_new)| wanted(**is_new) && **at < axes.time.end() * 1_000.0);
    drawn
        .map(|((at, age), _)| {
            let right = axes.time.place(at / 1_000.0);
            (across(right), up(axes.age.place(*age)))
        })
        .collect()
}
