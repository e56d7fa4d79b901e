//! Floods from a few addresses: newcomers from another one get in, rooms keep their tick, and memory and the log stay bounded.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use netlab::clock::Stopwatch;
use netlab::player::{Admission, Initials, PlayerLink, SocketLink};
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::control::{ClientFrame, ClientMessage};
use socket2::{Domain, Socket, Type};
use tests::bystanders::Bystanders;

/// Newcomers during each attack.
const NEWCOMERS: usize = 15;

/// How long a newcomer may take, from the join to the first snapshot; at the 99th percentile.
const MOST_WAIT: Duration = Duration::from_secs(1);

/// What a bystander may go without, on a machine of two cores that attackers and server share.
const LONGEST_GAP: Duration = Duration::from_secs(1);

/// How much later than on a quiet server 99 of 100 ticks may begin at most.
const MOST_LATE: Duration = Duration::from_millis(5);

/// Memory that all attacks together may cost.
const MOST_BYTES: u64 = 256 << 20;

/// Lines of the log that one attack may cost.
const MOST_LINES: usize = 100;

/// A server that takes each loopback address for a stranger's.
fn server() -> Option<ServerProcess> {
    let options = ServerOptions {
        config: Some("trusted_proxies = []\n[game]\nseats = 16".to_owned()),
        ..ServerOptions::default()
    };
    available(ServerProcess::start(options, None))
}

/// An attacker's address: one of four.
fn attacker(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, 2 + (number % 4) as u8)
}

fn connect(server: SocketAddr, from: Ipv4Addr) -> Option<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).ok()?;
    // What is left of thousands of these must keep no port from the servers of later tests.
    socket.set_reuse_address(true).ok()?;
    socket.set_linger(Some(Duration::ZERO)).ok()?;
    socket.bind(&SocketAddr::from((from, 0)).into()).ok()?;
    socket
        .connect_timeout(&server.into(), Duration::from_secs(2))
        .ok()?;
    let stream = TcpStream::from(socket);
    stream.set_nonblocking(true).ok()?;
    Some(stream)
}

/// Joins, attaches and waits for a snapshot, as a newcomer does; gives how long that took.
fn come_in(server: SocketAddr, number: usize) -> Option<Duration> {
    let clock = Stopwatch::start();
    let seat = Admission::ask(server, "Newcomer", &format!("room-{}", number % 4)).ok()?;
    let mut link = SocketLink::open(server).ok()?;
    link.attach(&seat.token, 1, 0).ok()?;
    link.wait_for_state(Duration::from_secs(5))?;
    let took = clock.elapsed();
    link.leave(1).ok()?;
    Some(took)
}

/// How late 99 of 100 wakes come on this machine for whoever sleeps from tick to tick and does nothing, until it is over.
fn sleeper(is_over: &AtomicBool) -> Duration {
    const TICK: Duration = Duration::from_micros(16_667);
    let clock = Stopwatch::start();
    let mut late = Vec::new();
    let mut due = TICK;
    while !is_over.load(Ordering::Relaxed) {
        sleep(due.saturating_sub(clock.elapsed()));
        let now = clock.elapsed();
        late.push(now.saturating_sub(due));
        // As a room does, it leaves out what it has slept through.
        while due <= now {
            due += TICK;
        }
    }
    late.sort();
    late[late.len() * 99 / 100]
}

/// How late 99 of 100 ticks begin while `during` goes on, nothing where more are over the last bound; and how late a
/// sleeper beside it wakes, which the machine is to blame for.
fn lateness<T>(
    server: &ServerProcess,
    during: impl FnOnce() -> T,
) -> (T, Option<Duration>, Duration) {
    let before = server.metrics(None).unwrap();
    let is_over = AtomicBool::new(false);
    let (done, machine) = std::thread::scope(|scope| {
        let sleeper = scope.spawn(|| sleeper(&is_over));
        let done = during();
        is_over.store(true, Ordering::Relaxed);
        (done, sleeper.join().unwrap())
    });
    let after = server.metrics(None).unwrap();
    let late = after.quantile_since(&before, "game_server_tick_lateness_seconds", 0.99);
    (done, late.map(Duration::from_secs_f64), machine)
}

