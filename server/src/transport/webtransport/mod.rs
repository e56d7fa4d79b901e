//! The WebTransport rung: State in QUIC datagrams, Control on one stream that the client opens,
//! each frame behind its length in two bytes. QUIC and HTTP/3 are the libraries' state machines, `quinn-proto` and
//! `wtransport-proto`; what drives them is here, one task for each thread.

pub(crate) mod config;
mod control_stream;
pub(crate) mod fuzzing;
mod hub;
mod link;
mod session;
mod streams;

use std::io;
use std::net::UdpSocket;
use std::sync::Arc;
use std::time::Duration;

use quinn_proto::crypto::rustls::NoInitialCipherSuite;
use rustls::server::ResolvesServerCert;
use signaling::Reach;
use thiserror::Error;
use tokio_util::task::TaskTracker;

use super::attach::Gate;
use super::udp::ConnectionIds;
use super::udp_socket::PacketSocket;
use crate::cores::Cores;
use config::config;
use hub::Hub;

/// Where sessions are opened.
pub(crate) const PATH: &str = "/v1/webtransport";

/// Handshakes under way on a thread from addresses that have not proved themselves. With more, a newcomer must
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
    /// TLS offers nothing that QUIC can begin with.
    #[error("TLS for QUIC: {0}")]
    Cipher(#[from] NoInitialCipherSuite),
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
    let threads = sockets.len();
    for (thread, (socket, core)) in sockets.into_iter().zip(cores.runtimes()).enumerate() {
        let ids = ConnectionIds::new(thread, threads);
        let config = config(Arc::clone(certificates), ids)?;
        let socket = {
            let _entered = core.enter();
            PacketSocket::new(socket)?
        };
        let (hub, ready) = Hub::new(socket, config, gate.clone(), Arc::clone(reach));
        tasks.spawn_on(hub.run(ready), core);
    }
    Ok(())
}
