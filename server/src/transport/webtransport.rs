//! The WebTransport rung: State in QUIC datagrams, Control on one stream that the client opens,
//! each frame behind its length in two bytes.

use std::io;
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use protocol::control::CloseReason;
use protocol::{MAX_CONTROL_FRAME, MAX_DATAGRAM};
use rustls::server::ResolvesServerCert;
use thiserror::Error;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::debug;
use wtransport::endpoint::IncomingSession;
use wtransport::error::SendDatagramError;
use wtransport::{Connection, Endpoint, RecvStream, SendStream, ServerConfig, VarInt};

use super::attach::{ATTACH_TIMEOUT, Gate};
use super::congestion::FlooredCubic;
use super::outbox::{Outbox, Outgoing};
use super::{Link, LinkFull, Rung, Tagged};
use crate::counters::{self, LiveLink};
use crate::room::Port;

/// Where sessions are opened.
pub(crate) const PATH: &str = "/v1/webtransport";

/// Bytes of State that quinn may hold back: a full datagram. It gets no more while it holds one.
const SEND_BUFFER: usize = MAX_DATAGRAM + 64;

/// How often we look whether quinn has sent what it held back, while something newer waits.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Bytes of State that wait to be read. Read at once, so a few datagrams.
const RECEIVE_BUFFER: usize = 16 * 1024;

/// A connection of which nothing is heard this long is over.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// Connections over which a new one must prove its address first (QUIC Retry, RFC 9000 §8.1.2).
const RETRY_ABOVE: usize = 1_000;

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

/// Serves sessions on `socket` until `shutdown`.
///
/// # Errors
/// [`WebTransportError`], before anything is served.
pub(crate) fn serve(
    socket: UdpSocket,
    certificates: Arc<dyn ResolvesServerCert>,
    gate: Gate,
    shutdown: CancellationToken,
    tasks: &TaskTracker,
) -> Result<(), WebTransportError> {
    let endpoint = Endpoint::server(config(socket, certificates)?)?;
    let sessions = tasks.clone();
    tasks.spawn(async move {
        loop {
            let incoming = tokio::select! {
                incoming = endpoint.accept() => incoming,
                () = shutdown.cancelled() => break,
            };
            if !incoming.remote_address_validated() && endpoint.open_connections() > RETRY_ABOVE {
                incoming.retry();
                continue;
            }
            sessions.spawn(session(gate.clone(), incoming));
        }
        endpoint.close(VarInt::from_u32(0), b"shutting down");
        endpoint.wait_idle().await;
    });
    Ok(())
}

fn config(
    socket: UdpSocket,
    certificates: Arc<dyn ResolvesServerCert>,
) -> Result<ServerConfig, WebTransportError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    tls.alpn_protocols = vec![wtransport::tls::WEBTRANSPORT_ALPN.to_vec()];

    let mut transport = quinn::TransportConfig::default();
    transport
        .datagram_send_buffer_size(SEND_BUFFER)
        .datagram_receive_buffer_size(Some(RECEIVE_BUFFER))
        .congestion_controller_factory(Arc::new(FlooredCubic::default()))
        .max_idle_timeout(IDLE_TIMEOUT.try_into().ok())
        .keep_alive_interval(Some(IDLE_TIMEOUT / 4))
        .max_concurrent_bidi_streams(4u8.into());

    let mut config = ServerConfig::builder()
        .with_bind_socket(socket)
        .with_custom_tls_and_transport(tls, transport)
        .build();
    // The kernel tells QUIC from DTLS by the fixed bit, so no peer may be told to clear it.
    config.quic_endpoint_config_mut().grease_quic_bit(false);
    Ok(config)
}

