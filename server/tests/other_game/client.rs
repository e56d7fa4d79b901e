//! A player of the tally: the client's session over one WebSocket, with its frames in the test's hands.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use client::native::{Admission, Connector, PlayerOptions, Trust};
use client::session::{ClientSession, Event, GameCodec, Outgoing, Received, SocketId};
use futures_util::{SinkExt, StreamExt};
use protocol::codec::{DecodeError, decode, encode};
use protocol::control::{ClientFrame, ClientMessage, CloseReason, LinkId};
use protocol::tick::Tick;
use server::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const STATE: u8 = 0;
const CONTROL: u8 = 1;

/// The server's default.
const TICK_RATE: u16 = 60;

/// Inputs come so many ticks early that a busy machine makes none too late: the tests count them.
const INPUT_LEAD: u16 = 15;

/// What came from the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Snapshot { tick: Tick, sum: u64 },
    Event(Vec<u8>),
    Draining(u16),
    Closed(CloseReason),
    Ended,
}

/// The tally's wire.
struct Sums;

impl GameCodec for Sums {
    type View = u64;
    type Input = u8;

    fn decode_delta(baseline: &u64, _age: u16, delta: &[u8]) -> Result<u64, DecodeError> {
        Ok(baseline + decode::<u64>(delta, 1_000)?)
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) struct Client {
    socket: Socket,
    id: SocketId,
    session: ClientSession<Sums>,
    clock: Clock,
    /// What is to be done in which tick. A client without inputs sends no State at all, so that two may watch one seat.
    inputs: BTreeMap<Tick, u8>,
}

/// Asks for a place; the answer is the token.
pub(crate) async fn join(server: SocketAddr, room: &str) -> String {
    join_as("Ada", server, room).await
}

pub(crate) async fn join_as(name: &str, server: SocketAddr, room: &str) -> String {
    let options = PlayerOptions {
        name: name.to_owned(),
        room: Some(room.to_owned()),
        ..PlayerOptions::new(format!("http://{server}"))
    };
    let connector = Connector::new(&Trust::Anything).unwrap();
    Admission::ask(&connector, &options).await.unwrap().token
}

/// Asks for a place in a public room, with options; the status and the answer.
pub(crate) async fn join_with(
    server: SocketAddr,
    room: &str,
    options: &str,
) -> (u16, serde_json::Value) {
    let members = format!(r#""room":"{room}","visibility":"public","options":{options}"#);
    ask(server, &members).await
}

/// Asks for a place for whoever the login says; the status and the answer.
pub(crate) async fn join_logged_in(server: SocketAddr, login: &str) -> (u16, serde_json::Value) {
    ask(server, &format!(r#""login":"{login}""#)).await
}

/// Asks for the seat of another session; the status and the answer.
pub(crate) async fn resume(server: SocketAddr, token: &str) -> (u16, serde_json::Value) {
    ask(server, &format!(r#""resume":"{token}""#)).await
}

/// Joins with these members beside name and version; the status and the answer.
pub(crate) async fn ask(server: SocketAddr, members: &str) -> (u16, serde_json::Value) {
    let body = format!(
        r#"{{"name":"Ada","protocol":{},{members}}}"#,
        protocol::PROTOCOL_VERSION
    );
    let (status, answer) = exchange(server, "POST /v1/join", &body).await;
    (status, serde_json::from_str(&answer).unwrap())
}

/// The list of rooms.
pub(crate) async fn list(server: SocketAddr) -> serde_json::Value {
    serde_json::from_str(&request(server, "GET /v1/rooms", "").await).unwrap()
}

/// How often the server has counted a fault of the game's.
pub(crate) async fn faults(server: SocketAddr, kind: &str) -> u64 {
    let name = format!("game_server_game_faults_total{{kind=\"{kind}\"}}");
    metric(server, &name).await
}

/// What a metric stands at.
pub(crate) async fn metric(server: SocketAddr, name: &str) -> u64 {
    let metrics = request(server, "GET /metrics", "").await;
    let lines = metrics.lines().filter_map(|line| line.strip_prefix(name));
    let mut values = lines.filter_map(|rest| rest.trim().parse().ok());
    values.next().unwrap_or(0)
}

async fn request(server: SocketAddr, what: &str, body: &str) -> String {
    exchange(server, what, body).await.1
}

async fn exchange(server: SocketAddr, what: &str, body: &str) -> (u16, String) {
    let request = format!(
        "{what} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(server).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let end = answer.find("\r\n\r\n").unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer[end..].trim().to_owned())
}

async fn open(server: SocketAddr) -> Socket {
    let mut request = format!("ws://{server}/v1/websocket")
        .into_client_request()
        .unwrap();
    request
        .headers_mut()
        .insert("sec-websocket-protocol", "game-session.v1".parse().unwrap());
    connect_async(request).await.unwrap().0
}

impl Client {
    pub(crate) async fn attach(server: SocketAddr, token: &str, link: u64) -> Self {
        Self::attach_stripe(server, token, link, 0).await
    }

    pub(crate) async fn attach_stripe(
        server: SocketAddr,
        token: &str,
        link: u64,
        stripe: u8,
    ) -> Self {
        let clock = Clock::start();
        let mut session = ClientSession::new(clock.now(), TICK_RATE);
        session.set_input_lead(INPUT_LEAD);
        let mut client = Self {
            socket: open(server).await,
            id: socket_of(link, stripe),
            session,
            clock,
            inputs: BTreeMap::new(),
        };
        client.session.open(client.id, Some(token));
        client.flush().await;
        client
    }

    /// Goes on with the same session over a new link.
    pub(crate) async fn move_to(&mut self, server: SocketAddr, token: &str, link: u64) {
        self.session.lose(self.clock.now(), self.id);
        self.socket = open(server).await;
        self.id = socket_of(link, 0);
        self.session.open(self.id, Some(token));
        self.flush().await;
    }

    pub(crate) async fn frame(&mut self, frame: &ClientFrame<'_>) {
        self.send(CONTROL, &encode(frame)).await;
    }

    pub(crate) async fn say(&mut self, message: ClientMessage<'_>) {
        self.session.say(self.clock.now(), message);
        self.flush().await;
    }

    /// Does these in the ticks that end with `newest`, the last first, and nothing in others.
    pub(crate) fn input(&mut self, newest: Tick, inputs: &[u8]) {
        let ticks = (0..).map(|back| newest.minus(back));
        self.inputs.extend(ticks.zip(inputs.iter().copied()));
    }

    /// The next thing that the game or the session says.
    pub(crate) async fn hear(&mut self) -> Heard {
        let limit = Duration::from_secs(5);
        let next = tokio::time::timeout(limit, self.next_heard()).await;
        next.expect("the server says something")
    }

    /// Hears on until the server closes the link, for this reason.
    pub(crate) async fn is_closed(&mut self, reason: CloseReason) {
        let heard = self.hear_until(|heard| matches!(heard, Heard::Closed(_)));
        assert_eq!(heard.await, Heard::Closed(reason));
    }

    /// Hears on until `wanted` is satisfied.
    pub(crate) async fn hear_until(&mut self, wanted: impl Fn(&Heard) -> bool) -> Heard {
        loop {
            let heard = self.hear().await;
            if wanted(&heard) {
                return heard;
            }
            assert!(!matches!(heard, Heard::Ended), "the link ended");
        }
    }

    async fn next_heard(&mut self) -> Heard {
        loop {
            if let Some(heard) = self.heard() {
                return heard;
            }
            let due = self.session.poll_timeout();
            let due = due.filter(|_| !self.inputs.is_empty());
            let wait = due.map(|due| due.saturating_sub(self.clock.now()));
            tokio::select! {
                message = self.socket.next() => match message {
                    Some(Ok(Message::Binary(bytes))) => self.take(&bytes),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return Heard::Ended,
                },
                () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => {
                    let inputs = &self.inputs;
                    let input = |tick| inputs.get(&tick).copied().unwrap_or(0);
                    self.session.handle_timeout(self.clock.now(), input);
                }
            }
            self.flush().await;
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        let received = match bytes {
            [STATE, datagram @ ..] => Received::State(datagram),
            [CONTROL, frame @ ..] => Received::Control(frame),
            other => panic!("{other:?} is of no lane"),
        };
        self.session.receive(self.clock.now(), self.id, received);
    }

    /// What the session has to tell a test.
    fn heard(&mut self) -> Option<Heard> {
        while let Some(event) = self.session.poll_event() {
            match event {
                Event::Snapshot { tick, .. } => {
                    let sum = **self.session.view(tick)?;
                    return Some(Heard::Snapshot { tick, sum });
                }
                Event::Draining(seconds) => return Some(Heard::Draining(seconds)),
                Event::Game { bytes, .. } => return Some(Heard::Event(bytes)),
                Event::LinkClosed(_, reason) | Event::SessionClosed(reason) => {
                    return Some(Heard::Closed(reason));
                }
                _ => {}
            }
        }
        None
    }

    async fn flush(&mut self) {
        while let Some(transmit) = self.session.poll_transmit() {
            match transmit.outgoing {
                _ if transmit.socket != self.id => {}
                Outgoing::State(datagram) => self.send(STATE, &datagram).await,
                Outgoing::Control(frame) => self.send(CONTROL, &frame).await,
                Outgoing::Close => drop(self.socket.close(None).await),
            }
        }
    }

    /// A socket that the server has closed says so when it is read.
    async fn send(&mut self, lane: u8, payload: &[u8]) {
        let message = [&[lane], payload].concat();
        let _ = self.socket.send(Message::Binary(message.into())).await;
    }
}

fn socket_of(link: u64, stripe: u8) -> SocketId {
    SocketId {
        link: LinkId(link),
        stripe,
    }
}

/// The bytes of a deed.
pub(crate) fn deed(deed: super::tally::Deed) -> Vec<u8> {
    encode(&deed)
}
