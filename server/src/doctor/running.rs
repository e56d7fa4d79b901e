//! Whether a port that is taken is held by a server of ours: it is asked for what only ours answers.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};

/// How long each step of an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Most bytes of an answer that are looked at.
const MOST_BYTES: u64 = 64 * 1_024;

/// What is expected to listen.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    /// The game.
    Players {
        /// Whether TLS ends there.
        is_tls: bool,
        /// Whether connections begin with a PROXY header.
        is_proxy_protocol: bool,
    },
    /// Metrics.
    Operations,
    /// Redirects of plain HTTP.
    Redirects {
        /// Whether connections begin with a PROXY header.
        is_proxy_protocol: bool,
    },
}

/// Whether a server of ours listens at an address of this machine.
pub(super) fn answers(address: SocketAddr, expected: Expected) -> bool {
    let address = here(address);
    match expected {
        Expected::Players {
            is_tls,
            is_proxy_protocol,
        } => {
            let ask = |path| ask(address, path, is_tls, is_proxy_protocol).unwrap_or_default();
            let is_alive = ask("/healthz").ends_with("\r\n\r\nok\n");
            is_alive && ask("/v1/rungs").contains("\"protocol\"")
        }
        Expected::Operations => ask(address, "/metrics", false, false)
            .is_ok_and(|answer| answer.contains("game_server_")),
        Expected::Redirects { is_proxy_protocol } => ask(address, "/", false, is_proxy_protocol)
            .is_ok_and(|answer| {
                answer.contains("This is at https://") || answer.contains("/problems/https-only")
            }),
    }
}

/// An address that leads to this machine; who listens on all of IPv6 listens on IPv4 too.
fn here(address: SocketAddr) -> SocketAddr {
    let ip = address.ip();
    let ip = if ip.is_unspecified() {
        Ipv4Addr::LOCALHOST.into()
    } else {
        ip
    };
    SocketAddr::new(ip, address.port())
}

fn ask(
    address: SocketAddr,
    path: &str,
    is_tls: bool,
    is_proxy_protocol: bool,
) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    if is_proxy_protocol {
        stream.write_all(b"PROXY TCP4 127.0.0.1 127.0.0.1 1 1\r\n")?;
    }
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    if is_tls {
        let name = ServerName::from(address.ip());
        let tls = ClientConnection::new(Arc::new(tls()?), name).map_err(io::Error::other)?;
        exchange(StreamOwned::new(tls, stream), &request)
    } else {
        exchange(stream, &request)
    }
}

fn exchange(mut stream: impl Read + Write, request: &str) -> io::Result<String> {
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    // Whoever cuts the connection has answered all the same.
    let _ = stream.take(MOST_BYTES).read_to_end(&mut answer);
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// Whose certificate it is doesn't matter: nothing is told to whoever answers.
fn tls() -> io::Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let anybody = Arc::new(Anybody(Arc::clone(&provider)));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(anybody)
        .with_no_client_auth();
    Ok(config)
}

/// Takes any certificate.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
