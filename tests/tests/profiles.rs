//! The profile file: the one in the program, and what a bad one is told.

use std::path::Path;

use netlab::path::{Bandwidth, Loss, PathConfig};
use netlab::profile::{Limit, LimitKey, Profile, Profiles, sdk_json};
use netlab::transport_under_test::TransportUnderTest;

/// The profiles of a file with this text.
fn read(text: &str) -> Result<Profiles, String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mine.toml");
    std::fs::write(&path, text).unwrap();
    Profiles::read(&path).map_err(|error| error.to_string())
}

fn only(text: &str) -> Profile {
    let profiles = read(text).unwrap();
    let mut all = profiles.iter();
    let only = all.next().unwrap().clone();
    assert_eq!(all.next(), None);
    only
}

/// The error of a profile with these lines, which begin at line 4.
fn refusal(lines: &str) -> String {
    let text = format!("[profile.mine]\nsummary = \"\"\nsource = \"\"\n{lines}");
    read(&text).expect_err("a bad file was taken")
}

#[test]
fn the_program_has_the_links_that_its_claims_are_measured_on() {
    let profiles = Profiles::built_in();
    let known = [
        "perfect",
        "wifi",
        "lossy-wifi",
        "4g",
        "4g-moving",
        "3g",
        "congested",
        "satellite",
        "subway",
        "loss-5",
        "bursts-10",
        "fades-5",
        "fades-10",
        "awful",
        "blackhole",
        "handover",
        "chrome-fast-4g",
        "chrome-slow-4g",
        "chrome-3g",
        "lighthouse-slow-4g",
        "comcast-gprs",
        "comcast-edge",
        "gns-20",
        "gns-5",
        "gns-1",
        "yojimbo-soak",
        "apple-very-bad",
    ];
    for name in known {
        profiles.named(name).unwrap();
    }
    assert_eq!(
        profiles.iter().next().unwrap().name,
        "perfect",
        "in the file's order"
    );

    let fades = profiles.named("fades-10").unwrap();
    let loss = Loss::Fades {
        mean_ms: 60.0,
        faded_percent: 10.0,
    };
    assert_eq!((fades.up.loss, fades.down.loss), (loss, loss));
    assert_eq!((fades.down.delay_ms, fades.down.jitter.ms), (60.0, 30.0));
    assert_eq!(
        fades.limits.of(TransportUnderTest::WebSocket),
        [Limit {
            key: LimitKey::StarvedPercentOverFloor,
            bound: 4.0
        }]
    );
}

#[test]
fn every_built_in_profile_makes_a_link_and_fits_a_table() {
    for profile in Profiles::built_in().iter() {
        assert!(profile.paths(1).paths().is_ok(), "{}", profile.name);
        assert!(!profile.source.is_empty(), "{}", profile.name);
        assert!(profile.summary.chars().count() <= 98, "{}", profile.name);
        assert_eq!(profile.trace, None, "{}", profile.name);
    }
}

#[test]
fn a_file_says_both_directions_at_once_or_each() {
    let both = only("[profile.a]\nsummary = \"s\"\nsource = \"h\"\nlink = { delay_ms = 5 }");
    assert_eq!((both.up.delay_ms, both.down.delay_ms), (5.0, 5.0));
    assert_eq!((both.seconds, both.shared_fades), (30.0, false));

    let each = only(
        "[profile.a]\nsummary = \"s\"\nsource = \"h\"\nseconds = 60\nshared_fades = true\n\
         [profile.a.down]\nbandwidth = { kbit_per_s = 50 }",
    );
    assert_eq!(each.up, PathConfig::default());
    assert_eq!(
        each.down.bandwidth,
        Bandwidth {
            kbit_per_s: 50.0,
            ..Bandwidth::UNLIMITED
        }
    );
    assert_eq!((each.seconds, each.shared_fades), (60.0, true));
    assert!(each.paths(7).shared_fades);

    let twice = refusal("[profile.mine.link]\n[profile.mine.up]\n");
    assert!(
        twice.contains("`up` and `down` can't stand beside it"),
        "{twice}"
    );
}

#[test]
fn a_trace_is_sought_beside_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("mine.toml");
    std::fs::write(
        &path,
        "[profile.a]\nsummary = \"s\"\nsource = \"h\"\ntrace = \"x/evening.csv\"",
    )
    .unwrap();
    let profiles = Profiles::read(&path).unwrap();
    let trace = profiles.named("a").unwrap().trace.clone();
    assert_eq!(trace, Some(directory.path().join("x/evening.csv")));
}

