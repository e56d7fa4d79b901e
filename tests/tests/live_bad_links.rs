//! Frames and datagrams that make no sense: the link is closed with a reason or the bytes are dropped, each is counted,
//! and the others in the room don't notice.

use std::time::Duration;

use game::wire::GameInput;
use netlab::clock::Stopwatch;
use netlab::player::{Admission, PlayerLink, QuicLink, RawQuic, Received, SocketLink};
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::codec::encode;
use protocol::control::{ClientFrame, ClientMessage, CloseReason};
use protocol::datagram::DatagramHeader;
use protocol::input::InputBatch;
use protocol::sequence::Sequence;
use protocol::tick::Tick;
use signaling::{Claims, RoomId, SessionId, TokenKey};
use tests::bystanders::Bystanders;
use tungstenite::Message;

const SECRET: &str = "a secret that only these tests know";
const ROOM: &str = "pond";
const PATIENCE: Duration = Duration::from_secs(5);

/// What a bystander may go without, on a machine that tests keep busy.
const LONGEST_GAP: Duration = Duration::from_secs(1);

fn server() -> Option<ServerProcess> {
    let options = ServerOptions {
        // Seats enough for all offenders of one test.
        config: Some(format!(
            "token_secret = {SECRET:?}\nseat_timeout = 20\n[game]\nseats = 16"
        )),
        ..ServerOptions::default()
    };
    available(ServerProcess::start(options, None))
}

/// Opens links of one kind, and knows what the server has refused.
struct Offender<'a, L> {
    server: &'a ServerProcess,
    open: fn(std::net::SocketAddr) -> std::io::Result<L>,
}

impl<L: PlayerLink> Offender<'_, L> {
    fn stranger(&self) -> L {
        (self.open)(self.server.local_address()).unwrap()
    }

    fn seat(&self) -> Admission {
        Admission::ask(self.server.local_address(), "Mallory", ROOM).unwrap()
    }

    /// A link that holds a seat and plays.
    fn player(&self) -> L {
        let mut link = self.stranger();
        link.attach(&self.seat().token, 1, 0).unwrap();
        link.wait_for_state(PATIENCE).unwrap();
        link
    }

    /// Does something to a link, and checks that it is sent away for this reason and that this was counted.
    fn is_sent_away(
        &self,
        mut link: L,
        act: impl FnOnce(&mut L),
        reason: CloseReason,
        counted: (&str, &str),
    ) {
        let before = refused(self.server, counted);
        act(&mut link);
        let goodbye = link.wait_for_goodbye(PATIENCE);
        assert_eq!(goodbye, Some(reason), "for {counted:?}");
        assert!(refused(self.server, counted) > before, "{counted:?} counts");
        let gone = link.wait_for(PATIENCE, |received| {
            (*received == Received::Gone).then_some(())
        });
        assert!(gone.is_some(), "the link ends for {counted:?}");
    }

    /// Does something to a link, and checks that it was counted and that the link plays on.
    fn is_dropped(&self, act: impl FnOnce(&mut L), counted: (&str, &str)) {
        let mut link = self.player();
        let before = refused(self.server, counted);
        act(&mut link);
        let clock = Stopwatch::start();
        while refused(self.server, counted) <= before {
            assert!(clock.remaining(PATIENCE).is_some(), "{counted:?} counts");
        }
        assert!(link.wait_for_state(PATIENCE).is_some(), "after {counted:?}");
        link.leave(1).unwrap();
    }
}

