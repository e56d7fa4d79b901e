//! `netlab run` as its users have it: exit codes, what it writes, and what it says when something goes wrong.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use netlab::report::{self, Report};
use netlab::transport_under_test::TransportUnderTest;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

/// Two links: one on which all is well, and one of which more is asked than any link can give.
const PROFILES: &str = r#"
    [profile.short]
    summary = "20 ms one way"
    source = "made up"
    [profile.short.link]
    delay_ms = 20
    [profile.short.limits]
    min_arrived_percent = 90
    starved_percent = 50

    [profile.impossible]
    summary = "20 ms one way, in 5 ms"
    source = "made up"
    [profile.impossible.link]
    delay_ms = 20
    [profile.impossible.limits]
    age_p99_ms = 5
"#;

/// A folder with the profiles in it, and `netlab run` in it.
struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("profiles.toml"), PROFILES).unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(netlab::programs::release("netlab"));
        command
            .args(["run", "--profiles", "profiles.toml", "--json", "out.json"])
            .args(arguments.split_whitespace())
            .current_dir(self.0.path());
        command
    }

    /// What came of it; `None` on a machine that lacks something, which is said aloud.
    fn run(&self, arguments: &str) -> Option<Output> {
        or_lacking(self.command(arguments).output().unwrap())
    }

    fn report(&self) -> Report {
        report::file::read(&self.path("out.json")).unwrap()
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }
}

fn or_lacking(output: Output) -> Option<Output> {
    let said = errors(&output);
    let lacks = [
        "needs root",
        "needs /dev/net/tun",
        "install the",
        "run `npm install --no-save",
        "run `cargo",
    ];
    let is_lacking =
        output.status.code() == Some(2) && lacks.iter().any(|lack| said.contains(lack));
    if is_lacking && std::env::var("CI").is_ok_and(|ci| ci == "true") {
        panic!("{said}");
    }
    if is_lacking {
        eprintln!("SKIPPED: {said}");
    }
    (!is_lacking).then_some(output)
}

fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn table(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_good_game_passes_and_everything_is_written() {
    let bench = Bench::new();
    let Some(output) = bench.run(
        "--profile short --rung webtransport --browser chromium,native --seconds 3 --repeats 1 \
         --players 2 --html out.html --junit out.xml",
    ) else {
        return;
    };
    println!("{}{}", errors(&output), table(&output));
    assert_eq!(output.status.code(), Some(0));
    assert!(
        table(&output)
            .lines()
            .all(|line| line.chars().count() <= 100)
    );

    let report = bench.report();
    assert!(report.verdict.passed());
    assert_eq!(report.verdict.checks.len(), 4);
    let players: Vec<&str> = report.runs.iter().map(|run| run.player.as_str()).collect();
    assert_eq!(players, ["chromium", "native"]);
    for run in &report.runs {
        let (figures, connection) = (&run.figures, &run.connection);
        // Two players, 30 a second, 3 s; more on a lossy path, less while the machine is busy.
        assert!((100..=370).contains(&figures.sent), "{figures:?}");
        assert!(
            figures.age.p50 >= 19.5,
            "no snapshot outran the link: {figures:?}"
        );
        assert!(
            (19.9..=20.1).contains(&run.floor.age.p50),
            "{:?}",
            run.floor
        );
        assert!(
            figures.starved_percent >= run.floor.starved_percent,
            "{run:?}"
        );
        // The join and the attach take a round trip each at least.
        assert!(connection.first_snapshot.unwrap() >= 80.0, "{connection:?}");
        assert_eq!(connection.rtt_set, 40.0);
        assert!(
            connection.link_bytes_down.unwrap() > 2_000,
            "{connection:?}"
        );
        assert_eq!(run.series.at.len(), run.series.age.len());
        assert!(run.series.at.len() > 50);
    }
    assert!(bench.read("out.html").contains("</html>"));
    assert!(bench.read("out.xml").contains("tests=\"4\""));
}

#[test]
fn the_game_plays_over_socket_io_beside_the_rungs() {
    let bench = Bench::new();
    let Some(output) = bench.run(
        "--profile short --rung websocket,socket-io --browser chromium --seconds 4 --repeats 1 --players 2",
    ) else {
        return;
    };
    println!("{}{}", errors(&output), table(&output));
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let report = bench.report();
    let [websocket, socket_io] = &report.runs[..] else {
        panic!("{:?}", report.runs);
    };
    assert_eq!(socket_io.way, TransportUnderTest::SocketIo);
    for run in [websocket, socket_io] {
        let rate = f64::from(run.figures.arrived) / 2.0 / run.seconds;
        // A machine that stands still looks like a queue: half a second at half the rate.
        assert!(rate >= 17.0, "{rate} a second: {:?}", run.figures);
        assert!(run.figures.age.p50 >= 19.5, "{:?}", run.figures);
    }
    // It is Socket.IO's own frames that come, two for a message and each in a segment of its own.
    let [without, with] = [websocket, socket_io].map(|run| run.connection.link_bytes_down.unwrap());
    assert!(with > without * 5 / 4, "{with} and {without} bytes");
}

#[test]
fn a_limit_that_is_not_kept_fails_by_its_name() {
    let bench = Bench::new();
    let Some(output) = bench.run(
        "--profile impossible --rung webtransport --browser native --seconds 2 --repeats 1 --players 1",
    ) else {
        return;
    };
    assert_eq!(output.status.code(), Some(1), "{}", errors(&output));
    let table = table(&output);
    let failed = table
        .lines()
        .find(|line| line.starts_with("FAILED  "))
        .unwrap();
    assert!(
        failed.contains("impossible native webtransport: age p99 is"),
        "{failed}"
    );
    assert!(failed.contains("may be ≤ 5 ms"), "{failed}");
    assert!(!bench.report().verdict.passed());
}

#[test]
fn the_relay_plays_without_a_lab_and_says_what_it_cannot_do() {
    let bench = Bench::new();
    let Some(output) = bench.run(
        "--profile short --rung webtransport,websocket --browser native --place relay --seconds 2 \
         --repeats 1 --players 1",
    ) else {
        return;
    };
    assert_eq!(output.status.code(), Some(0), "{}", errors(&output));
    let report = bench.report();
    assert!(
        report.remarks[0].contains("TCP is only delayed"),
        "{:?}",
        report.remarks
    );
    for run in &report.runs {
        assert!(run.figures.arrived >= 36, "{run:?}");
        assert!(run.figures.age.p50 >= 19.5, "{run:?}");
    }
}

#[test]
fn what_cannot_be_played_is_said_in_one_line() {
    let bench = Bench::new();
    for (arguments, said) in [
        (
            "--profile nowhere",
            "there is no profile called \"nowhere\"; there are short, impossible",
        ),
        (
            "--profile short --rung pigeon",
            "called \"pigeon\"; there are ladder, webtransport",
        ),
        (
            "--profile short --rung webrtc,socket-io --browser native",
            "nothing to play",
        ),
        (
            "--profile short --rung socket-io --place relay",
            "nothing to play",
        ),
    ] {
        let output = bench.command(arguments).output().unwrap();
        let errors = errors(&output);
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
        assert!(errors.contains(said), "{errors}");
    }
}

#[test]
fn a_server_that_dies_fails_its_run_and_no_other() {
    let bench = Bench::new();
    let script = bench.path("server");
    let server = server_program();
    // The first server is killed after four seconds; those after it live.
    let text = format!(
        "#!/bin/sh\nif mkdir {marker} 2>/dev/null; then (sleep 4; kill -KILL $$) & fi\nexec {server} \"$@\"\n",
        marker = bench.path("begun").display(),
        server = server.display(),
    );
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    let output = bench
        .command(
            "--profile short --rung websocket,one-websocket --browser native --seconds 5 --repeats 1 --players 1",
        )
        .env("BATTLE_CIRCLES_BIN", &script)
        .output()
        .unwrap();
    let Some(output) = or_lacking(output) else {
        return;
    };
    println!("{}{}", errors(&output), table(&output));
    assert_eq!(output.status.code(), Some(1));
    let report = bench.report();
    let [dead, alive] = &report.runs[..] else {
        panic!("{:?}", report.runs);
    };
    let failure = dead.failure.as_ref().unwrap();
    assert!(
        failure
            .reason
            .contains("the server ended by itself (signal: 9"),
        "{failure:?}"
    );
    let announced = |line: &String| line.starts_with("Battle Circles is at");
    assert!(failure.log.iter().any(announced), "{failure:?}");
    assert!(dead.seconds < 5.0 && dead.figures.arrived > 0, "{dead:?}");
    assert_eq!(
        (alive.way, &alive.failure),
        (TransportUnderTest::OneWebSocket, &None)
    );
    assert!(alive.figures.arrived > 60);
}

#[test]
fn an_interrupted_run_keeps_what_is_finished_and_leaves_nothing_behind() {
    let bench = Bench::new();
    let mut child = bench
        .command("--profile short --rung websocket --browser native --seconds 2 --repeats 50 --players 1")
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = Pid::from_raw(child.id().cast_signed());
    let mut said = String::new();
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        if line.starts_with("[2/50]") {
            kill(pid, Signal::SIGINT).unwrap();
        }
        said += &format!("{line}\n");
    }
    let output = child.wait_with_output().unwrap();
    if !said.contains("[2/50]") {
        let lacking = Output {
            stderr: said.into_bytes(),
            ..output
        };
        assert!(or_lacking(lacking).is_none());
        return;
    }
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("interrupted; 1 of 50 runs are finished"),
        "{said}"
    );
    assert_eq!(bench.report().runs.len(), 1);
    let left = |entry: std::fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap_or_default();
        name.starts_with(&format!("bc-{pid}-"))
    };
    let namespaces = std::fs::read_dir("/run/netns").unwrap();
    assert!(!namespaces.flatten().any(left));
}

/// As netlab finds it by itself.
fn server_program() -> PathBuf {
    std::env::var_os("BATTLE_CIRCLES_BIN").map_or_else(
        || netlab::programs::release("battle-circles"),
        PathBuf::from,
    )
}
