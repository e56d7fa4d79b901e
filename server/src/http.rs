//! The HTTP side: signaling, the WebSocket upgrade, metrics and the page.

use std::net::TcpListener;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::AddExtension;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use axum_server::Handle;
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use futures_util::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use rust_embed::RustEmbed;
use signaling::Signaling;
use socket2::SockRef;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tower_layer::Layer;

use crate::counters;
use crate::tcp::{self, Unsent};
use crate::transport::attach::Gate;
use crate::transport::websocket;

/// How long a client may take to send a request's first bytes, and then its head.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// Bytes that show whether a connection begins with HTTP/2's preface, for which hyper waits without
/// a timer.
const FIRST_BYTES: usize = 4;

/// How long requests that run may go on when the server shuts down.
const GRACE: Duration = Duration::from_secs(3);

/// The page, built by the build script.
#[derive(RustEmbed)]
#[folder = "$WEB_DIST"]
struct Page;

/// All routes.
pub(crate) fn router(signaling: Signaling, gate: Gate, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/v1/websocket", get(upgrade).with_state(gate))
        .route("/metrics", get(render).with_state(metrics))
        .merge(signaling::router(signaling))
        .fallback(page)
}

/// Serves `router` until `handle` shuts it down; with TLS where there is a configuration.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<RustlsConfig>,
    router: Router,
    handle: Handle<SocketAddr>,
) -> std::io::Result<()> {
    let service = router.into_make_service();
    match tls {
        Some(tls) => {
            let acceptor = RustlsAcceptor::new(tls)
                .handshake_timeout(HEADER_TIMEOUT)
                .acceptor(Tuned);
            let mut server = axum_server::from_tcp(listener)?
                .handle(handle)
                .acceptor(acceptor);
            limit(server.http_builder());
            server.serve(service).await
        }
        None => {
            let mut server = axum_server::from_tcp(listener)?
                .handle(handle)
                .acceptor(Tuned);
            limit(server.http_builder());
            server.serve(service).await
        }
    }
}

/// Stops taking requests and lets those that run finish.
pub(crate) fn shut_down(handle: &Handle<SocketAddr>) {
    handle.graceful_shutdown(Some(GRACE));
}

fn limit(builder: &mut hyper_util::server::conn::auto::Builder<hyper_util::rt::TokioExecutor>) {
    builder
        .http1()
        .timer(hyper_util::rt::TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(16 * 1024);
}

async fn upgrade(
    State(gate): State<Gate>,
    Extension(unsent): Extension<Unsent>,
    request: WebSocketUpgrade,
) -> Response {
    websocket::upgrade(gate, unsent, request)
}

async fn render(State(metrics): State<PrometheusHandle>) -> String {
    counters::tasks().set(
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks() as f64,
    );
    metrics.render()
}

async fn page(uri: Uri) -> Response {
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    let Some(file) = Page::get(path) else {
        return (StatusCode::NOT_FOUND, "not found\n").into_response();
    };
    // Vite puts a hash of the content into the names below assets/.
    let cache = if path.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let kind = HeaderValue::from_str(file.metadata.mimetype())
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    (headers, file.data).into_response()
}

/// Sets accepted sockets up for small messages that must not wait.
#[derive(Clone, Copy)]
struct Tuned;

impl<S: Send + 'static> Accept<TcpStream, S> for Tuned {
    type Stream = TcpStream;
    type Service = AddExtension<S, Unsent>;
    type Future = BoxFuture<'static, std::io::Result<(TcpStream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        Box::pin(async move {
            tcp::tune(&SockRef::from(&stream))?;
            tokio::time::timeout(HEADER_TIMEOUT, begins(&stream)).await??;
            let unsent = Unsent::of(&stream)?;
            Ok((stream, Extension(unsent).layer(service)))
        })
    }
}

/// Waits for a connection's first bytes and leaves them where they are.
async fn begins(stream: &TcpStream) -> std::io::Result<()> {
    let mut first = [0; FIRST_BYTES];
    loop {
        match stream.peek(&mut first).await? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            FIRST_BYTES => return Ok(()),
            // A peek doesn't say when more has come.
            _ => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}
