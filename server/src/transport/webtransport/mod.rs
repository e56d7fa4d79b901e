//! The WebTransport rung: State in QUIC datagrams, Control on one stream that the client opens,
//! each frame behind its length in two bytes.

pub(crate) mod config;
mod sender;

use std::io;
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

use axum::http::uri::Authority;
use bytes::{Bytes, BytesMut};
use protocol::control::CloseReason;
use protocol::{MAX_CONTROL_FRAME, MAX_DATAGRAM};
use rustls::server::ResolvesServerCert;
use signaling::Reach;
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::task::TaskTracker;
use tracing::debug;
use wtransport::endpoint::IncomingSession;
use wtransport::endpoint::endpoint_side::Server;
use wtransport::{Connection, Endpoint, RecvStream, SendStream, VarInt};

use super::attach::{ATTACH_TIMEOUT, Gate, Waiting};
use super::flood::FloodWatch;
use super::shared_queue::SharedQueue;
use super::udp::ConnectionIds;
use crate::cores::Cores;
use crate::counters::{self, LiveLink};
use crate::room::Port;
use config::config;
use protocol::rung::Rung;
use protocol::send_queue::Outgoing;
use sender::{StateSender, WebTransportLink};

/// Where sessions are opened.
pub(crate) const PATH: &str = "/v1/webtransport";

/// Handshakes under way from addresses that have not proved themselves. With more, a newcomer must
/// prove its address first (QUIC Retry, RFC 9000 §8.1.2), so that forged ones hold no places.
const MOST_UNPROVEN: usize = 32;

/// How long the last packets may take to leave.
const PARTING: Duration = Duration::from_millis(100);