fn refused(server: &ServerProcess, (what, reason): (&str, &str)) -> f64 {
    let labels = [("what", what), ("reason", reason)];
    let metrics = server.metrics(None).unwrap();
    metrics.sum("game_server_refused_total", &labels)
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

/// A well-formed datagram with inputs for the ticks up to `newest`.
fn datagram(sequence: u16, newest: u32) -> Vec<u8> {
    let header = DatagramHeader {
        sequence: Sequence(sequence),
        ack_delay: DatagramHeader::NOTHING_RECEIVED,
        ..DatagramHeader::default()
    };
    let batch = InputBatch {
        newest: Tick(newest),
        view_lag: 0,
        inputs: [GameInput::steering(127, 0); 3].into_iter().collect(),
    };
    [encode(&header), encode(&batch)].concat()
}

fn attaching_badly<L: PlayerLink>(offender: &Offender<'_, L>) {
    let attach = |token: String| move |link: &mut L| link.attach(&token, 1, 0).unwrap();
    let send = |frame: &'static [u8]| move |link: &mut L| link.send_control(frame).unwrap();
    let no_attach = (CloseReason::ProtocolViolation, ("frame", "not-an-attach"));
    for frame in [
        &b""[..],
        b"\0",
        b"\xff\xff\xff\xff\xff",
        &[0x55; 300],
        &[2, 7],
    ] {
        offender.is_sent_away(offender.stranger(), send(frame), no_attach.0, no_attach.1);
    }
    let invalid = (CloseReason::BadToken, ("token", "invalid"));
    for token in [
        String::new(),
        "x".repeat(256),
        token("another secret", u64::MAX),
    ] {
        offender.is_sent_away(offender.stranger(), attach(token), invalid.0, invalid.1);
    }
    offender.is_sent_away(
        offender.stranger(),
        attach(token(SECRET, 1)),
        CloseReason::Expired,
        ("token", "expired"),
    );
    let mut nobodys = offender.stranger();
    nobodys.attach(&token(SECRET, u64::MAX), 1, 0).unwrap();
    assert_eq!(
        nobodys.wait_for_goodbye(PATIENCE),
        Some(CloseReason::Expired)
    );

    let seat = offender.seat();
    let mut first = offender.stranger();
    first.attach(&seat.token, 5, 0).unwrap();
    first.wait_for_state(PATIENCE).unwrap();
    let replay = |link: &mut L| link.attach(&seat.token, 5, 0).unwrap();
    let stale = CloseReason::StaleLink;
    offender.is_sent_away(offender.stranger(), replay, stale, ("attach", "stale"));
    let ninth = |link: &mut L| link.attach(&seat.token, 6, 9).unwrap();
    let violation = CloseReason::ProtocolViolation;
    let no_socket = ("attach", "no-such-socket");
    offender.is_sent_away(offender.stranger(), ninth, violation, no_socket);
    // What had been on its way before may still come in; these would not.
    for _ in 0..10 {
        let state = first.wait_for_state(PATIENCE);
        assert!(state.is_some(), "the seat's own link plays on");
    }
}

fn playing_badly<L: PlayerLink>(offender: &Offender<'_, L>) {
    let violation = CloseReason::ProtocolViolation;
    for frame in [
        &b""[..],
        b"\xff",
        &[0x33; 5_000],
        &[3, 1, 9],
        b"\x02\x07more",
    ] {
        let send = |link: &mut L| link.send_control(frame).unwrap();
        offender.is_sent_away(offender.player(), send, violation, ("frame", "malformed"));
    }
    let twice = |link: &mut L| link.attach("x", 2, 0).unwrap();
    offender.is_sent_away(
        offender.player(),
        twice,
        violation,
        ("frame", "attached-twice"),
    );
    let nonsense = |link: &mut L| {
        let message = ClientMessage::Action(&[0xee; 40]);
        let frame = ClientFrame::Message {
            sequence: 1,
            message,
        };
        link.send_frame(&frame).unwrap();
    };
    offender.is_sent_away(
        offender.player(),
        nonsense,
        CloseReason::ActionRefused(0),
        ("action", "malformed"),
    );
}

fn sending_bad_state<L: PlayerLink>(offender: &Offender<'_, L>) {
    let good = datagram(1, 100);
    let mut too_many_inputs = good[..9].to_vec();
    too_many_inputs.extend([100, 255, 1]);
    too_many_inputs.extend([0; 512]);
    let cut_off = |link: &mut L| {
        link.send_state(b"").unwrap();
        link.send_state(&[0xff; 8]).unwrap();
    };
    offender.is_dropped(cut_off, ("datagram", "malformed"));
    let malformed = |link: &mut L| {
        link.send_state(&[0xff; 900]).unwrap();
        link.send_state(&good[..good.len() - 1]).unwrap();
        link.send_state(&too_many_inputs).unwrap();
        link.send_state(&[&good[..], b"more"].concat()).unwrap();
    };
    offender.is_dropped(malformed, ("inputs", "malformed"));
    let out_of_order = |link: &mut L| {
        for sequence in [5, 3, 5, 3, 65_000, 4, 40_000, 5] {
            link.send_state(&datagram(sequence, 100)).unwrap();
        }
    };
    offender.is_dropped(out_of_order, ("datagram", "duplicate"));
    let from_all_times = |link: &mut L| {
        for (sequence, newest) in (1..).zip([0, 1, u32::MAX, u32::MAX - 1, 1 << 31]) {
            link.send_state(&datagram(sequence, newest)).unwrap();
        }
        link.send_state(&datagram(1, 0)).unwrap();
    };
    offender.is_dropped(from_all_times, ("datagram", "duplicate"));
    let flood = |link: &mut L| {
        // No more at once than may wait for a tick, but more in all than a second may bring.
        for sequence in 0..900 {
            link.send_state(&datagram(sequence, 100)).unwrap();
            if sequence % 100 == 99 {
                std::thread::sleep(Duration::from_millis(40));
            }
        }
    };
    offender.is_dropped(flood, ("datagram", "flood"));
}

#[test]
fn a_bad_websocket_is_sent_away_with_a_reason() {
    let Some(server) = server() else { return };
    let bystanders = Bystanders::enter(&server, ROOM).unwrap();
    let offender = Offender {
        server: &server,
        open: SocketLink::open,
    };
    attaching_badly(&offender);
    playing_badly(&offender);
    let violation = CloseReason::ProtocolViolation;
    let malformed = ("websocket-message", "malformed");
    for message in [
        Message::text("hello"),
        Message::binary(vec![]),
        Message::binary(vec![7, 1, 2, 3]),
    ] {
        let send = |link: &mut SocketLink| link.send(message).unwrap();
        offender.is_sent_away(offender.player(), send, violation, malformed);
    }
    let oversized = |link: &mut SocketLink| link.send(Message::binary(vec![0; 1_002])).unwrap();
    offender.is_dropped(oversized, ("datagram", "oversized"));
    bystanders.were_undisturbed(LONGEST_GAP).unwrap();
}

#[test]
fn a_violation_on_one_socket_ends_the_whole_bundle_and_no_other_link() {
    let Some(server) = server() else { return };
    let offender = Offender {
        server: &server,
        open: SocketLink::open,
    };
    let seat = offender.seat();
    let attached = |link: u64, stripe: u8| {
        let mut socket = offender.stranger();
        socket.attach(&seat.token, link, stripe).unwrap();
        socket.wait_for_state(PATIENCE).unwrap();
        socket
    };
    let mut other = attached(1, 0);
    let mut bundle = [attached(2, 0), attached(2, 1)];
    let bad_lane = Message::binary(vec![7, 1, 2, 3]);
    bundle[1].send(bad_lane).unwrap();
    for socket in &mut bundle {
        let goodbye = socket.wait_for_goodbye(PATIENCE);
        assert_eq!(goodbye, Some(CloseReason::ProtocolViolation));
    }
    for _ in 0..10 {
        let state = other.wait_for_state(PATIENCE);
        assert!(state.is_some(), "the session's other link plays on");
    }
}

#[test]
fn bad_state_over_a_websocket_is_dropped() {
    let Some(server) = server() else { return };
    let bystanders = Bystanders::enter(&server, ROOM).unwrap();
    let offender = Offender {
        server: &server,
        open: SocketLink::open,
    };
    sending_bad_state(&offender);
    bystanders.were_undisturbed(LONGEST_GAP).unwrap();
}

#[test]
fn an_oversized_websocket_message_ends_its_link() {
    let Some(server) = server() else { return };
    let bystanders = Bystanders::enter(&server, ROOM).unwrap();
    let offender = Offender {
        server: &server,
        open: SocketLink::open,
    };
    for bytes in [17 << 10, 1 << 20, 40 << 20] {
        let counted = ("websocket-message", "broken");
        let before = refused(&server, counted);
        let mut link = offender.player();
        // The server may cut the connection while it is still being written to.
        let _ = link.send(Message::binary(vec![1; bytes]));
        assert_eq!(link.wait_for_goodbye(PATIENCE), None);
        assert!(refused(&server, counted) > before, "{bytes} bytes count");
    }
    bystanders.were_undisturbed(LONGEST_GAP).unwrap();
}

#[test]
fn a_bad_webtransport_session_is_sent_away_with_a_reason() {
    let Some(server) = server() else { return };
    let bystanders = Bystanders::enter(&server, ROOM).unwrap();
    let offender = Offender {
        server: &server,
        open: QuicLink::open,
    };
    attaching_badly(&offender);
    playing_badly(&offender);
    let announce_too_much = |link: &mut QuicLink| link.send_raw(&[0xff; 4]).unwrap();
    let violation = CloseReason::ProtocolViolation;
    let oversized = ("frame", "oversized");
    offender.is_sent_away(offender.player(), announce_too_much, violation, oversized);

    let before = refused(&server, ("webtransport-session", "not-found"));
    let elsewhere = RawQuic::open(server.local_address(), "/elsewhere");
    assert!(elsewhere.is_err());
    assert!(refused(&server, ("webtransport-session", "not-found")) > before);
    bystanders.were_undisturbed(LONGEST_GAP).unwrap();
}

#[test]
fn bad_state_over_webtransport_is_dropped() {
    let Some(server) = server() else { return };
    let bystanders = Bystanders::enter(&server, ROOM).unwrap();
    let offender = Offender {
        server: &server,
        open: QuicLink::open,
    };
    sending_bad_state(&offender);
    let too_long = |link: &mut QuicLink| link.send_state(&[0; 1_001]).unwrap();
    offender.is_dropped(too_long, ("datagram", "oversized"));
    // Before there is a seat, datagrams have nobody to reach.
    let stranger = RawQuic::open(server.local_address(), "/v1/webtransport").unwrap();
    for sequence in 0..500 {
        stranger.send_datagram(&datagram(sequence, 1)).unwrap();
    }
    bystanders.were_undisturbed(LONGEST_GAP).unwrap();
}
