//! Requests that make no sense: refused with a reason that names itself, counted, and nobody else is disturbed.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use netlab::http::{self, Answer};
use netlab::player::Admission;
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::PROTOCOL_VERSION;
use rcgen::KeyPair;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use signaling::{Claims, RoomId, SessionId, TokenKey};
use tests::bystanders::Bystanders;
use tests::https::Client;
use tests::secure_server::{Pair, Secure};

const SECRET: &str = "a secret that only these tests know";
const ROOM: &str = "pond";

/// How HTTP/2 begins (RFC 9113 §3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What a bystander may go without, on a machine that tests keep busy.
const LONGEST_GAP: Duration = Duration::from_secs(1);

fn server() -> Option<ServerProcess> {
    let options = ServerOptions {
        config: Some(format!("token_secret = {SECRET:?}")),
        ..ServerOptions::default()
    };
    available(ServerProcess::start(options, None))
}

fn refusals(server: &ServerProcess, kind: &str) -> f64 {
    let metrics = server.metrics(None).unwrap();
    metrics.sum("game_server_requests_refused_total", &[("reason", kind)])
}

/// Sends a request, and checks that its answer is this problem and that it was counted as such.
fn is_refused(
    server: &ServerProcess,
    (method, target): (&str, &str),
    headers: &[&str],
    body: &[u8],
    (status, kind): (u16, &str),
) {
    let before = refusals(server, kind);
    let answer = http::request(server.local_address(), method, target, headers, body).unwrap();
    is_problem(&answer, status, kind);
    assert_eq!(refusals(server, kind), before + 1.0, "{kind} is counted");
}

fn is_problem(answer: &Answer, status: u16, kind: &str) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json"),
        "{answer:?}"
    );
    let problem: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(problem["type"], format!("/problems/{kind}"), "{problem}");
    assert_eq!(problem["status"], status, "{problem}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(!detail.is_empty() && detail.len() < 300, "{detail}");
}

