//! The report in the terminal.

use netlab::report::table::render;
use netlab::report::{Failure, Feel, Report, Run, Verdict};
use netlab::transport_under_test::TransportUnderTest;
use unicode_width::UnicodeWidthStr;

use crate::sample;

fn assert_fits(report: &Report) {
    for line in render(report).lines() {
        assert!(line.width() <= 100, "{} columns: {line}", line.width());
        assert!(!line.contains(char::is_control), "{line:?}");
    }
}

#[test]
fn no_line_is_wider_than_a_hundred_columns() {
    assert_fits(&sample::report(3, 10));
    assert_fits(&sample::empty());
}

#[test]
fn long_names_and_foreign_letters_keep_to_the_columns() {
    let mut report = sample::report(1, 2);
    let name = "a profile 網路 with\u{1b}[2J a name\n".repeat(12);
    report.remarks = vec![name.clone(), "x".repeat(300)];
    for run in &mut report.runs {
        run.profile = name.clone();
        run.player = "y".repeat(150);
        run.failure = Some(Failure {
            reason: name.clone(),
            log: vec!["z".repeat(400), name.clone()],
        });
    }
    for check in &mut report.verdict.checks {
        check.line = name.clone();
        check.passed = false;
    }
    assert_fits(&report);
}

#[test]
fn huge_and_absent_figures_keep_to_the_columns() {
    let mut report = sample::report(2, 2);
    for (huge, run) in [1e4, 123_456.7, 9.9e9, f64::MAX, f64::NAN]
        .iter()
        .cycle()
        .zip(&mut report.runs)
    {
        for figures in [&mut run.figures, &mut run.floor] {
            figures.sent = u32::MAX;
            figures.late = 4_000_000_000;
            figures.superseded = 99_999;
            figures.gaps = 88_888;
            figures.longest_gap = *huge;
            figures.starved_percent = *huge;
            figures.age.p50 = *huge;
            figures.age.p99 = *huge * f64::from(run.repeat);
            figures.age.max = -*huge;
        }
        run.seconds = *huge;
        run.connection.first_snapshot = Some(*huge / f64::from(run.repeat));
        run.connection.rtt_seen = None;
        run.connection.tcp_retransmitted = Some(u64::MAX);
    }
    assert_fits(&report);
    let text = render(&report);
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
}

#[test]
fn each_way_stands_beside_what_the_link_alone_costs() {
    let report = sample::report(3, 10);
    let text = render(&report);
    let blocks: Vec<&str> = text
        .split("\n── ")
        .filter(|part| part.contains(" · "))
        .collect();
    assert_eq!(blocks.len(), 4, "two profiles, two players");
    for block in blocks {
        for row in TransportUnderTest::ALL
            .map(TransportUnderTest::name)
            .into_iter()
            .chain(["link alone"])
        {
            let rows = block.lines().filter(|line| line.starts_with(row));
            assert_eq!(rows.count(), 2, "{row} in {block}");
        }
    }
}

#[test]
fn what_the_player_felt_is_shown_where_it_is_told() {
    let mut report = sample::report(3, 2);
    assert!(!render(&report).contains("\nfelt "), "nobody tells");
    for (run, extrapolated_percent) in report.runs.iter_mut().zip([0.02, 0.5, 7.0].iter().cycle()) {
        run.feel = (run.way == TransportUnderTest::WebRtc).then_some(Feel {
            extrapolated_percent: *extrapolated_percent,
            correction_px_p95: 1.25,
            input_frames: Some(1.0),
            ..Feel::default()
        });
    }
    assert_fits(&report);
    let text = render(&report);
    let felt = text.split("\nfelt ").nth(1).unwrap_or_default();
    let rows: Vec<&str> = felt.lines().skip(1).take(2).collect();
    assert!(
        rows[0].starts_with("webrtc") && rows[0].contains("1.25"),
        "{text}"
    );
    assert!(rows[1].is_empty(), "the other ways don't tell: {text}");
}

#[test]
fn huge_feelings_keep_to_the_columns() {
    let mut report = sample::report(2, 2);
    for (huge, run) in [9.9e9, f64::MAX, f64::NAN]
        .iter()
        .cycle()
        .zip(&mut report.runs)
    {
        run.feel = Some(Feel {
            extrapolated_percent: 100.0 / f64::from(run.repeat),
            frozen_percent: 100.0,
            interpolation_delay: *huge,
            correction_px_p95: 99.94 * f64::from(run.repeat),
            input_frames: Some(*huge),
            frame_cpu_p95: 99.9,
            extra_percent: *huge,
            extra_down_percent: *huge,
            extra_up_percent: *huge,
            ..Feel::default()
        });
    }
    assert_fits(&report);
}