/// Lets newcomers in while `attack` goes on, and judges what they and the bystanders saw.
fn withstands(server: &ServerProcess, name: &str, attack: impl Fn(SocketAddr, &AtomicBool) + Sync) {
    let is_over = AtomicBool::new(false);
    let to = server.local_address();
    let bystanders = Bystanders::enter(server, "elsewhere").unwrap();
    let lines = server.log_tail(usize::MAX).lines().count();
    let let_in = || -> Vec<Option<Duration>> {
        let newcomers = (0..NEWCOMERS).map(|number| {
            sleep(Duration::from_millis(100));
            come_in(to, number)
        });
        newcomers.collect()
    };
    let (_, usual, _) = lateness(server, let_in);
    let usual = usual.expect("a quiet server keeps its ticks");
    let (mut waits, late, machine) = std::thread::scope(|scope| {
        scope.spawn(|| attack(to, &is_over));
        // It has begun in earnest.
        sleep(Duration::from_millis(500));
        let measured = lateness(server, let_in);
        is_over.store(true, Ordering::Relaxed);
        measured
    });
    waits.sort();
    let memory = server.usage().unwrap().memory >> 20;
    let lines = server.log_tail(usize::MAX).lines().count() - lines;
    println!(
        "{name}: newcomers in after {:?} in the median, {:?} at most; ticks late by {late:?}, {usual:?} before, a sleeper by {machine:?}; \
         {memory} MiB, {lines} lines",
        waits[NEWCOMERS / 2],
        waits[NEWCOMERS - 1]
    );
    assert!(waits.iter().all(Option::is_some), "{name}: {waits:?}");
    assert!(
        waits.last().unwrap().unwrap() <= MOST_WAIT,
        "{name}: {waits:?}"
    );
    assert!(
        late.is_some_and(|late| late <= usual.max(machine) + MOST_LATE),
        "{name}: ticks {late:?} late, {usual:?} before, a sleeper {machine:?}"
    );
    assert!(lines < MOST_LINES, "{name}: {}", server.log_tail(30));
    bystanders
        .were_undisturbed(LONGEST_GAP)
        .unwrap_or_else(|fault| panic!("{name}: {fault}"));
}

/// Holds 2,000 connections that have said `first` and then say a byte each second.
fn hold(to: SocketAddr, is_over: &AtomicBool, first: &[u8]) {
    let mut held: Vec<TcpStream> = Vec::new();
    for number in 0..2_000 {
        if is_over.load(Ordering::Relaxed) {
            return;
        }
        if let Some(mut stream) = connect(to, attacker(number)) {
            let _ = stream.write_all(first);
            held.push(stream);
        }
    }
    while !is_over.load(Ordering::Relaxed) {
        for stream in &mut held {
            let _ = stream.write(b"x");
        }
        sleep(Duration::from_secs(1));
    }
}

