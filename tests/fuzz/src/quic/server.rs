//! The endpoint, and the connections that come of what it receives.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use quinn_proto::{
    AcceptError, Connection, ConnectionHandle, DatagramEvent, Endpoint, EndpointConfig,
    ServerConfig,
};
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use server::fuzzing::WebTransportSession;

use crate::clock;

/// Datagrams that are sent at once at most, and times that are waited for.
const MOST_SENT: usize = 64;
const MOST_WAITS: usize = 64;

pub(super) static CONFIG: LazyLock<(Arc<EndpointConfig>, Arc<ServerConfig>)> =
    LazyLock::new(|| {
        let name = vec!["play.example".to_owned()];
        let made = rcgen::generate_simple_self_signed(name).expect("a certificate");
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let key = any_supported_type(&key).expect("a key");
        let certificate = CertifiedKey::new(vec![made.cert.der().clone()], key);
        let certificates = Arc::new(SingleCertAndKey::from(certificate));
        let (mut endpoint, server) =
            server::fuzzing::quic_config(certificates).expect("the server's settings");
        endpoint.rng_seed(Some([7; 32]));
        (Arc::new(endpoint), Arc::new(server))
    });

/// The endpoint, of which one address wants something.
pub(super) struct Server {
    endpoint: Endpoint,
    connections: HashMap<ConnectionHandle, (Connection, WebTransportSession)>,
    now: Instant,
    received: usize,
    sent: usize,
    /// The server's first packet.
    first: Vec<u8>,
}

impl Server {
    pub(super) fn new(config: Arc<ServerConfig>) -> Self {
        Self {
            endpoint: Endpoint::new(Arc::clone(&CONFIG.0), Some(config), false, None),
            connections: HashMap::new(),
            now: clock::origin(),
            received: 0,
            sent: 0,
            first: Vec::new(),
        }
    }

    /// Takes a datagram, and sends what follows.
    pub(super) fn receive(&mut self, datagram: BytesMut) {
        let from = SocketAddr::from((Ipv4Addr::new(192, 0, 2, 1), 9));
        self.received += datagram.len();
        let mut answer = Vec::new();
        let event = self
            .endpoint
            .handle(self.now, from, None, None, datagram, &mut answer);
        match event {
            None => {}
            Some(DatagramEvent::Response(transmit)) => self.sent += transmit.size,
            Some(DatagramEvent::ConnectionEvent(handle, event)) => {
                if let Some((connection, _)) = self.connections.get_mut(&handle) {
                    connection.handle_event(event);
                }
            }
            Some(DatagramEvent::NewConnection(incoming)) => {
                match self.endpoint.accept(incoming, self.now, &mut answer, None) {
                    Ok((handle, connection)) => {
                        let session = WebTransportSession::default();
                        self.connections.insert(handle, (connection, session));
                    }
                    Err(AcceptError { response, .. }) => {
                        self.sent += response.map_or(0, |transmit| transmit.size);
                    }
                }
            }
        }
        self.drain();
    }

    /// The server's own connection id, as its first packet names it: behind the client's (RFC 9000 §17.2).
    pub(super) fn connection_id(&self) -> Option<Vec<u8>> {
        let rest = self.first.get(5..)?;
        let (length, rest) = rest.split_first()?;
        let (length, rest) = rest.get(usize::from(*length)..)?.split_first()?;
        Some(rest.get(..usize::from(*length))?.to_vec())
    }

    /// Whether a handshake is over.
    pub(super) fn is_established(&self) -> bool {
        let mut connections = self.connections.values();
        connections.any(|(connection, _)| !connection.is_handshaking() && !connection.is_closed())
    }

    /// Lets time pass until nothing is due any more.
    pub(super) fn wait(&mut self) {
        for _ in 0..MOST_WAITS {
            let due = self
                .connections
                .values_mut()
                .filter_map(|(connection, _)| connection.poll_timeout());
            let Some(due) = due.min() else { return };
            self.now = due.max(self.now + Duration::from_millis(1));
            for (connection, _) in self.connections.values_mut() {
                connection.handle_timeout(self.now);
            }
            self.drain();
        }
        panic!("it waits for ever");
    }

    /// Sends what is to be sent. To an address that isn't proven goes at most three times what came from it (RFC 9000 §8).
    fn drain(&mut self) {
        let mut sent = 0;
        for (handle, (connection, session)) in &mut self.connections {
            let mut buffer = Vec::new();
            while let Some(transmit) = connection.poll_transmit(self.now, 1, &mut buffer) {
                self.sent += transmit.size;
                sent += 1;
                assert!(sent <= MOST_SENT);
                if self.first.is_empty() {
                    self.first.clone_from(&buffer);
                }
                buffer.clear();
            }
            while let Some(event) = connection.poll() {
                if !session.take(connection, event) {
                    connection.close(self.now, 0u8.into(), Bytes::new());
                }
            }
            while let Some(event) = connection.poll_endpoint_events() {
                if let Some(event) = self.endpoint.handle_event(*handle, event) {
                    connection.handle_event(event);
                }
            }
        }
        self.connections
            .retain(|_, (connection, _)| !connection.is_drained());
        assert!(
            self.sent <= 3 * self.received,
            "{} for {}",
            self.sent,
            self.received
        );
    }
}
