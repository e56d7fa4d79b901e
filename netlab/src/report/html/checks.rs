//! What was asked and what came of it: the failures for the top of the page, and all checks of one section.

use maud::{Markup, html};

use super::words;
use crate::report::group::Group;
use crate::report::{Failure, Report, Run};

/// Lines of a failed run's log that are shown.
const LOG_LINES: usize = 40;

/// Each failure in a sentence, with a way to its plots, then the logs to it; nothing when all is well.
pub(super) fn failures(report: &Report, groups: &[Group<'_>]) -> Markup {
    let failed = |group: &Group<'_>| group.checks.iter().any(|check| !check.passed);
    let logs = report
        .runs
        .iter()
        .filter_map(|run| Some((run, run.failure.as_ref()?)));
    html! {
        @if groups.iter().any(failed) || report.untold_faults().next().is_some() {
            ul class="failures" {
                @for (index, group) in groups.iter().enumerate() {
                    @for check in group.checks.iter().filter(|check| !check.passed) {
                        li { a href=(format!("#g{index}")) { (check.line) } }
                    }
                }
                @for run in report.untold_faults() {
                    li { (name(run)) " is no measurement: " (run.fault().unwrap_or_default()) }
                }
            }
        }
        @for (run, failure) in logs {
            (log(run, failure))
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
                    " " (class(passed))
                }
                ul {
                    @for outcome in [false, true] {
                        @for check in group.checks.iter().filter(|check| check.passed == outcome) {
                            li class=(class(outcome)) { (check.line) }
                        }
                    }
                }
            }
        }
    }
}

pub(super) fn class(passed: bool) -> &'static str {
    if passed { "passed" } else { "failed" }
}

fn log(run: &Run, failure: &Failure) -> Markup {
    let hidden = failure.log.len().saturating_sub(LOG_LINES);
    html! {
        details class="log" open {
            summary { "The server's last lines in " (name(run)) }
            @if failure.log.is_empty() {
                p { "It logged nothing." }
            } @else {
                pre { (failure.log[hidden..].join("\n")) }
            }
        }
    }
}

fn name(run: &Run) -> String {
    format!(
        "{} · {} · {}, repeat {}",
        run.profile,
        run.player,
        words::way(run.way),
        run.repeat
    )
}
