//! The report as JUnit's XML, read back by the library that CI tools for Rust use.

use netlab::report::Report;
use netlab::report::junit::render;
use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus};

use crate::sample;

fn parsed(report: &Report) -> Junit {
    let xml = render(report);
    Junit::deserialize_from_str(&xml).unwrap_or_else(|error| panic!("{error}: {xml}"))
}

fn message(case: &TestCase) -> Option<(NonSuccessKind, String)> {
    match &case.status {
        TestCaseStatus::NonSuccess { kind, message, .. } => {
            Some((*kind, message.as_deref().unwrap_or_default().to_owned()))
        }
        _ => None,
    }
}

#[test]
fn each_profile_and_player_is_a_suite_with_a_case_per_check() {
    let report = sample::report(2, 5);
    let junit = parsed(&report);
    let suites: Vec<&str> = junit
        .test_suites
        .iter()
        .map(|suite| suite.name.as_str())
        .collect();
    assert_eq!(
        suites,
        [
            "wifi · chromium",
            "wifi · firefox",
            "fades-5 · chromium",
            "fades-5 · firefox"
        ]
    );
    assert_eq!(junit.tests, report.verdict.checks.len());
}

#[test]
fn a_failed_check_is_a_failure_with_its_sentence() {
    let mut report = sample::report(1, 2);
    report.verdict.checks.truncate(1);
    let check = &mut report.verdict.checks[0];
    check.passed = false;
    check.line = "starved <much> & \"long\"".to_owned();
    let junit = parsed(&report);
    let case = &junit.test_suites[0].test_cases[0];
    assert_eq!(
        message(case),
        Some((
            NonSuccessKind::Failure,
            "starved <much> & \"long\"".to_owned()
        ))
    );
    assert_eq!(junit.failures, 1);
}

#[test]
fn a_run_that_broke_off_is_one_error_with_its_log() {
    let mut report = sample::report(1, 2);
    let (_, failure) = (
        1,
        report.runs.last_mut().and_then(|run| run.failure.as_mut()),
    );
    failure
        .expect("the sample's last run broke off")
        .log
        .push("\u{1b}[31mbyte \u{0} ]]> end".to_owned());
    assert_one_error(&report);
    report.verdict.checks.retain(|check| check.key != "ran");
    assert_one_error(&report);
}

fn assert_one_error(report: &Report) {
    let junit = parsed(report);
    assert_eq!(junit.errors, 1);
    let cases = || junit.test_suites.iter().flat_map(|suite| &suite.test_cases);
    let broken =
        cases().find(|case| message(case).is_some_and(|(kind, _)| kind == NonSuccessKind::Error));
    let broken = broken.expect("a case with an error");
    let log = broken
        .system_err
        .as_ref()
        .expect("its log")
        .as_str()
        .to_owned();
    assert!(
        log.contains("ERROR out of memory") && log.contains("]]> end"),
        "{log}"
    );
}

#[test]
fn a_report_of_nothing_is_still_a_document() {
    assert_eq!(parsed(&sample::empty()).tests, 0);
}
