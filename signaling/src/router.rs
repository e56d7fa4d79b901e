//! The HTTP routes.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use protocol::PROTOCOL_VERSION;
use protocol::control::LinkId;
use protocol::ids::Visibility;
use protocol::name::PlayerName;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi;

use crate::directory::{LeftSeat, Placed, PlacementError, Placing, RoomSummary, SessionStatus};
use crate::identity::Identity;
use crate::ids::{random_player, random_session};
use crate::join::{JoinAnswer, JoinRequest, Versioned};
use crate::login::{Login, LoginError};
use crate::openapi::Document;
use crate::players;
use crate::problem::Problem;
use crate::reach::{Reach, Reached, guard};
use crate::request::{
    authority, bearer, game_options, identity, is_of_type, read_body, wanted_room, within_budget,
};
use crate::rungs::{RungOffer, RungsAnswer};
use crate::service::{Health, Offer, Readiness, Signaling};
use crate::token::Claims;

/// How long a browser may keep what we say of a page's origin.
const PREFLIGHT_LIFETIME: Duration = Duration::from_secs(3_600);

/// The routes of admission.
pub fn router(signaling: Signaling) -> Router {
    router_around(signaling, |routes| routes)
}

/// The routes of admission, with what `around` puts between them and the rules on who may ask.
pub fn router_around(
    signaling: Signaling,
    around: impl FnOnce(Router<Arc<Signaling>>) -> Router<Arc<Signaling>>,
) -> Router {
    let reach = Arc::clone(&signaling.reach);
    let routes = Router::new()
        .route("/v1/join", post(join))
        .route("/v1/rungs", get(rungs))
        .route("/v1/session", get(session))
        .route("/v1/webrtc", post(webrtc))
        .route("/v1/webtransport", get(webtransport))
        .route("/v1/rooms", get(rooms))
        .merge(players::router());
    around(routes)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(&reach), guard))
        .layer(cors(reach))
        .layer(no_store())
        .route("/openapi.json", get(openapi))
        .merge(health(Arc::clone(&signaling.health)))
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(Arc::new(signaling))
}

/// The routes of health, for whoever balances load or restarts what hangs.
pub fn health<S: Clone + Send + Sync + 'static>(health: Arc<dyn Health>) -> Router<S> {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(health)
}

/// Lets the pages that may play here read our answers (the Fetch standard's CORS protocol).
fn cors(reach: Arc<Reach>) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(move |_, parts| {
            reach.admit(parts).is_some()
        }))
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER])
        .max_age(PREFLIGHT_LIFETIME)
}

/// Answers are of this moment, and some hold a token.
fn no_store() -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

type Shared = State<Arc<Signaling>>;

