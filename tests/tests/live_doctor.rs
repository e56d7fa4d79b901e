//! The commands beside a running server, `doctor` and `certs`: they know it as the one that has the ports, and change
//! nothing of its.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use rcgen::KeyPair;
use serde_json::Value;
use tests::secure_server::{Pair, Secure};

/// The server's program, run once more in its folder, with its settings.
fn run(server: &ServerProcess, arguments: &[&str]) -> (Option<i32>, String) {
    let program = fs::read_link(format!("/proc/{}/exe", server.pid())).unwrap();
    let settings = server.folder().join("battle-circles.toml");
    let port = server.port().to_string();
    let mut command = Command::new(program);
    command
        .args(["--port", &port])
        .arg("--config")
        .arg(settings);
    command.args(arguments).current_dir(server.folder());
    // The test's own variables are no settings.
    let variables = std::env::vars_os().map(|(name, _)| name);
    for name in variables.filter(|name| name.to_string_lossy().starts_with("BATTLE_CIRCLES_")) {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), said)
}

/// What was found of each thing that was looked at: status and sentence, of several the worst.
fn diagnosis(server: &ServerProcess) -> BTreeMap<String, (String, String)> {
    let (code, said) = run(server, &["doctor", "--json"]);
    let diagnosis: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(code, Some(if diagnosis["is_well"] == true { 0 } else { 2 }));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = diagnosis["findings"].as_array().unwrap();
    let mut all = BTreeMap::new();
    for finding in findings {
        let found = (text(&finding["status"]), text(&finding["found"]));
        let entry = all.entry(text(&finding["check"]));
        let kept = entry.or_insert_with(|| found.clone());
        if kept.0 == "ok" {
            *kept = found;
        }
    }
    all
}

/// All files below a folder, with what is in them and when that was written.
fn files(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
            continue;
        }
        let written = fs::metadata(&path).unwrap().modified().unwrap();
        all.insert(path.clone(), (fs::read(&path).unwrap(), written));
    }
    all
}

fn started(toml: &str) -> Option<ServerProcess> {
    let options = ServerOptions {
        config: Some(toml.to_owned()),
        ..ServerOptions::default()
    };
    available(ServerProcess::start(options, None))
}

#[test]
fn ports_of_the_running_server_are_no_fault_and_its_files_stay() {
    let Some(server) = started("") else { return };
    let before = files(server.folder());
    // With another name the server would replace its self-signed certificates at its next start.
    let settings = server.folder().join("battle-circles.toml");
    fs::write(&settings, "names = [\"other.example\"]").unwrap();
    let findings = diagnosis(&server);
    for check in ["tcp", "udp"] {
        let (status, found) = &findings[check];
        assert_eq!(status, "ok", "{check}: {found}");
        assert!(found.contains("by the running service"), "{check}: {found}");
    }
    assert_eq!(findings["configuration"].0, "ok");
    let (code, said) = run(&server, &["certs"]);
    assert_eq!(
        (code, said.matches("sha256 ").count()),
        (Some(0), 2),
        "{said}"
    );
    fs::write(&settings, "").unwrap();
    let mut after = files(server.folder());
    after.remove(&settings);
    let unchanged = before.into_iter().filter(|(path, _)| *path != settings);
    assert_eq!(unchanged.collect::<BTreeMap<_, _>>(), after);
}

#[test]
fn a_running_server_with_tls_or_behind_the_proxy_protocol_is_known_too() {
    let pair = Pair::new(&KeyPair::generate().unwrap());
    let Some(secure) = Secure::start(&pair) else {
        return;
    };
    let findings = diagnosis(&secure.server);
    for check in ["tcp", "udp", "operations"] {
        let (status, found) = &findings[check];
        assert_eq!(status, "ok", "{check}: {found}");
    }
    let Some(server) = started("proxy_protocol = true") else {
        return;
    };
    assert_eq!(diagnosis(&server)["tcp"].0, "ok");
}

#[test]
fn settings_that_make_no_sense_are_a_finding_on_standard_output() {
    let Some(server) = started("") else { return };
    let settings = server.folder().join("battle-circles.toml");
    fs::write(settings, "\nmax_rooms = \"fifty\"").unwrap();
    let findings = diagnosis(&server);
    assert_eq!(findings.len(), 1, "{findings:?}");
    let (status, found) = &findings["configuration"];
    assert_eq!(status, "fault");
    assert!(
        found.ends_with("line 2: max_rooms: a whole number, not \"fifty\""),
        "{found}"
    );
}
