//! One address takes what it can: others come in all the same.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use netlab::clock::Stopwatch;
use netlab::player::{PlayerLink, SocketLink};
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::PROTOCOL_VERSION;
use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};

/// Whoever takes too much, and somebody else.
const GREEDY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const NEWCOMER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

/// A server that doesn't trust this machine: each loopback address is a stranger's.
fn server(toml: &str) -> Option<ServerProcess> {
    let options = ServerOptions {
        config: Some(format!("trusted_proxies = []\n{toml}")),
        ..ServerOptions::default()
    };
    available(ServerProcess::start(options, None))
}

fn connect(server: &ServerProcess, from: Ipv4Addr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((from, 0)).into()).unwrap();
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, server.port()));
    socket.connect(&to.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    stream
}

/// Asks and gives the status and the rest of the answer.
fn ask(server: &ServerProcess, from: Ipv4Addr, head: &str, body: &str) -> (u16, String) {
    let mut stream = connect(server, from);
    let length = body.len();
    write!(
        stream,
        "{head} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
        content-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    (answer[9..12].parse().unwrap(), body.to_owned())
}

fn join(server: &ServerProcess, from: Ipv4Addr, room: Option<&str>) -> (u16, Value) {
    let mut request = json!({ "name": "Ada", "protocol": PROTOCOL_VERSION });
    if let Some(room) = room {
        request["room"] = room.into();
    }
    let (status, body) = ask(server, from, "POST /v1/join", &request.to_string());
    (status, serde_json::from_str(&body).unwrap_or_default())
}

/// Opens a WebSocket and says nothing on it; whether the server took it.
fn open_websocket(server: &ServerProcess, from: Ipv4Addr) -> Option<TcpStream> {
    let mut stream = connect(server, from);
    write!(
        stream,
        "GET /v1/websocket HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
        sec-websocket-protocol: game-session.v1\r\n\r\n"
    )
    .unwrap();
    let mut status = [0; 12];
    stream.read_exact(&mut status).unwrap();
    status.ends_with(b" 101").then_some(stream)
}

fn metric(server: &ServerProcess, name: &str) -> f64 {
    server.metrics(None).unwrap().sum(name, &[])
}

#[test]
fn silent_websockets_of_one_address_shut_out_nobody_else() {
    let Some(server) = server("") else { return };
    let open: Vec<_> = (0..560).map(|_| open_websocket(&server, GREEDY)).collect();
    let taken = open.iter().flatten().count();
    assert!((90..=100).contains(&taken), "{taken} are taken");
    let newcomers: Vec<_> = (0..8).map(|_| open_websocket(&server, NEWCOMER)).collect();
    assert!(newcomers.iter().all(Option::is_some));
    assert_eq!(join(&server, NEWCOMER, None).0, 200);
    drop(open);
    // What is given back can be taken again.
    let clock = Stopwatch::start();
    while open_websocket(&server, GREEDY).is_none() {
        assert!(clock.remaining(Duration::from_secs(5)).is_some());
    }
}

#[test]
fn joins_of_one_address_fill_neither_the_rooms_nor_the_seats() {
    let Some(server) = server("") else { return };
    let statuses: Vec<u16> = (0..60)
        .map(|number| join(&server, GREEDY, Some(&format!("room-{number}"))).0)
        .collect();
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        16,
        "{statuses:?}"
    );
    assert!(
        statuses.iter().all(|status| [200, 429].contains(status)),
        "{statuses:?}"
    );
    // A name is no room yet.
    assert_eq!(metric(&server, "game_server_rooms"), 0.0);
    let more = (0..200)
        .filter(|_| join(&server, GREEDY, None).0 == 200)
        .count();
    assert!(more <= 48, "{more} further places");
    for room in [None, Some("friends")] {
        let (status, answer) = join(&server, NEWCOMER, room);
        assert_eq!(status, 200, "{answer}");
    }
}

#[test]
fn a_private_room_is_not_listed() {
    let Some(server) = server("") else { return };
    let enter = |room| {
        let (status, answer) = join(&server, NEWCOMER, room);
        assert_eq!(status, 200, "{answer}");
        let mut link = SocketLink::open(server.local_address()).unwrap();
        let token = answer["token"].as_str().unwrap();
        link.attach(token, 1, 0).unwrap();
        (link, answer["room"].as_str().unwrap().to_owned())
    };
    let (_secret, _) = enter(Some("secret"));
    let (_public, room) = enter(None);
    let clock = Stopwatch::start();
    loop {
        let (_, rooms) = ask(&server, GREEDY, "GET /v1/rooms", "");
        assert!(!rooms.contains("secret"), "{rooms}");
        if rooms.contains(&room) {
            break;
        }
        assert!(clock.remaining(Duration::from_secs(5)).is_some(), "{rooms}");
    }
}

#[test]
fn every_answer_says_what_a_browser_may_do_with_it() {
    let Some(server) = server("") else { return };
    for (head, is_stored) in [
        ("GET /", true),
        ("GET /nowhere", true),
        ("GET /v1/rungs", false),
        ("POST /v1/join", false),
        ("DELETE /v1/join", false),
    ] {
        let mut stream = connect(&server, NEWCOMER);
        write!(
            stream,
            "{head} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).to_lowercase();
        for header in [
            "x-content-type-options: nosniff",
            "frame-ancestors 'self'",
            "referrer-policy: no-referrer",
        ] {
            assert!(answer.contains(header), "{head}: {header} in {answer}");
        }
        assert_eq!(
            answer.contains("cache-control: no-store"),
            !is_stored,
            "{head}: {answer}"
        );
    }
}
