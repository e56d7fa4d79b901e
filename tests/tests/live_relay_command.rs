//! `netlab relay` as somebody at a terminal meets it.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

fn relay() -> Command {
    let mut command = Command::new(netlab::programs::release("netlab"));
    command.arg("relay").stdout(Stdio::piped());
    command
}

fn refused(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = relay().args(arguments).output().unwrap();
    assert_eq!(status.code(), Some(2));
    String::from_utf8(stderr).unwrap()
}

#[test]
fn it_says_what_it_cannot_do_and_what_it_did_when_interrupted() {
    let server = UdpSocket::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let to = server.local_addr().unwrap().to_string();
    let mut command = relay();
    command.args(["--listen", "127.0.0.1:0", "--to", &to]);
    let mut child = command.args(["--profile", "perfect"]).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    output.read_line(&mut first).unwrap();
    assert!(first.ends_with(&format!(" to {to} for 600 s\n")), "{first}");
    let address: SocketAddr = first.split(' ').nth(1).unwrap().parse().unwrap();
    let player = UdpSocket::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).unwrap();
    player.send_to(b"hello", address).unwrap();
    server
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    assert_eq!(server.recv(&mut [0; 16]).unwrap(), 5);
    kill(Pid::from_raw(child.id() as i32), Signal::SIGINT).unwrap();
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(rest.contains("TCP is only delayed and throttled"), "{rest}");
    assert!(
        rest.contains("| up UDP | 1 | 1 | 0 | 0 | 0 | 0 | 0 |"),
        "{rest}"
    );
    assert!(rest.contains("\n1 UDP peers and 0 connections"), "{rest}");
}

#[test]
fn it_ends_by_itself() {
    let mut command = relay();
    command.args(["--listen", "127.0.0.1:0", "--seconds", "1"]);
    assert!(command.output().unwrap().status.success());
}

#[test]
fn a_fault_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("link.toml");
    std::fs::write(
        &path,
        "delay_ms = 5\nloss = { model = \"uniform\", percent = 140 }\n",
    )
    .unwrap();
    let error = refused(&["--link", path.to_str().unwrap()]);
    assert!(error.contains("line 2"), "{error}");
    assert!(error.contains("loss.percent is 140"), "{error}");
    let error = refused(&["--profile", "nowhere"]);
    assert!(error.contains("there are perfect, "), "{error}");
    let error = refused(&["--to", "somewhere"]);
    assert!(error.contains("it must be an address"), "{error}");
    // A documentation address (RFC 5737), which is nobody's own.
    let error = refused(&["--listen", "192.0.2.1:9000"]);
    assert!(error.contains("cannot listen on 192.0.2.1:9000"), "{error}");
}
