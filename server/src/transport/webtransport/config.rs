//! QUIC as we serve it: what a peer may open and have under way, and how we send.

use std::sync::Arc;
use std::time::Duration;

use protocol::{MAX_CONTROL_FRAME, MAX_DATAGRAM};
use quinn_proto::crypto::rustls::QuicServerConfig;
use quinn_proto::{EndpointConfig, ServerConfig, TransportConfig};
use rustls::server::ResolvesServerCert;
use wtransport_proto::WEBTRANSPORT_ALPN;

use super::WebTransportError;
use crate::transport::congestion::FlooredCubic;
use crate::transport::udp::ConnectionIds;

/// Bytes of State that quinn may hold back: a full datagram. It gets no more while it holds one.
const SEND_BUFFER: usize = MAX_DATAGRAM + 64;

/// Bytes of State that wait to be read. Read at once, so a few datagrams.
const RECEIVE_BUFFER: usize = 16 * 1024;

/// A connection of which nothing is heard this long is over.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// Bytes that a peer may have under way on one stream: two frames of the largest size.
const STREAM_WINDOW: u32 = 2 * (MAX_CONTROL_FRAME as u32 + 2);

/// The same on all streams together.
const RECEIVE_WINDOW: u32 = 2 * STREAM_WINDOW;

/// Bytes of Control that may be under way to a peer.
const SEND_WINDOW: u64 = 128 * 1024;

/// Streams that a peer may open: one each way for HTTP/3's settings and QPACK's two tables, and one
/// to spare.
const UNI_STREAMS: u8 = 4;

/// The session's own, Control, and one to spare.
const BIDI_STREAMS: u8 = 3;

/// All that a peer may have open.
pub(super) const MOST_STREAMS: usize = UNI_STREAMS as usize + BIDI_STREAMS as usize;

/// First packets that wait for us, and their bytes: we take them at once.
const MOST_INCOMING: usize = 256;
const INCOMING_BUFFER: u64 = 16 * 1024;

/// The settings of an endpoint, and of the connections that it takes.
pub(crate) fn config(
    certificates: Arc<dyn ResolvesServerCert>,
    ids: ConnectionIds,
) -> Result<(EndpointConfig, ServerConfig), WebTransportError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    tls.alpn_protocols = vec![WEBTRANSPORT_ALPN.to_vec()];

    let mut transport = TransportConfig::default();
    transport
        .datagram_send_buffer_size(SEND_BUFFER)
        .datagram_receive_buffer_size(Some(RECEIVE_BUFFER))
        // Nothing of ours needs a larger packet, and probing for it fills the queue of a narrow path for seconds.
        .mtu_discovery_config(None)
        .congestion_controller_factory(Arc::new(FlooredCubic::default()))
        .max_idle_timeout(IDLE_TIMEOUT.try_into().ok())
        .keep_alive_interval(Some(IDLE_TIMEOUT / 4))
        .stream_receive_window(STREAM_WINDOW.into())
        .receive_window(RECEIVE_WINDOW.into())
        .send_window(SEND_WINDOW)
        .max_concurrent_bidi_streams(BIDI_STREAMS.into())
        .max_concurrent_uni_streams(UNI_STREAMS.into());

    let mut server = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));
    server
        .transport_config(Arc::new(transport))
        .max_incoming(MOST_INCOMING)
        .incoming_buffer_size(INCOMING_BUFFER)
        .incoming_buffer_size_total(INCOMING_BUFFER * MOST_INCOMING as u64);
    let mut endpoint = EndpointConfig::default();
    endpoint
        // The kernel tells QUIC from DTLS by the fixed bit, so no peer may be told to clear it.
        .grease_quic_bit(false)
        .cid_generator(move || Box::new(ids.clone()));
    Ok((endpoint, server))
}
