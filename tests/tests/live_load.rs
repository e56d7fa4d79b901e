//! The load generator: it gets players in on each rung, and what it says of the server adds up.

use std::process::Command;

use netlab::programs;
use serde_json::Value;

const PLAYERS: u32 = 24;

/// What it measures, as its file says.
fn figures(arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("figures.json");
    let output = Command::new(programs::release("load"))
        .args([
            "--players",
            &PLAYERS.to_string(),
            "--seconds",
            "3",
            "--json",
        ])
        .arg(&file)
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let fault = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{fault}");
    println!("{said}");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn adds_up(figures: &Value) {
    let of = |name: &str| figures[name].as_f64().unwrap();
    assert_eq!(
        (of("players"), of("failed_joins")),
        (f64::from(PLAYERS), 0.0)
    );
    let wanted = f64::from(PLAYERS) * 30.0;
    let share = of("snapshots_a_second") / wanted;
    // A stream of which some come late on a busy machine gets two in three.
    assert!((0.6..1.3).contains(&share), "{figures}");
    assert_eq!(of("undecodable"), 0.0);
    let used = (of("user_us") + of("system_us")) * of("snapshots_a_second") / 1e6;
    assert!(used > 0.0 && (used - of("cores")).abs() < 0.02, "{figures}");
    assert!(of("memory_a_player") > 0.0 && of("context_switches") > 0.0);
}

#[test]
fn a_small_crowd_plays_the_game_on_each_rung() {
    for rung in ["webtransport", "webrtc", "websocket"] {
        adds_up(&figures(&["--rung", rung]));
    }
}

#[test]
fn without_a_game_each_snapshot_is_as_large_as_any() {
    let figures = figures(&["--rung", "websocket", "--transport-only"]);
    adds_up(&figures);
    let bytes = figures["bytes_in_a_snapshot"].as_f64().unwrap();
    assert!((256.0..300.0).contains(&bytes), "{bytes}");
}

#[test]
fn a_rung_that_is_none_is_refused_in_words() {
    let output = Command::new(programs::release("load"))
        .args(["--rung", "pigeon"])
        .output()
        .unwrap();
    let fault = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        fault.contains("webtransport, webrtc or websocket"),
        "{fault}"
    );
}
