//! QUIC packets, to the endpoint as it is served.

mod http3;
mod initial;
mod plain;
mod server;

use std::sync::{Arc, LazyLock};

use bytes::BytesMut;
use rustls::quic::{ClientConnection, Version};
use rustls::{ClientConfig, RootCertStore};

use crate::allocation::within;
use crate::script::Script;
pub use http3::http3;
use initial::{HANDSHAKE, MOST_FRAMES, crypto_frames, sealed, sealed_for};
use plain::Plain;
use server::{CONFIG, Server};

/// A browser's transport parameters, as far as they matter: its connection id, and datagrams.
const PARAMETERS: &[u8] =
    b"\x0f\x04fuzz\x20\x04\x80\x01\x00\x00\x04\x04\x80\x10\x00\x00\x03\x02\x45\xc8";

static CLIENT: LazyLock<Arc<ClientConfig>> = LazyLock::new(|| {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h3".to_vec()];
    Arc::new(config)
});

/// By the first byte: datagrams as they are; frames in Initial packets; a client's first message with any transport
/// parameters; and one with some bytes changed.
pub fn quic(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let datagrams: Vec<BytesMut> = match script.byte().map(|kind| kind & 3) {
        None => return,
        Some(0) => chunks(script).map(BytesMut::from).collect(),
        Some(1) => {
            let frames = chunks(script).map(|frames| &frames[..frames.len().min(MOST_FRAMES)]);
            initials(frames.map(<[u8]>::to_vec))
        }
        Some(2) => initials(crypto_frames(&client_hello(script.rest()))),
        Some(_) => {
            let mut hello = client_hello(PARAMETERS);
            while let (Some(at), Some(byte)) = (script.short(), script.byte()) {
                let at = usize::from(at) % hello.len();
                hello[at] = byte;
            }
            initials(crypto_frames(&hello))
        }
    };
    let mut server = Server::new(Arc::clone(&CONFIG.1));
    for datagram in datagrams {
        server.receive(datagram);
    }
    server.wait();
}

/// Bytes for each byte that came: Huffman's code turns five bits into a byte, and texts are copied.
const PER_BYTE: usize = 256;

/// Bytes for a connection: its buffers, and what of its streams may come ahead of what is missing.
const MOST_OF_A_CONNECTION: usize = 1024 * 1024;

/// Frames in packets of a connection whose handshake is over.
pub fn quic_frames(bytes: &[u8]) {
    take_frames(bytes.len(), chunks(Script::new(bytes)));
}

/// Has an established connection take packets of these frames, within what may be allocated for so many bytes.
fn take_frames<'a>(length: usize, packets: impl Iterator<Item = &'a [u8]>) {
    let mut config = (*CONFIG.1).clone();
    config.crypto = Arc::new(Plain);
    let mut server = Server::new(Arc::new(config));
    let hello = crypto_frames(&[0]).next().expect("one frame");
    server.receive(sealed(&Plain, 0, &hello));
    let destination = server.connection_id().expect("an answer");
    server.receive(sealed_for(&destination, HANDSHAKE, &Plain, 0, &hello));
    assert!(server.is_established());
    within(MOST_OF_A_CONNECTION + PER_BYTE * length, || {
        for (number, frames) in (0..=u8::MAX).zip(packets) {
            let packet = [&[0x40], &*destination, &[number], frames].concat();
            server.receive(BytesMut::from(&*packet));
        }
        server.wait();
    });
}

fn chunks<'a>(mut script: Script<'a>) -> impl Iterator<Item = &'a [u8]> {
    std::iter::from_fn(move || script.chunk())
}

fn initials(frames: impl IntoIterator<Item = Vec<u8>>) -> Vec<BytesMut> {
    let crypto = &*CONFIG.1.crypto;
    (0..=u8::MAX)
        .zip(frames)
        .map(|(number, frames)| sealed(crypto, number, &frames))
        .collect()
}

/// A client's first message, with these transport parameters.
fn client_hello(parameters: &[u8]) -> Vec<u8> {
    let name = "play.example".try_into().expect("a name");
    let client = ClientConnection::new(Arc::clone(&CLIENT), Version::V1, name, parameters.to_vec());
    let mut hello = Vec::new();
    client.expect("a client").write_hs(&mut hello);
    hello
}
