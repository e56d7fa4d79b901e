//! The WebSocket rung: each socket of a bundle is a link of its own here; the room stripes State
//! over them. One binary message is one tagged State datagram or Control frame.
//!
//! A datagram for which the socket is free is written where the room sends it, so that no snapshot wakes a task. What has to
//! wait is its writer's, in a task that sleeps else.

mod handshake;
mod socket;
mod wire;

use std::sync::Arc;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use hyper::upgrade::{OnUpgrade, Parts};
use hyper_util::rt::TokioIo;
use protocol::control::CloseReason;
use protocol::rung::Rung;
use protocol::{MAX_CONTROL_FRAME, MAX_DATAGRAM};
use signaling::{AddressPrefix, Problem};
use tokio::runtime::Handle;
use tungstenite::Message;

use super::attach::{ATTACH_TIMEOUT, Gate, Waiting};
use super::flood::FloodWatch;
use crate::counters::{self, LiveLink};
use crate::link::{LinkSender, Tagged};
use crate::room::Port;
use crate::tcp::SocketHandle;
use crate::tls_accept::Stream;
use socket::{EndOnDrop, Socket};
use wire::Wire;

/// Tungstenite zeroes its read buffer at each read, so it is kept at the size of a few messages.
pub(crate) const READ_BUFFER: usize = 256;

/// Most bytes of a message, and of a frame: the longest of either lane behind its tag.
pub(crate) const MOST_BYTES: usize = MAX_CONTROL_FRAME + 1;

/// Answers the upgrade request.
pub(crate) fn upgrade(
    gate: Gate,
    handle: SocketHandle,
    budget: Option<AddressPrefix>,
    mut request: Request,
) -> Response {
    let (response, upgrade) = match handshake::accept(&mut request) {
        Ok(accepted) => accepted,
        Err(problem) => return problem.into_response(),
    };
    let Some(place) = gate.wait(Rung::WebSocket, budget) else {
        let detail = "too many connections wait for a player to join";
        return Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-waiting", detail)
            .into_response();
    };
    let link = {
        let gate = gate.clone();
        async move {
            if let Some(wire) = upgraded(upgrade).await {
                serve(gate, place, handle, wire).await;
            }
        }
    };
    gate.spawn_on(&Handle::current(), link);
    response
}

/// The stream below HTTP, once the answer is out; nothing when the client has gone.
async fn upgraded(upgrade: OnUpgrade) -> Option<Wire> {
    let upgraded = upgrade.await.ok()?;
    let Parts { io, read_buf, .. } = upgraded.downcast::<TokioIo<Stream>>().ok()?;
    Some(Wire::new(io.into_inner(), read_buf.into()))
}

/// Lets a socket into its room, and moves it to where that runs.
async fn serve(gate: Gate, place: Waiting, handle: SocketHandle, wire: Wire) {
    let socket = Arc::new(Socket::new(wire, handle));
    let open = EndOnDrop(Arc::clone(&socket));
    let mut incoming = Incoming {
        socket: Arc::clone(&socket),
        flood: FloodWatch::new(gate.clock()),
    };
    let first = tokio::select! {
        first = tokio::time::timeout(ATTACH_TIMEOUT, incoming.next()) => first,
        () = gate.closed() => return,
    };
    let sender = || Arc::clone(&socket) as Arc<dyn LinkSender>;
    let attached = match first {
        Ok(Some((Tagged::CONTROL, frame))) => gate.attach(&frame, sender()),
        Ok(Some(_)) => Err(CloseReason::ProtocolViolation),
        Ok(None) => return,
        Err(_) => Err(CloseReason::Silent),
    };
    drop(place);
    match attached {
        Ok(port) => {
            socket.handle.change_runtime();
            let core = port.core().clone();
            gate.spawn_on(&core, converse(open, incoming, Some(port)));
        }
        Err(reason) => {
            socket.queue.close(reason);
            converse(open, incoming, None).await;
        }
    }
}

/// Moves messages until the peer or the room goes.
async fn converse(open: EndOnDrop, mut incoming: Incoming, port: Option<Port>) {
    let socket = &open.0;
    let reader = async {
        if let Some(port) = port {
            let _live = LiveLink::new(Rung::WebSocket);
            let is_to_be_told = tokio::select! {
                biased;
                is_to_be_told = read(&mut incoming, &port, socket) => is_to_be_told,
                () = port.room_ended() => {
                    socket.queue.close(CloseReason::RoomFailed);
                    true
                }
            };
            if !is_to_be_told {
                return;
            }
        }
        incoming.ignore().await;
    };
    tokio::select! {
        biased;
        () = reader => {}
        () = socket.write() => {}
        () = socket.queue.goodbye_timed_out() => {}
    }
}

/// Hands messages on until the peer goes, or breaks off; says whether it is to be told so.
async fn read(incoming: &mut Incoming, port: &Port, socket: &Socket) -> bool {
    while let Some(message) = incoming.next().await {
        match message {
            (Tagged::STATE, datagram) if datagram.len() <= MAX_DATAGRAM => port.state(datagram),
            (Tagged::STATE, _) => counters::refused("datagram", "oversized"),
            (Tagged::CONTROL, frame) => {
                if port.control(frame).await.is_err() {
                    socket.queue.close(CloseReason::RoomFailed);
                    return true;
                }
            }
            _ => {
                counters::refused("websocket-message", "malformed");
                port.violated();
                return true;
            }
        }
    }
    false
}

/// What comes in on a socket.
struct Incoming {
    socket: Arc<Socket>,
    flood: FloodWatch,
}

impl Incoming {
    /// The next message as lane and rest; nothing at the stream's end, or when it is a flood.
    async fn next(&mut self) -> Option<(u8, Bytes)> {
        loop {
            let message = self.socket.read().await;
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
                Err(tungstenite::Error::ConnectionClosed) => return None,
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
        while self.socket.read().await.is_ok() {
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
        Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => None,
    }
}
