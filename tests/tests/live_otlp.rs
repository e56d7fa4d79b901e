//! Traces for operators: a session is a span at their collector, and a collector that is away costs the game nothing.

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use netlab::clock::Stopwatch;
use netlab::player::{Admission, PlayerLink, SocketLink};
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use prost::Message;
use tests::http_stand_in::HttpStandIn;

/// How long the server may take to end, with what it has left to send.
const GRACE: Duration = Duration::from_secs(8);

fn server(collector: &str) -> Option<ServerProcess> {
    let options = ServerOptions {
        config: Some(format!("otlp = \"{collector}\"\nnode = \"one\"")),
        ..ServerOptions::default()
    };
    available(ServerProcess::start(options, None))
}

/// Comes in, gets a snapshot, and leaves.
fn visit(server: &ServerProcess) {
    let to = server.local_address();
    let seat = Admission::ask(to, "Ada", "traced").unwrap();
    let mut link = SocketLink::open(to).unwrap();
    link.attach(&seat.token, 1, 0).unwrap();
    link.wait_for_state(Duration::from_secs(5)).unwrap();
    link.leave(1).unwrap();
}

fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text.clone()),
        Value::IntValue(number) => Some(number.to_string()),
        _ => None,
    }
}

#[test]
fn a_session_is_a_span_at_the_collector_with_what_became_of_it() {
    let collector = HttpStandIn::start("application/x-protobuf", "").unwrap();
    let Some(server) = server(&format!("http://{}", collector.address)) else {
        return;
    };
    visit(&server);
    let status = server.stop(GRACE).unwrap();
    assert!(status.success(), "{status}");

    let (request, body) = collector.requests.recv_timeout(GRACE).unwrap();
    assert_eq!(request, "POST /v1/traces HTTP/1.1");
    let export = ExportTraceServiceRequest::decode(&*body).unwrap();
    let [resource] = &export.resource_spans[..] else {
        panic!("{export:?}");
    };
    let service = &resource.resource.as_ref().unwrap().attributes;
    assert_eq!(text(service, "service.name").unwrap(), "battle-circles");
    assert_eq!(text(service, "service.instance.id").unwrap(), "one");
    let [span] = &resource.scope_spans[0].spans[..] else {
        panic!("{resource:?}");
    };
    assert_eq!(span.name, "session");
    assert_eq!(text(&span.attributes, "room").unwrap(), "traced");
    assert_eq!(text(&span.attributes, "seat").unwrap(), "0");
    let events: Vec<&str> = span
        .events
        .iter()
        .map(|event| event.name.as_str())
        .collect();
    let ["player came", "link came", .., card] = events[..] else {
        panic!("{events:?}");
    };
    assert!(card.contains("\"session-over\""), "{card}");
}

#[test]
fn a_collector_that_is_away_costs_the_game_nothing() {
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let nobody = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let Some(mut server) = server(&nobody) else {
        return;
    };
    visit(&server);
    // The fault is told.
    server
        .wait_for_log("BatchSpanProcessor", Duration::from_secs(20))
        .unwrap();
    visit(&server);
    let clock = Stopwatch::start();
    let status = server.stop(GRACE).unwrap();
    assert!(status.success(), "{status}");
    assert!(clock.elapsed() < GRACE);
}
