//! The WebSocket rung: each socket of a bundle is a link of its own here; the room stripes State
//! over them. One binary message is one tagged State datagram or Control frame.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use protocol::control::CloseReason;
use protocol::{MAX_CONTROL_FRAME, MAX_DATAGRAM};
use signaling::{AddressPrefix, Problem};

use super::attach::{ATTACH_TIMEOUT, Gate, Waiting};
use super::flood::FloodWatch;
use super::shared_queue::SharedQueue;
use crate::counters::{self, LiveLink};
use crate::link::{LinkSender, Tagged};
use crate::room::Port;
use crate::tcp::SocketHandle;
use protocol::rung::Rung;
use protocol::send_queue::Outgoing;
use protocol::send_queue::QueueFull;

/// The subprotocol that clients ask for.
const SUBPROTOCOL: &str = "game-session.v1";

/// Tungstenite zeroes its read buffer at each read, so it is kept about the size of one message.
pub(crate) const READ_BUFFER: usize = 2 * 1024;

/// Most bytes of a message, and of a frame: the longest of either lane behind its tag.
pub(crate) const MOST_BYTES: usize = MAX_CONTROL_FRAME + 1;

/// Bytes that may wait in the socket's own write buffer. The queue above holds one datagram.
const WRITE_BUFFER: usize = 64 * 1024;

/// How often we look whether the kernel has sent what it held back, while a datagram waits.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// WebSocket close code for "policy violation" (RFC 6455 §7.4.1), with our reason in words.
const CLOSE_CODE: u16 = 1_008;

/// Answers the upgrade request.
pub(crate) fn upgrade(
    gate: Gate,
    handle: SocketHandle,
    budget: Option<AddressPrefix>,
    request: WebSocketUpgrade,
) -> Response {
    let request = request.protocols([SUBPROTOCOL]);
    if request.selected_protocol().is_none() {
        let detail = format!("the WebSocket's subprotocol is {SUBPROTOCOL}");
        return Problem::new(StatusCode::BAD_REQUEST, "bad-subprotocol", detail).into_response();
    }
    let Some(place) = gate.wait(Rung::WebSocket, budget) else {
        let detail = "too many connections wait for a player to join";
        return Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-waiting", detail)
            .into_response();
    };
    request
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER)
        .max_message_size(MOST_BYTES)
        .max_frame_size(MOST_BYTES)
        .on_upgrade(async move |socket| {
            handle.change_runtime();
            gate.clone().spawn(serve(gate, place, handle, socket));
        })
}

async fn serve(gate: Gate, place: Waiting, handle: SocketHandle, socket: WebSocket) {
    let (sink, stream) = socket.split();
    let mut incoming = Incoming {
        stream,
        flood: FloodWatch::new(gate.clock()),
    };
    let queue = Arc::new(SharedQueue::new(Rung::WebSocket));
    let writer = write(sink, &queue, &handle);
    let reader = async {
        let first = tokio::select! {
            first = tokio::time::timeout(ATTACH_TIMEOUT, incoming.next()) => first,
            () = gate.closed() => return,
        };
        let sender: Arc<dyn LinkSender> = Arc::new(Socket(Arc::clone(&queue)));
        let attached = match first {
            Ok(Some((Tagged::CONTROL, frame))) => gate.attach(&frame, sender),
            Ok(Some(_)) => Err(CloseReason::ProtocolViolation),
            Ok(None) => return,
            Err(_) => Err(CloseReason::Silent),
        };
        drop(place);
        match attached {
            Ok(port) => {
                let _live = LiveLink::new(Rung::WebSocket);
                read(&mut incoming, &port, &queue).await;
            }
            Err(reason) => {
                queue.close(reason);
                incoming.ignore().await;
            }
        }
    };
    tokio::select! {
        () = writer => {}
        () = reader => {}
        () = queue.goodbye_timed_out() => {}
    }
}

