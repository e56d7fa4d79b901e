//! The WebSocket rung: one binary message is one State datagram or Control frame behind a byte that tells which.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use hyper::Uri;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::http::header::SEC_WEBSOCKET_PROTOCOL;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config, tungstenite};

use super::connector::Connector;
use super::socket::{Message, Port};
use super::stream::{self, ByteStream};
use crate::session::Outgoing;

const SUBPROTOCOL: &str = "game-session.v1";

const STATE: u8 = 0;
const CONTROL: u8 = 1;

/// Tungstenite zeroes its read buffer at each read, so it is kept about the size of one message.
const READ_BUFFER: usize = 2 * 1024;

/// Largest message taken: a Control frame behind its byte.
const MOST_BYTES: usize = protocol::MAX_CONTROL_FRAME + 1;

/// How long the server may take to answer our goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// An open WebSocket.
pub(super) type Socket = WebSocketStream<Box<dyn ByteStream>>;

/// Opens one.
pub(super) async fn open(connector: &Connector, url: &str) -> Result<Socket, String> {
    let words = |error: &dyn std::fmt::Display| error.to_string();
    let uri: Uri = url.parse().map_err(|error| words(&error))?;
    let stream = stream::connect(&uri, connector.tls())
        .await
        .map_err(|error| words(&error))?;
    let mut request = url.into_client_request().map_err(|error| words(&error))?;
    request.headers_mut().insert(
        SEC_WEBSOCKET_PROTOCOL,
        HeaderValue::from_static(SUBPROTOCOL),
    );
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_message_size(Some(MOST_BYTES))
        .max_frame_size(Some(MOST_BYTES));
    let opened = client_async_with_config(request, stream, Some(config)).await;
    opened
        .map(|(socket, _)| socket)
        .map_err(|error| words(&error))
}

/// Moves messages until either side ends it.
pub(super) async fn run(socket: Socket, port: Port) {
    let (sink, mut stream) = socket.split();
    tokio::select! {
        () = read(&mut stream, &port) => {}
        () = write(sink, &port) => {
            // The server's own goodbye ends it; bytes unread would reset the connection.
            let rest = async { while let Some(Ok(_)) = stream.next().await {} };
            let _ = tokio::time::timeout(GOODBYE, rest).await;
        }
    }
    port.deliver(Message::Closed).await;
}

async fn read(stream: &mut SplitStream<Socket>, port: &Port) {
    while let Some(Ok(message)) = stream.next().await {
        let tungstenite::Message::Binary(bytes) = message else {
            continue;
        };
        let message = match bytes.first() {
            Some(&STATE) => Message::State(bytes.slice(1..)),
            Some(&CONTROL) => Message::Control(bytes.slice(1..)),
            _ => return,
        };
        if !port.deliver(message).await {
            return;
        }
    }
}

/// Returns once the goodbye is sent, or nothing can be.
async fn write(mut sink: SplitSink<Socket, tungstenite::Message>, port: &Port) {
    loop {
        let message = match port.queue.next().await {
            Outgoing::State(datagram) => tagged(STATE, &datagram),
            Outgoing::Control(frame) => tagged(CONTROL, &frame),
            Outgoing::Close => {
                let _ = sink.close().await;
                return;
            }
        };
        if sink.send(message).await.is_err() {
            return;
        }
    }
}

fn tagged(lane: u8, payload: &[u8]) -> tungstenite::Message {
    let message: Vec<u8> = std::iter::once(lane)
        .chain(payload.iter().copied())
        .collect();
    tungstenite::Message::Binary(Bytes::from(message))
}