#[test]
fn joins_that_make_no_sense_are_refused() {
    let Some(server) = server() else { return };
    let bystanders = Bystanders::enter(&server, ROOM).unwrap();
    let join = |body: &str, outcome| {
        let headers = ["content-type: application/json"];
        is_refused(
            &server,
            ("POST", "/v1/join"),
            &headers,
            body.as_bytes(),
            outcome,
        );
    };
    let named = |name: &str| json!({ "name": name, "protocol": PROTOCOL_VERSION }).to_string();

    join(&named(&"x".repeat(10_000)), (400, "bad-name"));
    join(&named("a\u{0}b"), (400, "bad-name"));
    join(&named("\u{1b}[2J"), (400, "bad-name"));
    join(&named("line\nbreak"), (400, "bad-name"));
    join(&named("\u{202e}drawkcab"), (400, "bad-name"));
    join(&named("   "), (400, "bad-name"));
    join(&named(&"x".repeat(100_000)), (413, "body-too-large"));
    join(&named("\u{3164}"), (400, "bad-name"));
    join(
        &named(&format!("e{}", "\u{301}".repeat(9))),
        (400, "bad-name"),
    );
    for headers in [&["content-type: text/plain"][..], &[]] {
        let body = named("Ada");
        let refused = (415, "unsupported-media-type");
        is_refused(
            &server,
            ("POST", "/v1/join"),
            headers,
            body.as_bytes(),
            refused,
        );
    }
    join("", (400, "bad-request"));
    join("{", (400, "bad-request"));
    join("[1, 2]", (400, "bad-request"));
    join(&"[".repeat(16_000), (400, "bad-request"));
    let admin = json!({ "name": "Ada", "protocol": PROTOCOL_VERSION, "admin": true });
    join(&admin.to_string(), (400, "bad-request"));
    join(r#"{"name":"Ada","protocol":-1}"#, (400, "bad-request"));
    join(
        r#"{"name":"Ada","protocol":99}"#,
        (426, "unknown-protocol-version"),
    );
    join(
        r#"{"name":"Ada","protocol":0}"#,
        (426, "unknown-protocol-version"),
    );
    for room in ["../etc", &"r".repeat(33)] {
        let body = json!({ "name": "Ada", "protocol": PROTOCOL_VERSION, "room": room });
        join(&body.to_string(), (400, "bad-room"));
    }

    bystanders.were_undisturbed(LONGEST_GAP).unwrap();
}

#[test]
fn what_is_not_there_or_speaks_another_protocol_is_refused() {
    let Some(server) = server() else { return };
    let upgrade = |subprotocol: &str| {
        let headers = [
            "connection: upgrade, close",
            "upgrade: websocket",
            "sec-websocket-version: 13",
            "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
            subprotocol,
        ];
        let target = ("GET", "/v1/websocket");
        is_refused(&server, target, &headers, b"", (400, "bad-subprotocol"));
    };
    let plain = ("GET", "/v1/websocket");
    is_refused(&server, plain, &[], b"", (400, "not-a-websocket"));
    upgrade("x-none: none");
    upgrade("sec-websocket-protocol: mqtt");
    is_refused(&server, ("GET", "/nowhere"), &[], b"", (404, "not-found"));
    let refused = (405, "method-not-allowed");
    is_refused(&server, ("DELETE", "/v1/rooms"), &[], b"", refused);
    is_refused(&server, ("GET", "/v1/join"), &[], b"", refused);
}

#[test]
fn offers_that_make_no_sense_are_refused() {
    let Some(server) = server() else { return };
    let bystanders = Bystanders::enter(&server, ROOM).unwrap();
    let seat = Admission::ask(server.local_address(), "Mallory", ROOM).unwrap();
    let bearer = |token: &str| format!("authorization: Bearer {token}");
    let sdp = "content-type: application/sdp";
    let offer = |target: &str, headers: &[&str], body: &str, outcome| {
        is_refused(&server, ("POST", target), headers, body.as_bytes(), outcome);
    };
    let good = bearer(&seat.token);
    let to = "/v1/webrtc?link=1";

    for body in [
        "",
        "hello",
        "v=0\r\n",
        &OFFER.replace(
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
            "m=video 9 UDP/TLS/RTP/SAVPF 96",
        ),
        &format!("{OFFER}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"),
        &format!("{OFFER}{}", "a=x\r\n".repeat(1_000)),
        &OFFER.replace("a=fingerprint", "a=thumbprint"),
        &OFFER.replace("a=ice-pwd", "a=ice-password"),
        &OFFER.replace("s=-", "s=\u{0}"),
    ] {
        offer(to, &[&good, sdp], body, (400, "bad-offer"));
    }
    offer(
        to,
        &[&good, sdp],
        &"a".repeat(100_000),
        (413, "body-too-large"),
    );
    offer(
        to,
        &[&good, "content-type: text/plain"],
        OFFER,
        (415, "unsupported-media-type"),
    );
    offer(to, &[sdp], OFFER, (401, "no-token"));
    offer("/v1/webrtc", &[&good, sdp], OFFER, (400, "bad-link"));
    offer(
        "/v1/webrtc?link=-1",
        &[&good, sdp],
        OFFER,
        (400, "bad-link"),
    );
    for token in ["x", &"A".repeat(5_000), &tampered(&seat.token)] {
        offer(to, &[&bearer(token), sdp], OFFER, (401, "bad-token"));
    }
    offer(
        to,
        &[&bearer(&token(SECRET, 1)), sdp],
        OFFER,
        (401, "expired-token"),
    );
    offer(
        to,
        &[&bearer(&token("other", u64::MAX)), sdp],
        OFFER,
        (401, "bad-token"),
    );

    bystanders.were_undisturbed(LONGEST_GAP).unwrap();
}

#[test]
fn bytes_that_are_no_http_end_their_own_connection_only() {
    let Some(server) = server() else { return };
    let bystanders = Bystanders::enter(&server, ROOM).unwrap();
    let long_head = format!("GET / HTTP/1.1\r\nx: {}\r\n\r\n", "y".repeat(100_000));
    let many_headers = format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(5_000));
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"\0\0\0\0\0\0\0\0\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /v1/websocket HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\n\r\n",
        long_head.as_bytes(),
        many_headers.as_bytes(),
    ] {
        let mut stream = TcpStream::connect(server.local_address()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(15)))
            .unwrap();
        // The server may cut the connection while it is still being written to.
        let _ = stream.write_all(bytes);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let mut answer = Vec::new();
        let ended = stream.take(100_000).read_to_end(&mut answer);
        let is_timeout = ended
            .as_ref()
            .is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        assert!(
            !is_timeout,
            "{:?} is left open",
            String::from_utf8_lossy(&bytes[..20.min(bytes.len())])
        );
        assert!(
            !answer.starts_with(b"HTTP/1.1 2"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
    bystanders.were_undisturbed(LONGEST_GAP).unwrap();
}

#[test]
fn a_connection_that_says_nothing_is_closed_in_the_end() {
    let Some(server) = server() else { return };
    let is_closed_after = |bytes: &[u8]| {
        let mut stream = TcpStream::connect(server.local_address()).unwrap();
        let patience = Some(Duration::from_secs(15));
        stream.set_read_timeout(patience).unwrap();
        stream.write_all(bytes).unwrap();
        let read = stream.read(&mut [0; 512]);
        let is_open = read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        assert!(!is_open, "after {bytes:?} it is open for over 15 s");
    };
    std::thread::scope(|scope| {
        for bytes in [&b""[..], b"GET / HT", b"PRI * HT", PREFACE] {
            scope.spawn(|| is_closed_after(bytes));
        }
    });
}

#[test]
fn a_connection_of_tls_that_says_nothing_more_is_closed_in_the_end() {
    let Some((secure, client)) = secure("") else {
        return;
    };
    let port = secure.server.port();
    std::thread::scope(|scope| {
        for bytes in [&b""[..], b"GET / HT", b"PRI * HT", PREFACE] {
            let client = &client;
            scope.spawn(move || {
                let said = client.exchange(port, bytes).unwrap().text;
                assert_eq!(said, "", "after {bytes:?}");
            });
        }
    });
}

/// A server of TLS, and who believes it.
fn secure(settings: &str) -> Option<(Secure, Client)> {
    let pair = Pair::new(&KeyPair::generate().unwrap());
    let secure = Secure::start_with(&pair, settings)?;
    let root = CertificateDer::from_pem_slice(pair.certificate.as_bytes()).unwrap();
    let client = Client::new(&[root], rustls::ALL_VERSIONS, &[b"http/1.1"]);
    Some((secure, client))
}

#[test]
fn answers_beside_the_game_are_guarded_and_their_refusals_are_problems() {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let redirects = free.local_addr().unwrap();
    drop(free);
    let Some((secure, _)) = secure(&format!("redirect_port = {}", redirects.port())) else {
        return;
    };
    let (main, operations) = (secure.server.local_address(), secure.operations);
    let challenge = "/.well-known/acme-challenge/%ff";
    for (address, method, target, status) in [
        (operations, "GET", "/metrics", 200),
        (operations, "GET", "/healthz", 200),
        (operations, "GET", "/readyz", 200),
        (operations, "GET", "/nowhere", 404),
        (operations, "POST", "/metrics", 405),
        (redirects, "GET", "/", 308),
        (redirects, "GET", challenge, 404),
        (redirects, "GET", "/.well-known/acme-challenge/x", 404),
        (redirects, "POST", challenge, 405),
        (main, "GET", "/", 308),
    ] {
        let answer = http::request(address, method, target, &[], b"").unwrap();
        assert_eq!(answer.status, status, "{method} {target}: {answer:?}");
        let header = |name: &str| answer.header(name).unwrap_or_default().to_owned();
        assert_eq!(header("x-content-type-options"), "nosniff", "{answer:?}");
        assert!(header("content-security-policy").contains("frame-ancestors"));
        assert!(answer.header("strict-transport-security").is_none());
        if address != main {
            assert_eq!(header("cache-control"), "no-store", "{answer:?}");
        }
        if status >= 400 {
            assert_eq!(header("content-type"), "application/problem+json");
        }
    }
}

#[test]
fn operators_are_not_reached_by_a_strangers_name() {
    let Some((secure, _)) = secure("names = [\"game\"]") else {
        return;
    };
    let asked = |host: &str| {
        raw(
            secure.operations,
            &format!("GET /metrics HTTP/1.1\r\nhost: {host}\r\n"),
        )
    };
    for host in ["localhost:9090", "127.0.0.1", "[::1]:1", "game"] {
        assert!(asked(host).starts_with("HTTP/1.1 200"), "{host}");
    }
    for host in ["evil.example", "localhost.evil.example"] {
        let answer = asked(host);
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        assert!(answer.contains("/problems/bad-host"), "{answer}");
    }
}

#[test]
fn figures_are_for_this_machine_where_operators_have_no_listener() {
    let Some(server) = server() else { return };
    let asked = |lines: &str| {
        raw(
            server.local_address(),
            &format!("GET /metrics HTTP/1.1\r\n{lines}"),
        )
    };
    let plain = asked("host: localhost\r\n");
    assert!(plain.starts_with("HTTP/1.1 200"), "{plain}");
    for lines in [
        "host: localhost\r\nx-forwarded-for: 192.0.2.7\r\n",
        "host: localhost\r\nforwarded: for=127.0.0.1\r\n",
        "host: evil.example\r\n",
    ] {
        let answer = asked(lines);
        assert!(answer.starts_with("HTTP/1.1 404"), "{lines}: {answer}");
    }
}

#[test]
fn a_request_for_two_hosts_is_refused() {
    let Some(server) = server() else { return };
    for target in ["/", "/v1/rungs", "/healthz"] {
        let head = format!("GET {target} HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\n");
        let answer = raw(server.local_address(), &head);
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        assert!(answer.contains("/problems/bad-host"), "{answer}");
    }
}

/// Sends these lines, and gives all that is answered.
fn raw(address: SocketAddr, lines: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let patience = Some(Duration::from_secs(5));
    stream.set_read_timeout(patience).unwrap();
    write!(stream, "{lines}connection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn token(secret: &str, expires: u64) -> String {
    TokenKey::new(secret.as_bytes()).sign(&Claims {
        session: SessionId(7),
        room: RoomId::parse(ROOM).unwrap(),
        node: String::new(),
        expires,
        takes_over: None,
    })
}

fn tampered(token: &str) -> String {
    let middle = token.len() / 2;
    let other = if &token[middle..=middle] == "A" {
        "B"
    } else {
        "A"
    };
    format!("{}{other}{}", &token[..middle], &token[middle + 1..])
}

const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
    m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n\
    a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdef01234567\r\na=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\n\
    a=fingerprint:sha-256 7E:02:31:95:79:E4:C4:A2:7B:6A:85:B5:10:33:0C:2D:40:6F:1C:AB:B8:76:DB:4F:C9:81:8E:83:DD:66:5D:37\r\n";
