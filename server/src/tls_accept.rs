//! TLS over TCP: the handshake; an authority's challenge and plain HTTP on the same port get answers of their own.

use std::io;
use std::sync::Arc;

use certs::acme::ACME_TLS_ALPN;
use rustls::server::{Acceptor as HelloReader, ClientHello};
use tokio::io::AsyncWriteExt;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

use crate::tcp::Watched;
use crate::tls::TcpTls;

/// What HTTP is spoken over, and what it changes over to.
pub(crate) type Stream = Either<TlsStream<Watched>, Watched>;

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// Over TLS that ends here.
    OverTls,
    /// As plain HTTP: by a link without the `s`, typed so, or because there is no TLS here.
    Plain,
}

/// Begins what a connection speaks below HTTP, as its first byte says: a record of TLS begins with 22, a method with a
/// letter.
///
/// # Errors
/// When the handshake fails, or was a challenge's.
pub(crate) async fn begin(
    stream: Watched,
    first: u8,
    tls: Option<&TcpTls>,
) -> io::Result<(Stream, Came)> {
    match tls {
        Some(tls) if !first.is_ascii_uppercase() => {
            let stream = handshake(stream, tls).await?;
            Ok((Either::Left(stream), Came::OverTls))
        }
        _ => Ok((Either::Right(stream), Came::Plain)),
    }
}

async fn handshake(stream: Watched, tls: &TcpTls) -> io::Result<TlsStream<Watched>> {
    let start = LazyConfigAcceptor::new(HelloReader::default(), stream).await?;
    match &tls.challenges {
        Some(challenges) if is_challenge(&start.client_hello()) => {
            let mut stream = start.into_stream(Arc::clone(challenges)).await?;
            stream.shutdown().await?;
            Err(io::Error::other(
                "a challenge, which is all that was wanted",
            ))
        }
        _ => start.into_stream(Arc::clone(&tls.players)).await,
    }
}

/// Authorities offer this protocol alone (RFC 8737 §3).
fn is_challenge(hello: &ClientHello<'_>) -> bool {
    hello
        .alpn()
        .is_some_and(|offered| offered.eq([ACME_TLS_ALPN]))
}
