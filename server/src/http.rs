//! The HTTP side: its routes, and how connections are taken.

use std::net::TcpListener;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::StatusCode;
use axum::middleware::AddExtension;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use axum_server::Handle;
use axum_server::accept::Accept;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use futures_util::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use signaling::{Problem, Signaling};
use socket2::SockRef;
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tower_layer::Layer;

use crate::counters;
use crate::page::Page;
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

/// All routes.
pub(crate) fn router(
    signaling: Signaling,
    gate: Gate,
    metrics: PrometheusHandle,
    page: Page,
) -> Router {
    Router::new()
        .route("/v1/websocket", get(upgrade).with_state(gate))
        .route("/metrics", get(render).with_state(metrics))
        .merge(signaling::router(signaling))
        .merge(page.router())
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
    request: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    match request {
        Ok(request) => websocket::upgrade(gate, unsent, request),
        Err(error) => {
            Problem::new(StatusCode::BAD_REQUEST, "not-a-websocket", error).into_response()
        }
    }
}

async fn render(State(metrics): State<PrometheusHandle>) -> String {
    counters::tasks().set(
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks() as f64,
    );
    metrics.render()
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
