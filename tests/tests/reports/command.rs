//! `netlab report`, which renders again what an earlier run wrote.

use std::path::Path;
use std::process::{Command, Output};

use netlab::report::{REPORT_VERSION, table};
use tempfile::TempDir;

use crate::sample;

fn netlab_report(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(netlab::programs::release("netlab"))
        .arg("report")
        .args(arguments)
        .current_dir(directory)
        .output()
        .expect("netlab starts")
}

fn refusal(text: Option<&str>) -> String {
    let directory = TempDir::new().expect("a directory");
    if let Some(text) = text {
        std::fs::write(directory.path().join("in.json"), text).expect("a file");
    }
    let output = netlab_report(directory.path(), &["in.json"]);
    assert_eq!(output.status.code(), Some(2));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_json_is_shown_again_in_every_form() {
    let directory = TempDir::new().expect("a directory");
    let report = sample::report(2, 5);
    let json = serde_json::to_string(&report).expect("a report is JSON");
    std::fs::write(directory.path().join("in.json"), json).expect("a file");

    let forms = ["in.json", "--html", "out.html", "--junit", "out.xml"];
    let output = netlab_report(directory.path(), &forms);

    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        table::render(&report)
    );
    for (file, start) in [("out.html", "<!DOCTYPE html>"), ("out.xml", "<?xml")] {
        let text = std::fs::read_to_string(directory.path().join(file)).expect(file);
        assert!(text.starts_with(start), "{file}");
    }
}

#[test]
fn what_is_no_report_is_refused_by_name() {
    assert!(refusal(None).contains("in.json can't be read"));
    let broken = refusal(Some("{\"version\": 1,\n \"runs\": 7}"));
    assert!(
        broken.contains("in.json is no report") && broken.contains("line"),
        "{broken}"
    );
    let later = refusal(Some(&format!("{{\"version\": {}}}", REPORT_VERSION + 1)));
    assert!(later.contains("this netlab reads version"), "{later}");
}
