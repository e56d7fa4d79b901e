//! A server process in a test's hands, played by a stand-in that takes the server's arguments.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use netlab::lab::Lab;
use netlab::path::PathConfig;
use netlab::prerequisites::available;
use netlab::server_process::{ServerError, ServerOptions, ServerProcess};
use tempfile::TempDir;

/// Serves `/healthz` on its port after a moment, and says what it was started with.
const STAND_IN: &str = r#"#!/usr/bin/env node
const { createServer } = require("node:http");
const fs = require("node:fs");
const value = (key) => process.argv[process.argv.indexOf(key) + 1];
console.log("arguments", process.argv.slice(2).join(" "));
console.error("environment", Object.keys(process.env).filter((key) => key.startsWith("BATTLE_CIRCLES")).join(" "));
console.log("config", process.argv.includes("--config") ? fs.readFileSync(value("--config"), "utf8") : "none");
const mood = process.env.STAND_IN_MOOD;
if (mood === "dies") { console.error("unknown key `tick_rat`"); process.exit(2); }
fs.writeFileSync("made-here", "");
if (mood !== "mute") {
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/healthz" ? 200 : 404;
    response.end();
  });
  setTimeout(() => server.listen(Number(value("--port")), process.argv.includes("--listen") ? value("--listen") : "127.0.0.1"), 100);
}
process.on("SIGTERM", () => { if (mood !== "mute") { console.log("drained"); process.exit(0); } });
setInterval(() => {}, 1000);
"#;

struct StandIn {
    _folder: TempDir,
    binary: PathBuf,
}

impl StandIn {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let binary = folder.path().join("battle-circles");
        fs::write(&binary, STAND_IN).unwrap();
        fs::set_permissions(&binary, Permissions::from_mode(0o755)).unwrap();
        Self {
            _folder: folder,
            binary,
        }
    }

    fn options(&self, mood: &str) -> ServerOptions {
        ServerOptions {
            binary: Some(self.binary.clone()),
            environment: vec![("STAND_IN_MOOD".into(), mood.into())],
            ..ServerOptions::default()
        }
    }
}

fn is_running(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| !line.is_empty())
}

#[test]
fn a_server_starts_on_a_free_port_and_ends_when_asked() {
    let stand_in = StandIn::new();
    let options = ServerOptions {
        config: Some("tick_rate = 60".into()),
        arguments: vec!["--bots".into(), "3".into()],
        ..stand_in.options("fine")
    };
    let mut server = ServerProcess::start(options, None).unwrap();
    let arguments = server
        .wait_for_log("arguments", Duration::from_secs(5))
        .unwrap();
    assert!(
        arguments.contains(&format!("--port {}", server.port())),
        "{arguments}"
    );
    assert!(arguments.ends_with("--bots 3"), "{arguments}");
    server
        .wait_for_log("tick_rate = 60", Duration::from_secs(5))
        .unwrap();
    assert_eq!(
        server.origin(),
        format!("http://localhost:{}", server.port())
    );
    assert!(server.folder().join("made-here").exists());
    assert_eq!(server.exit_status(), None);
    let (folder, pid) = (server.folder().to_owned(), server.pid());
    assert!(server.stop(Duration::from_secs(5)).unwrap().success());
    assert!(!folder.exists() && !is_running(pid));
}

#[test]
fn the_tests_own_environment_is_not_the_servers() {
    let stand_in = StandIn::new();
    // SAFETY: each test is a process of its own, and no other thread runs yet.
    unsafe { std::env::set_var("BATTLE_CIRCLES_BIN", &stand_in.binary) };
    let environment = vec![("BATTLE_CIRCLES_SEED".into(), "1".into())];
    let options = ServerOptions {
        environment,
        ..ServerOptions::default()
    };
    let mut server = ServerProcess::start(options, None).unwrap();
    let line = server
        .wait_for_log("environment", Duration::from_secs(5))
        .unwrap();
    assert_eq!(line, "environment BATTLE_CIRCLES_SEED");
}

#[test]
fn a_server_that_dies_at_its_start_gives_its_last_words() {
    let stand_in = StandIn::new();
    let error = ServerProcess::start(stand_in.options("dies"), None).unwrap_err();
    assert!(matches!(error, ServerError::Ended { .. }), "{error}");
    assert!(error.to_string().contains("exit status: 2"), "{error}");
    assert!(
        error.to_string().contains("unknown key `tick_rat`"),
        "{error}"
    );
}

#[test]
fn a_server_that_never_serves_is_killed() {
    let stand_in = StandIn::new();
    let options = ServerOptions {
        ready_within: Duration::from_millis(500),
        ..stand_in.options("mute")
    };
    let error = ServerProcess::start(options, None).unwrap_err();
    assert!(matches!(error, ServerError::TooLate { .. }), "{error}");
}

#[test]
fn a_missing_server_says_how_to_build_it() {
    let options = ServerOptions {
        binary: Some("/nowhere/battle-circles".into()),
        ..ServerOptions::default()
    };
    let error = ServerProcess::start(options, None).unwrap_err();
    assert!(error.is_missing());
    assert!(
        error.to_string().contains("cargo build --release -p game"),
        "{error}"
    );
}

#[test]
fn a_server_in_the_lab_answers_across_the_link() {
    let Some(lab) = available(Lab::new(PathConfig::default(), PathConfig::default(), 1)) else {
        return;
    };
    let stand_in = StandIn::new();
    let mut server = ServerProcess::start(stand_in.options("fine"), Some(&lab)).unwrap();
    assert_eq!(server.origin(), "http://10.77.0.1:8080");
    let arguments = server
        .wait_for_log("arguments", Duration::from_secs(5))
        .unwrap();
    assert_eq!(
        arguments,
        "arguments --port 8080 --listen 0.0.0.0 --public-address 10.77.0.1"
    );
    let address = (lab.server_address(), server.port());
    lab.run_in_client(|| std::net::TcpStream::connect(address))
        .unwrap()
        .unwrap();
    let pid = server.pid();
    drop(lab);
    assert!(!is_running(pid));
}
