//! Settings that make no sense: the real program says in one line what is wrong and where, and exits with code 2.

use std::fs::Permissions;
use std::net::{Ipv6Addr, TcpListener, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};

fn is_refused(options: &ServerOptions, named: &[&str]) {
    let Some(refusal) = available(ServerProcess::refused(options)) else {
        return;
    };
    assert_eq!(refusal.code, Some(2), "{refusal:?}");
    assert_eq!(refusal.said.lines().count(), 1, "{refusal:?}");
    for name in named {
        assert!(refusal.said.contains(name), "{name} in {refusal:?}");
    }
}

fn configured(toml: &str) -> ServerOptions {
    ServerOptions {
        config: Some(toml.into()),
        ready_within: Duration::from_secs(10),
        ..ServerOptions::default()
    }
}

#[test]
fn an_unknown_key_is_named() {
    is_refused(&configured("tick_rat = 60"), &["tick_rat"]);
    is_refused(&configured("[game]\nseatz = 3"), &["seatz"]);
    let by_variable = ServerOptions {
        environment: vec![("BATTLE_CIRCLES_TICK_RAT".into(), "60".into())],
        ..configured("")
    };
    is_refused(&by_variable, &["tick_rat"]);
}

#[test]
fn a_value_that_makes_no_sense_is_named() {
    is_refused(
        &configured("\ntick_rate = \"fast\""),
        &[
            "battle-circles.toml line 2: tick_rate: a whole number",
            "\"fast\"",
        ],
    );
    let by_variable = ServerOptions {
        environment: vec![("BATTLE_CIRCLES_OPERATIONS".into(), "9090".into())],
        ..configured("")
    };
    is_refused(
        &by_variable,
        &["BATTLE_CIRCLES_OPERATIONS: operations: an address and a port"],
    );
    is_refused(&configured("tick_rate = 50"), &["tick_rate"]);
    is_refused(&configured("max_rooms = 0"), &["max_rooms"]);
    is_refused(&configured("[game]\nseats = 1000"), &["seats", "1000"]);
    is_refused(&configured("log = \"=loud=\""), &["log"]);
}

#[test]
fn broken_toml_is_named_with_its_line() {
    is_refused(
        &configured("port = 8080\n\ntick_rate = = 60\n"),
        &["battle-circles.toml", "line 3"],
    );
}

#[test]
fn a_missing_configuration_is_named() {
    let options = ServerOptions {
        arguments: vec!["--config".into(), "/nowhere/game.toml".into()],
        ready_within: Duration::from_secs(10),
        ..ServerOptions::default()
    };
    is_refused(&options, &["/nowhere/game.toml"]);
}

#[test]
fn a_port_in_use_is_named_with_its_protocol() {
    let tcp = TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0)).unwrap();
    let port = tcp.local_addr().unwrap().port();
    let on = |port| ServerOptions {
        port: Some(port),
        ..configured("")
    };
    is_refused(&on(port), &[&port.to_string(), "TCP", "in use"]);
    drop(tcp);
    let udp = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, port)).unwrap();
    is_refused(&on(port), &[&port.to_string(), "UDP", "in use"]);
    drop(udp);
}

#[test]
fn an_unreadable_certificate_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let with = |certificate: &str, key: &str| {
        configured(&format!("certificate = {certificate:?}\nkey = {key:?}\n"))
    };
    is_refused(&with(&path("none.pem"), &path("none.key")), &["none.pem"]);
    std::fs::write(folder.path().join("bad.pem"), "not PEM at all").unwrap();
    std::fs::write(folder.path().join("bad.key"), "nor this").unwrap();
    is_refused(&with(&path("bad.pem"), &path("bad.key")), &["bad.pem"]);
    // A folder instead of a file can't be read by anybody, root included.
    let folder_path = path("folder.pem");
    std::fs::create_dir(&folder_path).unwrap();
    is_refused(&with(&folder_path, &path("bad.key")), &["folder.pem"]);
    is_refused(
        &configured(&format!("certificate = {:?}", path("bad.pem"))),
        &["certificate", "key"],
    );
}

#[test]
fn a_certificate_store_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a-file");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
    let inside = path.join("self-signed").display().to_string();
    is_refused(
        &configured(&format!("certificate_directory = {inside:?}")),
        &["a-file"],
    );
}

#[test]
fn settings_that_make_sense_are_not_refused() {
    let Some(server) = available(ServerProcess::start(
        configured("tick_rate = 90\n[game]\nseats = 6\nbots_fill_to = 4"),
        None,
    )) else {
        return;
    };
    assert_eq!(server.get("/readyz", None).unwrap().status, 200);
    let status = server.stop(Duration::from_secs(5)).unwrap();
    assert!(status.success(), "{status}");
}
