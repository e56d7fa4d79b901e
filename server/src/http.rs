//! The routes for players.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use signaling::{Reached, Signaling};

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
    request: Request,
) -> Response {
    websocket::upgrade(gate, socket, reached.budget, request)
}