/// Holds a place in a room for a player.
#[utoipa::path(post, path = "/v1/join", request_body = JoinRequest, responses(
    (status = 200, body = JoinAnswer),
    (status = 400, body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "Pages of this origin may not play here, or the login is missing or not good", body = Problem, content_type = "application/problem+json"),
    (status = 408, description = "The body takes too long", body = Problem, content_type = "application/problem+json"),
    (status = 410, description = "The seat to resume is gone", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The room is full", body = Problem, content_type = "application/problem+json"),
    (status = 413, body = Problem, content_type = "application/problem+json"),
    (status = 415, description = "The Content-Type isn't application/json, or is missing", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many requests or players come from this network", body = Problem, content_type = "application/problem+json"),
    (status = 423, description = "The player of the seat to resume is there", body = Problem, content_type = "application/problem+json"),
    (status = 426, description = "Another protocol version", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "The server is full", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn join(
    State(signaling): Shared,
    Extension(reached): Extension<Reached>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<JoinAnswer>, Problem> {
    within_budget(&signaling.requests, reached.budget)?;
    is_of_type(&headers, "application/json", "a join")?;
    let body = read_body(body).await?;
    let bad = |error| Problem::new(StatusCode::BAD_REQUEST, "bad-request", error);
    // First the version alone: a join of another one may have members that are unknown here.
    let Versioned { protocol } = serde_json::from_slice(&body).map_err(bad)?;
    if protocol != PROTOCOL_VERSION {
        return Err(Problem::new(
            StatusCode::UPGRADE_REQUIRED,
            "unknown-protocol-version",
            format!(
                "the server speaks version {PROTOCOL_VERSION}, the client version {protocol}; reload the page"
            ),
        ));
    }
    let request: JoinRequest = serde_json::from_slice(&body).map_err(bad)?;
    let name = PlayerName::parse(&request.name)
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "bad-name", error))?;
    let room = request.room.as_deref().map(wanted_room).transpose()?;
    let by_default = match room {
        Some(_) => Visibility::Private,
        None => Visibility::Public,
    };
    let options = request.options.map(game_options).transpose()?;
    let identity = request.identity.as_deref().map(identity).transpose()?;
    let resume = request.resume.map(|token| resumed(&signaling, &token));
    let resume = match resume.transpose() {
        Err(PlacementError::SeatGone) if request.or_new => None,
        known => known?,
    };
    let session = random_session();
    let login = match resume {
        // The seat has its player's.
        Some(_) if !request.or_new => None,
        _ => logged_in(&signaling, request.login.as_deref())?,
    };
    let known = login.as_ref().map(Login::player);
    let known = known.or(identity.as_ref().map(Identity::player));
    let placing = Placing {
        session,
        player: known.unwrap_or_else(random_player),
        is_guest: known.is_none(),
        login,
        name,
        room,
        visibility: request.visibility.unwrap_or(by_default),
        options,
        budget: reached.budget,
        resume,
    };
    let Placed {
        room,
        visibility,
        player,
        is_resumed,
        takes_over,
    } = place(&signaling, placing, request.or_new).await?;
    let claims = Claims {
        session,
        room: room.clone(),
        node: signaling.node.clone(),
        expires: signaling.health.unix_seconds() + signaling.token_lifetime,
        takes_over,
    };
    Ok(Json(JoinAnswer {
        session: session.to_string(),
        token: signaling.tokens.sign(&claims),
        room: room.to_string(),
        visibility,
        resumed: is_resumed,
        player: player.to_string(),
        tick_rate: signaling.tick_rate,
        snapshot_rate: signaling.snapshot_rate,
        rungs: (signaling.rungs)(authority(&reached)?),
    }))
}

/// Holds a place. Where that to resume is gone another one may do.
async fn place(
    signaling: &Signaling,
    placing: Placing,
    or_new: bool,
) -> Result<Placed, PlacementError> {
    let anew = (or_new && placing.resume.is_some()).then(|| Placing {
        resume: None,
        ..placing.clone()
    });
    match (signaling.directory.place(placing).await, anew) {
        (Err(PlacementError::SeatGone | PlacementError::SeatInUse), Some(anew)) => {
            signaling.directory.place(anew).await
        }
        (placed, _) => placed,
    }
}

/// Who the player is, as its login says.
fn logged_in(signaling: &Signaling, login: Option<&str>) -> Result<Option<Login>, LoginError> {
    match (&signaling.logins, login) {
        (Some(logins), login) => logins.judge(login, signaling.health.unix_seconds()),
        (None, Some(_)) => Err(LoginError::NotTaken),
        (None, None) => Ok(None),
    }
}

/// The session of a token whose seat is to be taken over. One that can't be told has no seat.
fn resumed(signaling: &Signaling, token: &str) -> Result<LeftSeat, PlacementError> {
    signaling
        .tokens
        .verify(token, signaling.health.unix_seconds())
        .map(|claims| LeftSeat {
            session: claims.session,
            before: claims.takes_over,
            room: claims.room,
        })
        .map_err(|_| PlacementError::SeatGone)
}

/// The rungs, before a join.
#[utoipa::path(get, path = "/v1/rungs", responses((status = 200, body = RungsAnswer)))]
pub(crate) async fn rungs(
    State(signaling): Shared,
    Extension(reached): Extension<Reached>,
) -> Result<Json<RungsAnswer>, Problem> {
    let rungs = (signaling.rungs)(authority(&reached)?);
    Ok(Json(RungsAnswer {
        protocol: PROTOCOL_VERSION,
        rungs: rungs.into_iter().map(RungOffer::for_strangers).collect(),
    }))
}

/// Answers the SDP offer of a link.
#[utoipa::path(post, path = "/v1/webrtc",
    params(("link" = u64, Query, description = "The link's number", format = Int64, maximum = 4_503_599_627_370_495_i64)),
    security(("token" = [])),
    request_body(content = String, content_type = "application/sdp"),
    responses(
        (status = 201, body = String, content_type = "application/sdp"),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "The server offers no WebRTC", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "The body takes too long", body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests come from this network", body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn webrtc(
    State(signaling): Shared,
    Query(query): Query<HashMap<String, String>>,
    Extension(reached): Extension<Reached>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    within_budget(&signaling.requests, reached.budget)?;
    let claims = seated(&signaling, &headers)?;
    let link = query
        .get("link")
        .and_then(|link| link.parse().ok())
        .filter(|link| *link <= LinkId::MAX.0)
        .ok_or_else(|| {
            Problem::new(
                StatusCode::BAD_REQUEST,
                "bad-link",
                "the query needs link=NUMBER",
            )
        })?;
    is_of_type(&headers, "application/sdp", "the offer")?;
    let sdp = String::from_utf8(read_body(body).await?).map_err(|_| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "bad-offer",
            "the offer is not UTF-8",
        )
    })?;
    let offer = Offer {
        claims,
        link: LinkId(link),
        budget: reached.budget,
        sdp,
    };
    let answer = signaling.sdp.answer(offer).await?;
    Ok((
        StatusCode::CREATED,
        [(header::CONTENT_TYPE, "application/sdp")],
        answer,
    )
        .into_response())
}