/// Hands messages on until the peer, the room or a violation ends it.
async fn read(incoming: &mut Incoming, port: &Port, queue: &SharedQueue) {
    loop {
        let message = tokio::select! {
            message = incoming.next() => message,
            () = port.room_ended() => {
                queue.close(CloseReason::RoomFailed);
                return incoming.ignore().await;
            }
        };
        match message {
            None => return,
            Some((Tagged::STATE, datagram)) if datagram.len() <= MAX_DATAGRAM => {
                port.state(datagram);
            }
            Some((Tagged::STATE, _)) => counters::refused("datagram", "oversized"),
            Some((Tagged::CONTROL, frame)) => {
                if port.control(frame).await.is_err() {
                    queue.close(CloseReason::RoomFailed);
                    return incoming.ignore().await;
                }
            }
            Some(_) => {
                counters::refused("websocket-message", "malformed");
                port.violated();
                return incoming.ignore().await;
            }
        }
    }
}

/// What comes in on a socket.
struct Incoming {
    stream: SplitStream<WebSocket>,
    flood: FloodWatch,
}

impl Incoming {
    /// The next message as lane and rest; nothing at the stream's end, or when it is a flood.
    async fn next(&mut self) -> Option<(u8, Bytes)> {
        loop {
            let message = self.stream.next().await?;
            if !self.flood.bears_one_more() {
                return None;
            }
            match message {
                // The read after a goodbye sends its answer, and then the stream ends (RFC 6455 §5.5.1).
                Ok(message) => {
                    if let Some(message) = by_lane(message) {
                        return Some(message);
                    }
                }
                Err(_) => {
                    counters::refused("websocket-message", "broken");
                    return None;
                }
            }
        }
    }

    /// Reads on after the goodbye until the peer closes: a socket that is dropped with bytes unread is
    /// reset, and a reset takes back what the peer has not read.
    async fn ignore(&mut self) {
        while let Some(Ok(_)) = self.stream.next().await {
            if !self.flood.bears_one_more() {
                return;
            }
        }
    }
}

/// What a message carries, as lane and rest; text and the empty message are of no lane, and the socket's own messages
/// carry nothing.
pub(crate) fn by_lane(message: Message) -> Option<(u8, Bytes)> {
    match message {
        Message::Binary(bytes) => {
            let lane = bytes.first().copied().unwrap_or(u8::MAX);
            Some((lane, bytes.slice(1.min(bytes.len())..)))
        }
        Message::Text(_) => Some((u8::MAX, Bytes::new())),
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) => None,
    }
}

async fn write(
    mut sink: SplitSink<WebSocket, Message>,
    queue: &SharedQueue,
    handle: &SocketHandle,
) {
    loop {
        // Behind what the kernel hasn't sent a datagram would go stale; here a newer one replaces it.
        while queue.has_state() && handle.has_unsent() {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        let written = match queue.take_next() {
            Outgoing::Message(message) => sink.feed(Message::Binary(message.with_lane())).await,
            Outgoing::Idle => {
                let flushed = sink.flush().await;
                if flushed.is_ok() {
                    queue.wait().await;
                }
                flushed
            }
            Outgoing::Close => {
                let reason = Utf8Bytes::from_static("see the Close frame on the Control lane");
                let goodbye = Message::Close(Some(CloseFrame {
                    code: CLOSE_CODE,
                    reason,
                }));
                // The peer may be gone already; else its own goodbye ends the reader.
                let _ = sink.send(goodbye).await;
                return std::future::pending().await;
            }
        };
        if written.is_err() {
            return;
        }
    }
}

struct Socket(Arc<SharedQueue>);

impl LinkSender for Socket {
    fn rung(&self) -> Rung {
        Rung::WebSocket
    }

    fn is_backlogged(&self) -> bool {
        self.0.has_state()
    }

    fn send_state(&self, datagram: Tagged) {
        self.0.put_state(datagram);
    }

    fn send_control(&self, frame: Tagged) -> Result<(), QueueFull> {
        self.0.put_control(frame)
    }

    fn close(&self, reason: CloseReason) {
        self.0.close(reason);
    }
}
