//! The WebTransport rung: State in datagrams, Control on the first stream, each frame behind its length.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use wtransport::config::{DnsLookupFuture, DnsResolver, IpBindConfig};
use wtransport::endpoint::endpoint_side::Client;
use wtransport::{ClientConfig, Connection, Endpoint, RecvStream, SendStream, VarInt};

use super::connector::Connector;
use super::socket::{Message, Port};
use crate::session::Outgoing;

/// HTTP/3's name in TLS (RFC 9114 §3.1).
const ALPN: &[u8] = b"h3";

/// How long the server may take to acknowledge the last frames.
const GOODBYE: Duration = Duration::from_secs(1);

/// An open session with its Control stream.
pub(super) struct Link {
    connection: Connection,
    control: SendStream,
    frames: RecvStream,
}

/// The UDP socket of all links. It takes both kinds of addresses where the system has IPv6.
pub(super) fn endpoint(tls: &rustls::ClientConfig) -> io::Result<Endpoint<Client>> {
    let mut tls = tls.clone();
    tls.alpn_protocols = vec![ALPN.to_vec()];
    let open = |addresses| {
        let config = ClientConfig::builder()
            .with_bind_config(addresses)
            .with_custom_tls(tls.clone())
            .dns_resolver(PreferIpv4)
            .build();
        Endpoint::client(config)
    };
    open(IpBindConfig::InAddrAnyDual).or_else(|_| open(IpBindConfig::InAddrAnyV4))
}

/// Opens a session and its stream.
pub(super) async fn open(connector: &Connector, url: &str) -> Result<Link, String> {
    let words = |error: &dyn std::fmt::Display| error.to_string();
    let endpoint = connector.endpoint().await.map_err(|error| words(&error))?;
    let connection = endpoint.connect(url).await.map_err(|error| words(&error))?;
    let opening = connection.open_bi().await.map_err(|error| words(&error))?;
    let (control, frames) = opening.await.map_err(|error| words(&error))?;
    Ok(Link {
        connection,
        control,
        frames,
    })
}

/// Moves messages until either side ends it.
pub(super) async fn run(link: Link, port: Port) {
    let Link {
        connection,
        control,
        frames,
    } = link;
    tokio::select! {
        () = write(&connection, control, &port) => {}
        () = read_datagrams(&connection, &port) => {}
        () = read_frames(frames, &port) => {}
    }
    connection.close(VarInt::from_u32(0), b"");
    port.deliver(Message::Closed).await;
}

/// Returns once the last frame has arrived, or nothing can be sent.
async fn write(connection: &Connection, mut control: SendStream, port: &Port) {
    loop {
        match port.queue.next().await {
            // One that is too long for the path is lost, as any may be.
            Outgoing::State(datagram) => drop(connection.send_datagram(datagram)),
            Outgoing::Control(frame) => {
                let Ok(length) = u16::try_from(frame.len()) else {
                    return;
                };
                let framed = [&length.to_le_bytes(), frame.as_slice()].concat();
                if control.write_all(&framed).await.is_err() {
                    return;
                }
            }
            Outgoing::Close => {
                let _ = tokio::time::timeout(GOODBYE, control.finish()).await;
                return;
            }
        }
    }
}

async fn read_datagrams(connection: &Connection, port: &Port) {
    while let Ok(datagram) = connection.receive_datagram().await {
        if !port.deliver(Message::State(datagram.payload())).await {
            return;
        }
    }
}

async fn read_frames(mut stream: RecvStream, port: &Port) {
    let mut length = [0; 2];
    while stream.read_exact(&mut length).await.is_ok() {
        let mut frame = vec![0; usize::from(u16::from_le_bytes(length))];
        if stream.read_exact(&mut frame).await.is_err()
            || !port.deliver(Message::Control(Bytes::from(frame))).await
        {
            return;
        }
    }
}

/// The first IPv4 address of a name, else its first: a server on this machine often listens to IPv4 alone, and QUIC
/// tries no second address.
#[derive(Debug)]
struct PreferIpv4;

impl DnsResolver for PreferIpv4 {
    fn resolve(&self, host: &str) -> Pin<Box<dyn DnsLookupFuture>> {
        let host = host.to_owned();
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = tokio::net::lookup_host(host).await?.collect();
            let first = addresses.iter().find(|address| address.is_ipv4());
            Ok(first.or(addresses.first()).copied())
        })
    }
}
