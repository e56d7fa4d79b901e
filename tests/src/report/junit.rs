//! A report as JUnit's XML, which CI systems show as tests.

use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::group::{Group, groups};
use super::{Check, Report};

/// The key of a check that asks whether a run is a measurement at all.
const RAN: &str = "ran";

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
    let seconds: f64 = group.measured().map(|run| run.seconds).sum();
    suite.set_time(Duration::try_from_secs_f64(seconds).unwrap_or_default());
    for check in &group.checks {
        suite.add_test_case(case(group, check));
    }
    for case in unasked_failures(group) {
        suite.add_test_case(case);
    }
    suite
}

fn case(group: &Group<'_>, check: &Check) -> TestCase {
    let status = if check.passed {
        TestCaseStatus::success()
    } else if check.key == RAN {
        failing(NonSuccessKind::Error, &check.line)
    } else {
        failing(NonSuccessKind::Failure, &check.line)
    };
    let name = format!("{}: {} {}", check.way, check.key, check.bound);
    let mut case = TestCase::new(name.trim_end(), status);
    case.set_classname(class(group));
    if check.key == RAN && !check.passed {
        case.set_system_err(logs(group, check));
    }
    case
}

/// Failed runs of ways that no check asks about: they are errors all the same.
fn unasked_failures(group: &Group<'_>) -> Vec<TestCase> {
    let is_asked = |way| {
        let mut checks = group.checks.iter();
        checks.any(|check| check.way == way && check.key == RAN && !check.passed)
    };
    let ways = group.ways.iter().filter(|runs| !is_asked(runs.way));
    ways.flat_map(|runs| runs.broken())
        .map(|(run, failure)| {
            let status = failing(NonSuccessKind::Error, &failure.reason);
            let name = format!("{}: {RAN}, repeat {}", run.way, run.repeat);
            let mut case = TestCase::new(name, status);
            case.set_classname(class(group))
                .set_system_err(failure.log.join("\n"));
            case
        })
        .collect()
}

fn failing(kind: NonSuccessKind, message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(message);
    status
}

fn class(group: &Group<'_>) -> String {
    format!("netlab.{}.{}", group.profile, group.player)
}

fn logs(group: &Group<'_>, check: &Check) -> String {
    let ways = group.ways.iter().filter(|runs| runs.way == check.way);
    let logs = ways.flat_map(|runs| runs.broken()).map(|(run, failure)| {
        format!(
            "repeat {}: {}\n{}",
            run.repeat,
            failure.reason,
            failure.log.join("\n")
        )
    });
    logs.collect::<Vec<_>>().join("\n\n")
}
