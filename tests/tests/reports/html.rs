//! The report as a page.

use netlab::report::html::render;
use netlab::report::{Failure, Report, Verdict};
use netlab::transport_under_test::TransportUnderTest;

use crate::sample;

/// What a reader of the page might be made to run or load.
fn assert_harmless(page: &str) {
    for danger in [
        "<script",
        "<img",
        "javascript:",
        "onload=",
        "http://",
        "https://",
        "url(",
    ] {
        assert!(!page.contains(danger), "{danger}");
    }
}

#[test]
fn the_page_stands_alone() {
    let page = render(&sample::report(2, 10));
    assert_harmless(&page);
    assert!(
        !page.contains("<link") && !page.contains("src="),
        "nothing is fetched"
    );
    assert!(page.contains("default-src 'none'"), "and nothing could be");
}

#[test]
fn hostile_names_and_log_lines_are_shown_and_not_obeyed() {
    let hostile = "</title></style></pre>\"><script>alert('x')</script><img src=x onload=\"a\">";
    let mut report = sample::report(2, 5);
    report.command.push(hostile.to_owned());
    report.remarks.push(hostile.to_owned());
    for note in &mut report.profiles {
        note.name = hostile.to_owned();
        note.summary = hostile.to_owned();
        note.source = hostile.to_owned();
    }
    for run in &mut report.runs {
        run.profile = hostile.to_owned();
        run.player = hostile.to_owned();
        run.failure = Some(Failure {
            reason: hostile.to_owned(),
            log: vec![hostile.to_owned()],
        });
    }
    for check in &mut report.verdict.checks {
        check.profile = hostile.to_owned();
        check.line = hostile.to_owned();
        check.passed = false;
    }
    let page = render(&report);
    assert!(!page.contains("<script") && !page.contains("<img"));
    assert!(page.contains("&lt;script&gt;alert"));
}

#[test]
fn forty_runs_of_half_a_minute_fit_in_two_megabytes() {
    let mut report = sample::report(3, 30);
    report.runs.truncate(40);
    let size = render(&report).len();
    assert!(size < 1_000_000, "{size} bytes");

    // Sixty snapshots a second for five minutes: far more dots than a screen has room for.
    for run in &mut report.runs {
        run.seconds = 300.0;
        for series in [&mut run.series, &mut run.floor_series] {
            series.at = (0..18_000).map(|at| f64::from(at) * 16.667).collect();
            series.age = (0..18_000)
                .map(|at| 60.0 + f64::from(at * 7_919 % 1_000))
                .collect();
            series.is_new = (0..18_000).map(|at| at % 3 > 0).collect();
        }
    }
    let size = render(&report).len();
    assert!(size < 2_000_000, "{size} bytes");
}

#[test]
fn a_gap_can_be_pointed_at_for_its_length() {
    let mut report = sample::report(1, 10);
    report.runs.truncate(1);
    let series = &mut report.runs[0].series;
    series.at = vec![100.0, 2_500.0, 2_550.0, 9_900.0];
    series.age = vec![60.0; 4];
    series.is_new = vec![true; 4];
    let page = render(&report);
    assert!(
        page.contains("Ladder: nothing new for 2400 ms, from 0.1 s on"),
        "{page}"
    );
}

#[test]
fn a_dead_run_shows_why_and_what_the_server_said_last() {
    let page = render(&sample::report(1, 5));
    assert!(
        page.contains("repeat 1 is no measurement: the server ended in mid-game with signal 9")
    );
    assert!(page.contains("ERROR out of memory"));
    assert!(page.contains("broke off"));
}

#[test]
fn each_repeat_has_plots_of_its_own_and_the_worst_is_picked() {
    let mut report = sample::report(3, 5);
    report
        .runs
        .retain(|run| run.profile == "wifi" && run.player == "chromium");
    report.verdict = Verdict::default();
    for run in &mut report.runs {
        run.figures.starved_percent = if run.repeat == 2 { 7.0 } else { 1.0 };
    }
    let page = render(&report);
    assert_eq!(page.matches("type=\"radio\"").count(), 3);
    assert_eq!(page.matches(" checked").count(), 1);
    assert!(page.contains("class=\"p1\" checked><span>2 – the worst</span>"));
    for repeat in 0..3 {
        assert!(page.contains(&format!("class=\"repeat r{repeat}\"")));
    }
}

#[test]
fn each_way_has_its_own_colour_everywhere() {
    let mut report = sample::report(1, 5);
    report.runs[0].way = TransportUnderTest::OneWebSocket;
    report.runs[1].way = TransportUnderTest::SocketIo;
    let page = render(&report);
    for way in TransportUnderTest::EVERY.map(TransportUnderTest::name) {
        assert!(
            page.contains(&format!(".{way} {{ --own: var(--{way}); }}")),
            "{way}"
        );
        assert!(page.contains(&format!("<tr class=\"{way}\">")), "{way}");
    }
}

#[test]
fn what_is_no_number_is_shown_as_none() {
    let mut report = sample::report(2, 5);
    for (at, run) in report.runs.iter_mut().enumerate() {
        let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e300, 1e300][at % 5];
        run.seconds = odd;
        run.figures.age.p99 = odd;
        run.floor.starved_percent = odd;
        run.figures.starved_percent = odd;
        run.connection.first_snapshot = Some(odd);
        run.series.at[0] = odd;
        run.series.age[1] = odd;
        run.floor_series.age.fill(odd);
    }
    report.began_unix_ms = f64::NAN;
    assert_numbers(&report);
    report.runs.iter_mut().for_each(|run| run.series.at.clear());
    assert_numbers(&report);
}

fn assert_numbers(report: &Report) {
    let page = render(report);
    for odd in ["NaN", "inf ", ">inf", "inf%", "-inf"] {
        assert!(!page.contains(odd), "{odd}");
    }
}

#[test]
fn a_report_of_nothing_is_a_page_too() {
    let page = render(&sample::empty());
    assert!(page.contains("No verdict") && page.contains("Nothing was played."));
    assert!(!page.contains("<svg"));
}
