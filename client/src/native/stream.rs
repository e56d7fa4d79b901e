//! TCP to a URL's host, with TLS where its scheme asks for it.

use std::io;
use std::sync::Arc;

use hyper::Uri;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A byte stream, plain or not.
pub(super) trait ByteStream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> ByteStream for S {}

/// Connects to the host of `uri`, whose scheme is `http`, `https`, `ws` or `wss`.
pub(super) async fn connect(
    uri: &Uri,
    tls: &Arc<rustls::ClientConfig>,
) -> io::Result<Box<dyn ByteStream>> {
    let is_secure = matches!(uri.scheme_str(), Some("https" | "wss"));
    let host = uri
        .host()
        .ok_or_else(|| io::Error::other("the URL has no host"))?;
    // An IPv6 address stands in brackets there.
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
    let stream = TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    if !is_secure {
        return Ok(Box::new(stream));
    }
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    let connector = TlsConnector::from(Arc::clone(tls));
    Ok(Box::new(connector.connect(name, stream).await?))
}
