//! Whether the runs on a profile keep to its limits; it doesn't say why not.

use crate::figures::median;
use crate::profile::{Limit, LimitKey, Profile};
use crate::report::{Check, Run};
use crate::transport_under_test::TransportUnderTest;

/// What a check is called that a run was a measurement at all.
const RAN: &str = "ran";

/// Holds the runs on `profile` (others are left out) to its limits: for each player and way, in the order played, a
/// failed check per run that was no measurement, and one check per limit, in which the median over the repeats
/// counts.
///
/// A limit on something that the player can't tell is no failure; the line says that it wasn't measured.
pub fn verdict(profile: &Profile, runs: &[Run]) -> Vec<Check> {
    let mut groups: Vec<(&str, TransportUnderTest)> = Vec::new();
    for run in runs.iter().filter(|run| run.profile == profile.name) {
        let group = (run.player.as_str(), run.way);
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
        .into_iter()
        .flat_map(|(player, way)| {
            let of_group =
                |run: &&Run| run.profile == profile.name && run.player == player && run.way == way;
            let repeats: Vec<&Run> = runs.iter().filter(of_group).collect();
            judge(profile, player, way, &repeats)
        })
        .collect()
}

fn judge(profile: &Profile, player: &str, way: TransportUnderTest, repeats: &[&Run]) -> Vec<Check> {
    let check = |key: &str, bound: String, measured, passed, said: &str| Check {
        profile: profile.name.clone(),
        player: player.to_owned(),
        way,
        key: key.to_owned(),
        bound,
        measured,
        passed,
        line: format!("{} {player} {way}: {said}", profile.name),
    };
    let mut checks = Vec::new();
    let mut measured_runs = Vec::new();
    for run in repeats {
        match run.fault() {
            None => measured_runs.push(*run),
            Some(fault) => {
                let said = format!("repeat {} is no measurement: {fault}", run.repeat);
                let bound = "every run is a measurement".to_owned();
                checks.push(check(RAN, bound, Vec::new(), false, &said));
            }
        }
    }
    if measured_runs.is_empty() {
        return checks;
    }
    for limit in profile.limits.of(way) {
        let values: Option<Vec<f64>> = measured_runs
            .iter()
            .map(|run| measure(limit.key, run))
            .collect();
        let key = limit.key.name();
        let bound = limit.to_string();
        let (passed, said) = match values.as_deref() {
            None => (
                true,
                format!(
                    "{} can't be measured by this player; it may be {bound}",
                    limit.key.words()
                ),
            ),
            Some(values) => {
                let median = median(values).unwrap_or_default();
                (keeps(limit, median), words(limit, median, values))
            }
        };
        checks.push(check(key, bound, values.unwrap_or_default(), passed, &said));
    }
    checks
}

/// What a limit is held against; `None` when the player can't tell.
fn measure(key: LimitKey, run: &Run) -> Option<f64> {
    let (own, floor) = (&run.figures, &run.floor);
    let value = match key {
        LimitKey::AgeP50OverFloorMs => own.age.p50 - floor.age.p50,
        LimitKey::AgeP99OverFloorMs => own.age.p99 - floor.age.p99,
        LimitKey::AgeP99Ms => own.age.p99,
        LimitKey::StarvedPercent => own.starved_percent,
        LimitKey::StarvedPercentOverFloor => own.starved_percent - floor.starved_percent,
        LimitKey::LongestGapMs => own.longest_gap,
        LimitKey::LongestGapOverFloorMs => own.longest_gap - floor.longest_gap,
        LimitKey::MinArrivedPercent => f64::from(own.arrived) * 100.0 / f64::from(own.sent.max(1)),
        LimitKey::FirstSnapshotMs => run.connection.first_snapshot?,
        LimitKey::RungChanges => f64::from(run.connection.rung_changes?),
        LimitKey::DownKbitPerS => {
            run.connection.bytes?.down as f64 * 8.0 / 1e3 / run.seconds.max(0.001)
        }
        LimitKey::ExtrapolatedPercent => run.feel?.extrapolated_percent,
        LimitKey::FrozenPercent => run.feel?.frozen_percent,
        LimitKey::InterpolationDelayMs => run.feel?.interpolation_delay,
        LimitKey::PicturePxP95 => run.feel?.picture_px_p95?,
        LimitKey::CorrectionPxP95 => run.feel?.correction_px_p95,
        LimitKey::InputFrames => run.feel?.input_frames?,
        LimitKey::FrameCpuP95Ms => run.feel?.frame_cpu_p95,
        LimitKey::ExtraPercent => run.feel?.extra_percent,
    };
    Some(value)
}

fn keeps(limit: Limit, value: f64) -> bool {
    if limit.key.is_least() {
        value >= limit.bound
    } else {
        value <= limit.bound
    }
}

fn words(limit: Limit, median: f64, values: &[f64]) -> String {
    let unit = limit.key.unit();
    let figure = |value: f64| match unit {
        " %" | " px" => format!("{value:.2}"),
        "" => format!("{value}"),
        _ => format!("{value:.1}"),
    };
    let mut said = format!("{} is {}{unit}", limit.key.words(), figure(median));
    if values.len() > 1 {
        let each: Vec<String> = values.iter().map(|value| figure(*value)).collect();
        said += &format!(" ({})", each.join(", "));
    }
    said + &format!(", may be {limit}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profiles;
    use crate::report::{Bytes, Connection, Failure, Feel, Figures, Quantiles, Series};

    fn profile(limits: &str) -> Profile {
        let text =
            format!("[profile.p]\nsummary = \"\"\nsource = \"\"\n[profile.p.limits]\n{limits}");
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let profiles = Profiles::read(file.path()).unwrap();
        profiles.named("p").unwrap().clone()
    }

    const FEEL: Feel = Feel {
        frames_per_s: 60.0,
        extrapolated_percent: 0.5,
        frozen_percent: 0.25,
        interpolation_delay: 110.0,
        longest_interpolation_delay: 140.0,
        picture_px_p50: Some(9.0),
        picture_px_p95: Some(27.0),
        speed_jump_p95: Some(80.0),
        correction_px_p50: 0.0,
        correction_px_p95: 2.0,
        input_frames: Some(1.0),
        input_copies: 2.0,
        frame_cpu_p50: 0.25,
        frame_cpu_p95: 1.5,
        bytes_per_s_down: 1_500.0,
        bytes_per_s_up: 900.0,
        extra_percent: 110.0,
        extra_down_percent: 100.0,
        extra_up_percent: 120.0,
    };

    fn run(way: TransportUnderTest, repeat: u32, p99: f64) -> Run {
        let figures = |p99, starved_percent, longest_gap| Figures {
            sent: 200,
            arrived: 190,
            age: Quantiles {
                p50: p99 - 10.0,
                p99,
                ..Quantiles::default()
            },
            starved_percent,
            longest_gap,
            ..Figures::default()
        };
        Run {
            profile: "p".into(),
            player: "chromium".into(),
            way,
            repeat,
            seed: 1,
            seconds: 10.0,
            figures: figures(p99, 1.5, 400.0),
            floor: figures(60.0, 1.0, 300.0),
            connection: Connection {
                first_snapshot: Some(250.0),
                rung_changes: Some(1),
                bytes: Some(Bytes {
                    down: 20_000,
                    up: 0,
                }),
                ..Connection::default()
            },
            feel: Some(FEEL),
            series: Series::default(),
            other_series: Vec::new(),
            floor_series: Series::default(),
            failure: None,
        }
    }

    #[test]
    fn the_median_of_the_repeats_counts() {
        let profile = profile("age_p99_over_floor_ms = 15");
        let runs = |ages: &[f64]| -> Vec<Run> {
            let run = |(index, age): (usize, &f64)| {
                run(TransportUnderTest::WebRtc, index as u32 + 1, *age)
            };
            ages.iter().enumerate().map(run).collect()
        };
        let passed = |ages: &[f64]| -> bool {
            let checks = verdict(&profile, &runs(ages));
            assert_eq!(checks.len(), 1);
            checks[0].passed
        };
        assert!(passed(&[61.0, 200.0, 75.0]), "one bad run of three is luck");
        assert!(!passed(&[61.0, 200.0, 76.0]));
        assert!(
            passed(&[60.0, 90.0]),
            "15 over the floor in the mean of two"
        );
        assert!(!passed(&[60.0, 91.0]));

        let check = &verdict(&profile, &runs(&[61.0, 200.0, 76.0]))[0];
        assert_eq!(check.key, "age_p99_over_floor_ms");
        assert_eq!(check.bound, "≤ 15 ms");
        assert_eq!(check.measured, [1.0, 140.0, 16.0]);
        assert_eq!(
            check.line,
            "p chromium webrtc: age p99 above the link alone is 16.0 ms (1.0, 140.0, 16.0), may be ≤ 15 ms"
        );
    }

    #[test]
    fn every_limit_is_held_against_its_figure() {
        let figures = [
            ("age_p50_over_floor_ms", 10.0),
            ("age_p99_over_floor_ms", 10.0),
            ("age_p99_ms", 70.0),
            ("starved_percent", 1.5),
            ("starved_percent_over_floor", 0.5),
            ("longest_gap_ms", 400.0),
            ("longest_gap_over_floor_ms", 100.0),
            ("min_arrived_percent", 95.0),
            ("first_snapshot_ms", 250.0),
            ("rung_changes", 1.0),
            ("down_kbit_per_s", 16.0),
            ("extrapolated_percent", 0.5),
            ("frozen_percent", 0.25),
            ("interpolation_delay_ms", 110.0),
            ("picture_px_p95", 27.0),
            ("correction_px_p95", 2.0),
            ("input_frames", 1.0),
            ("frame_cpu_p95_ms", 1.5),
            ("extra_percent", 110.0),
        ];
        assert_eq!(
            figures.map(|(key, _)| key),
            LimitKey::ALL.map(LimitKey::name)
        );
        for (key, value) in figures {
            let judged = |bound: f64| {
                let checks = verdict(
                    &profile(&format!("{key} = {bound}")),
                    &[run(TransportUnderTest::Ladder, 1, 70.0)],
                );
                assert_eq!(checks[0].measured, [value], "{key}");
                checks[0].passed
            };
            let least = key.starts_with("min_");
            assert!(judged(value), "{key}");
            assert_eq!(judged(value - 0.1), least, "{key}");
            assert_eq!(judged(value + 0.1), !least, "{key}");
        }
    }

    #[test]
    fn each_player_and_way_is_judged_for_itself() {
        let profile =
            profile("starved_percent = 2\n[profile.p.limits.webrtc]\nstarved_percent = 1");
        let mut native = run(TransportUnderTest::WebRtc, 1, 70.0);
        native.player = "native".into();
        let mut foreign = run(TransportUnderTest::WebRtc, 1, 70.0);
        foreign.profile = "q".into();
        let runs = [
            run(TransportUnderTest::Ladder, 1, 70.0),
            native,
            foreign,
            run(TransportUnderTest::WebRtc, 1, 70.0),
        ];
        let checks = verdict(&profile, &runs);
        let told: Vec<_> = checks
            .iter()
            .map(|check| (check.player.as_str(), check.way, check.passed))
            .collect();
        let expected = [
            ("chromium", TransportUnderTest::Ladder, true),
            ("native", TransportUnderTest::WebRtc, false),
            ("chromium", TransportUnderTest::WebRtc, false),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_run_that_was_no_measurement_fails_and_is_left_out_of_the_median() {
        let profile = profile("age_p99_over_floor_ms = 15");
        let mut died = run(TransportUnderTest::Ladder, 1, 900.0);
        died.failure = Some(Failure {
            reason: "the server died".into(),
            log: Vec::new(),
        });
        let mut mute = run(TransportUnderTest::Ladder, 2, 0.0);
        mute.figures.arrived = 0;
        let checks = verdict(
            &profile,
            &[
                died.clone(),
                mute.clone(),
                run(TransportUnderTest::Ladder, 3, 70.0),
            ],
        );
        let keys: Vec<_> = checks
            .iter()
            .map(|check| (check.key.as_str(), check.passed))
            .collect();
        assert_eq!(
            keys,
            [
                ("ran", false),
                ("ran", false),
                ("age_p99_over_floor_ms", true)
            ]
        );
        assert!(
            checks[0]
                .line
                .ends_with("repeat 1 is no measurement: the server died")
        );
        assert!(
            checks[1]
                .line
                .ends_with("repeat 2 is no measurement: no snapshot came in")
        );

        let checks = verdict(&profile, &[died, mute]);
        assert!(
            checks
                .iter()
                .all(|check| check.key == "ran" && !check.passed)
        );
    }

    #[test]
    fn what_the_player_cannot_tell_is_said_and_fails_nothing() {
        let mut silent = run(TransportUnderTest::Ladder, 1, 70.0);
        silent.connection = Connection::default();
        let checks = verdict(&profile("first_snapshot_ms = 500"), &[silent]);
        assert!(checks[0].passed);
        assert!(checks[0].measured.is_empty());
        assert!(
            checks[0].line.contains("can't be measured"),
            "{}",
            checks[0].line
        );
    }
}
