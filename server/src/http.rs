//! The routes for players.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use signaling::{Problem, Reached, Signaling};

use crate::fleet::{self, Forwarding};
use crate::page::Page;
use crate::tcp::SocketHandle;
use crate::transport::attach::Gate;
use crate::transport::websocket;

/// The routes for players.
pub(crate) fn router(
    signaling: Signaling,
    gate: Gate,
    page: Page,
    forwarding: Option<Forwarding>,
) -> Router {
    let reach = Arc::clone(&signaling.reach);
    Router::new()
        .route("/v1/websocket", get(upgrade).with_state(gate))
        .method_not_allowed_fallback(signaling::method_not_allowed)
        .layer(from_fn_with_state(reach, signaling::guard))
        .merge(admission(signaling, forwarding))
        .merge(page.router())
}

/// The routes of admission; of a fleet's node, joins that are another's are handed on.
pub(crate) fn admission(signaling: Signaling, forwarding: Option<Forwarding>) -> Router {
    signaling::router_around(signaling, |routes| match forwarding {
        Some(forwarding) => fleet::around(routes, forwarding),
        None => routes,
    })
}

async fn upgrade(
    State(gate): State<Gate>,
    Extension(socket): Extension<SocketHandle>,
    Extension(reached): Extension<Reached>,
    headers: HeaderMap,
    request: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let refuse = |detail: String| {
        Problem::new(StatusCode::BAD_REQUEST, "not-a-websocket", detail).into_response()
    };
    match request {
        Ok(_) if !has_key(&headers) => refuse("Sec-WebSocket-Key is no 16 bytes in base64".into()),
        Ok(request) => websocket::upgrade(gate, socket, reached.budget, request),
        Err(error) => refuse(error.to_string()),
    }
}

/// Whether the key is one (RFC 6455 §4.2.1), which the library doesn't look at.
fn has_key(headers: &HeaderMap) -> bool {
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    key.and_then(|key| STANDARD.decode(key).ok())
        .is_some_and(|key| key.len() == 16)
}