#[test]
fn a_way_has_limits_of_its_own_and_those_for_all() {
    let limits = only(
        "[profile.a]\nsummary = \"\"\nsource = \"\"\n\
         [profile.a.limits]\nstarved_percent = 1\nage_p99_over_floor_ms = 15\nmin_arrived_percent = 90\n\
         [profile.a.limits.webrtc]\nage_p99_over_floor_ms = 20\nmin_arrived_percent = inf",
    )
    .limits;
    let words = |way| -> Vec<String> {
        let limits = limits.of(way);
        limits
            .iter()
            .map(|limit| format!("{} {limit}", limit.key))
            .collect()
    };
    assert_eq!(
        words(TransportUnderTest::WebRtc),
        ["age_p99_over_floor_ms ≤ 20 ms", "starved_percent ≤ 1 %"]
    );
    assert_eq!(
        words(TransportUnderTest::Ladder),
        [
            "age_p99_over_floor_ms ≤ 15 ms",
            "starved_percent ≤ 1 %",
            "min_arrived_percent ≥ 90 %"
        ]
    );
}

#[test]
fn an_impossible_figure_names_its_key_and_line() {
    let cases = [
        (
            "link = { loss = { model = \"uniform\", percent = 140 } }",
            4,
            "loss.percent is 140: it must lie between 0 and 100",
        ),
        ("[profile.mine.up]\ndelay_ms = -1", 5, "delay_ms is -1"),
        (
            "seconds = 0",
            4,
            "seconds is 0: it must lie between 1 and 86400",
        ),
        (
            "[profile.mine.limits]\n\nstarved_percent = 101",
            6,
            "starved_percent is 101: it must lie between 0 and 100",
        ),
        (
            "[profile.mine.limits.webrtc]\nlongest_gap_ms = nan",
            5,
            "longest_gap_ms is NaN",
        ),
    ];
    for (lines, line, words) in cases {
        let error = refusal(lines);
        assert!(error.contains(words), "{error}");
        assert!(error.contains(&format!("at line {line},")), "{error}");
    }
}

#[test]
fn an_unknown_key_names_itself_and_its_line() {
    let cases = [
        ("colour = 3", 4, "unknown field `colour`"),
        (
            "[profile.mine.link]\nlatency = 3",
            5,
            "unknown field `latency`",
        ),
        (
            "[profile.mine.limits]\nstarved = 3",
            5,
            "no limit called \"starved\"; there are age_p50_over_floor_ms",
        ),
        (
            "[profile.mine.limits.webrtc]\nladder = {}",
            5,
            "no limit called \"ladder\"",
        ),
        (
            "[profile.\"two words\"]\n",
            4,
            "\"two words\" can't name a profile",
        ),
        ("[profiles.b]", 4, "unknown field `profiles`"),
    ];
    for (lines, line, words) in cases {
        let error = refusal(lines);
        assert!(error.contains(words), "{error}");
        assert!(error.contains(&format!("at line {line},")), "{error}");
        assert!(error.contains("mine.toml"), "{error}");
    }
}

#[test]
fn an_unknown_profile_lists_the_known_ones() {
    let error = Profiles::built_in().named("5g").unwrap_err().to_string();
    assert!(
        error.starts_with("there is no profile called \"5g\"; there are perfect, wifi, "),
        "{error}"
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Profiles::read(Path::new("/nowhere/mine.toml")).unwrap_err();
    assert!(error.to_string().contains("/nowhere/mine.toml"), "{error}");
}

#[test]
fn the_sdk_is_built_with_the_same_profiles() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../web/sdk/src/net/emulator/network-profiles.json");
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    let expected = sdk_json(&Profiles::built_in()).unwrap();
    assert!(
        committed == expected,
        "web/sdk/src/net/emulator/network-profiles.json is out of date: cargo run --release -p netlab -- \
         profiles --sdk > web/sdk/src/net/emulator/network-profiles.json"
    );
}

#[test]
fn the_sdk_gets_what_it_can_do_and_a_remark_on_what_it_cannot() {
    let json: serde_json::Value =
        serde_json::from_str(&sdk_json(&Profiles::built_in()).unwrap()).unwrap();
    for beyond_it in ["blackhole", "rebinding"] {
        assert!(json.get(beyond_it).is_none(), "{beyond_it}");
    }
    let subway = &json["subway"];
    assert_eq!(subway["remark"], "without the bandwidth of the original");
    assert_eq!(subway["shared_fades"], true);
    assert_eq!(subway["up"]["gaps"][0]["every_s"], 20.0);
    assert_eq!(subway["down"]["loss"]["model"], "fades");
    assert_eq!(json["wifi"].get("remark"), None);
}
