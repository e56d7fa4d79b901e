//! Packets from strangers, bad bytes on WebRTC's channels, and peers who don't read: dropped or sent away, and nobody
//! else is disturbed.

use std::net::UdpSocket;
use std::time::Duration;

use netlab::clock::Stopwatch;
use netlab::metrics::Metrics;
use netlab::player::{Admission, PlayerLink, SocketLink};
use netlab::prerequisites::available;
use netlab::sdk_page::{SdkBrowser, Visitor};
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::control::ClientFrame;
use protocol::rung::Rung;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use serde::Deserialize;
use serde_json::json;
use tests::bystanders::Bystanders;

const ROOM: &str = "pond";

/// What a bystander may go without, on a machine that tests keep busy.
const LONGEST_GAP: Duration = Duration::from_secs(1);

fn server() -> Option<ServerProcess> {
    let options = ServerOptions {
        config: Some("[game]\nseats = 16".into()),
        ..ServerOptions::default()
    };
    available(ServerProcess::start(options, None))
}

fn refused(metrics: &Metrics, what: &str, reason: &str) -> f64 {
    let labels = [("what", what), ("reason", reason)];
    metrics.sum("game_server_refused_total", &labels)
}

/// Something that looks like STUN, DTLS or QUIC at first sight, or like nothing at all.
fn garbage(random: &mut Xoshiro256PlusPlus) -> Vec<u8> {
    let kind = random.next_u32() % 8;
    let length = random.next_u32() as usize % 1_400;
    let mut packet = vec![0; length];
    random.fill_bytes(&mut packet);
    let head: Vec<u8> = match kind {
        // A STUN binding request with a user name that is too long for it, or for nobody.
        0 => [
            &[0, 1, 0, 24, 0x21, 0x12, 0xa4, 0x42][..],
            &[7; 12],
            &[0, 6, 0xff, 0xff],
        ]
        .concat(),
        1 => [
            &[0, 1, 0, 24, 0x21, 0x12, 0xa4, 0x42][..],
            &[7; 12],
            b"\0\x06\0\x09nobody:me\0\0\0",
        ]
        .concat(),
        // A STUN success, and a DTLS handshake, of nobody's.
        2 => vec![1, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42],
        3 => vec![22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff],
        4 => vec![20 + (random.next_u32() % 44) as u8],
        // A QUIC Initial, a version that doesn't exist, and a short header.
        5 => {
            packet.resize(1_200, 0x5a);
            vec![0xc3, 0, 0, 0, 1, 8]
        }
        6 => vec![0xc0, 0xba, 0xba, 0xba, 0xba, 20],
        _ => vec![0x40 | (random.next_u32() % 64) as u8],
    };
    let covered = head.len().min(packet.len());
    packet[..covered].copy_from_slice(&head[..covered]);
    packet
}

#[test]
fn packets_from_strangers_disturb_no_rung() {
    const PACKETS: u32 = 10_000;
    let Some(server) = server() else { return };
    let Some(browser) = available(SdkBrowser::launch(&server, None)) else {
        return;
    };
    let by_webrtc = browser.new_visitor().unwrap();
    by_webrtc.play(Rung::WebRtc, "Wendy", ROOM).unwrap();
    let bystanders = Bystanders::enter(&server, ROOM).unwrap();
    let snapshots = |visitor: &Visitor| visitor.figures().unwrap()[0].snapshots;

    let before = (snapshots(&by_webrtc), server.metrics(None).unwrap());
    let mut random = Xoshiro256PlusPlus::seed_from_u64(9);
    let sockets: Vec<UdpSocket> = (0..50)
        .map(|_| UdpSocket::bind("127.0.0.1:0").unwrap())
        .collect();
    let clock = Stopwatch::start();
    for number in 0..PACKETS {
        // Two a millisecond: a flood is another matter.
        let due = Duration::from_micros(500) * number;
        std::thread::sleep(due.saturating_sub(clock.elapsed()));
        let packet = garbage(&mut random);
        let socket = &sockets[number as usize % sockets.len()];
        socket.send_to(&packet, server.local_address()).unwrap();
    }
    for packet in [&[][..], &[0x55; 60_000], &[0x15; 60_000]] {
        sockets[0].send_to(packet, server.local_address()).unwrap();
    }
    let seconds = clock.elapsed().as_secs_f64();
    let rate = (snapshots(&by_webrtc) - before.0) as f64 / seconds;
    let dropped = refused(&server.metrics(None).unwrap(), "udp-packet", "no-peer")
        - refused(&before.1, "udp-packet", "no-peer");
    println!("{rate:.1} snapshots/s by WebRTC, {dropped} packets counted");
    bystanders.were_undisturbed(LONGEST_GAP).unwrap();
    assert!(rate >= 16.0, "{rate:.1} snapshots a second by WebRTC");
    assert_eq!(by_webrtc.figures().unwrap()[0].rung_changes, 0);
    // Five of eight kinds are none of QUIC's, but the kernel may drop what nobody has read yet.
    assert!(dropped > f64::from(PACKETS) * 0.5, "{dropped} are counted");
}

