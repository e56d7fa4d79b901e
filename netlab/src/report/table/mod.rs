//! A report for the terminal: what each way got beside what the path costs anyway, then the verdict. No colour is
//! needed to read it, and no line is wider than 100 columns.

mod connection;
mod feel;
mod reception;
mod verdict;

use super::Report;
use super::group::{Group, Spread, groups};
use super::number::{NONE, whole};
use super::text::{COLUMNS, fit, paragraph, width};

/// What the row of the floor is called.
const FLOOR: &str = "link alone";

const LEGEND: &str = "Medians of the repeats, with their least and most in brackets. Link alone: what an ideal sender \
    gets through the same network conditions. Starved: the time that lies more than 150 ms after the newest snapshot came in. Felt: frames that showed \
    others beyond the newest snapshot (extrapolated) or stood still; how far in the past others were, and how far they were \
    drawn from where the server had them at that moment, 95 of 100 times at most; how far 95 of 100 \
    snapshots put the own circle right at most, and within how many frames it obeyed; what the client took of 95 of 100 \
    frames at most; and the bytes that losses cost, in percent of the rest.";

/// The tables, what failed, and the verdict; ends with a line feed.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    if !report.runs.is_empty() {
        out.push_str(&paragraph("", LEGEND));
    }
    for remark in &report.remarks {
        out.push_str(&paragraph("Remark: ", remark));
    }
    for group in groups(report).iter().filter(|group| group.has_runs()) {
        let parts = [
            heading(group),
            reception::render(group),
            connection::render(group),
            feel::render(group),
        ];
        out.push('\n');
        let told: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        out.push_str(&told.join("\n"));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out + &verdict::render(report)
}

/// Profile and player on a rule as wide as the page, and how much was played on the right.
fn heading(group: &Group<'_>) -> String {
    let played = played(group);
    let name = format!("{} · {}", group.profile, group.player);
    // Three columns before the name, one after it, a rule of at least two, and one more space.
    let name = fit(&name, COLUMNS.saturating_sub(width(&played) + 7));
    let rule = COLUMNS.saturating_sub(width(&name) + width(&played) + 5);
    format!("── {name} {} {played}\n", "─".repeat(rule))
}

fn played(group: &Group<'_>) -> String {
    let repeats = group
        .ways
        .iter()
        .map(|runs| runs.runs.len())
        .max()
        .unwrap_or(0);
    let seconds = group
        .ways
        .iter()
        .flat_map(|runs| &runs.runs)
        .map(|run| run.seconds);
    let longest = seconds.fold(0.0, f64::max);
    let runs = if repeats == 1 { "run" } else { "runs" };
    format!("{} {runs} of {} s", whole(repeats as f64), whole(longest))
}

fn median(spread: Option<Spread>, words: fn(f64) -> String) -> String {
    spread.map_or_else(|| NONE.to_owned(), |spread| words(spread.median))
}

/// The least and the most, where the repeats differ.
fn range(spread: Option<Spread>, words: fn(f64) -> String) -> String {
    let ends = spread.map(|spread| (words(spread.min), words(spread.max)));
    match ends {
        Some((min, max)) if min != max => format!("({min}–{max})"),
        _ => String::new(),
    }
}
