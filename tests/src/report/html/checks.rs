//! What was asked and what came of it: the failures for the top of the page, and all checks of one section.

use maud::{Markup, html};

use super::words;
use crate::report::group::{Group, groups};
use crate::report::{Report, Run};

/// Lines of a failed run's log that are shown.
const LOG_LINES: usize = 40;

/// Each failure in a sentence, with a way to its plots; nothing when all is well.
pub(super) fn failures(report: &Report) -> Markup {
    let groups = groups(report);
    let failed = |group: &Group<'_>| group.checks.iter().any(|check| !check.passed);
    let broken: Vec<&Run> = report
        .runs
        .iter()
        .filter(|run| run.failure.is_some())
        .collect();
    html! {
        @if groups.iter().any(failed) {
            ul class="failures" {
                @for (index, group) in groups.iter().enumerate() {
                    @for check in group.checks.iter().filter(|check| !check.passed) {
                        li { a href=(format!("#g{index}")) { (check.line) } }
                    }
                }
            }
        }
        @for run in broken {
            (log(run))
        }
    }
}

/// A badge, and behind it every check.
pub(super) fn all(group: &Group<'_>) -> Markup {
    html! {
        @if let Some((passed, tally)) = words::tally(&group.checks) {
            details class="checks" open[!passed] {
                summary {
                    span class={ "badge " (class(passed)) } { (tally) }
                    " " (if group.checks.len() == 1 { "check" } else { "checks" })
                }
                ul {
                    @for check in &group.checks {
                        li class=(class(check.passed)) { (check.line) }
                    }
                }
            }
        }
    }
}

pub(super) fn class(passed: bool) -> &'static str {
    if passed { "passed" } else { "failed" }
}

fn log(run: &Run) -> Markup {
    let failure = run.failure.as_ref();
    let lines = failure
        .map(|failure| failure.log.as_slice())
        .unwrap_or_default();
    let hidden = lines.len().saturating_sub(LOG_LINES);
    html! {
        details class="log" open {
            summary {
                (run.profile) " · " (run.player) " · " (words::way(run.way)) ", repeat " (run.repeat) ": "
                (failure.map(|failure| failure.reason.as_str()).unwrap_or_default())
            }
            @if lines.is_empty() {
                p { "The server logged nothing." }
            } @else {
                pre { (lines[hidden..].join("\n")) }
            }
        }
    }
}
