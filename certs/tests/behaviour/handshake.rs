//! Real TLS handshakes in memory, against a client that pins hashes as browsers do and against one
//! that trusts an authority.

use std::{sync::Arc, time::SystemTime};

use crate::common::{Authority, DAY, open, server_config, start};
use certs::Certificates;
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore,
    ServerConfig, ServerConnection, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    version::TLS13,
};
use sha2::{Digest, Sha256};

/// Takes the certificates whose hashes it was given, and nothing else.
#[derive(Debug)]
struct Pinned {
    hashes: Vec<[u8; 32]>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let sha256: [u8; 32] = Sha256::digest(end_entity).into();
        if self.hashes.contains(&sha256) {
            return Ok(ServerCertVerified::assertion());
        }
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("QUIC has no TLS 1.2".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

fn pinning(hashes: Vec<[u8; 32]>) -> ClientConfig {
    let provider = Arc::new(ring::default_provider());
    let verifier = Pinned {
        hashes,
        provider: provider.clone(),
    };
    ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth()
}

fn trusting(root: CertificateDer<'static>, now: SystemTime) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(root).unwrap();
    let provider = Arc::new(ring::default_provider());
    ClientConfig::builder_with_details(provider, Arc::new(At(now)))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[derive(Debug)]
struct At(SystemTime);

impl rustls::time_provider::TimeProvider for At {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(
            self.0.duration_since(SystemTime::UNIX_EPOCH).ok()?,
        ))
    }
}

/// The SHA-256 of the certificate that the client got and took.
fn connect(
    client: ClientConfig,
    server: &Arc<ServerConfig>,
    name: &'static str,
) -> Result<[u8; 32], Error> {
    let name = ServerName::try_from(name).unwrap();
    let mut client = ClientConnection::new(Arc::new(client), name)?;
    let mut server = ServerConnection::new(server.clone())?;
    while client.is_handshaking() || server.is_handshaking() {
        let mut wire = Vec::new();
        client.write_tls(&mut wire).unwrap();
        server.read_tls(&mut wire.as_slice()).unwrap();
        server.process_new_packets()?;
        let mut wire = Vec::new();
        server.write_tls(&mut wire).unwrap();
        client.read_tls(&mut wire.as_slice()).unwrap();
        client.process_new_packets()?;
    }
    Ok(Sha256::digest(&client.peer_certificates().unwrap()[0]).into())
}

#[test]
fn one_server_config_follows_the_rotation_that_clients_were_told_of() {
    let directory = tempfile::tempdir().unwrap();
    let certificates = open(directory.path(), start());
    let server = server_config(&certificates);
    let hashes = certificates.certificate_hashes();

    let before = connect(pinning(hashes.clone()), &server, "localhost").unwrap();
    assert_eq!(before, hashes[0]);
    certificates.refresh(start() + 12 * DAY).unwrap();
    let after = connect(pinning(hashes.clone()), &server, "localhost").unwrap();
    assert_eq!(after, hashes[1]);
}

#[test]
fn a_client_with_a_strange_hash_is_not_fooled() {
    let directory = tempfile::tempdir().unwrap();
    let server = server_config(&open(directory.path(), start()));
    assert!(connect(pinning(vec![[7; 32]]), &server, "localhost").is_err());
}

#[test]
fn a_stored_identity_signs_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let hashes = open(directory.path(), start()).certificate_hashes();
    let restarted = open(directory.path(), start() + DAY);
    let server = server_config(&restarted);
    assert_eq!(
        connect(pinning(hashes.clone()), &server, "localhost").unwrap(),
        hashes[0]
    );
}

#[test]
fn a_self_signed_certificate_can_be_trusted_as_a_root_for_each_of_its_names() {
    let directory = tempfile::tempdir().unwrap();
    let certificates: Certificates = open(directory.path(), start());
    let server = server_config(&certificates);
    for name in ["localhost", "127.0.0.1"] {
        let root = certificates.current().chain()[0].clone();
        connect(trusting(root, start()), &server, name).unwrap();
    }
    let root = certificates.current().chain()[0].clone();
    assert!(connect(trusting(root, start()), &server, "other.example").is_err());
}

#[test]
fn one_server_config_follows_a_reload_of_pem_files() {
    let authority = Authority::new();
    authority.write(&authority.sign(start() + 10 * DAY));
    let certificates = authority.open().unwrap();
    let server = server_config(&certificates);
    let client = |now| trusting(authority.certificate(), now);

    let before = connect(client(start()), &server, "localhost").unwrap();
    let later = start() + 11 * DAY;
    assert!(connect(client(later), &server, "localhost").is_err());
    authority.write(&authority.sign(start() + 90 * DAY));
    certificates.refresh(later).unwrap();
    let after = connect(client(later), &server, "localhost").unwrap();
    assert_ne!(after, before);
}