#[test]
fn slow_connections_of_many_kinds_shut_nobody_out() {
    let Some(server) = server() else { return };
    let before = server.usage().unwrap().memory;
    let unread = b"GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(20);
    let kinds: [(&str, &[u8]); 7] = [
        ("silence", b""),
        ("a request line without end", b"GET /"),
        (
            "a head without end",
            b"GET / HTTP/1.1\r\nhost: localhost\r\nx: ",
        ),
        (
            "a body without end",
            b"POST /v1/join HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 16000\r\n\r\n{",
        ),
        ("a part of HTTP/2's preface", b"PRI * HT"),
        ("HTTP/2's preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("answers that nobody reads", &unread),
    ];
    for (name, first) in kinds {
        withstands(&server, name, |to, is_over| hold(to, is_over, first));
    }
    let cost = server.usage().unwrap().memory.saturating_sub(before);
    assert!(cost < MOST_BYTES, "{} MiB", cost >> 20);
}

/// Does `act` up to `per_second` times a second until it is over.
fn flood(is_over: &AtomicBool, per_second: u32, mut act: impl FnMut(usize)) {
    const BATCH: u32 = 50;
    let clock = Stopwatch::start();
    let mut done = 0;
    while !is_over.load(Ordering::Relaxed) {
        for _ in 0..BATCH {
            act(done as usize);
            done += 1;
        }
        let due = Duration::from_secs(1) * done / per_second;
        sleep(due.saturating_sub(clock.elapsed()));
    }
}

#[test]
fn floods_over_http_shut_nobody_out() {
    let Some(server) = server() else { return };
    let requests: [(&str, &[u8]); 2] = [
        (
            "5,000 bad tokens a second",
            b"POST /v1/webrtc?link=1 HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer AAAA\r\n\
              content-type: application/sdp\r\ncontent-length: 3\r\n\r\nv=0",
        ),
        (
            "5,000 joins a second",
            b"POST /v1/join HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
              content-length: 2\r\n\r\n{}",
        ),
    ];
    for (name, request) in requests {
        withstands(&server, name, |to, is_over| {
            let mut streams: Vec<Option<TcpStream>> = (0..8).map(|_| None).collect();
            let mut answers = [0; 64 * 1_024];
            flood(is_over, 5_000, |number| {
                let place = number % streams.len();
                let stream = &mut streams[place];
                if stream.is_none() {
                    *stream = connect(to, attacker(number));
                }
                let Some(open) = stream else { return };
                let is_sent = open
                    .write(request)
                    .is_ok_and(|length| length == request.len());
                let is_full = matches!(open.read(&mut answers), Ok(0));
                if !is_sent || is_full {
                    *stream = None;
                }
            });
        });
    }
}

#[test]
fn floods_of_packets_shut_nobody_out() {
    let Some(server) = server() else { return };
    let before = server.usage().unwrap().memory;
    let mut initials = Initials::new(server.local_address()).unwrap();
    let initials: Vec<Vec<u8>> = (0..500).map(|_| initials.another().unwrap()).collect();
    // The head of a DTLS handshake record with a ClientHello, and no more.
    let hello = [
        &[22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 1][..],
        &[0; 39],
    ]
    .concat();
    let garbage: Vec<Vec<u8>> = (0..=255u8).map(|first| vec![first; 700]).collect();
    let packets: [(&str, &[Vec<u8>], u32); 3] = [
        ("half-open QUIC handshakes", &initials, 5_000),
        ("half-open DTLS handshakes", &[hello], 5_000),
        ("garbage", &garbage, 50_000),
    ];
    for (name, packets, per_second) in packets {
        withstands(&server, name, |to, is_over| {
            let sockets: Vec<UdpSocket> = (0..64)
                .map(|number| UdpSocket::bind((attacker(number), 0)).unwrap())
                .collect();
            flood(is_over, per_second, |number| {
                let packet = &packets[number % packets.len()];
                // The kernel may have no room for it.
                let _ = sockets[number % sockets.len()].send_to(packet, to);
            });
        });
    }
    let cost = server.usage().unwrap().memory.saturating_sub(before);
    assert!(cost < MOST_BYTES, "{} MiB", cost >> 20);
}

/// What a player sends again and again.
type Message = fn(&mut SocketLink, u32) -> std::io::Result<()>;

#[test]
fn a_players_flood_costs_its_room_mates_nothing() {
    let Some(server) = server() else { return };
    let floods: [(&str, Message); 3] = [
        ("pings", |link, number| {
            link.send_frame(&ClientFrame::Ping(number))
        }),
        ("messages", |link, number| {
            link.send_frame(&ClientFrame::Message {
                sequence: number,
                message: ClientMessage::Hidden(false),
            })
        }),
        ("datagrams", |link, _| link.send_state(&[7; 900])),
    ];
    for (name, send) in floods {
        withstands(&server, name, |to, is_over| {
            let open = || {
                // In the bystanders' own room.
                let seat = Admission::ask(to, "Mallory", "elsewhere").ok()?;
                let mut link = SocketLink::open(to).ok()?;
                link.attach(&seat.token, 1, 0).ok()?;
                link.stream().set_nonblocking(true).ok()?;
                Some(link)
            };
            let mut link = open();
            flood(is_over, 20_000, |number| {
                let sent = link.as_mut().map(|link| send(link, number as u32 + 1));
                let is_lost = sent.is_none_or(|sent| {
                    sent.is_err_and(|error| error.kind() != std::io::ErrorKind::WouldBlock)
                });
                // Thrown out, it comes again, not too often for its budget of joins.
                if is_lost && number % 5_000 == 0 {
                    link = open();
                }
            });
        });
    }
}
