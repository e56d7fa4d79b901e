//! The lab as a guest on the machine: what it starts, leaves behind and clears away, and what it needs.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use netlab::lab::{Lab, LabError};
use netlab::path::PathConfig;
use netlab::prerequisites::available;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

#[test]
fn commands_run_at_either_end_and_end_with_the_lab() {
    let Some(lab) = available(Lab::new(PathConfig::default(), PathConfig::default(), 1)) else {
        return;
    };
    for (mut command, address) in [
        (lab.command_in_server("ip"), lab.server_address()),
        (lab.command_in_client("ip"), lab.client_address()),
    ] {
        let output = command
            .args(["-4", "-o", "addr", "show", "dev", "link0"])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(&address.to_string()), "{text}");
    }
    let mut sleeper = lab.command_in_server("sleep").arg("1000").spawn().unwrap();
    let ours = namespaces_of(std::process::id());
    assert_eq!(ours.len(), 2);
    drop(lab);
    assert!(!sleeper.wait().unwrap().success());
    assert_eq!(namespaces_of(std::process::id()), Vec::<String>::new());
}

#[test]
fn a_killed_run_is_cleared_by_the_next() {
    let Some(mut run) = other_run() else { return };
    assert_eq!(namespaces_of(run.child.id()).len(), 2);
    assert!(is_running(run.sleeper));
    // From now on any lab on this machine may clear it, and not only ours.
    run.child.kill().unwrap();
    run.child.wait().unwrap();
    let _lab = Lab::new(PathConfig::default(), PathConfig::default(), 1).unwrap();
    assert_eq!(namespaces_of(run.child.id()), Vec::<String>::new());
    assert!(!is_running(run.sleeper));
}

#[test]
fn a_running_run_is_left_alone_and_cleans_up_when_interrupted() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let Some(mut run) = other_run() else { return };
        drop(Lab::new(PathConfig::default(), PathConfig::default(), 1).unwrap());
        assert_eq!(namespaces_of(run.child.id()).len(), 2);
        kill(Pid::from_raw(run.child.id() as i32), signal).unwrap();
        assert!(!run.child.wait().unwrap().success());
        assert_eq!(namespaces_of(run.child.id()), Vec::<String>::new());
        assert!(!is_running(run.sleeper));
    }
}

#[test]
fn a_user_without_the_rights_is_told() {
    let Some(lab) = available(Lab::new(PathConfig::default(), PathConfig::default(), 1)) else {
        return;
    };
    drop(lab);
    // Only this thread gives up its rights: the system call, unlike the library's, counts per thread.
    // SAFETY: plain integers in, nothing out.
    assert_eq!(
        unsafe { libc::syscall(libc::SYS_setresuid, 65_534, 65_534, 65_534) },
        0
    );
    let error = Lab::new(PathConfig::default(), PathConfig::default(), 1).unwrap_err();
    assert!(matches!(error, LabError::NotPermitted { .. }), "{error}");
    assert!(error.to_string().contains("needs root"), "{error}");
}

/// Set in a process that plays the other run.
const PLAY_OTHER_RUN: &str = "LAB_TEST_PLAY_OTHER_RUN";

/// Another process with a lab and a process in it.
struct OtherRun {
    child: Child,
    sleeper: u32,
}

fn other_run() -> Option<OtherRun> {
    available(Lab::new(PathConfig::default(), PathConfig::default(), 1))?;
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "plays_the_other_run_when_asked", "--nocapture"])
        .env(PLAY_OTHER_RUN, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let sleeper = lines
        .map(Result::unwrap)
        .find_map(|line| line.strip_prefix("sleeper ")?.parse().ok())
        .unwrap();
    Some(OtherRun { child, sleeper })
}

#[test]
fn plays_the_other_run_when_asked() {
    if std::env::var_os(PLAY_OTHER_RUN).is_none() {
        return;
    }
    let lab = Lab::new(PathConfig::default(), PathConfig::default(), 1).unwrap();
    // It tells of itself, so that it is inside by then and is replaced by no other program any more.
    let script = r"printf '\nsleeper %s\n' $$; while :; do sleep 1000; done";
    let mut sleeper = lab
        .command_in_client("sh")
        .args(["-c", script])
        .spawn()
        .unwrap();
    sleeper.wait().unwrap();
}

fn namespaces_of(pid: u32) -> Vec<String> {
    let names = std::fs::read_dir("/run/netns")
        .into_iter()
        .flatten()
        .flatten();
    let names = names.map(|entry| entry.file_name().into_string().unwrap());
    names
        .filter(|name| name.starts_with(&format!("bc-{pid}-")))
        .collect()
}

/// Whether the process runs; a dead one that nobody has waited for does not.
fn is_running(pid: u32) -> bool {
    let path = format!("/proc/{pid}/cmdline");
    Path::new(&path).exists() && std::fs::read(path).is_ok_and(|line| !line.is_empty())
}
