//! The command: its exit code, and what it refuses.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use netlab::report::Report;
use netlab::transport_under_test::TransportUnderTest;

use crate::games::{AS_EVER, Skill, fades, played};

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn write(&self, name: &str, report: &Report) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, serde_json::to_string(report).unwrap()).unwrap();
        path
    }
}

fn netlab_compare(a: &Path, b: &Path) -> Output {
    let mut command = Command::new(netlab::programs::release("netlab"));
    command.arg("compare").args([a, b]).output().unwrap()
}

#[test]
fn the_exit_code_tells_whether_it_got_worse() {
    let files = Files::new();
    let stalling = Skill {
        is_reliable: true,
        ..AS_EVER
    };
    let good = files.write("good.json", &played(&fades(), AS_EVER, 1, 1));
    let bad = files.write("bad.json", &played(&fades(), stalling, 1, 9));

    let worse = netlab_compare(&good, &bad);
    assert_eq!(worse.status.code(), Some(1));
    let table = String::from_utf8(worse.stdout).unwrap();
    assert!(
        table.contains("fades-5 chromium webrtc: 3 runs each, paired"),
        "{table}"
    );
    assert!(table.contains("WORSE"), "{table}");
    assert!(
        table.lines().all(|line| line.chars().count() <= 100),
        "{table}"
    );

    let better = netlab_compare(&bad, &good);
    assert_eq!(better.status.code(), Some(0));
}

#[test]
fn what_cannot_be_compared_is_refused_in_one_line() {
    let files = Files::new();
    let report = played(&fades(), AS_EVER, 1, 1);
    let good = files.write("good.json", &report);
    let mut older = report.clone();
    older.version = 0;
    let mut other = report.clone();
    for run in &mut other.runs {
        run.way = TransportUnderTest::Ladder;
    }
    let cases = [
        (
            files.write("older.json", &older),
            "is a report of version 0",
        ),
        (
            files.write("other.json", &other),
            "nothing to compare: A has fades-5 chromium webrtc, and B has fades-5 chromium ladder",
        ),
        (files.0.path().join("none.json"), "can't be read"),
    ];
    for (bad, words) in cases {
        let refused = netlab_compare(&good, &bad);
        let error = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{error}");
        assert!(error.contains(words), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}
