//! What a stranger with a join, or without one, can do to the others and to the machine: not much.

use std::io;
use std::net::{SocketAddr, SocketAddrV4, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use netlab::clock::Stopwatch;
use netlab::player::forger::{addresses, udp_ports};
use netlab::player::{
    Admission, Forger, IceClient, Initials, PlayerLink, QuicLink, RawQuic, SocketLink, post_offer,
};
use netlab::prerequisites::available;
use netlab::sdk_page::SdkBrowser;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::rung::Rung;
use tests::bystanders::Bystanders;

const ROOM: &str = "pond";

/// How long an attack lasts.
const ATTACK: Duration = Duration::from_secs(4);

/// How much longer than without the attack a player elsewhere may be without a snapshot.
const MOST_HARM: Duration = Duration::from_millis(150);

fn server() -> Option<ServerProcess> {
    let options = ServerOptions {
        config: Some("[game]\nseats = 16".into()),
        ..ServerOptions::default()
    };
    available(ServerProcess::start(options, None))
}

fn v4(address: SocketAddr) -> SocketAddrV4 {
    match address {
        SocketAddr::V4(address) => address,
        SocketAddr::V6(_) => unreachable!("tests listen on IPv4 too"),
    }
}

/// Does `act` again and again until the time is over, `per_second` times at most; gives how often.
fn flood(time: Duration, per_second: u32, mut act: impl FnMut()) -> u32 {
    const BATCH: u32 = 100;
    let clock = Stopwatch::start();
    let mut done = 0;
    while clock.elapsed() < time {
        for _ in 0..BATCH.min(per_second) {
            act();
            done += 1;
        }
        let due = Duration::from_secs(1) * done / per_second;
        std::thread::sleep(due.saturating_sub(clock.elapsed()));
    }
    done
}

/// The longest that bystanders go without a snapshot while `act` goes on.
fn longest_gap(server: &ServerProcess, act: impl FnOnce()) -> Duration {
    let bystanders = Bystanders::enter(server, "elsewhere").unwrap();
    act();
    bystanders.longest_gap().unwrap()
}

fn harms_nobody(server: &ServerProcess, attack: impl FnOnce()) {
    let before = longest_gap(server, || std::thread::sleep(ATTACK));
    let during = longest_gap(server, attack);
    println!("longest gap {before:?} before, {during:?} during the attack");
    assert!(during <= before + MOST_HARM, "{before:?}, {during:?}");
}

#[test]
fn a_flood_of_good_checks_stalls_nobody() {
    let Some(server) = server() else { return };
    let to = server.local_address();
    let client = IceClient::join(to, "Mallory", ROOM).unwrap();
    let checks: Vec<Vec<u8>> = (0..500).map(|_| client.check().unwrap()).collect();
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    harms_nobody(&server, || {
        let mut next = checks.iter().cycle();
        let sent = flood(ATTACK, 50_000, || {
            let check = next.next().unwrap();
            // The kernel may have no room for it.
            let _ = socket.send_to(check, to);
        });
        let clock = Stopwatch::start();
        assert_eq!(server.get("/healthz", None).unwrap().status, 200);
        let time = clock.elapsed();
        println!("{sent} checks; then an answer over HTTP after {time:?}");
        assert!(time < Duration::from_millis(500), "{time:?}");
    });
}

#[test]
fn an_address_that_never_answers_gets_no_more_than_it_sent() {
    let Some(server) = server() else { return };
    let to = server.local_address();
    let client = IceClient::join(to, "Mallory", ROOM).unwrap();
    let victim = UdpSocket::bind("127.0.0.1:0").unwrap();
    victim.set_nonblocking(true).unwrap();
    // As its kernel does not know of it, each packet counts: a request once, and again as browsers repeat it.
    let (mut bytes_in, mut bytes_out, mut checks) = (0, 0, 0);
    let clock = Stopwatch::start();
    let mut buffer = [0; 2_048];
    let mut asked = 0u32;
    while clock.elapsed() < Duration::from_secs(6) {
        if clock.elapsed() >= Duration::from_millis(400) * asked {
            let check = client.check().unwrap();
            victim.send_to(&check, to).unwrap();
            bytes_in += check.len();
            asked += 1;
        }
        while let Ok(length) = victim.recv(&mut buffer) {
            bytes_out += length;
            checks += usize::from(buffer[..2] == [0, 1]);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    println!("{asked} requests, {bytes_in} bytes in, {bytes_out} out, {checks} of them checks");
    assert!(checks <= 3, "{checks} checks");
    assert!(bytes_out <= bytes_in, "{bytes_in} in, {bytes_out} out");
    assert!(bytes_out > 0, "a good check is answered");
}

#[test]
fn one_good_check_with_a_forged_source_takes_no_address() {
    let Some(server) = server() else { return };
    let Some(forger) = available(Forger::new()) else {
        return;
    };
    let Some(browser) = available(SdkBrowser::launch(&server, None)) else {
        return;
    };
    // A machine that stands still for a fifth of a second makes the SDK open a fresh link, too; the attack does each time.
    let goes_on = (0..3).any(|_| plays_on_beside_forged_checks(&server, &browser, &forger));
    assert!(goes_on, "the link was lost each time");
}

fn plays_on_beside_forged_checks(
    server: &ServerProcess,
    browser: &SdkBrowser,
    forger: &Forger,
) -> bool {
    let to = server.local_address();
    let victim = browser.new_visitor().unwrap();
    victim.play(Rung::WebRtc, "Victor", ROOM).unwrap();
    let before = victim.figures().unwrap()[0].snapshots;
    let links = || {
        let metrics = server.metrics(None).unwrap();
        metrics.sum("game_server_links_opened_total", &[("rung", "webrtc")])
    };
    let links_before = links();
    let client = IceClient::join(to, "Mallory", ROOM).unwrap();
    let clock = Stopwatch::start();
    let ports: Vec<u16> = udp_ports().unwrap();
    let hosts = addresses().unwrap();
    for _ in 0..3 {
        for host in &hosts {
            for port in ports.iter().filter(|port| **port != to.port()) {
                let check = client.check().unwrap();
                let sent = forger.send(SocketAddrV4::new(*host, *port), v4(to), &check);
                sent.unwrap();
            }
        }
        std::thread::sleep(Duration::from_secs(1));
    }
    let seconds = clock.elapsed().as_secs_f64();
    let figures = &victim.figures().unwrap()[0];
    let rate = (figures.snapshots - before) as f64 / seconds;
    let fresh = links() - links_before;
    println!("{rate:.1} snapshots a second, {fresh} fresh links, {figures:?}");
    victim.close().unwrap();
    rate >= 18.0 && figures.rung_changes == 0 && fresh == 0.0
}

#[test]
fn streams_before_the_token_take_little_memory() {
    const CONNECTIONS: usize = 16;
    const MOST_BYTES: u64 = 256 * 1_024;
    let Some(server) = server() else { return };
    let to = server.local_address();
    let before = server.usage().unwrap().memory;
    let is_over = AtomicBool::new(false);
    let most = std::thread::scope(|scope| {
        let attackers = (0..CONNECTIONS).map(|_| {
            scope.spawn(|| {
                let connection = RawQuic::open(to, "/v1/webtransport").unwrap();
                connection.fill_streams(ATTACK);
            })
        });
        let attackers: Vec<_> = attackers.collect();
        let watch = scope.spawn(|| {
            let mut most = 0;
            while !is_over.load(Ordering::Relaxed) {
                most = most.max(server.usage().unwrap().memory);
                std::thread::sleep(Duration::from_millis(50));
            }
            most
        });
        for attacker in attackers {
            attacker.join().unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
        watch.join().unwrap()
    });
    let each = most.saturating_sub(before) / CONNECTIONS as u64;
    println!("{each} bytes for each of {CONNECTIONS} connections");
    assert!(each <= MOST_BYTES, "{each} bytes");
}

/// How long a newcomer waits for its first snapshot.
fn enters(mut link: impl PlayerLink, seat: &Admission, clock: &Stopwatch) -> io::Result<Duration> {
    link.attach(&seat.token, 1, 0)?;
    link.wait_for_state(Duration::from_secs(5))
        .ok_or_else(|| io::Error::other("no snapshot"))?;
    Ok(clock.elapsed())
}

#[test]
fn first_packets_from_forged_addresses_shut_no_rung_to_newcomers() {
    const WAIT: Duration = Duration::from_secs(1);
    let Some(server) = server() else { return };
    let to = server.local_address();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let sockets: Vec<UdpSocket> = (0..50)
                .map(|_| UdpSocket::bind("127.0.0.1:0").unwrap())
                .collect();
            let mut initials = Initials::new(to).unwrap();
            let mut sent = 0;
            while !is_over.load(Ordering::Relaxed) {
                sent += flood(Duration::from_millis(200), 500, || {
                    let packet = initials.another().unwrap();
                    sockets[sent as usize % sockets.len()]
                        .send_to(&packet, to)
                        .unwrap();
                });
            }
            println!("{sent} first packets");
        });
        // Long enough to fill what can be filled.
        std::thread::sleep(Duration::from_secs(3));
        let outcome = (0..3).try_for_each(|round| {
            let room = format!("room-{round}");
            let seat = |name| Admission::ask(to, name, &room).map_err(io::Error::other);
            let (quic, socket, webrtc) = (seat("Quinn")?, seat("Sok")?, seat("Wendy")?);
            let clock = Stopwatch::start();
            let by_quic = enters(QuicLink::open(to)?, &quic, &clock)?;
            let clock = Stopwatch::start();
            let by_socket = enters(SocketLink::open(to)?, &socket, &clock)?;
            let offer = post_offer(&webrtc, 1)?.status;
            println!("WebTransport {by_quic:?}, WebSocket {by_socket:?}, offer {offer}");
            assert!(by_quic < WAIT && by_socket < WAIT && offer == 201);
            io::Result::Ok(())
        });
        is_over.store(true, Ordering::Relaxed);
        outcome.unwrap();
    });
}

#[test]
fn the_offer_of_a_session_that_is_over_is_told_so() {
    let Some(server) = server() else { return };
    let to = server.local_address();
    let seat = Admission::ask(to, "Late", ROOM).unwrap();
    let mut link = SocketLink::open(to).unwrap();
    link.attach(&seat.token, 1, 0).unwrap();
    link.wait_for_state(Duration::from_secs(5)).unwrap();
    assert_eq!(post_offer(&seat, 2).unwrap().status, 201);
    link.leave(1).unwrap();
    link.wait_for_goodbye(Duration::from_secs(5)).unwrap();
    let answer = post_offer(&seat, 3).unwrap();
    assert_eq!(answer.status, 401, "{}", answer.body);
    assert!(
        answer.body.contains("/problems/expired-session"),
        "{}",
        answer.body
    );
}
