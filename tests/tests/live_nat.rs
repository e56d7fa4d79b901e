//! A NAT rebinding on the emulated path, as real sockets and a real QUIC connection meet it.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use client::native::PlayerOptions;
use netlab::clock::Stopwatch;
use netlab::lab::Lab;
use netlab::path::{NatRebinding, PathConfig};
use netlab::player::Observer;
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};

const PORT: u16 = 7_000;
const PATIENCE: Duration = Duration::from_secs(2);

fn perfect() -> PathConfig {
    PathConfig::default()
}

/// The NAT forgets at once.
fn rebind(lab: &Lab, tcp: bool) {
    let up = PathConfig {
        nat_rebindings: vec![NatRebinding { at_s: 0.0, tcp }],
        ..perfect()
    };
    lab.set_paths(up, perfect()).unwrap();
}

#[test]
fn udp_comes_from_a_new_port_and_answers_to_the_old_one_are_lost() {
    let Some(lab) = available(Lab::new(perfect(), perfect(), 1)) else {
        return;
    };
    let server = SocketAddr::from((lab.server_address(), PORT));
    let client = SocketAddr::from((lab.client_address(), 0));
    let server_socket = lab
        .run_in_server(|| UdpSocket::bind(server))
        .unwrap()
        .unwrap();
    let client_socket = lab
        .run_in_client(|| UdpSocket::bind(client))
        .unwrap()
        .unwrap();
    client_socket.connect(server).unwrap();
    for socket in [&server_socket, &client_socket] {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
    }
    let mut buffer = [0; 64];
    let mut echo = |text: &[u8]| {
        client_socket.send(text).unwrap();
        let (length, from) = server_socket.recv_from(&mut buffer).unwrap();
        server_socket.send_to(&buffer[..length], from).unwrap();
        let length = client_socket.recv(&mut buffer).unwrap();
        assert_eq!(&buffer[..length], text);
        from
    };
    let before = echo(b"before");
    assert_eq!(before, client_socket.local_addr().unwrap());
    rebind(&lab, false);
    let first = echo(b"once");
    assert_eq!(first.ip(), before.ip());
    assert_ne!(first.port(), before.port());
    assert_eq!(echo(b"and on"), first);
    rebind(&lab, false);
    let second = echo(b"twice");
    assert!(second != first && second != before);

    for forgotten in [before, first] {
        server_socket.send_to(b"lost", forgotten).unwrap();
    }
    assert_eq!(echo(b"last"), second);
    assert_eq!(lab.counters().down.udp.dropped.nat, 2);
}

#[test]
fn tcp_goes_on_unless_it_is_forgotten_too() {
    let Some(lab) = available(Lab::new(perfect(), perfect(), 1)) else {
        return;
    };
    let server = SocketAddr::from((lab.server_address(), PORT));
    let listener = lab
        .run_in_server(|| TcpListener::bind(server))
        .unwrap()
        .unwrap();
    let mut client = lab
        .run_in_client(|| TcpStream::connect(server))
        .unwrap()
        .unwrap();
    let (mut accepted, _) = listener.accept().unwrap();
    accepted.set_read_timeout(Some(PATIENCE)).unwrap();
    client.set_read_timeout(Some(PATIENCE)).unwrap();
    rebind(&lab, false);
    client.write_all(b"ping").unwrap();
    accepted.read_exact(&mut [0; 4]).unwrap();

    rebind(&lab, true);
    client.write_all(b"ping").unwrap();
    let reset = client.read(&mut [0; 4]).unwrap_err();
    assert_eq!(reset.kind(), ErrorKind::ConnectionReset);
    // A new connection comes up from its new port.
    let mut again = lab
        .run_in_client(|| TcpStream::connect(server))
        .unwrap()
        .unwrap();
    let (mut accepted, from) = listener.accept().unwrap();
    assert_ne!(from.port(), again.local_addr().unwrap().port());
    again.write_all(b"ping").unwrap();
    accepted.read_exact(&mut [0; 4]).unwrap();
}

#[test]
fn a_quic_player_plays_on_after_a_rebinding() {
    let Some(lab) = available(Lab::new(perfect(), perfect(), 1)) else {
        return;
    };
    let Some(server) = available(ServerProcess::start(ServerOptions::default(), Some(&lab))) else {
        return;
    };
    let address = SocketAddr::from((lab.server_address(), server.port()));
    let options = PlayerOptions {
        name: "Nat".to_owned(),
        room: Some("rebound".to_owned()),
        rung: client::native::Rung::WebTransport,
        ..PlayerOptions::new(format!("http://{address}"))
    };
    let entered = lab.run_in_client(|| Observer::enter(&options));
    let observer = entered.unwrap().unwrap();
    rebind(&lab, false);
    let clock = Stopwatch::start();
    std::thread::sleep(Duration::from_secs(3));
    let seconds = clock.elapsed().as_secs_f64();
    let seen = observer.stop();
    println!(
        "longest gap {:.0} ms, {} answers to the old port",
        seen.longest_gap_ms(),
        lab.counters().down.udp.dropped.nat
    );
    assert_eq!(seen.goodbye, None);
    assert!(lab.counters().down.udp.dropped.nat > 0);
    let rate = seen.snapshots.len() as f64 / seconds;
    assert!(rate > 18.0, "{rate:.1} snapshots a second");
    assert!(
        seen.longest_gap_ms() < 500.0,
        "{} ms",
        seen.longest_gap_ms()
    );
}
