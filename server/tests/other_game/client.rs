//! A player without a browser: joins over HTTP and plays over one WebSocket, by the same session
//! state machine as the server.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use protocol::bounded::BoundedString;
use protocol::codec::{decode, encode, encode_into};
use protocol::control::{
    Attach, ClientFrame, ClientMessage, CloseReason, LinkId, ServerFrame, ServerMessage,
};
use protocol::datagram::{split, split_snapshot};
use protocol::input::InputBatch;
use protocol::state_lane::StateLane;
use protocol::tick::Tick;
use server::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

const STATE: u8 = 0;
const CONTROL: u8 = 1;

/// What came from the server.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    Snapshot {
        tick: Tick,
        sum: u64,
    },
    Event(Vec<u8>),
    /// A snapshot against a view that this client doesn't hold.
    Undecodable,
    Closed(CloseReason),
    Ended,
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) struct Client {
    socket: Socket,
    lane: StateLane,
    clock: Clock,
    views: Vec<(Tick, u64)>,
    messages: u32,
}

/// Asks for a place; the answer is the token.
pub(crate) async fn join(server: SocketAddr, room: &str) -> String {
    join_as("Ada", server, room).await
}

pub(crate) async fn join_as(name: &str, server: SocketAddr, room: &str) -> String {
    let body = format!(
        r#"{{"name":"{name}","room":"{room}","protocol":{}}}"#,
        protocol::PROTOCOL_VERSION
    );
    let answer = request(server, "POST /v1/join", &body).await;
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    answer["token"].as_str().unwrap().to_owned()
}

/// Asks for a place with options; the status and the answer.
pub(crate) async fn join_with(
    server: SocketAddr,
    room: &str,
    options: &str,
) -> (u16, serde_json::Value) {
    let body = format!(
        r#"{{"name":"Ada","room":"{room}","protocol":{},"options":{options}}}"#,
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
    let metrics = request(server, "GET /metrics", "").await;
    let name = format!("game_server_game_faults_total{{kind=\"{kind}\"}} ");
    let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
    line.map_or(0, |count| count.parse().unwrap())
}

async fn request(server: SocketAddr, what: &str, body: &str) -> String {
    exchange(server, what, body).await.1
}

async fn exchange(server: SocketAddr, what: &str, body: &str) -> (u16, String) {
    let request = format!(
        "{what} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}",
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
    pub(crate) async fn attach(server: SocketAddr, token: &str, link: u32) -> Self {
        Self::attach_stripe(server, token, link, 0).await
    }

    pub(crate) async fn attach_stripe(
        server: SocketAddr,
        token: &str,
        link: u32,
        stripe: u8,
    ) -> Self {
        let clock = Clock::start();
        let socket = open(server).await;
        let mut client = Self {
            socket,
            lane: StateLane::default(),
            clock,
            views: vec![(Tick(0), 0)],
            messages: 0,
        };
        client.claim(token, link, stripe).await;
        client
    }

    /// Goes on with the same session over a new link.
    pub(crate) async fn move_to(&mut self, server: SocketAddr, token: &str, link: u32) {
        self.socket = open(server).await;
        self.claim(token, link, 0).await;
    }

    async fn claim(&mut self, token: &str, link: u32, stripe: u8) {
        let token = BoundedString::new(token).unwrap();
        self.frame(&ClientFrame::Attach(Attach {
            token,
            link: LinkId(link),
            stripe,
        }))
        .await;
    }

    pub(crate) async fn frame(&mut self, frame: &ClientFrame<'_>) {
        let mut bytes = vec![CONTROL];
        encode_into(frame, &mut bytes);
        self.socket
            .send(Message::Binary(bytes.into()))
            .await
            .unwrap();
    }

    pub(crate) async fn say(&mut self, message: ClientMessage<'_>) {
        self.messages += 1;
        let sequence = self.messages;
        self.frame(&ClientFrame::Message { sequence, message })
            .await;
    }

    /// Sends one input for each of the ticks that end with `newest`.
    pub(crate) async fn input(&mut self, newest: Tick, inputs: &[u8]) {
        let header = self.lane.send(self.clock.now(), newest);
        let batch = InputBatch {
            newest,
            inputs: inputs.iter().copied().collect(),
        };
        let mut bytes = vec![STATE];
        encode_into(&header, &mut bytes);
        encode_into(&batch, &mut bytes);
        self.socket
            .send(Message::Binary(bytes.into()))
            .await
            .unwrap();
    }

    /// The next thing that the game or the session says.
    pub(crate) async fn hear(&mut self) -> Heard {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(5), self.socket.next());
            let Some(Ok(message)) = next.await.expect("the server says something") else {
                return Heard::Ended;
            };
            let Message::Binary(bytes) = message else {
                continue;
            };
            if bytes[0] == STATE {
                return self.snapshot(&bytes[1..]);
            }
            match decode(&bytes[1..], 16_384).unwrap() {
                ServerFrame::Close(reason) => return Heard::Closed(reason),
                ServerFrame::Message { sequence, message } => {
                    self.frame(&ClientFrame::Ack(sequence)).await;
                    if let ServerMessage::Event { event, .. } = message {
                        return Heard::Event(event.to_vec());
                    }
                }
                _ => {}
            }
        }
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

    fn snapshot(&mut self, bytes: &[u8]) -> Heard {
        let (header, body) = split(bytes).unwrap();
        let (snapshot, delta) = split_snapshot(body).unwrap();
        let baseline = match snapshot.baseline_age {
            0 => Some(0),
            age => {
                let tick = snapshot.tick.minus(u32::from(age));
                self.views
                    .iter()
                    .find(|(known, _)| *known == tick)
                    .map(|(_, sum)| *sum)
            }
        };
        let Some(baseline) = baseline else {
            return Heard::Undecodable;
        };
        let sum = baseline + decode::<u64>(delta, 1_000).unwrap();
        self.views.push((snapshot.tick, sum));
        self.lane.receive(self.clock.now(), header, |_| {});
        Heard::Snapshot {
            tick: snapshot.tick,
            sum,
        }
    }
}

/// The bytes of a deed.
pub(crate) fn deed(deed: super::tally::Deed) -> Vec<u8> {
    encode(&deed)
}
