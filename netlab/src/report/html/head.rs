//! The top of the page: did it pass, what failed, and what was played.

use maud::{Markup, html};

use super::{checks, words};
use crate::report::Report;
use crate::report::counts::Outcome;
use crate::report::group::Group;
use crate::report::number::whole;

/// For the window and the history of a browser.
pub(super) fn title(report: &Report) -> String {
    let names: Vec<&str> = report
        .profiles
        .iter()
        .map(|profile| profile.name.as_str())
        .collect();
    format!(
        "{} · {} · Packet-loss lab",
        verdict(report),
        names.join(", ")
    )
}

pub(super) fn render(report: &Report, groups: &[Group<'_>]) -> Markup {
    let class = match report.outcome() {
        Outcome::Passed => "passed",
        Outcome::Failed => "failed",
        Outcome::Unasked => "unasked",
    };
    html! {
        header {
            p class="eyebrow" { "Battle Circles · Packet-loss lab" }
            div class={ "verdict " (class) } {
                h1 { (verdict(report)) }
                p { (sentence(&report.counts())) }
            }
            (checks::failures(report, groups))
            @for remark in &report.remarks {
                p class="remark" { strong { "Remark. " } (remark) }
            }
            (played(report))
        }
    }
}

fn verdict(report: &Report) -> &'static str {
    match report.outcome() {
        Outcome::Passed => "✓ Passed",
        Outcome::Failed => "✗ Failed",
        Outcome::Unasked => "No verdict",
    }
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters
        .next()
        .map(|letter| letter.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str() + "."
}

/// What was played, in a line each.
fn played(report: &Report) -> Markup {
    let mut players: Vec<&str> = report.runs.iter().map(|run| run.player.as_str()).collect();
    players.sort_unstable();
    players.dedup();
    let longest = report
        .runs
        .iter()
        .map(|run| run.seconds)
        .fold(0.0, f64::max);
    let runs = words::count(report.runs.len(), "run", "runs");
    html! {
        dl class="played" {
            @if let Some(date) = words::date(report.began_unix_ms) {
                div { dt { "Played" } dd { (date) } }
            }
            @if !players.is_empty() {
                div { dt { "By" } dd { (players.join(", ")) } }
            }
            @if !report.runs.is_empty() {
                div { dt { "Measured" } dd { (runs) " of " (whole(longest)) " s" } }
            }
            div { dt { "On" } dd { (words::place(report.place)) } }
        }
    }
}
