//! One HTTP/1.1 request on a connection of its own.

use std::io;
use std::sync::Arc;

use http_body_util::{BodyExt, Full, Limited};
use hyper::Uri;
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST};
use hyper_util::rt::TokioIo;

use super::stream;

/// Most bytes of an answer; joins and SDP have a few thousand.
const MOST_BYTES: usize = 256 * 1024;

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

/// What is posted.
pub(super) struct Post<'a> {
    pub(super) content_type: &'a str,
    /// A bearer token.
    pub(super) token: Option<&'a str>,
    pub(super) body: String,
}

/// Posts to `uri`.
pub(super) async fn post(
    uri: &Uri,
    tls: &Arc<rustls::ClientConfig>,
    post: Post<'_>,
) -> io::Result<Answer> {
    let stream = stream::connect(uri, tls).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let connection = tokio::spawn(connection);
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = hyper::Request::post(path)
        .header(HOST, authority)
        .header(CONNECTION, "close")
        .header(CONTENT_TYPE, post.content_type);
    if let Some(token) = post.token {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let request = request
        .body(Full::new(Bytes::from(post.body)))
        .map_err(io::Error::other)?;
    let response = sender
        .send_request(request)
        .await
        .map_err(io::Error::other)?;
    let status = response.status().as_u16();
    let body = Limited::new(response.into_body(), MOST_BYTES).collect();
    let body = body.await.map_err(io::Error::other)?.to_bytes();
    connection.abort();
    Ok(Answer {
        status,
        body: String::from_utf8_lossy(&body).into_owned(),
    })
}
