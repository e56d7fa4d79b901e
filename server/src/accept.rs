//! Who a TCP connection is of: its place is counted before anything is waited for, and whom a trusted proxy names takes it
//! over.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ppp::{HeaderResult, v1, v2};
use signaling::{Peer, Reach};
use socket2::SockRef;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::connections::{Connections, Place};
use crate::counters;
use crate::tcp;

/// How long a client may take to say anything.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(5);

/// How long it may then take over a PROXY header, a TLS handshake, or a request's head.
pub(crate) const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// Most bytes of a PROXY header: the longest of version 1 has 107, one of version 2 its addresses and some notes.
const MOST_PROXY_BYTES: usize = 1_024;

/// How one of version 1 begins.
const PREFIX_V1: &[u8] = b"PROXY ";

/// Of one of version 2: the bytes before its addresses, and where among these their length stands.
const HEAD_V2: usize = 16;
const LENGTH_V2: usize = 14;

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

/// A connection that has begun to speak.
pub(crate) struct Accepted {
    /// Its bytes, without a PROXY header.
    pub(crate) stream: TcpStream,
    /// The first of these, which waits there still.
    pub(crate) first: u8,
    /// Of whom it is.
    pub(crate) peer: Peer,
    /// To be kept as long as the stream.
    pub(crate) place: Place,
}

impl Acceptor {
    /// A place for a connection from `peer`, if there is one.
    pub(crate) fn place(&self, peer: SocketAddr) -> Option<Place> {
        self.connections.take(self.reach.budget(peer.ip()))
    }

    /// Waits until a connection says something, and takes its PROXY header off where there is to be one.
    ///
    /// # Errors
    /// When it says nothing, or no header, or whom it names has too many connections.
    pub(crate) async fn accept(
        &self,
        mut stream: TcpStream,
        peer: SocketAddr,
        place: Place,
    ) -> io::Result<Accepted> {
        tcp::tune(&SockRef::from(&stream))?;
        let mut seen = [0; v2::PROTOCOL_PREFIX.len()];
        let seen = first_bytes(&stream, &mut seen).await?;
        if self.is_proxy_protocol && self.reach.trusts(peer.ip()) {
            let named = timeout(HEADER_TIMEOUT, take_proxy_header(&mut stream)).await?;
            let Some(source) = named? else {
                counters::refused("tcp-connection", "no-proxy-header");
                return Err(io::ErrorKind::InvalidData.into());
            };
            return self.of_client(stream, source.unwrap_or(peer), place).await;
        }
        if is_proxy_header(seen) {
            counters::refused("tcp-connection", "unexpected-proxy-header");
            self.reach
                .notices
                .proxy_header(peer.ip(), self.is_proxy_protocol);
            return Err(io::ErrorKind::InvalidData.into());
        }
        place.has_spoken();
        Ok(Accepted {
            first: seen[0],
            stream,
            peer: Peer::direct(peer),
            place,
        })
    }

    /// Waits until the client that a proxy names says something too.
    async fn of_client(
        &self,
        stream: TcpStream,
        client: SocketAddr,
        place: Place,
    ) -> io::Result<Accepted> {
        let place = place.named(self.reach.budget(client.ip()));
        let place = place.ok_or(io::ErrorKind::QuotaExceeded)?;
        let first = first_bytes(&stream, &mut [0]).await?[0];
        place.has_spoken();
        Ok(Accepted {
            first,
            stream,
            peer: Peer::named(client),
            place,
        })
    }
}

/// Waits for what a connection says first, one byte at least, and leaves it where it is.
async fn first_bytes<'a>(stream: &TcpStream, bytes: &'a mut [u8]) -> io::Result<&'a [u8]> {
    let length = timeout(SILENCE_TIMEOUT, stream.peek(bytes)).await??;
    if length == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(&bytes[..length])
}

/// Whether what came first is a PROXY header.
fn is_proxy_header(first: &[u8]) -> bool {
    first.starts_with(PREFIX_V1) || first == v2::PROTOCOL_PREFIX
}

/// Takes a connection's PROXY header off; gives whom it names, if anybody. Nothing when there is none.
async fn take_proxy_header(stream: &mut TcpStream) -> io::Result<Option<Option<SocketAddr>>> {
    let mut header = [0; MOST_PROXY_BYTES];
    let mut length = 0;
    loop {
        let seen = length + stream.peek(&mut header[length..]).await?;
        if seen == length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let taken = seen.min(bytes_of_header(&header[..seen]));
        stream.read_exact(&mut header[length..taken]).await?;
        length = taken;
        let seen = &header[..length];
        // A part of a header may be another one, with part of an address.
        if is_whole(seen) || !is_begun(seen) || length == MOST_PROXY_BYTES {
            return Ok(proxy_header(seen).map(|(_, source)| source));
        }
    }
}

/// How many bytes belong to a PROXY header that begins so, as far as they show.
fn bytes_of_header(seen: &[u8]) -> usize {
    if seen.first() == v2::PROTOCOL_PREFIX.first() {
        HEAD_V2 + usize::from(length_of_v2(seen).unwrap_or(0))
    } else {
        let line = seen.iter().position(|byte| *byte == b'\n');
        line.map_or(seen.len(), |end| end + 1)
    }
}

fn length_of_v2(seen: &[u8]) -> Option<u16> {
    let length = seen.get(LENGTH_V2..HEAD_V2)?.try_into().ok()?;
    Some(u16::from_be_bytes(length))
}

/// Whether it goes on as either version does.
fn is_begun(seen: &[u8]) -> bool {
    [PREFIX_V1, v2::PROTOCOL_PREFIX].iter().any(|prefix| {
        let length = prefix.len().min(seen.len());
        prefix[..length] == seen[..length]
    })
}

/// Whether all of a header is there that has no byte too many.
fn is_whole(seen: &[u8]) -> bool {
    if seen.first() == v2::PROTOCOL_PREFIX.first() {
        length_of_v2(seen).is_some() && seen.len() == bytes_of_header(seen)
    } else {
        seen.ends_with(b"\n")
    }
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
