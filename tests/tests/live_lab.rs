//! The emulated IP path in earnest: two network namespaces, real sockets, real time.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use netlab::clock::{Stopwatch, unix_ms};
use netlab::lab::Lab;
use netlab::path::{Loss, PathConfig};
use netlab::prerequisites::available;
use nix::sys::socket::{setsockopt, sockopt::RcvBufForce};
use socket2::{Domain, Protocol, Socket, Type};

const PORT: u16 = 7_000;

fn delayed(delay_ms: f64) -> PathConfig {
    PathConfig {
        delay_ms,
        ..PathConfig::default()
    }
}

fn lossy(percent: f64) -> PathConfig {
    PathConfig {
        loss: Loss::Uniform { percent },
        ..PathConfig::default()
    }
}

/// A socket on each host, the client's connected to the server's.
fn udp_pair(lab: &Lab) -> (UdpSocket, UdpSocket) {
    let server = SocketAddr::from((lab.server_address(), PORT));
    let server_socket = lab
        .run_in_server(|| UdpSocket::bind(server))
        .unwrap()
        .unwrap();
    let client = SocketAddr::from((lab.client_address(), 0));
    let client_socket = lab
        .run_in_client(|| UdpSocket::bind(client))
        .unwrap()
        .unwrap();
    client_socket.connect(server).unwrap();
    // Room for all that a test sends, so that a busy machine loses nothing at the receiver.
    setsockopt(&server_socket, RcvBufForce, &(32 << 20)).unwrap();
    (server_socket, client_socket)
}

/// Puts this thread ahead of whatever else the machine does, so that a test measures the link and not its own wait for
/// a core.
fn take_realtime_priority() {
    let parameters = libc::sched_param { sched_priority: 1 };
    // SAFETY: the call reads `parameters` and touches this thread only (0).
    assert_eq!(
        unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const parameters) },
        0
    );
}

/// Sends `count` packets evenly over time, each with its number and the time it was sent.
fn send_paced(socket: &UdpSocket, count: u64, interval: Duration, clock: Stopwatch) {
    let start = clock.elapsed();
    for number in 0..count {
        let due = start + interval * number as u32;
        std::thread::sleep(due.saturating_sub(clock.elapsed()));
        let mut packet = [0; 100];
        packet[..8].copy_from_slice(&number.to_be_bytes());
        packet[8..16].copy_from_slice(&(clock.elapsed().as_nanos() as u64).to_be_bytes());
        socket.send(&packet).unwrap();
    }
}

/// How long each packet took, until none has come for a while.
fn receive_all(socket: &UdpSocket, clock: Stopwatch) -> Vec<Duration> {
    socket
        .set_read_timeout(Some(Duration::from_millis(300)))
        .unwrap();
    let mut packet = [0; 100];
    let mut took = Vec::new();
    while let Ok(16..) = socket.recv(&mut packet) {
        let sent = u64::from_be_bytes(packet[8..16].try_into().unwrap());
        took.push(clock.elapsed() - Duration::from_nanos(sent));
    }
    took
}

fn median(mut values: Vec<Duration>) -> Duration {
    values.sort();
    values[values.len() / 2]
}

/// One ICMP echo to `to`, answered by its kernel.
fn ping(socket: &Socket, to: Ipv4Addr, number: u8) -> Duration {
    let mut request = [8, 0, 0, 0, 0xbc, 0, 0, number];
    let sum = request
        .chunks(2)
        .map(|pair| u32::from(u16::from_be_bytes([pair[0], pair[1]])))
        .sum::<u32>();
    let checksum = !((sum & 0xffff) + (sum >> 16)) as u16;
    request[2..4].copy_from_slice(&checksum.to_be_bytes());
    let clock = Stopwatch::start();
    socket
        .send_to(&request, &SocketAddr::from((to, 0)).into())
        .unwrap();
    let mut reply = [0; 64];
    // A raw socket gives the IP header, 20 bytes, too.
    while reply[20] != 0 || reply[27] != number || reply[0] == 0 {
        let length = (&mut &*socket).read(&mut reply).unwrap();
        assert!(length >= 28);
    }
    clock.elapsed()
}

