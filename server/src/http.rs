//! The HTTP side: its routes, and how they are served.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use axum_server::Handle;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use metrics_exporter_prometheus::PrometheusHandle;
use metrics_process::Collector;
use signaling::{Problem, Reached, Signaling};

use crate::accept::{Acceptor, HEADER_TIMEOUT};
use crate::counters;
use crate::page::Page;
use crate::redirect::{self, Redirect};
use crate::tcp::Unsent;
use crate::tls::TcpTls;
use crate::tls_accept::TlsAcceptor;
use crate::transport::attach::Gate;
use crate::transport::websocket;

/// How long requests that run may go on when the server shuts down.
const GRACE: Duration = Duration::from_secs(3);

/// The routes for operators.
pub(crate) fn operations(metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/metrics", get(render).with_state(metrics))
        .method_not_allowed_fallback(signaling::method_not_allowed)
}

/// The routes for players.
pub(crate) fn router(signaling: Signaling, gate: Gate, page: Page) -> Router {
    let reach = Arc::clone(&signaling.reach);
    Router::new()
        .route("/v1/websocket", get(upgrade).with_state(gate))
        .method_not_allowed_fallback(signaling::method_not_allowed)
        .layer(from_fn_with_state(reach, signaling::guard))
        .merge(signaling::router(signaling))
        .merge(page.router())
}

/// Serves players until `handle` shuts it down; over TLS where there is any, and who comes without is sent to it.
pub(crate) async fn serve_players(
    listener: TcpListener,
    tls: Option<TcpTls>,
    acceptor: Acceptor,
    router: Router,
    redirect: Arc<Redirect>,
    handle: Handle<SocketAddr>,
) -> std::io::Result<()> {
    match tls {
        Some(tls) => {
            let router = router.layer(from_fn_with_state(redirect, redirect::from_plain));
            let mut server = axum_server::from_tcp(listener)?
                .handle(handle)
                .acceptor(TlsAcceptor { acceptor, tls });
            limit(server.http_builder());
            server.serve(router.into_make_service()).await
        }
        None => serve(listener, acceptor, router, handle).await,
    }
}

/// Serves `router` until `handle` shuts it down.
pub(crate) async fn serve(
    listener: TcpListener,
    acceptor: Acceptor,
    router: Router,
    handle: Handle<SocketAddr>,
) -> std::io::Result<()> {
    let mut server = axum_server::from_tcp(listener)?
        .handle(handle)
        .acceptor(acceptor);
    limit(server.http_builder());
    server.serve(router.into_make_service()).await
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
    Extension(reached): Extension<Reached>,
    headers: HeaderMap,
    request: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let refuse = |detail: String| {
        Problem::new(StatusCode::BAD_REQUEST, "not-a-websocket", detail).into_response()
    };
    match request {
        Ok(_) if !has_key(&headers) => refuse("Sec-WebSocket-Key is no 16 bytes in base64".into()),
        Ok(request) => websocket::upgrade(gate, unsent, reached.budget, request),
        Err(error) => refuse(error.to_string()),
    }
}

/// Whether the key is one (RFC 6455 §4.2.1), which the library doesn't look at.
fn has_key(headers: &HeaderMap) -> bool {
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    key.and_then(|key| STANDARD.decode(key).ok())
        .is_some_and(|key| key.len() == 16)
}

async fn render(State(metrics): State<PrometheusHandle>) -> String {
    // The process's own figures, such as `process_open_fds` and `process_resident_memory_bytes`.
    Collector::default().collect();
    counters::tasks().set(
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks() as f64,
    );
    metrics.render()
}