/// How long a session may take from the first packet to its request.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Why QUIC can't be served.
#[derive(Debug, Error)]
pub enum WebTransportError {
    /// The certificate or TLS settings don't do for QUIC.
    #[error("TLS for QUIC: {0}")]
    Tls(#[from] rustls::Error),
    /// The socket can't be used.
    #[error("QUIC socket: {0}")]
    Socket(#[from] io::Error),
}

/// Serves sessions until the gate closes, on each socket by a thread of its own.
///
/// # Errors
/// [`WebTransportError`], before anything is served.
pub(crate) fn serve(
    sockets: Vec<UdpSocket>,
    cores: &Cores,
    certificates: &Arc<dyn ResolvesServerCert>,
    reach: &Arc<Reach>,
    gate: &Gate,
    tasks: &TaskTracker,
) -> Result<(), WebTransportError> {
    let unproven = Arc::new(Semaphore::new(MOST_UNPROVEN));
    let threads = sockets.len();
    for (thread, (socket, core)) in sockets.into_iter().zip(cores.runtimes()).enumerate() {
        let ids = ConnectionIds::new(thread, threads);
        let config = config(socket, Arc::clone(certificates), ids)?;
        let endpoint = {
            let _entered = core.enter();
            Endpoint::server(config)?
        };
        let (reach, gate) = (Arc::clone(reach), gate.clone());
        let unproven = Arc::clone(&unproven);
        let serving = serve_endpoint(endpoint, reach, gate, unproven);
        tasks.spawn_on(serving, core);
    }
    Ok(())
}

async fn serve_endpoint(
    endpoint: Endpoint<Server>,
    reach: Arc<Reach>,
    gate: Gate,
    unproven: Arc<Semaphore>,
) {
    loop {
        let incoming = tokio::select! {
            incoming = endpoint.accept() => incoming,
            () = gate.closed() => break,
        };
        admit(&gate, &reach, &unproven, incoming);
    }
    gate.emptied().await;
    endpoint.close(VarInt::from_u32(0), b"shutting down");
    let _ = tokio::time::timeout(PARTING, endpoint.wait_idle()).await;
}

/// Lets a newcomer go on with its handshake, if there is a place for it.
fn admit(gate: &Gate, reach: &Arc<Reach>, unproven: &Arc<Semaphore>, incoming: IncomingSession) {
    let handshake = if incoming.remote_address_validated() {
        None
    } else {
        match Arc::clone(unproven).try_acquire_owned() {
            Ok(handshake) => Some(handshake),
            Err(_) => {
                counters::refused("webtransport-session", "address-not-proven");
                return incoming.retry();
            }
        }
    };
    let budget = reach.budget(incoming.remote_address().ip());
    match gate.wait(Rung::WebTransport, budget) {
        Some(place) => {
            let session = session(gate.clone(), Arc::clone(reach), incoming, handshake, place);
            gate.spawn_on(&Handle::current(), session);
        }
        None => incoming.refuse(),
    }
}

async fn session(
    gate: Gate,
    reach: Arc<Reach>,
    incoming: IncomingSession,
    handshake: Option<OwnedSemaphorePermit>,
    place: Waiting,
) {
    let opened = tokio::select! {
        opened = open(&reach, incoming) => opened,
        () = gate.closed() => None,
    };
    drop(handshake);
    let Some(connection) = opened else {
        return;
    };
    let connection = Arc::new(connection);
    let control = tokio::select! {
        control = accept_control(&connection) => control,
        () = gate.closed() => None,
    };
    if let Some((send, receive, first)) = control {
        let queue = Arc::new(SharedQueue::new(Rung::WebTransport));
        let state = Arc::new(StateSender::new(Arc::clone(&connection)));
        let link = WebTransportLink {
            state: Arc::clone(&state),
            queue: Arc::clone(&queue),
        };
        let attached = gate.attach(&first, Arc::new(link));
        let flood = FloodWatch::new(gate.clock());
        drop(place);
        tokio::select! {
            () = write_control(&connection, send, &queue) => {}
            () = state.write_late() => {}
            () = read(&connection, receive, (attached, flood), &queue) => {}
            () = queue.goodbye_timed_out() => {}
        }
    }
    connection.close(VarInt::from_u32(0), b"");
}

/// The handshake and the session's request.
async fn open(reach: &Reach, incoming: IncomingSession) -> Option<Connection> {
    let opened = tokio::time::timeout(HANDSHAKE_TIMEOUT, async {
        let request = incoming.await.ok()?;
        if request.path() != PATH {
            counters::refused("webtransport-session", "not-found");
            request.not_found().await;
            return None;
        }
        let host = request.authority().parse::<Authority>();
        if !reach.admits(request.origin(), host.as_ref().map_or("", Authority::host)) {
            counters::refused("webtransport-session", "origin-not-allowed");
            request.forbidden().await;
            return None;
        }
        request.accept().await.ok()
    });
    let connection = opened.await.ok().flatten();
    if connection.is_none() {
        counters::refused("webtransport-session", "not-opened");
    }
    connection
}

/// The stream that carries Control, and its first frame.
async fn accept_control(connection: &Connection) -> Option<(SendStream, RecvStream, Bytes)> {
    let control = tokio::time::timeout(ATTACH_TIMEOUT, async {
        let (send, mut receive) = connection.accept_bi().await.ok()?;
        let first = read_frame(&mut receive).await.ok()?;
        Some((send, receive, first))
    });
    let control = control.await.ok().flatten();
    if control.is_none() {
        counters::refused("webtransport-session", "not-attached");
    }
    control
}

/// Hands on what comes in, until the peer goes or the goodbye is written.
async fn read(
    connection: &Connection,
    control: RecvStream,
    (attached, flood): (Result<Port, CloseReason>, FloodWatch),
    queue: &SharedQueue,
) {
    match attached {
        Ok(port) => {
            let _live = LiveLink::new(Rung::WebTransport);
            tokio::select! {
                () = read_datagrams(connection, &port, flood) => {}
                () = read_control(control, &port, queue) => {}
                () = port.room_ended() => {
                    queue.close(CloseReason::RoomFailed);
                    std::future::pending::<()>().await;
                }
            }
        }
        Err(reason) => {
            queue.close(reason);
            std::future::pending::<()>().await;
        }
    }
}

/// Hands datagrams on until the peer goes, or floods.
async fn read_datagrams(connection: &Connection, port: &Port, mut flood: FloodWatch) {
    while let Ok(datagram) = connection.receive_datagram().await {
        if !flood.bears_one_more() {
            return;
        }
        let payload = datagram.payload();
        if payload.len() <= MAX_DATAGRAM {
            port.state(payload);
        } else {
            counters::refused("datagram", "oversized");
        }
    }
}

/// Reads frames until the peer goes. After a violation or the room's end, it waits for the goodbye
/// to be written.
async fn read_control(mut stream: RecvStream, port: &Port, queue: &SharedQueue) {
    loop {
        match read_frame(&mut stream).await {
            Ok(frame) => {
                if port.control(frame).await.is_err() {
                    queue.close(CloseReason::RoomFailed);
                    return std::future::pending().await;
                }
            }
            Err(FrameError::Oversized) => {
                counters::refused("frame", "oversized");
                port.violated();
                return std::future::pending().await;
            }
            Err(FrameError::Ended) => return,
        }
    }
}

enum FrameError {
    Ended,
    Oversized,
}

async fn read_frame(stream: &mut RecvStream) -> Result<Bytes, FrameError> {
    let length = usize::from(stream.read_u16_le().await.map_err(|_| FrameError::Ended)?);
    if length > MAX_CONTROL_FRAME {
        return Err(FrameError::Oversized);
    }
    let mut frame = BytesMut::zeroed(length);
    AsyncReadExt::read_exact(stream, &mut frame)
        .await
        .map_err(|_| FrameError::Ended)?;
    Ok(frame.freeze())
}

async fn write_control(connection: &Connection, mut stream: SendStream, queue: &SharedQueue) {
    loop {
        match queue.take_next() {
            Outgoing::Message(message) => {
                let frame = message.message();
                let Ok(length) = u16::try_from(frame.len()) else {
                    debug!(length = frame.len(), "frame too long for its length field");
                    continue;
                };
                let mut bytes = Vec::with_capacity(frame.len() + 2);
                bytes.extend(length.to_le_bytes());
                bytes.extend(&frame);
                if AsyncWriteExt::write_all(&mut stream, &bytes).await.is_err() {
                    return;
                }
            }
            Outgoing::Idle => queue.wait().await,
            Outgoing::Close => {
                // Waits until the goodbye has been acknowledged, and then until the page has read
                // it: were we to close at once, the browser would drop what lies unread. The caller
                // bounds it.
                let _ = stream.finish().await;
                connection.closed().await;
                return;
            }
        }
    }
}
