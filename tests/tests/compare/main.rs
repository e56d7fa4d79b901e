//! `netlab compare`: how often it cries wolf, and what it finds.

mod command;
mod games;

use games::{AS_EVER, ON_A_BUSY_MACHINE, Skill, fades, link, play, played, report};
use netlab::judge::compare::{Comparison, Finding, Metric, compare, render};
use netlab::path::{Loss, PathConfig};
use netlab::report::{Failure, Figures, Series};

#[derive(Clone, Copy, PartialEq)]
enum Conditions {
    /// The runs of A and B meet the same, two by two.
    Same,
    /// Each meets its own.
    Own,
}

fn trial(link: &PathConfig, a: Skill, b: Skill, conditions: Conditions, number: u64) -> Comparison {
    let seed_of_b = match conditions {
        Conditions::Same => number * 100,
        Conditions::Own => number * 100 + 50,
    };
    let a = played(link, a, number * 100, number * 1_000);
    let b = played(link, b, seed_of_b, number * 1_000 + 500);
    compare(&a, &b).unwrap()
}

fn finding(comparison: &Comparison, metric: Metric) -> Finding {
    let rows = &comparison.groups[0].rows;
    rows.iter()
        .find(|row| row.metric == metric)
        .unwrap()
        .finding
}

/// In how many of so many trials `told` holds, in percent.
fn percent(trials: u64, told: impl Fn(u64) -> bool) -> f64 {
    (0..trials).filter(|number| told(*number)).count() as f64 * 100.0 / trials as f64
}

/// How often the same game against itself is called worse in any figure, in percent of 200 trials.
fn false_alarms(link: &PathConfig, skill: Skill, conditions: Conditions) -> f64 {
    percent(200, |number| {
        trial(link, skill, skill, conditions, number).is_worse()
    })
}

#[test]
fn the_same_game_under_the_same_conditions_is_rarely_called_worse() {
    let alarms = false_alarms(&fades(), AS_EVER, Conditions::Same);
    assert!(alarms <= 2.5, "{alarms} %");
}

#[test]
fn the_same_game_under_other_conditions_is_rarely_called_worse() {
    let alarms = false_alarms(&fades(), AS_EVER, Conditions::Own);
    assert!(alarms <= 2.5, "{alarms} %");
}

#[test]
fn the_same_game_on_a_busy_machine_is_rarely_called_worse() {
    let alarms = false_alarms(&fades(), ON_A_BUSY_MACHINE, Conditions::Same);
    assert!(alarms <= 5.0, "{alarms} %");
}

#[test]
fn the_same_game_under_loss_per_packet_is_rarely_called_worse() {
    let alarms = false_alarms(
        &link(Loss::Uniform { percent: 5.0 }),
        AS_EVER,
        Conditions::Own,
    );
    assert!(alarms <= 2.5, "{alarms} %");
}

#[test]
fn what_got_worse_is_found() {
    let older = Skill {
        more_age_ms: 4.0,
        ..AS_EVER
    };
    let stalling = Skill {
        is_reliable: true,
        ..AS_EVER
    };
    let slower = Skill {
        first_snapshot_ms: 350.0,
        ..AS_EVER
    };
    for conditions in [Conditions::Same, Conditions::Own] {
        for (worse, metric) in [
            (older, Metric::AgeP50),
            (older, Metric::AgeP99),
            (stalling, Metric::AgeP99),
            (stalling, Metric::Starved),
            (slower, Metric::FirstSnapshot),
        ] {
            let found = |a, b, wanted| {
                percent(20, |number| {
                    finding(&trial(&fades(), a, b, conditions, number), metric) == wanted
                })
            };
            let as_worse = found(AS_EVER, worse, Finding::Worse);
            let as_better = found(worse, AS_EVER, Finding::Better);
            assert!(as_worse >= 90.0, "{metric:?}: {as_worse} %");
            assert!(as_better >= 90.0, "{metric:?}: {as_better} %");
        }
    }
}

#[test]
fn what_does_not_matter_is_not_called_worse() {
    let hardly = Skill {
        more_age_ms: 1.0,
        ..AS_EVER
    };
    let called = percent(20, |number| {
        trial(&fades(), AS_EVER, hardly, Conditions::Same, number).is_worse()
    });
    assert_eq!(called, 0.0);
}

#[test]
fn the_answer_is_the_same_every_time() {
    let of = || trial(&fades(), AS_EVER, ON_A_BUSY_MACHINE, Conditions::Own, 7);
    assert_eq!(of(), of());
}

