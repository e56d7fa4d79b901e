//! TLS over TCP: the handshake, with a deadline; an authority's challenge and plain HTTP on the same port get answers of
//! their own.

use std::io;
use std::sync::Arc;

use axum::Extension;
use axum::middleware::AddExtension;
use axum_server::accept::Accept;
use certs::acme::ACME_TLS_ALPN;
use futures_util::future::BoxFuture;
use rustls::server::{Acceptor as HelloReader, ClientHello};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;
use tower_layer::Layer;

use crate::accept::{Acceptor, HEADER_TIMEOUT};
use crate::tls::TcpTls;

/// Takes connections of TLS.
#[derive(Clone)]
pub(crate) struct TlsAcceptor {
    /// Takes them before TLS.
    pub(crate) acceptor: Acceptor,
    /// What they then speak.
    pub(crate) tls: TcpTls,
}

/// How a request came to the port of TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// As it should.
    OverTls,
    /// As plain HTTP: by a link without the `s`, or typed so.
    Plain,
}

impl<S: Send + 'static> Accept<TcpStream, S> for TlsAcceptor {
    type Stream = Either<TlsStream<TcpStream>, TcpStream>;
    type Service = AddExtension<<Acceptor as Accept<TcpStream, S>>::Service, Came>;
    type Future = BoxFuture<'static, io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let (stream, service) = this.acceptor.accept(stream, service).await?;
            // The acceptor has waited for it. A record of TLS begins with 22, a method with a letter.
            let mut first = [0];
            stream.peek(&mut first).await?;
            if first[0].is_ascii_uppercase() {
                return Ok((Either::Right(stream), Extension(Came::Plain).layer(service)));
            }
            let stream = tokio::time::timeout(HEADER_TIMEOUT, this.handshake(stream)).await??;
            Ok((
                Either::Left(stream),
                Extension(Came::OverTls).layer(service),
            ))
        })
    }
}

impl TlsAcceptor {
    async fn handshake(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let start = LazyConfigAcceptor::new(HelloReader::default(), stream).await?;
        match &self.tls.challenges {
            Some(challenges) if is_challenge(&start.client_hello()) => {
                let mut stream = start.into_stream(Arc::clone(challenges)).await?;
                stream.shutdown().await?;
                Err(io::Error::other(
                    "a challenge, which is all that was wanted",
                ))
            }
            _ => start.into_stream(Arc::clone(&self.tls.players)).await,
        }
    }
}

/// Authorities offer this protocol alone (RFC 8737 §3).
fn is_challenge(hello: &ClientHello<'_>) -> bool {
    hello
        .alpn()
        .is_some_and(|offered| offered.eq([ACME_TLS_ALPN]))
}
