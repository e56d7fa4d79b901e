//! RFC 6455 over a raw socket, as Autobahn's cases have it: what a peer may do works, what it may not ends its socket, with
//! the right code where there is one, and the server stays up.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use netlab::player::Admission;
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::bounded::BoundedString;
use protocol::codec::encode;
use protocol::control::{Attach, ClientFrame, LinkId};
use tests::bystanders::Bystanders;

const PATIENCE: Duration = Duration::from_secs(5);

/// What a bystander may go without, on a machine that tests keep busy.
const LONGEST_GAP: Duration = Duration::from_secs(1);

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// The last frame of a message.
const FIN: u8 = 0x80;

/// The lane of a message: State.
const STATE: u8 = 0;

/// A socket with every bit in the test's hands.
struct Raw(TcpStream);

/// A frame of the server's.
#[derive(Debug, PartialEq, Eq)]
struct Frame {
    opcode: u8,
    payload: Vec<u8>,
}

impl Raw {
    /// Connects and asks for an upgrade with these headers; gives the answer's head, too.
    fn ask(server: SocketAddr, headers: &[&str]) -> (Self, String) {
        let mut stream = TcpStream::connect(server).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        write!(
            stream,
            "GET /v1/websocket HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n"
        )
        .unwrap();
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        (Self(stream), String::from_utf8(head).unwrap())
    }

    /// An open WebSocket.
    fn open(server: SocketAddr) -> Self {
        let (raw, head) = Self::ask(server, &GOOD);
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
        raw
    }

    /// One that plays, whose `Attach` comes as `pieces` says.
    fn playing(server: &ServerProcess, pieces: fn(&[u8]) -> Vec<u8>) -> Self {
        // A seat is kept for a while after its link, so that all of a test don't fit into one room.
        static SEATS: AtomicU32 = AtomicU32::new(0);
        let room = format!("pond{}", SEATS.fetch_add(1, Ordering::Relaxed) / 10);
        let seat = Admission::ask(server.local_address(), "Mallory", &room).unwrap();
        let frame = ClientFrame::Attach(Attach {
            token: BoundedString::new(&seat.token).unwrap(),
            link: LinkId(1),
            stripe: 0,
        });
        let message = [vec![1], encode(&frame)].concat();
        let mut raw = Self::open(server.local_address());
        raw.0.write_all(&pieces(&message)).unwrap();
        raw.wait_for_state();
        raw
    }

    /// The next frame; `None` when the server has cut the socket.
    fn read(&mut self) -> Option<Frame> {
        let mut take = |length| {
            let mut bytes = vec![0; length];
            match self.0.read_exact(&mut bytes) {
                Ok(()) => Some(bytes),
                Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("it hangs"),
                Err(_) => None,
            }
        };
        let head = take(2)?;
        assert_eq!(head[0] & 0x70, 0, "no reserved bit is set");
        assert_eq!(head[0] & FIN, FIN, "the server sends messages whole");
        assert_eq!(head[1] & 0x80, 0, "a server masks nothing");
        let length = match head[1] {
            126 => {
                let long = take(2)?;
                u16::from_be_bytes([long[0], long[1]]).into()
            }
            127 => panic!("no message is that long"),
            short => short.into(),
        };
        Some(Frame {
            opcode: head[0] & 0x0f,
            payload: take(length)?,
        })
    }

    /// Reads on until the first frame of this kind.
    fn wait_for(&mut self, opcode: u8) -> Frame {
        loop {
            let frame = self.read().expect("the socket is cut");
            if frame.opcode == opcode {
                return frame;
            }
        }
    }

    /// Whether it plays: snapshots come.
    fn wait_for_state(&mut self) {
        while self.wait_for(BINARY).payload.first() != Some(&STATE) {}
    }

    /// Reads on until the end, and gives the code of the server's goodbye, if there is one.
    fn end(&mut self) -> Option<u16> {
        let mut code = None;
        while let Some(frame) = self.read() {
            if frame.opcode == CLOSE {
                let bytes = frame.payload.get(..2);
                code = bytes.map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]));
                // The peer answers, and the server then closes (§7.1.1).
                let _ = self.0.write_all(&frame_of(FIN | CLOSE, &frame.payload));
            }
        }
        code
    }
}

const GOOD: [&str; 5] = [
    "connection: Upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    "sec-websocket-protocol: game-session.v1",
];