#[test]
fn a_report_is_no_worse_than_itself() {
    let report = played(&fades(), AS_EVER, 1, 1);
    let comparison = compare(&report, &report).unwrap();
    assert!(comparison.groups[0].paired);
    for row in &comparison.groups[0].rows {
        assert_eq!((row.a, row.finding), (row.b, Finding::NoDifference));
        assert_eq!(row.interval, Some([0.0, 0.0]));
    }
}

#[test]
fn figures_are_those_of_all_runs_together() {
    let report = played(&fades(), AS_EVER, 1, 1);
    let comparison = compare(&report, &report).unwrap();
    let row = |metric| {
        let mut rows = comparison.groups[0].rows.iter();
        rows.find(|row| row.metric == metric).unwrap().a
    };
    let mean = |figure: fn(&Figures) -> f64| {
        report
            .runs
            .iter()
            .map(|run| figure(&run.figures))
            .sum::<f64>()
            / 3.0
    };
    let starved = mean(|figures| figures.starved_percent);
    assert!((row(Metric::Starved) - starved).abs() < 1e-6);
    assert!((row(Metric::LongestGap) - mean(|figures| figures.longest_gap)).abs() < 1e-6);
    assert!((row(Metric::AgeP50) - mean(|figures| figures.age.p50)).abs() < 1.0);
}

#[test]
fn every_player_of_a_run_counts() {
    let alone = played(&fades(), AS_EVER, 1, 1);
    let mut crowd = alone.clone();
    for run in &mut crowd.runs {
        let starving = Series::default();
        run.other_series = vec![run.series.clone(), starving.clone(), starving];
    }
    let comparison = compare(&alone, &crowd).unwrap();
    let rows = &comparison.groups[0].rows;
    let of = |metric| rows.iter().find(|row| row.metric == metric).unwrap();
    let starved = of(Metric::Starved);
    let all_but_150_ms = 99.5;
    let mean = f64::midpoint(starved.a, all_but_150_ms);
    assert!((starved.b - mean).abs() < 1e-6, "{starved:?}");
    assert_eq!(of(Metric::AgeP99).a, of(Metric::AgeP99).b);
}

#[test]
fn a_run_that_ended_a_hair_early_keeps_its_partner() {
    let a = played(&fades(), AS_EVER, 1, 1);
    let mut b = played(&fades(), AS_EVER, 1, 9);
    for run in &mut b.runs {
        run.seconds -= 0.003;
    }
    assert!(compare(&a, &b).unwrap().groups[0].paired);
    b.runs[0].seconds -= 5.0;
    assert!(!compare(&a, &b).unwrap().groups[0].paired);
}

#[test]
fn runs_that_fail_are_left_out_and_more_of_them_are_worse() {
    let a = played(&fades(), AS_EVER, 1, 1);
    let mut b = a.clone();
    b.runs[2].failure = Some(Failure {
        reason: "the server died".into(),
        log: Vec::new(),
    });
    let comparison = compare(&a, &b).unwrap();
    let group = &comparison.groups[0];
    assert_eq!((group.measured, group.failed), ([3, 2], [0, 1]));
    assert!(comparison.is_worse());
    assert!(render(&comparison).contains("no measurement: 0 runs in A, 1 in B   WORSE"));
    assert!(!compare(&b, &a).unwrap().is_worse());
}

#[test]
fn one_run_cannot_tell_what_runs_have_one_value_of() {
    let one = |seed| report(vec![play(&fades(), AS_EVER, 1, seed, seed)]);
    let comparison = compare(&one(1), &one(2)).unwrap();
    assert_eq!(
        finding(&comparison, Metric::LongestGap),
        Finding::TooFewRuns
    );
    assert_eq!(
        finding(&comparison, Metric::FirstSnapshot),
        Finding::TooFewRuns
    );
    assert_eq!(finding(&comparison, Metric::AgeP50), Finding::NoDifference);
    assert!(render(&comparison).contains("too few runs to tell"));
}

#[test]
fn runs_without_snapshots_or_length_do_no_harm() {
    let mut a = played(&fades(), AS_EVER, 1, 1);
    for run in &mut a.runs {
        run.series = Series::default();
    }
    let mut b = a.clone();
    for run in &mut b.runs {
        run.seconds = 0.0;
    }
    compare(&a, &b).unwrap();
    b.runs[0].seconds = 1e300;
    compare(&a, &b).unwrap();
}
