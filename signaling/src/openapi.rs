//! The OpenAPI document, made from the handlers' own types.

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, Ref, ResponseBuilder};
use utoipa::{Modify, OpenApi};

use crate::directory::RoomSummary;
use crate::join::{JoinAnswer, JoinRequest};
use crate::players::RenameRequest;
use crate::problem::Problem;
use crate::records::{Leaderboard, LeaderboardEntry, PlayerRecord};
use crate::rungs::{IceServer, RungOffer, RungsAnswer};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Signaling",
        description = "Admission to a room, before any link, and what is kept of players"
    ),
    paths(
        crate::router::join,
        crate::router::rungs,
        crate::router::session,
        crate::router::webrtc,
        crate::router::webtransport,
        crate::router::rooms,
        crate::players::player,
        crate::players::rename_player,
        crate::players::delete_player,
        crate::players::leaderboard,
        crate::router::healthz,
        crate::router::readyz,
        websocket,
        metrics
    ),
    modifiers(&Token, &Refusals),
    components(schemas(
        JoinRequest,
        JoinAnswer,
        RungOffer,
        IceServer,
        RungsAnswer,
        RoomSummary,
        PlayerRecord,
        RenameRequest,
        Leaderboard,
        LeaderboardEntry,
        Problem
    ))
)]
pub(crate) struct Document;

/// The join's token, and a player's identity or login, as `Authorization: Bearer TOKEN`.
struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", scheme.clone());
        components.add_security_scheme("identity", scheme);
    }
}

/// What any request below `/v1` may be answered.
struct Refusals;

const REFUSALS: [(&str, &str); 2] = [
    ("400", "No usable Host header"),
    ("403", "Pages of this origin may not play here"),
];

impl Modify for Refusals {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let paths = &mut document.paths.paths;
        for (_, item) in paths
            .iter_mut()
            .filter(|(path, _)| path.starts_with("/v1/"))
        {
            let operations = [
                &mut item.get,
                &mut item.post,
                &mut item.patch,
                &mut item.delete,
            ];
            for operation in operations.into_iter().flatten() {
                for (status, description) in REFUSALS {
                    let responses = &mut operation.responses.responses;
                    let status = responses.entry(status.to_owned());
                    status.or_insert_with(|| problem(description).into());
                }
            }
        }
    }
}

fn problem(description: &str) -> utoipa::openapi::Response {
    let schema = Ref::from_schema_name("Problem");
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", Content::new(Some(schema)))
        .build()
}

// Served by whoever has the router in itself; written down here so that the document is whole.

/// Opens a WebSocket link, or a further socket of one; its first message attaches it (RFC 6455).
#[utoipa::path(get, path = "/v1/websocket",
    params(
        ("connection" = String, Header, pattern = "^Upgrade$"),
        ("upgrade" = String, Header, pattern = "^websocket$"),
        ("sec-websocket-version" = String, Header, pattern = "^13$"),
        ("sec-websocket-key" = String, Header, description = "16 bytes in base64", pattern = "^[A-Za-z0-9+/]{21}[AQgw]==$"),
        ("sec-websocket-protocol" = String, Header, pattern = r"^game-session\.v1$"),
    ),
    responses(
        (status = 101, description = "A WebSocket"),
        (status = 400, description = "No WebSocket, or another subprotocol", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many connections wait for a player to join", body = Problem, content_type = "application/problem+json"),
    ))]
#[expect(dead_code, reason = "only its description is used")]
fn websocket() {}

/// What the server counts, in the Prometheus text format: for the server's own machine alone, or at an address of its own.
#[utoipa::path(get, path = "/metrics", responses(
    (status = 200, body = String, content_type = "text/plain"),
    (status = 404, description = "Not from here", body = Problem, content_type = "application/problem+json"),
))]
#[expect(dead_code, reason = "only its description is used")]
fn metrics() {}
