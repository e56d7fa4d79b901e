//! The relay, which needs no root: what it does to UDP and TCP, and what it does not.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use netlab::clock::Stopwatch;
use netlab::path::{Bandwidth, Loss, NatRebinding, PathConfig, PathPair};
use netlab::relay::{Relay, RelayError};

const PATIENCE: Duration = Duration::from_secs(5);

fn anywhere() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

fn delayed(delay_ms: f64) -> PathConfig {
    PathConfig {
        delay_ms,
        ..PathConfig::default()
    }
}

fn start(to: SocketAddr, up: PathConfig, down: PathConfig) -> Relay {
    let links = PathPair {
        up,
        down,
        seed: 5,
        shared_fades: false,
    };
    Relay::start(anywhere(), to, &links).unwrap()
}

/// A relay to a UDP socket, that socket, and a player's.
fn udp_through(up: PathConfig, down: PathConfig) -> (Relay, UdpSocket, UdpSocket) {
    let server = UdpSocket::bind(anywhere()).unwrap();
    let relay = start(server.local_addr().unwrap(), up, down);
    let player = UdpSocket::bind(anywhere()).unwrap();
    player.connect(relay.address()).unwrap();
    for socket in [&server, &player] {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
    }
    (relay, server, player)
}

/// There and back; gives the address that the server saw.
fn echo(server: &UdpSocket, player: &UdpSocket, text: &[u8]) -> SocketAddr {
    let mut buffer = [0; 64];
    player.send(text).unwrap();
    let (length, from) = server.recv_from(&mut buffer).unwrap();
    server.send_to(&buffer[..length], from).unwrap();
    let length = player.recv(&mut buffer).unwrap();
    assert_eq!(&buffer[..length], text);
    from
}

/// A relay to a TCP listener, and that listener.
fn tcp_through(up: PathConfig, down: PathConfig) -> (Relay, TcpListener) {
    let listener = TcpListener::bind(anywhere()).unwrap();
    let relay = start(listener.local_addr().unwrap(), up, down);
    (relay, listener)
}

/// Both ends of a connection through the relay.
fn connect(relay: &Relay, listener: &TcpListener) -> (TcpStream, TcpStream) {
    let player = TcpStream::connect(relay.address()).unwrap();
    let (server, _) = listener.accept().unwrap();
    for stream in [&player, &server] {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
    }
    (player, server)
}

