//! A server beside Agones' sidecar: it listens at the port that it is given, and says how it stands from its start to its end.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use netlab::player::Admission;
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use tests::http_stand_in::HttpStandIn;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A port that nobody has.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn agones_gives_the_port_and_is_told_how_the_server_stands_from_its_start_to_its_end() {
    let port = free_port();
    let ports =
        format!(r#"[{{"name":"game-tcp","port":{port}}},{{"name":"game-udp","port":{port}}}]"#);
    let state = format!(r#"{{"status":{{"state":"Scheduled","ports":{ports}}}}}"#);
    let sidecar = HttpStandIn::start("application/json", &state).unwrap();
    let next = || sidecar.requests.recv_timeout(PATIENCE).unwrap().0;
    // Whatever is no sign of life.
    let next_word = || {
        let mut line = next();
        while line == "POST /health HTTP/1.1" {
            line = next();
        }
        line
    };
    let options = ServerOptions {
        port: Some(0),
        config: Some("agones = true".to_owned()),
        environment: vec![(
            "AGONES_SDK_HTTP_PORT".to_owned(),
            sidecar.address.port().to_string(),
        )],
        ..ServerOptions::default()
    };
    let Some(mut server) = available(ServerProcess::start(options, None)) else {
        return;
    };
    let listening = server.wait_for_log("listening", PATIENCE).unwrap();
    assert!(listening.contains(&format!(":{port} ")), "{listening}");
    assert_eq!(next(), "GET /gameserver HTTP/1.1");
    assert_eq!(next(), "POST /ready HTTP/1.1");
    for _ in 0..2 {
        assert_eq!(next(), "POST /health HTTP/1.1");
    }
    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    Admission::ask(at, "Ada", "pond").unwrap();
    assert_eq!(next_word(), "POST /allocate HTTP/1.1");
    assert!(server.stop(PATIENCE).unwrap().success());
    assert_eq!(next_word(), "POST /shutdown HTTP/1.1");
    assert!(sidecar.requests.try_recv().is_err());
}
