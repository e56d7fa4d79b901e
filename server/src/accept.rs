//! How TCP connections are taken: set up for small messages, with whom a trusted proxy names, and not before they say
//! something.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use futures_util::future::BoxFuture;
use ppp::{HeaderResult, PartialResult, v1, v2};
use signaling::{Peer, Reach};
use socket2::SockRef;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tower_layer::Layer;

use crate::connections::{Connections, Counted};
use crate::counters;
use crate::tcp::{self, Unsent};

/// How long a client may take to send a request's first bytes, and then its head.
pub(crate) const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes that show whether a connection begins with HTTP/2's preface, for which hyper waits without a timer.
const FIRST_BYTES: usize = 4;

/// Most bytes of a PROXY header: the longest of version 1 has 107, one of version 2 its addresses and some notes.
const MOST_PROXY_BYTES: usize = 1_024;

/// Takes connections.
#[derive(Clone)]
pub(crate) struct Acceptor {
    /// Who is trusted to name a client.
    pub(crate) reach: Arc<Reach>,
    /// Whether those begin with a PROXY header.
    pub(crate) is_proxy_protocol: bool,
    /// How many there may be.
    pub(crate) connections: Connections,
}

impl<S: Send + 'static> Accept<TcpStream, S> for Acceptor {
    type Stream = TcpStream;
    type Service = AddExtension<AddExtension<AddExtension<S, Unsent>, Peer>, Counted>;
    type Future = BoxFuture<'static, io::Result<(TcpStream, Self::Service)>>;

    fn accept(&self, mut stream: TcpStream, service: S) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let permit = this.connections.take().ok_or_else(too_many)?;
            tcp::tune(&SockRef::from(&stream))?;
            let peer = tokio::time::timeout(HEADER_TIMEOUT, this.peer(&mut stream)).await??;
            let budget = this.reach.budget(peer.0.ip());
            let counted = this
                .connections
                .count(permit, budget)
                .ok_or_else(too_many)?;
            let unsent = Unsent::of(&stream)?;
            let service = Extension(unsent).layer(service);
            let service = Extension(peer).layer(service);
            Ok((stream, Extension(counted).layer(service)))
        })
    }
}

impl Acceptor {
    /// Who is at the other end, once it has said something.
    async fn peer(&self, stream: &mut TcpStream) -> io::Result<Peer> {
        let mut peer = stream.peer_addr()?;
        if self.is_proxy_protocol && self.reach.trusts(peer.ip()) {
            peer = proxied(stream).await?.unwrap_or(peer);
        }
        peek(stream, &mut [0; FIRST_BYTES], |first| {
            first.len() == FIRST_BYTES
        })
        .await?;
        Ok(Peer(peer))
    }
}

fn too_many() -> io::Error {
    io::Error::other("too many connections")
}

/// Takes a connection's PROXY header; gives whom it names, if anybody.
async fn proxied(stream: &mut TcpStream) -> io::Result<Option<SocketAddr>> {
    let mut bytes = [0; MOST_PROXY_BYTES];
    let is_whole = |seen: &[u8]| HeaderResult::parse(seen).is_complete();
    let length = peek(stream, &mut bytes, is_whole).await?;
    let Some((length, source)) = proxy_header(&bytes[..length]) else {
        counters::refused("tcp-connection", "no-proxy-header");
        return Err(io::ErrorKind::InvalidData.into());
    };
    stream
        .read_exact(&mut [0; MOST_PROXY_BYTES][..length])
        .await?;
    Ok(source)
}

/// The length of the PROXY header that the bytes begin with, and whom it names, if anybody.
pub(crate) fn proxy_header(bytes: &[u8]) -> Option<(usize, Option<SocketAddr>)> {
    match &HeaderResult::parse(bytes) {
        // After `UNKNOWN` the parser takes a line feed within the line for its end.
        HeaderResult::V1(Ok(header)) => header
            .header
            .ends_with(v1::PROTOCOL_SUFFIX)
            .then(|| (header.header.len(), source_v1(&header.addresses))),
        HeaderResult::V2(Ok(header)) => Some((header.len(), source_v2(header))),
        HeaderResult::V1(Err(_)) | HeaderResult::V2(Err(_)) => None,
    }
}

fn source_v1(addresses: &v1::Addresses) -> Option<SocketAddr> {
    match addresses {
        v1::Addresses::Tcp4(v4) => Some((v4.source_address, v4.source_port).into()),
        v1::Addresses::Tcp6(v6) => Some((v6.source_address, v6.source_port).into()),
        v1::Addresses::Unknown => None,
    }
}

fn source_v2(header: &v2::Header<'_>) -> Option<SocketAddr> {
    match (header.command, &header.addresses) {
        // The proxy speaks for itself, as in a health check, whatever addresses stand there.
        (v2::Command::Local, _) => None,
        (v2::Command::Proxy, v2::Addresses::IPv4(v4)) => {
            Some((v4.source_address, v4.source_port).into())
        }
        (v2::Command::Proxy, v2::Addresses::IPv6(v6)) => {
            Some((v6.source_address, v6.source_port).into())
        }
        (v2::Command::Proxy, v2::Addresses::Unix(_) | v2::Addresses::Unspecified) => None,
    }
}

/// Waits for a connection's first bytes until they are enough, and leaves them where they are; gives how many there are.
async fn peek(
    stream: &TcpStream,
    bytes: &mut [u8],
    is_enough: impl Fn(&[u8]) -> bool,
) -> io::Result<usize> {
    loop {
        let length = stream.peek(bytes).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if length == bytes.len() || is_enough(&bytes[..length]) {
            return Ok(length);
        }
        // A peek doesn't say when more has come.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Version 2 over TCP and IPv4, from 192.0.2.7:4711, and the first byte of what follows.
    fn version_2(command: v2::Command) -> Vec<u8> {
        let addresses = v2::IPv4::new([192, 0, 2, 7], [10, 0, 0, 1], 4711, 443);
        let version = v2::Version::Two | command;
        let header = v2::Builder::with_addresses(version, v2::Protocol::Stream, addresses);
        [header.build().unwrap(), vec![b'G']].concat()
    }

    #[test]
    fn a_proxy_header_names_its_client() {
        let client = Some(SocketAddr::from(([192, 0, 2, 7], 4711)));
        let named = proxy_header(&version_2(v2::Command::Proxy));
        assert_eq!(named, Some((28, client)));
        let line = b"PROXY TCP4 192.0.2.7 10.0.0.1 4711 443\r\n";
        assert_eq!(proxy_header(line), Some((line.len(), client)));
    }

    #[test]
    fn a_proxy_that_speaks_for_itself_names_nobody() {
        let local = proxy_header(&version_2(v2::Command::Local));
        assert_eq!(local, Some((28, None)));
        assert_eq!(proxy_header(b"PROXY UNKNOWN\r\n"), Some((15, None)));
        assert_eq!(proxy_header(b"GET / HTTP/1.1\r\n"), None);
        assert_eq!(proxy_header(b"PROXY UNKNOWN \n \rGET"), None);
    }
}
