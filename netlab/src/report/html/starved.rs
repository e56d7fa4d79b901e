//! When the player starved: one strip per way along time, under that of the link alone.

use maud::{Markup, html};

use super::repeats::Axes;
use super::words;
use crate::report::number::{ms, percent};
use crate::report::plot::{across, frame, spans};
use crate::report::silence::{Silence, silences};
use crate::report::{Figures, Run, Series};

/// So many of the longest spans of a strip say how long they are.
const TOLD: usize = 12;

pub(super) fn render(runs: &[&Run], axes: &Axes) -> Markup {
    html! {
        figure {
            figcaption {
                h3 { "When the player starved" }
                p { "Filled: more than 150 ms after the newest snapshot came in. The top strip is the link alone, \
                     which nobody could have filled; what a way adds to it is its own doing. Of several players \
                     at once, the plots show the one in the middle, the figures all." }
            }
            @if let Some(run) = runs.first() {
                (strip("link", words::FLOOR, run, (&run.floor, &run.floor_series), axes, false))
            }
            @for (at, run) in runs.iter().enumerate() {
                @let is_last = at + 1 == runs.len();
                (strip(run.way.name(), words::way(run.way), run, (&run.figures, &run.series), axes, is_last))
            }
        }
    }
}

fn strip(
    class: &str,
    name: &str,
    run: &Run,
    (figures, series): (&Figures, &Series),
    axes: &Axes,
    is_last: bool,
) -> Markup {
    let silences = silences(series, run.seconds * 1_000.0);
    let at = |ms: f64| across(axes.time.place(ms / 1_000.0));
    let bars = spans(
        silences
            .iter()
            .map(|span| (at(span.starved_from()), at(span.to))),
    );
    let marks = html! {
        path class="bars" d=(bars) {}
        @for span in longest(&silences) {
            path class="told" d=(spans([(at(span.starved_from()), at(span.to))])) {
                title { (name) ": nothing new for " (ms(span.length())) " ms, from " (seconds(span.from)) " on" }
            }
        }
        @if run.seconds < axes.time.end() {
            path class="unplayed" d=(spans([(at(run.seconds * 1_000.0), across(1.0))])) { title { "not played" } }
        }
    };
    html! {
        div class={ "lane strip " (class) } {
            div class="name" { i class="swatch" {} span { (name) } b { (percent(figures.starved_percent)) " %" } }
            (frame(&format!("{name}: when it starved"), &[], &time_axis(axes, is_last), &marks))
        }
    }
}

/// Round seconds, with words only where they are to be read.
pub(super) fn time_axis(axes: &Axes, with_words: bool) -> Vec<(f64, String)> {
    let ticks = axes.time.ticks(7);
    let last = ticks.len().saturating_sub(1);
    let words = |(at, tick): (usize, f64)| match with_words {
        false => String::new(),
        true if at == last => format!("{tick} s"),
        true => tick.to_string(),
    };
    let places = ticks.iter().map(|tick| axes.time.place(*tick));
    places
        .zip(ticks.iter().copied().enumerate().map(words))
        .collect()
}

/// The longest ones, which are worth a word.
pub(super) fn longest(silences: &[Silence]) -> Vec<&Silence> {
    let mut longest: Vec<&Silence> = silences.iter().collect();
    longest.sort_by(|a, b| b.length().total_cmp(&a.length()));
    longest.truncate(TOLD);
    longest
}

pub(super) fn seconds(ms: f64) -> String {
    format!("{:.1} s", ms / 1_000.0)
}