/// Opens a WebTransport session over HTTP/3, by an extended CONNECT, for which OpenAPI has no words: over TCP there is
/// nothing here.
#[utoipa::path(get, path = "/v1/webtransport", responses(
    (status = 200, description = "A WebTransport session"),
    (status = 404, description = "Not over HTTP/3", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn webtransport() -> Problem {
    let detail = "WebTransport comes over HTTP/3, at the UDP port";
    Problem::new(StatusCode::NOT_FOUND, "not-found", detail)
}

/// Says whether a session has its place still: a client asks that hears nothing on any link.
#[utoipa::path(get, path = "/v1/session", security(("token" = [])), responses(
    (status = 204, description = "It has"),
    (status = 401, description = "It is over, another session has its seat, or the token is none of ours",
        body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn session(
    State(signaling): Shared,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    seated(&signaling, &headers).map(|_| StatusCode::NO_CONTENT)
}

/// The claims of the request's token, if its session has its place.
fn seated(signaling: &Signaling, headers: &HeaderMap) -> Result<Claims, Problem> {
    let refuse = |kind, detail: &str| Problem::new(StatusCode::UNAUTHORIZED, kind, detail);
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(bearer)
        .ok_or_else(|| refuse("no-token", "Authorization: Bearer TOKEN"))?;
    let claims = signaling
        .tokens
        .verify(token, signaling.health.unix_seconds())?;
    match signaling.directory.session_status(claims.session) {
        SessionStatus::Placed => Ok(claims),
        SessionStatus::Waiting => {
            let detail = "the server was restarted; join with resume, and the seat is yours again";
            Err(refuse("expired-session", detail))
        }
        SessionStatus::Superseded => {
            Err(refuse("superseded", "another page has taken the seat over"))
        }
        SessionStatus::Over => Err(refuse("expired-session", "the session is over; join again")),
    }
}

/// The public rooms that run.
#[utoipa::path(get, path = "/v1/rooms", responses((status = 200, body = Vec<RoomSummary>)))]
pub(crate) async fn rooms(State(signaling): Shared) -> Json<Vec<RoomSummary>> {
    Json(signaling.directory.rooms().await)
}

/// Says that the process lives.
#[utoipa::path(get, path = "/healthz", responses((status = 200, body = String)))]
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Says whether new players may come.
#[utoipa::path(get, path = "/readyz", responses(
    (status = 200, body = String),
    (status = 503, body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn readyz(State(health): State<Arc<dyn Health>>) -> Result<&'static str, Problem> {
    match health.readiness() {
        Readiness::Ready => Ok("ready\n"),
        Readiness::WithoutDatabase => {
            Ok("ready, without the database: finished games wait for it\n")
        }
        Readiness::NotReady => Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "not-ready",
            "the server is starting or shutting down",
        )),
    }
}

/// Answers for what is not there.
pub async fn not_found(uri: Uri) -> Problem {
    let detail = format!("nothing is at {}", uri.path());
    Problem::new(StatusCode::NOT_FOUND, "not-found", detail)
}

/// Answers a method that a route doesn't have.
pub async fn method_not_allowed(method: Method, uri: Uri) -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        format!("{} takes no {method}", uri.path()),
    )
}

/// The document is made once, off the rooms' threads, for it takes a while: whoever asks for it again and again costs no more
/// than its bytes.
async fn openapi() -> ([(HeaderName, &'static str); 1], Bytes) {
    static DOCUMENT: OnceLock<Bytes> = OnceLock::new();
    let make = || {
        // A document of plain words always has a JSON form.
        let json = serde_json::to_vec(&Document::openapi());
        Bytes::from(json.unwrap_or_default())
    };
    let document = match DOCUMENT.get() {
        Some(document) => document.clone(),
        None => tokio::task::spawn_blocking(move || DOCUMENT.get_or_init(make).clone())
            .await
            .unwrap_or_default(),
    };
    let is_json = [(header::CONTENT_TYPE, "application/json")];
    (is_json, document)
}
