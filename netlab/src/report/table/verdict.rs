//! What failed, a sentence each, and whether the whole passed.

use crate::report::counts::Outcome;
use crate::report::text::{COLUMNS, fit, paragraph};
use crate::report::{Report, Run};

/// Lines of a broken run's log that are shown.
const LOG_LINES: usize = 10;

/// What failed first, then the logs to it, the verdict last.
pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    for check in report.verdict.checks.iter().filter(|check| !check.passed) {
        out += &paragraph("FAILED  ", &check.line);
    }
    for run in report.untold_faults() {
        let fault = run.fault().unwrap_or_default();
        out += &paragraph("BROKEN  ", &format!("{}: {fault}", name(run)));
    }
    for run in &report.runs {
        out += &log(run);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    let verdict = match report.outcome() {
        Outcome::Passed => "PASSED",
        Outcome::Failed => "FAILED",
        Outcome::Unasked => "NO VERDICT",
    };
    out + &paragraph("", &format!("{verdict}: {}", report.counts()))
}

/// The last lines that the server logged.
fn log(run: &Run) -> String {
    let lines = run.failure.as_ref().map(|failure| failure.log.as_slice());
    let lines = lines.unwrap_or_default();
    if lines.is_empty() {
        return String::new();
    }
    let mut out =
        "\n".to_owned() + &paragraph("", &format!("The server's last lines in {}:", name(run)));
    for line in &lines[lines.len().saturating_sub(LOG_LINES)..] {
        out += &format!("  | {}\n", fit(line, COLUMNS - 4));
    }
    out
}

fn name(run: &Run) -> String {
    format!(
        "{}, {}, {}, repeat {}",
        run.profile, run.player, run.way, run.repeat
    )
}
