//! What became of the snapshots, and what each connection did beside bringing them: a row per figure, a column per way.

use maud::{Markup, html};

use super::words;
use crate::report::figure::{kbit_per_s_down, lost_percent, starved_above_floor};
use crate::report::group::{Group, Spread, WayRuns};
use crate::report::number::{NONE, more_percent, ms, percent, whole};
use crate::report::{Bytes, Figures, Run};

/// Its name, where it is from, and how it reads.
type Row = (&'static str, Source, fn(f64) -> String);

enum Source {
    /// The path alone has it too.
    Both(fn(&Figures) -> Option<f64>),
    /// Only a connection has it.
    Own(fn(&Run) -> Option<f64>),
}

use Source::{Both, Own};

impl Source {
    fn of(&self, runs: &WayRuns<'_>) -> Option<Spread> {
        match self {
            Both(figure) => runs.spread(|run| figure(&run.figures)),
            Own(figure) => runs.spread(figure),
        }
    }
}

const ROWS: [Row; 36] = [
    ("Snapshots sent", Both(|of| count(of.sent)), whole),
    ("Lost, %", Both(lost_percent), percent),
    ("Late", Both(|of| count(of.late)), whole),
    ("Superseded", Both(|of| count(of.superseded)), whole),
    ("Gaps over 150 ms", Both(|of| count(of.gaps)), whole),
    ("Longest gap, ms", Both(|of| Some(of.longest_gap)), ms),
    (
        "Starved, % of time",
        Both(|of| Some(of.starved_percent)),
        percent,
    ),
    (
        "– above the link alone",
        Own(|run| Some(starved_above_floor(run))),
        more_percent,
    ),
    (
        "First snapshot, ms",
        Own(|run| run.connection.first_snapshot),
        ms,
    ),
    (
        "Rung changes",
        Own(|run| count(run.connection.rung_changes?)),
        whole,
    ),
    (
        "Round trip seen, ms",
        Own(|run| run.connection.rtt_seen),
        ms,
    ),
    (
        "Round trip set, ms",
        Own(|run| Some(run.connection.rtt_set)),
        ms,
    ),
    (
        "TCP segments resent",
        Own(|run| Some(run.connection.tcp_retransmitted? as f64)),
        whole,
    ),
    (
        "Repeated datagrams",
        Own(|run| count(run.connection.repeated?)),
        whole,
    ),
    (
        "Payload down, kB",
        Own(|run| kilobytes(run, |bytes| bytes.down)),
        whole,
    ),
    (
        "Payload up, kB",
        Own(|run| kilobytes(run, |bytes| bytes.up)),
        whole,
    ),
    ("On the link, down, kbit/s", Own(kbit_per_s_down), whole),
    (
        "Page stood still, ms",
        Own(|run| run.connection.standstill),
        ms,
    ),
    (
        "Lab late by, p99, ms",
        Own(|run| run.connection.link_lateness_p99),
        percent,
    ),
    (
        "Frames a second",
        Own(|run| Some(run.feel?.frames_per_s)),
        whole,
    ),
    (
        "– extrapolated, %",
        Own(|run| Some(run.feel?.extrapolated_percent)),
        percent,
    ),
    (
        "– that stood still, %",
        Own(|run| Some(run.feel?.frozen_percent)),
        percent,
    ),
    (
        "Interpolation delay, ms",
        Own(|run| Some(run.feel?.interpolation_delay)),
        ms,
    ),
    (
        "– at its longest, ms",
        Own(|run| Some(run.feel?.longest_interpolation_delay)),
        ms,
    ),
    (
        "Others off the server's present, p50, px",
        Own(|run| run.feel?.picture_px_p50),
        percent,
    ),
    ("– p95, px", Own(|run| run.feel?.picture_px_p95), percent),
    (
        "– jumps of speed, p95, px/s",
        Own(|run| run.feel?.speed_jump_p95),
        whole,
    ),
    (
        "Correction of the own circle, p50, px",
        Own(|run| Some(run.feel?.correction_px_p50)),
        percent,
    ),
    (
        "– p95, px",
        Own(|run| Some(run.feel?.correction_px_p95)),
        percent,
    ),
    (
        "Frames from input to screen, p95",
        Own(|run| run.feel?.input_frames),
        whole,
    ),
    (
        "Datagrams per input",
        Own(|run| Some(run.feel?.input_copies)),
        percent,
    ),
    (
        "Client in a frame, p50, ms",
        Own(|run| Some(run.feel?.frame_cpu_p50)),
        percent,
    ),
    (
        "– p95, ms",
        Own(|run| Some(run.feel?.frame_cpu_p95)),
        percent,
    ),
    (
        "Bytes that losses cost, % of the rest",
        Own(|run| Some(run.feel?.extra_percent)),
        percent,
    ),
    (
        "– down, %",
        Own(|run| Some(run.feel?.extra_down_percent)),
        percent,
    ),
    (
        "– up, %",
        Own(|run| Some(run.feel?.extra_up_percent)),
        percent,
    ),
];

pub(super) fn render(group: &Group<'_>) -> Markup {
    html! {
        figure {
            figcaption {
                h3 { "Snapshots, connection, and what the player felt" }
                p { "Medians, and under them the least and the most of the repeats where they differ." }
            }
            div class="scroll" { table class="figures" {
                thead { tr {
                    td {}
                    @for runs in &group.ways {
                        th scope="col" class=(runs.way.name()) { i class="swatch" {} (words::way(runs.way)) }
                    }
                    th scope="col" class="link" { i class="swatch" {} (words::FLOOR) }
                } }
                tbody {
                    @for row in ROWS.iter().filter(|row| is_known(group, row)) { (figures(group, row)) }
                    tr {
                        th scope="row" { "Settled on" }
                        @for runs in &group.ways { td { (settled_on(runs)) } }
                        td {}
                    }
                }
            } }
        }
    }
}

/// Whether any way can tell.
fn is_known(group: &Group<'_>, (_, source, _): &Row) -> bool {
    group.ways.iter().any(|runs| source.of(runs).is_some())
}

fn figures(group: &Group<'_>, (name, source, words): &Row) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            @for runs in &group.ways { (cell(source.of(runs), *words)) }
            @match source {
                Both(figure) => (cell(Spread::of(group.measured().filter_map(|run| figure(&run.floor))), *words)),
                Own(_) => td {},
            }
        }
    }
}

fn cell(spread: Option<Spread>, words: fn(f64) -> String) -> Markup {
    let Some(Spread { min, median, max }) = spread else {
        return html! { td { (NONE) } };
    };
    let (min, max) = (words(min), words(max));
    html! {
        td {
            (words(median))
            @if min != max { small { (min) " – " (max) } }
        }
    }
}

/// The rungs that carried the game at the end, each once.
fn settled_on(runs: &WayRuns<'_>) -> String {
    let mut names: Vec<&str> = Vec::new();
    for rung in runs.measured().filter_map(|run| run.connection.settled_on) {
        if !names.contains(&rung.name()) {
            names.push(rung.name());
        }
    }
    if names.is_empty() {
        NONE.to_owned()
    } else {
        names.join(", ")
    }
}

fn count(count: u32) -> Option<f64> {
    Some(f64::from(count))
}

fn kilobytes(run: &Run, pick: fn(&Bytes) -> u64) -> Option<f64> {
    run.connection
        .bytes
        .as_ref()
        .map(|bytes| pick(bytes) as f64 / 1_000.0)
}