/// A client's frame, masked, with its length in as few bytes as may be.
fn frame_of(head: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![head];
    match payload.len() {
        length @ 0..=125 => frame.push(0x80 | length as u8),
        length @ 126..=0xffff => {
            frame.push(0x80 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(0x80 | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    let mask = [1, 2, 3, 4];
    frame.extend(mask);
    let masked = payload.iter().zip(mask.iter().cycle());
    frame.extend(masked.map(|(byte, mask)| byte ^ mask));
    frame
}

/// A goodbye with a code.
fn close_of(code: u16, reason: &[u8]) -> Vec<u8> {
    frame_of(FIN | CLOSE, &[&code.to_be_bytes(), reason].concat())
}

/// A way to cut a message into frames.
type Cut = fn(&[u8]) -> Vec<u8>;

fn whole(message: &[u8]) -> Vec<u8> {
    frame_of(FIN | BINARY, message)
}

fn server() -> Option<ServerProcess> {
    available(ServerProcess::start(ServerOptions::default(), None))
}

#[test]
fn what_a_peer_may_do_works() {
    let Some(server) = server() else { return };
    // A message in pieces: of a byte each, with empty ones, and with a ping in between.
    let in_bytes = |message: &[u8]| {
        let last = message.len() - 1;
        let piece = |(at, byte): (usize, &u8)| {
            let opcode = if at == 0 { BINARY } else { CONTINUATION };
            frame_of(opcode | if at == last { FIN } else { 0 }, &[*byte])
        };
        message.iter().enumerate().flat_map(piece).collect()
    };
    let around_a_ping = |message: &[u8]| {
        [
            frame_of(BINARY, b""),
            frame_of(CONTINUATION, &message[..5]),
            frame_of(FIN | PING, b"are you there?"),
            frame_of(CONTINUATION, b""),
            frame_of(FIN | CONTINUATION, &message[5..]),
        ]
        .concat()
    };
    let pieces: [Cut; 3] = [whole, in_bytes, around_a_ping];
    for pieces in pieces {
        Raw::playing(&server, pieces);
    }

    let mut raw = Raw::playing(&server, whole);
    for payload in [&b""[..], b"hello", &[0xff; 125]] {
        raw.0.write_all(&frame_of(FIN | PING, payload)).unwrap();
        assert_eq!(raw.wait_for(PONG).payload, payload);
    }
    // Ten pings: each is answered, or the last alone (§5.5.3).
    for number in 0..10 {
        raw.0.write_all(&frame_of(FIN | PING, &[number])).unwrap();
    }
    while raw.wait_for(PONG).payload != [9] {}
    // Nobody asked.
    raw.0.write_all(&frame_of(FIN | PONG, b"unasked")).unwrap();
    raw.wait_for_state();
    // A byte at a time.
    for byte in frame_of(FIN | PING, b"slow") {
        raw.0.write_all(&[byte]).unwrap();
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(raw.wait_for(PONG).payload, b"slow");
}

#[test]
fn a_goodbye_is_answered() {
    let Some(server) = server() else { return };
    for (frame, answer) in [
        (close_of(1_000, b""), Some(1_000)),
        (close_of(1_001, "auf Wiedersehen".as_bytes()), Some(1_001)),
        (close_of(3_000, b""), Some(3_000)),
        (close_of(4_999, &[b'x'; 123]), Some(4_999)),
        (frame_of(FIN | CLOSE, b""), None),
    ] {
        let mut raw = Raw::playing(&server, whole);
        raw.0.write_all(&frame).unwrap();
        assert_eq!(raw.end(), answer, "{frame:?}");
    }
}

#[test]
fn what_a_peer_may_not_do_ends_its_socket_alone() {
    let Some(server) = server() else { return };
    let bystanders = Bystanders::enter(&server, "reeds").unwrap();
    let unmasked = [vec![FIN | BINARY, 3], vec![STATE, 1, 2]].concat();
    let raw_length = |bytes: &[u8]| [&[FIN | BINARY], bytes, &[1, 2, 3, 4]].concat();
    let (protocol, text, policy, size) = (1_002, 1_007, 1_008, 1_009);
    let cases: Vec<(&str, Vec<u8>, u16)> = vec![
        (
            "first reserved bit",
            frame_of(FIN | 0x40 | BINARY, b"\0"),
            protocol,
        ),
        (
            "second reserved bit",
            frame_of(FIN | 0x20 | BINARY, b"\0"),
            protocol,
        ),
        (
            "third reserved bit",
            frame_of(FIN | 0x10 | BINARY, b"\0"),
            protocol,
        ),
        (
            "a ping with a reserved bit",
            frame_of(FIN | 0x40 | PING, b""),
            protocol,
        ),
        ("data opcode 3", frame_of(FIN | 3, b"\0"), protocol),
        ("data opcode 7", frame_of(FIN | 7, b""), protocol),
        ("control opcode 11", frame_of(FIN | 11, b""), protocol),
        ("control opcode 15", frame_of(FIN | 15, b"\0"), protocol),
        ("no mask", unmasked, protocol),
        ("a ping without a mask", vec![FIN | PING, 0], protocol),
        ("a ping in pieces", frame_of(PING, b"half"), protocol),
        ("a goodbye in pieces", frame_of(CLOSE, b""), protocol),
        (
            "a ping of 126 bytes",
            frame_of(FIN | PING, &[0; 126]),
            protocol,
        ),
        (
            "a goodbye of 126 bytes",
            close_of(1_000, &[b'x'; 124]),
            protocol,
        ),
        (
            "a rest of nothing",
            frame_of(FIN | CONTINUATION, b"\0"),
            protocol,
        ),
        (
            "a message within a message",
            [frame_of(BINARY, b"\0"), frame_of(FIN | BINARY, b"\0")].concat(),
            protocol,
        ),
        (
            "a goodbye of one byte",
            frame_of(FIN | CLOSE, b"\x03"),
            protocol,
        ),
        ("code 0", close_of(0, b""), protocol),
        ("code 999", close_of(999, b""), protocol),
        ("code 1004", close_of(1_004, b""), protocol),
        ("code 1005", close_of(1_005, b""), protocol),
        ("code 1006", close_of(1_006, b""), protocol),
        ("code 2999", close_of(2_999, b""), protocol),
        ("code 5000", close_of(5_000, b""), protocol),
        (
            "a reason that is no UTF-8",
            close_of(1_000, b"\xce\xba\xed\xa0\x80"),
            text,
        ),
        (
            "text that is no UTF-8",
            frame_of(FIN | TEXT, b"\xed\xa0\x80"),
            text,
        ),
        ("text", frame_of(FIN | TEXT, b"hello"), policy),
        ("an empty message", frame_of(FIN | BINARY, b""), policy),
        ("17 kB", frame_of(FIN | BINARY, &[0; 17_000]), size),
        (
            "the head of 2^63 bytes",
            raw_length(&[0x80 | 127, 0x80, 0, 0, 0, 0, 0, 0, 0]),
            size,
        ),
        (
            "the head of 1 GB",
            raw_length(&[0x80 | 127, 0, 0, 0, 0, 0x40, 0, 0, 0]),
            size,
        ),
        (
            "17 kB in pieces",
            [
                vec![frame_of(BINARY, &[0; 1_000])],
                vec![frame_of(CONTINUATION, &[0; 1_000]); 16],
            ]
            .concat()
            .concat(),
            size,
        ),
    ];
    let mut cut = Vec::new();
    for (what, bytes, code) in cases {
        let mut raw = Raw::playing(&server, whole);
        // The server may be gone before it has read all.
        let _ = raw.0.write_all(&bytes);
        match raw.end() {
            None => cut.push(what),
            Some(given) => assert_eq!(given, code, "{what}"),
        }
        assert_eq!(server.get("/healthz", None).unwrap().status, 200, "{what}");
    }
    println!("cut without a code: {}", cut.join(", "));
    bystanders.were_undisturbed(LONGEST_GAP).unwrap();
}

#[test]
fn no_handshake_no_websocket() {
    let Some(server) = server() else { return };
    let with = |at: usize, line: &'static str| {
        let mut headers = GOOD;
        headers[at] = line;
        headers
    };
    for headers in [
        with(0, "connection: close"),
        with(1, "upgrade: h2c"),
        with(2, "sec-websocket-version: 12"),
        with(3, "sec-websocket-key: short"),
        with(3, "x-none: none"),
        with(4, "sec-websocket-protocol: mqtt"),
    ] {
        let (_, head) = Raw::ask(server.local_address(), &headers);
        assert!(head.starts_with("HTTP/1.1 400 "), "{headers:?}: {head}");
        assert!(head.contains("application/problem+json"), "{head}");
    }
    // An extension that is offered is not taken.
    let mut headers = GOOD.to_vec();
    headers.push("sec-websocket-extensions: permessage-deflate");
    let (_, head) = Raw::ask(server.local_address(), &headers);
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(!head.contains("extensions"), "{head}");
}