#[test]
fn the_median_is_shown_and_what_the_repeats_span() {
    let mut report = sample::report(3, 2);
    report
        .runs
        .retain(|run| run.player == "chromium" && run.way == TransportUnderTest::WebRtc);
    for (run, p99) in report.runs.iter_mut().zip([61.0, 65.0, 63.0]) {
        run.figures.age.p99 = p99;
    }
    assert!(
        render(&report).contains("  63 (61–65)  "),
        "{}",
        render(&report)
    );
}

#[test]
fn a_run_that_broke_off_counts_in_no_figure_and_shows_its_log() {
    let mut report = sample::report(2, 2);
    let wanted = |run: &Run| {
        run.profile == "wifi" && run.way == TransportUnderTest::WebRtc && run.player == "firefox"
    };
    report.runs.retain(wanted);
    report.verdict.checks.clear();
    report.runs[0].figures.age.p50 = 4_321.0;
    report.runs[1].figures.age.p50 = 77.0;
    report.runs[0].failure = Some(Failure {
        reason: "the server ended".to_owned(),
        log: (1..=30).map(|line| format!("line {line}.")).collect(),
    });
    let text = render(&report);
    let row = text.lines().find(|line| line.starts_with("webrtc"));
    assert_eq!(
        row.and_then(|row| row.split_whitespace().nth(1)),
        Some("77"),
        "{text}"
    );
    let told = "BROKEN  wifi, firefox, webrtc, repeat 1: the server ended\n";
    assert!(text.contains(told), "though no check tells of it: {text}");
    assert!(
        text.contains("| line 30.\n") && !text.contains("| line 20.\n"),
        "{text}"
    );
}

#[test]
fn a_fault_that_a_check_tells_of_is_told_once() {
    let text = render(&sample::report(1, 2));
    assert_eq!(text.matches("the server ended").count(), 1, "{text}");
}

#[test]
fn figures_that_nobody_has_are_dashes() {
    let mut report = sample::report(1, 2);
    for run in &mut report.runs {
        run.connection.first_snapshot = None;
        run.connection.rtt_seen = None;
        run.connection.tcp_retransmitted = None;
        run.connection.link_bytes_down = None;
    }
    let dashes = |report: &Report| {
        let text = render(report);
        let rows = text.lines().filter(|line| line.starts_with("webrtc"));
        rows.take(2)
            .map(|row| row.matches('–').count())
            .collect::<Vec<_>>()
    };
    assert_eq!(dashes(&report), [0, 4]);
    report
        .runs
        .iter_mut()
        .for_each(|run| run.figures.arrived = 0);
    assert_eq!(
        dashes(&report),
        [8, 10],
        "a run in which nothing came in is no measurement"
    );
}

#[test]
fn what_failed_comes_before_the_verdict_in_whole_sentences() {
    let mut report = sample::report(1, 2);
    report.runs.iter_mut().for_each(|run| run.failure = None);
    report.verdict.checks.retain(|check| check.key != "ran");
    report
        .verdict
        .checks
        .iter_mut()
        .for_each(|check| check.passed = true);
    let total = report.verdict.checks.len();
    assert!(render(&report).ends_with(&format!("\nPASSED: all {total} checks passed\n")));

    let failed = &mut report.verdict.checks[5];
    failed.passed = false;
    failed.line =
        "fades-5, chromium, webrtc: starved 1.9 % above the floor, allowed 0.2 %".to_owned();
    let end = format!(
        "\nFAILED  fades-5, chromium, webrtc: starved 1.9 % above the floor, allowed 0.2 %\n\
         \nFAILED: 1 of {total} checks failed\n"
    );
    assert!(render(&report).ends_with(&end), "{}", render(&report));
}

#[test]
fn a_report_of_nothing_says_so() {
    assert_eq!(render(&sample::empty()), "NO VERDICT: nothing was played\n");
    let mut unasked = sample::report(1, 2);
    unasked.runs.truncate(1);
    unasked.verdict = Verdict::default();
    assert!(render(&unasked).ends_with("NO VERDICT: no threshold was set\n"));
}