/// What `misuse` in `browser/sdk/misuse.mjs` gives.
#[derive(Debug, Deserialize)]
struct Aftermath {
    frames: Vec<Vec<u8>>,
    states: u32,
    closed: bool,
}

#[test]
fn bad_bytes_on_webrtc_channels_are_dropped_or_end_the_link() {
    /// `ServerFrame::Close(CloseReason::ProtocolViolation)`.
    const GOODBYE: [u8; 2] = [1, 4];
    let Some(server) = server() else { return };
    let Some(browser) = available(SdkBrowser::launch(&server, None)) else {
        return;
    };
    let visitor = browser.new_visitor().unwrap();
    let bystanders = Bystanders::enter(&server, ROOM).unwrap();
    let misuse = |channel: &str, messages, counted: (&str, &str)| -> Aftermath {
        let before = refused(&server.metrics(None).unwrap(), counted.0, counted.1);
        let request =
            json!({ "name": "Mallory", "room": ROOM, "channel": channel, "messages": messages });
        let aftermath = visitor
            .evaluate(&format!("sdkUnderTest.misuse({request})"))
            .unwrap();
        let after = refused(&server.metrics(None).unwrap(), counted.0, counted.1);
        assert!(after > before, "{counted:?} counts; {aftermath:?}");
        aftermath
    };
    for (messages, counted) in [
        (json!([[255, 255], [1]]), ("datagram", "malformed")),
        (json!(["a text"]), ("datagram", "malformed")),
        (json!([vec![7; 1_001]]), ("datagram", "oversized")),
    ] {
        let aftermath = misuse("state", messages, counted);
        assert!(!aftermath.closed, "{counted:?}: {aftermath:?}");
        // Ten a second, for it acknowledges none of them.
        assert!(aftermath.states >= 15, "{counted:?}: {aftermath:?}");
    }
    for (messages, counted) in [
        (json!([[255, 255]]), ("frame", "malformed")),
        (json!(["a text"]), ("frame", "malformed")),
        (
            json!([vec![7; 20_000]]),
            ("frame", "oversized-or-room-behind"),
        ),
    ] {
        let aftermath = misuse("control", messages, counted);
        assert!(aftermath.closed, "{counted:?}: {aftermath:?}");
        assert!(
            aftermath.frames.iter().any(|frame| *frame == GOODBYE),
            "{counted:?}: {aftermath:?}"
        );
    }
    bystanders.were_undisturbed(LONGEST_GAP).unwrap();
}

#[test]
fn peers_that_do_not_read_cost_no_memory() {
    const PEERS: usize = 10;
    /// Per peer: what the room, the outbox and the socket may hold for it, and then some.
    const MOST_BYTES: u64 = 256 * 1_024;
    let Some(server) = server() else { return };
    let bystanders = Bystanders::enter(&server, ROOM).unwrap();
    let before = server.usage().unwrap();
    let mut links: Vec<SocketLink> = (0..PEERS)
        .map(|_| {
            let seat = Admission::ask(server.local_address(), "Dormouse", ROOM).unwrap();
            let mut link = SocketLink::open(server.local_address()).unwrap();
            link.attach(&seat.token, 1, 0).unwrap();
            link
        })
        .collect();
    // Each asks for answers that it never reads, for as long as the server listens.
    let clock = Stopwatch::start();
    let mut most = 0;
    let mut asked = 0u64;
    while clock.elapsed() < Duration::from_secs(5) {
        for link in &mut links {
            let timeout = Some(Duration::from_millis(20));
            link.stream().set_write_timeout(timeout).unwrap();
            for number in 0..200 {
                if link.send_frame(&ClientFrame::Ping(number)).is_err() {
                    break;
                }
                asked += 1;
            }
        }
        most = most.max(server.usage().unwrap().memory);
    }
    let grown = most.saturating_sub(before.memory);
    let metrics = server.metrics(None).unwrap();
    let live = metrics.sum("game_server_links", &[("rung", "websocket")]);
    println!("{asked} pings; {grown} bytes more for {PEERS} peers; {live} links live");
    assert!(grown < MOST_BYTES * PEERS as u64, "{grown} bytes more");
    assert_eq!(live, 1.0, "all but the bystander's link are closed");
    bystanders.were_undisturbed(LONGEST_GAP).unwrap();
}