async fn session(gate: Gate, incoming: IncomingSession) {
    let Some(permit) = gate.wait(Rung::WebTransport) else {
        return;
    };
    let opened = tokio::time::timeout(HANDSHAKE_TIMEOUT, async {
        let request = incoming.await.ok()?;
        if request.path() != PATH {
            counters::refused("webtransport-session", "not-found");
            request.not_found().await;
            return None;
        }
        request.accept().await.ok()
    });
    let Ok(Some(connection)) = opened.await else {
        counters::refused("webtransport-session", "not-opened");
        return;
    };
    let connection = Arc::new(connection);
    let control = tokio::time::timeout(ATTACH_TIMEOUT, async {
        let (send, mut receive) = connection.accept_bi().await.ok()?;
        let first = read_frame(&mut receive).await.ok()?;
        Some((send, receive, first))
    });
    let Ok(Some((send, receive, first))) = control.await else {
        counters::refused("webtransport-session", "not-attached");
        return;
    };
    let outbox = Arc::new(Outbox::new(Rung::WebTransport));
    let state = Arc::new(StateSender::new(Arc::clone(&connection)));
    let link = WebTransportLink {
        state: Arc::clone(&state),
        outbox: Arc::clone(&outbox),
    };
    let attached = gate.attach(&first, Arc::new(link));
    drop(permit);
    match attached {
        Ok(port) => {
            let _live = LiveLink::new(Rung::WebTransport);
            tokio::select! {
                () = write_control(send, &outbox) => {}
                () = state.write_late() => {}
                () = read_datagrams(&connection, &port) => {}
                () = read_control(receive, &port, &outbox) => {}
                () = outbox.goodbye_timed_out() => {}
            }
        }
        Err(reason) => {
            outbox.close(reason);
            tokio::select! {
                () = write_control(send, &outbox) => {}
                () = outbox.goodbye_timed_out() => {}
            }
        }
    }
    connection.close(VarInt::from_u32(0), b"");
}

async fn read_datagrams(connection: &Connection, port: &Port) {
    while let Ok(datagram) = connection.receive_datagram().await {
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
async fn read_control(mut stream: RecvStream, port: &Port, outbox: &Outbox) {
    loop {
        let frame = tokio::select! {
            frame = read_frame(&mut stream) => frame,
            () = port.room_ended() => {
                outbox.close(CloseReason::RoomFailed);
                return std::future::pending().await;
            }
        };
        match frame {
            Ok(frame) => {
                if port.control(frame).await.is_err() {
                    outbox.close(CloseReason::RoomFailed);
                    return std::future::pending().await;
                }
            }
            Err(FrameError::Oversized) => {
                counters::refused("frame", "oversized");
                outbox.close(CloseReason::ProtocolViolation);
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

async fn write_control(mut stream: SendStream, outbox: &Outbox) {
    loop {
        match outbox.next() {
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
            Outgoing::Idle => outbox.wait().await,
            Outgoing::Close => {
                // Waits until the goodbye has been acknowledged; the caller bounds it.
                let _ = stream.finish().await;
                return;
            }
        }
    }
}

/// Sends State at once; while quinn holds a datagram back, for its window is full, the newest waits here.
struct StateSender {
    connection: Arc<Connection>,
    /// What quinn's buffer has room for when nothing is in it.
    room: usize,
    waiting: Outbox,
}

impl StateSender {
    fn new(connection: Arc<Connection>) -> Self {
        Self {
            room: connection.quic_connection().datagram_send_buffer_space(),
            connection,
            waiting: Outbox::new(Rung::WebTransport),
        }
    }

    fn send(&self, datagram: Tagged) {
        if self.is_held_back() || self.waiting.has_state() {
            self.waiting.put_state(datagram);
        } else {
            self.write(&datagram);
        }
    }

    /// Sends what has waited as soon as quinn sends again.
    async fn write_late(&self) {
        loop {
            self.waiting.wait().await;
            while self.is_held_back() {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            if let Outgoing::Message(datagram) = self.waiting.next() {
                self.write(&datagram);
            }
        }
    }

    fn is_held_back(&self) -> bool {
        self.connection
            .quic_connection()
            .datagram_send_buffer_space()
            < self.room
    }

    fn write(&self, datagram: &Tagged) {
        match self.connection.send_datagram(datagram.message()) {
            Ok(()) => {}
            Err(SendDatagramError::TooLarge) => counters::refused("snapshot", "too-large-for-path"),
            // The reader notices that the connection is over.
            Err(_) => {}
        }
    }
}

struct WebTransportLink {
    state: Arc<StateSender>,
    outbox: Arc<Outbox>,
}

impl Link for WebTransportLink {
    fn rung(&self) -> Rung {
        Rung::WebTransport
    }

    fn is_backlogged(&self) -> bool {
        self.state.waiting.has_state()
    }

    fn send_state(&self, datagram: Tagged) {
        self.state.send(datagram);
    }

    fn send_control(&self, frame: Tagged) -> Result<(), LinkFull> {
        self.outbox.put_control(frame)
    }

    fn close(&self, reason: CloseReason) {
        self.outbox.close(reason);
    }
}