#[test]
fn a_ping_takes_the_delay_there_and_back() {
    let Some(lab) = available(Lab::new(delayed(30.0), delayed(12.0), 1)) else {
        return;
    };
    take_realtime_priority();
    let raw = || Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4));
    let socket = lab.run_in_client(raw).unwrap().unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(2)))
        .unwrap();
    let rtt = median(
        (1..20)
            .map(|number| ping(&socket, lab.server_address(), number))
            .collect(),
    );
    let expected = Duration::from_millis(42);
    assert!(
        rtt >= expected && rtt < expected + Duration::from_millis(1),
        "{rtt:?}"
    );
}

#[test]
fn the_forwarder_adds_at_most_300_microseconds_at_5000_packets_a_second() {
    const PACKETS: u64 = 2_500;
    const LIMIT: Duration = Duration::from_micros(300);
    let Some(lab) = available(Lab::new(delayed(5.0), delayed(5.0), 1)) else {
        return;
    };
    let (server, client) = udp_pair(&lab);
    let clock = Stopwatch::start();
    // What else runs on the machine can only make packets later: so the best of some half seconds is the forwarder's
    // own.
    let spans = (0..6).map(|_| {
        let before = lab.counters().lateness;
        let took = std::thread::scope(|scope| {
            let receiver = scope.spawn(|| {
                take_realtime_priority();
                receive_all(&server, clock)
            });
            scope.spawn(|| {
                take_realtime_priority();
                send_paced(&client, PACKETS, Duration::from_micros(200), clock);
            });
            receiver.join().unwrap()
        });
        assert_eq!(took.len() as u64, PACKETS);
        let late = lab.counters().lateness.since(&before);
        let added = median(took) - Duration::from_millis(5);
        let (mean, p99) = (late.mean(), late.quantile(0.99));
        println!(
            "added {added:?} in the median, sockets included; late {mean:?}, 1 in 100 {p99:?}"
        );
        (added, mean)
    });
    let is_within = |span: &(Duration, Duration)| span.0 <= LIMIT && span.1 <= LIMIT;
    assert!(
        spans.into_iter().any(|span| is_within(&span)),
        "more than {LIMIT:?} in each"
    );
}

#[test]
fn udp_loses_what_the_model_says_and_the_counters_agree() {
    let Some(lab) = available(Lab::new(lossy(10.0), lossy(0.0), 7)) else {
        return;
    };
    let (server, client) = udp_pair(&lab);
    let clock = Stopwatch::start();
    let count = 10_000;
    let arrived = std::thread::scope(|scope| {
        let receiver = scope.spawn(|| receive_all(&server, clock).len() as u64);
        send_paced(&client, count, Duration::from_micros(100), clock);
        receiver.join().unwrap()
    });
    let lost = count - arrived;
    let sigma = (0.1 * 0.9 * count as f64).sqrt();
    assert!(
        (lost as f64 - 0.1 * count as f64).abs() < 3.0 * sigma,
        "{lost} lost"
    );
    let flow = lab.counters().up.udp;
    assert_eq!(
        (flow.packets_in, flow.packets_out, flow.dropped.loss),
        (count, arrived, lost)
    );
    assert_eq!(flow.bytes_in, count * 128);
    assert_eq!(lab.counters().up.tcp.packets_in, 0);
}

#[test]
fn tcp_gets_everything_through_a_lossy_path() {
    let Some(lab) = available(Lab::new(lossy(5.0), lossy(5.0), 3)) else {
        return;
    };
    let server = SocketAddr::from((lab.server_address(), PORT));
    let listener = lab
        .run_in_server(|| TcpListener::bind(server))
        .unwrap()
        .unwrap();
    let sent: Vec<u8> = (0..500_000_u32).map(|index| index as u8).collect();
    let received = std::thread::scope(|scope| {
        scope.spawn(|| listener.accept().unwrap().0.write_all(&sent).unwrap());
        let mut received = Vec::new();
        let mut stream = lab
            .run_in_client(|| TcpStream::connect(server))
            .unwrap()
            .unwrap();
        stream.read_to_end(&mut received).unwrap();
        received
    });
    assert!(received == sent);
    let flow = lab.counters().down.tcp;
    assert!(flow.dropped.loss > 0 && flow.bytes_in > 500_000, "{flow:?}");
    assert_eq!(lab.counters().down.udp.packets_in, 0);
}

