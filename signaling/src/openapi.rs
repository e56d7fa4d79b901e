//! The OpenAPI document, made from the handlers' own types.

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::directory::RoomSummary;
use crate::join::{JoinAnswer, JoinRequest};
use crate::problem::Problem;
use crate::rungs::{IceServer, RungOffer, RungsAnswer};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Signaling",
        description = "Admission to a room, before any link"
    ),
    paths(
        crate::router::join,
        crate::router::rungs,
        crate::router::session,
        crate::router::webrtc,
        crate::router::rooms,
        crate::router::healthz,
        crate::router::readyz,
        websocket,
        webtransport,
        metrics
    ),
    modifiers(&Token),
    components(schemas(
        JoinRequest,
        JoinAnswer,
        RungOffer,
        IceServer,
        RungsAnswer,
        RoomSummary,
        Problem
    ))
)]
pub(crate) struct Document;

/// The join's token, as `Authorization: Bearer TOKEN`.
struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", scheme);
    }
}

// Served by whoever has the router in itself; written down here so that the document is whole.

/// Opens a WebSocket link, or a further socket of one; its first message attaches it.
#[utoipa::path(get, path = "/v1/websocket",
    params(("sec-websocket-protocol" = String, Header, description = "game-session.v1")),
    responses(
        (status = 101, description = "A WebSocket"),
        (status = 400, description = "No WebSocket, or another subprotocol", body = Problem, content_type = "application/problem+json"),
    ))]
#[expect(dead_code, reason = "only its description is used")]
fn websocket() {}

/// Opens a WebTransport session over HTTP/3 (an extended CONNECT); its first stream attaches it.
#[utoipa::path(get, path = "/v1/webtransport", responses((status = 200, description = "A WebTransport session")))]
#[expect(dead_code, reason = "only its description is used")]
fn webtransport() {}

/// What the server counts, in the Prometheus text format.
#[utoipa::path(get, path = "/metrics", responses((status = 200, body = String, content_type = "text/plain")))]
#[expect(dead_code, reason = "only its description is used")]
fn metrics() {}
