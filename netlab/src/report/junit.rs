//! A report as JUnit's XML, which CI systems show as tests.

use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::counts::RAN;
use super::group::{Group, WayRuns, groups};
use super::{Check, Report, Run};

/// One suite per profile and player, one case per check; a run that was no measurement is an error with its log.
pub fn render(report: &Report) -> String {
    let mut document = quick_junit::Report::new("netlab");
    for group in groups(report) {
        document.add_test_suite(suite(&group));
    }
    // The writer goes to memory, and its names are our own: it has no way to fail that a caller could mend.
    document.to_string().unwrap_or_default()
}

fn suite(group: &Group<'_>) -> TestSuite {
    let mut suite = TestSuite::new(format!("{} · {}", group.profile, group.player));
    let runs = group.ways.iter().flat_map(|runs| &runs.runs);
    let seconds: f64 = runs.map(|run| run.seconds).sum();
    suite.set_time(Duration::try_from_secs_f64(seconds).unwrap_or_default());
    let limits = group.checks.iter().filter(|check| is_limit(check));
    suite.add_test_cases(limits.map(|check| limit(group, check)));
    for runs in &group.ways {
        suite.add_test_cases(errors(group, runs));
    }
    suite
}

/// One for each run that is no measurement, whether a check tells of it or not.
fn errors(group: &Group<'_>, runs: &WayRuns<'_>) -> Vec<TestCase> {
    let checks = group
        .checks
        .iter()
        .filter(|check| check.way == runs.way && !is_limit(check));
    let lines: Vec<&str> = checks.map(|check| check.line.as_str()).collect();
    let faulty: Vec<&Run> = runs.faulty().collect();
    // Both are in the order played.
    let errors = (0..lines.len().max(faulty.len())).map(|at| {
        let run = faulty.get(at);
        let fault = run.and_then(|run| run.fault());
        let line = lines.get(at).copied().or(fault).unwrap_or_default();
        let repeat = run.map_or(at as u32 + 1, |run| run.repeat);
        let name = format!("{}: repeat {repeat} is a measurement", runs.way);
        let mut case = case(group, &name, failing(NonSuccessKind::Error, line));
        if let Some(failure) = run.and_then(|run| run.failure.as_ref()) {
            case.set_system_err(failure.log.join("\n"));
        }
        case
    });
    errors.collect()
}

/// Not whether a run was a measurement.
fn is_limit(check: &Check) -> bool {
    check.key != RAN || check.passed
}

fn limit(group: &Group<'_>, check: &Check) -> TestCase {
    let status = if check.passed {
        TestCaseStatus::success()
    } else {
        failing(NonSuccessKind::Failure, &check.line)
    };
    let name = format!("{}: {} {}", check.way, check.key, check.bound);
    case(group, name.trim_end(), status)
}

fn case(group: &Group<'_>, name: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(format!("netlab.{}.{}", group.profile, group.player));
    case
}

fn failing(kind: NonSuccessKind, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(message);
    status
}