/// The other end has gone, and within the stream's patience.
fn assert_ends(stream: &mut TcpStream) {
    match stream.read(&mut [0; 4]) {
        Ok(length) => assert_eq!(length, 0),
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}

/// `work` never takes less than `set_ms`, and once at least no millisecond more. A busy machine makes single ones late.
fn assert_takes(set_ms: u64, mut work: impl FnMut()) {
    const TRIES: usize = 40;
    let set = Duration::from_millis(set_ms);
    let on_time = (0..TRIES).any(|_| {
        let clock = Stopwatch::start();
        work();
        let took = clock.elapsed();
        assert!(took >= set, "{took:?} instead of {set:?}");
        took < set + Duration::from_millis(1)
    });
    assert!(on_time, "none of {TRIES} took {set:?}");
}

#[test]
fn a_datagram_takes_the_delay_there_and_back() {
    let (_relay, server, player) = udp_through(delayed(30.0), delayed(12.0));
    assert_takes(42, || {
        echo(&server, &player, b"ping");
    });
}

#[test]
fn a_connection_opens_after_a_round_trip_and_its_bytes_take_another() {
    let (relay, listener) = tcp_through(delayed(30.0), delayed(12.0));
    let exchange = |player: &mut TcpStream, server: &mut TcpStream| {
        let mut buffer = [0; 4];
        player.write_all(b"ping").unwrap();
        server.read_exact(&mut buffer).unwrap();
        server.write_all(b"pong").unwrap();
        player.read_exact(&mut buffer).unwrap();
    };
    assert_takes(84, || {
        let (mut player, mut server) = connect(&relay, &listener);
        exchange(&mut player, &mut server);
    });
    let (mut player, mut server) = connect(&relay, &listener);
    exchange(&mut player, &mut server);
    assert_takes(42, || exchange(&mut player, &mut server));
}

#[test]
fn datagrams_meet_the_whole_model_and_the_counters_agree() {
    let up = PathConfig {
        loss: Loss::Uniform { percent: 10.0 },
        duplicate_percent: 5.0,
        corrupt_percent: 5.0,
        ..PathConfig::default()
    };
    let (relay, server, player) = udp_through(up, PathConfig::default());
    let count = 5_000;
    let arrived = std::thread::scope(|scope| {
        let receiver = scope.spawn(|| {
            server
                .set_read_timeout(Some(Duration::from_millis(500)))
                .unwrap();
            let mut buffer = [0; 256];
            let mut intact = 0;
            while let Ok(length) = server.recv(&mut buffer) {
                assert_eq!(buffer[..length], [7; 100]);
                intact += 1;
            }
            intact
        });
        for _ in 0..count {
            player.send(&[7; 100]).unwrap();
            std::thread::sleep(Duration::from_micros(50));
        }
        receiver.join().unwrap()
    });
    let flow = relay.counters().up.udp;
    assert_eq!(
        (flow.packets_in, flow.bytes_in),
        (count, count * 128),
        "{flow:?}"
    );
    let sigma = |share: f64| 3.0 * (share * (1.0 - share) * count as f64).sqrt();
    let about = |value: u64, share: f64| (value as f64 - share * count as f64).abs() < sigma(share);
    assert!(about(flow.dropped.loss, 0.1), "{flow:?}");
    assert!(about(flow.copies, 0.045), "{flow:?}");
    assert!(about(flow.corrupted, 0.045 * 1.05), "{flow:?}");
    assert_eq!(arrived, flow.packets_out);
    assert_eq!(
        flow.packets_out + flow.corrupted + flow.dropped.loss,
        count + flow.copies
    );
}

#[test]
fn tcp_is_throttled_and_nothing_of_it_is_lost() {
    let down = PathConfig {
        delay_ms: 10.0,
        loss: Loss::Uniform { percent: 30.0 },
        bandwidth: Bandwidth {
            kbit_per_s: 4_000.0,
            ..Bandwidth::UNLIMITED
        },
        ..PathConfig::default()
    };
    let (relay, listener) = tcp_through(PathConfig::default(), down);
    let (mut player, mut server) = connect(&relay, &listener);
    let sent: Vec<u8> = (0..1_000_000_u32).map(|index| (index >> 3) as u8).collect();
    let clock = Stopwatch::start();
    let received = std::thread::scope(|scope| {
        scope.spawn(|| {
            server.write_all(&sent).unwrap();
            server.shutdown(Shutdown::Write).unwrap();
        });
        let mut received = Vec::new();
        player.read_to_end(&mut received).unwrap();
        received
    });
    let seconds = clock.elapsed().as_secs_f64();
    assert!(received == sent);
    let flow = relay.counters().down.tcp;
    let kbit_per_s = flow.bytes_out as f64 * 8.0 / 1e3 / (seconds - 0.01);
    assert!(
        (kbit_per_s / 4_000.0 - 1.0).abs() < 0.03,
        "{kbit_per_s} kbit/s"
    );
    assert_eq!(flow.dropped.total(), 0);
    // The other half stays open until its own end.
    player.write_all(b"thanks").unwrap();
    player.shutdown(Shutdown::Write).unwrap();
    let mut text = String::new();
    server.read_to_string(&mut text).unwrap();
    assert_eq!(text, "thanks");
}

#[test]
fn a_blackhole_swallows_datagrams_only() {
    let listener = TcpListener::bind(anywhere()).unwrap();
    let to = listener.local_addr().unwrap();
    let server = UdpSocket::bind(to).unwrap();
    let relay = start(to, PathConfig::default(), PathConfig::default());
    let player = UdpSocket::bind(anywhere()).unwrap();
    player.connect(relay.address()).unwrap();
    echo(&server, &player, b"before");
    let blackhole = PathConfig {
        udp_blackhole: true,
        ..PathConfig::default()
    };
    relay.set_paths(blackhole.clone(), blackhole).unwrap();
    player.send(b"after").unwrap();
    // Something later that does come through shows that the datagram will not.
    let (mut through, mut accepted) = connect(&relay, &listener);
    through.write_all(b"ping").unwrap();
    accepted.read_exact(&mut [0; 4]).unwrap();
    server.set_nonblocking(true).unwrap();
    let nothing = server.recv(&mut [0; 16]).unwrap_err();
    assert_eq!(nothing.kind(), ErrorKind::WouldBlock);
    assert_eq!(relay.counters().up.udp.dropped.blackhole, 1);
}

#[test]
fn a_rebinding_gives_udp_a_new_port_and_ends_tcp_when_told() {
    let listener = TcpListener::bind(anywhere()).unwrap();
    let to = listener.local_addr().unwrap();
    let server = UdpSocket::bind(to).unwrap();
    server.set_read_timeout(Some(PATIENCE)).unwrap();
    let relay = start(to, PathConfig::default(), PathConfig::default());
    let player = UdpSocket::bind(anywhere()).unwrap();
    player.set_read_timeout(Some(PATIENCE)).unwrap();
    player.connect(relay.address()).unwrap();
    let (mut through, mut accepted) = connect(&relay, &listener);
    let rebind = |tcp| {
        let up = PathConfig {
            nat_rebindings: vec![NatRebinding { at_s: 0.0, tcp }],
            ..PathConfig::default()
        };
        relay.set_paths(up, PathConfig::default()).unwrap();
    };
    let before = echo(&server, &player, b"before");
    assert_eq!(echo(&server, &player, b"still"), before);
    rebind(false);
    let after = echo(&server, &player, b"after");
    assert_ne!(after.port(), before.port());
    server.send_to(b"lost", before).unwrap();
    assert_eq!(echo(&server, &player, b"on"), after);
    through.write_all(b"ping").unwrap();
    accepted.read_exact(&mut [0; 4]).unwrap();

    rebind(true);
    echo(&server, &player, b"again");
    assert_ends(&mut through);
    assert_ends(&mut accepted);
}

#[test]
fn peers_and_connections_are_bounded() {
    let (relay, server, _player) = udp_through(PathConfig::default(), PathConfig::default());
    let crowd: Vec<_> = (0..300)
        .map(|number| {
            let player = UdpSocket::bind(anywhere()).unwrap();
            player.send_to(b"hello", relay.address()).unwrap();
            if number < 256 {
                server.recv(&mut [0; 16]).unwrap();
            }
            player
        })
        .collect();
    let clock = Stopwatch::start();
    while relay.counters().datagrams_refused < 44 && clock.elapsed() < PATIENCE {
        std::thread::yield_now();
    }
    let counters = relay.counters();
    assert_eq!((counters.peers, counters.datagrams_refused), (256, 44));
    drop(crowd);

    let (relay, listener) = tcp_through(PathConfig::default(), PathConfig::default());
    let held: Vec<_> = (0..256).map(|_| connect(&relay, &listener)).collect();
    let mut refused = TcpStream::connect(relay.address()).unwrap();
    refused.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_ends(&mut refused);
    let counters = relay.counters();
    assert_eq!(
        (counters.connections, counters.connections_refused),
        (256, 1)
    );
    // A place that is given back can be taken again.
    drop(held);
    let clock = Stopwatch::start();
    let is_taken = || {
        let before = relay.counters().connections;
        let _player = TcpStream::connect(relay.address()).unwrap();
        let after = relay.counters();
        after.connections > before
    };
    while !is_taken() {
        assert!(clock.elapsed() < PATIENCE);
    }
}

#[test]
fn a_server_that_is_not_there_ends_the_connection() {
    let nowhere = TcpListener::bind(anywhere()).unwrap().local_addr().unwrap();
    let relay = start(nowhere, PathConfig::default(), PathConfig::default());
    let mut player = TcpStream::connect(relay.address()).unwrap();
    player.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_ends(&mut player);
}

#[test]
fn a_relay_that_is_dropped_gives_its_port_back() {
    let relay = start(anywhere(), PathConfig::default(), PathConfig::default());
    let address = relay.address();
    let taken = Relay::start(address, anywhere(), &PathPair::default()).unwrap_err();
    assert!(matches!(taken, RelayError::Listen { .. }), "{taken}");
    drop(relay);
    Relay::start(address, anywhere(), &PathPair::default()).unwrap();
}

#[test]
fn an_impossible_figure_is_refused() {
    let links = PathPair {
        down: delayed(-1.0),
        ..PathPair::default()
    };
    let error = Relay::start(anywhere(), anywhere(), &links).unwrap_err();
    assert!(
        error.to_string().contains("the path down: delay_ms is -1"),
        "{error}"
    );
}