#[test]
fn paths_change_while_they_run() {
    let Some(lab) = available(Lab::new(PathConfig::default(), PathConfig::default(), 1)) else {
        return;
    };
    let (server, client) = udp_pair(&lab);
    let server_address = SocketAddr::from((lab.server_address(), PORT));
    let listener = lab
        .run_in_server(|| TcpListener::bind(server_address))
        .unwrap()
        .unwrap();
    server
        .set_read_timeout(Some(Duration::from_millis(200)))
        .unwrap();
    client.send(b"before").unwrap();
    assert_eq!(server.recv(&mut [0; 16]).unwrap(), 6);

    let blackhole = PathConfig {
        udp_blackhole: true,
        ..PathConfig::default()
    };
    let (before, before_ms) = (lab.now(), unix_ms());
    let since = lab.set_paths(blackhole.clone(), blackhole).unwrap();
    let (after, after_ms) = (lab.now(), unix_ms());
    assert!((before..=after).contains(&since));
    let since_ms = lab.unix_ms_at(since);
    assert!(
        (before_ms - 1.0..=after_ms + 1.0).contains(&since_ms),
        "{since_ms} is not within {before_ms} and {after_ms}"
    );
    client.send(b"after").unwrap();
    assert_eq!(
        server.recv(&mut [0; 16]).unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
    assert_eq!(lab.counters().up.udp.dropped.blackhole, 1);
    lab.run_in_client(|| TcpStream::connect(server_address))
        .unwrap()
        .unwrap();
    drop(listener);

    let refused = lab
        .set_paths(lossy(140.0), PathConfig::default())
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the path up: loss.percent is 140: it must lie between 0 and 100"
    );
}

#[test]
fn a_corrupted_packet_never_reaches_a_socket() {
    let corrupting = PathConfig {
        corrupt_percent: 100.0,
        ..PathConfig::default()
    };
    let Some(lab) = available(Lab::new(corrupting, PathConfig::default(), 1)) else {
        return;
    };
    let (server, client) = udp_pair(&lab);
    let clock = Stopwatch::start();
    send_paced(&client, 500, Duration::ZERO, clock);
    let intact = receive_all(&server, clock).len();
    // A flip in the header's type of service alone would be caught too: the header has a checksum of its own.
    assert_eq!(intact, 0);
    assert_eq!(lab.counters().up.udp.corrupted, 500);
}

#[test]
fn nothing_reaches_past_the_other_end() {
    let Some(lab) = available(Lab::new(PathConfig::default(), PathConfig::default(), 1)) else {
        return;
    };
    let client = SocketAddr::from((lab.client_address(), 0));
    let socket = lab
        .run_in_client(|| UdpSocket::bind(client))
        .unwrap()
        .unwrap();
    // A documentation address (RFC 5737), which the default route sends down the link.
    socket.send_to(b"hello", "192.0.2.1:9").unwrap();
    let clock = Stopwatch::start();
    while lab.counters().up.foreign == 0 && clock.elapsed() < Duration::from_secs(2) {
        std::thread::yield_now();
    }
    let up = lab.counters().up;
    assert_eq!((up.foreign, up.total().packets_in), (1, 0));
}

#[test]
fn two_labs_stand_side_by_side() {
    let Some(one) = available(Lab::new(delayed(1.0), delayed(1.0), 1)) else {
        return;
    };
    let two = Lab::new(delayed(1.0), delayed(1.0), 1).unwrap();
    for lab in [&one, &two] {
        let (server, client) = udp_pair(lab);
        client.send(b"hello").unwrap();
        server
            .set_read_timeout(Some(Duration::from_secs(2)))
            .unwrap();
        assert_eq!(server.recv(&mut [0; 16]).unwrap(), 5);
    }
}
