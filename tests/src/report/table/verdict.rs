//! What failed, a sentence each, and whether the whole passed.

use crate::report::text::{COLUMNS, fit, paragraph};
use crate::report::{Failure, Report, Run};

/// Lines of a failed run's log that are shown.
const LOG_LINES: usize = 10;

/// What failed first, the verdict last.
pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    for run in &report.runs {
        if let Some(failure) = &run.failure {
            out.push_str(&no_measurement(run, failure));
        }
    }
    for check in report.verdict.checks.iter().filter(|check| !check.passed) {
        out.push_str(&paragraph("FAILED  ", &check.line));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&paragraph("", &summary(report)));
    out
}

fn no_measurement(run: &Run, failure: &Failure) -> String {
    let line = format!(
        "{}, {}, {}, repeat {} is no measurement: {}",
        run.profile, run.player, run.way, run.repeat, failure.reason
    );
    let mut out = paragraph("BROKEN  ", &line);
    let hidden = failure.log.len().saturating_sub(LOG_LINES);
    for line in &failure.log[hidden..] {
        out.push_str(&format!("        | {}\n", fit(line, COLUMNS - 10)));
    }
    out
}

fn summary(report: &Report) -> String {
    let verdict = if report.verdict.passed() {
        "PASSED"
    } else {
        "FAILED"
    };
    format!("{verdict}: {}", report.counts())
}
