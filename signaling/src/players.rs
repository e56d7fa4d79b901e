//! The routes of players and leaderboards.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::get;
use axum::{Extension, Json, Router};
use protocol::ids::PlayerId;
use protocol::name::PlayerName;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use crate::identity::Identity;
use crate::login::Login;
use crate::problem::Problem;
use crate::reach::Reached;
use crate::records::{
    Cursor, Leaderboard, LeaderboardWish, MAX_ENTRIES, PlayerRecord, PlayerRecords, Window,
};
use crate::request::{bearer, is_of_type, read_body, wanted_room, within_budget};
use crate::schemas;
use crate::service::Signaling;

/// Entries of a leaderboard where the query doesn't say how many.
const DEFAULT_ENTRIES: u16 = 20;

/// What stands in the path for the player whose identity comes with the request.
const OWN: &str = "me";

/// The routes.
pub(crate) fn router() -> Router<Arc<Signaling>> {
    Router::new()
        .route(
            "/v1/players/{id}",
            get(player).patch(rename_player).delete(delete_player),
        )
        .route("/v1/leaderboard", get(leaderboard))
}

type Shared = State<Arc<Signaling>>;

/// A player's id in the path, or what stands in its place.
pub(crate) struct PathId(String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let id = Path::from_request_parts(parts, state).await;
        id.map(|Path(id)| Self(id)).map_err(|_| no_such_player())
    }
}

/// A player's other name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RenameRequest {
    /// The name: as that of a join.
    #[schema(schema_with = schemas::player_name)]
    name: String,
}

/// What is kept of a player.
#[utoipa::path(get, path = "/v1/players/{id}",
    params(("id" = String, Path, description = "The player's id, or `me` for that of the identity", pattern = "^(me|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")),
    responses(
        (status = 200, body = PlayerRecord),
        (status = 401, description = "`me` with neither identity nor login", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such player has finished a game, or nothing is kept here", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The player was deleted", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests come from this network", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The records can't be reached", body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn player(
    State(signaling): Shared,
    Extension(reached): Extension<Reached>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<Json<PlayerRecord>, Problem> {
    let records = records(&signaling, &reached)?;
    let id = match id.as_str() {
        OWN => own_id(&signaling, &id, &headers)?,
        id => player_id(id)?,
    };
    let found = records.player(id).await?;
    found.map(Json).ok_or_else(no_such_player)
}

/// Gives a player another name.
#[utoipa::path(patch, path = "/v1/players/{id}",
    params(("id" = String, Path, description = "The player's id, or `me` for that of the identity", pattern = "^(me|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")),
    security(("identity" = [])),
    request_body = RenameRequest,
    responses(
        (status = 200, body = PlayerRecord),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "Neither identity nor login", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Another player's", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "No such player has finished a game, or nothing is kept here", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "The player was deleted", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "The body takes too long", body = Problem, content_type = "application/problem+json"),
        (status = 413, body = Problem, content_type = "application/problem+json"),
        (status = 415, body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests come from this network", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The records can't be reached", body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn rename_player(
    State(signaling): Shared,
    Extension(reached): Extension<Reached>,
    PathId(id): PathId,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<PlayerRecord>, Problem> {
    let records = records(&signaling, &reached)?;
    let id = own_id(&signaling, &id, &headers)?;
    is_of_type(&headers, "application/json", "a name")?;
    let body = read_body(body).await?;
    let RenameRequest { name } = serde_json::from_slice(&body)
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "bad-request", error))?;
    let name = PlayerName::parse(&name)
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, "bad-name", error))?;
    let renamed = records.rename(id, &name).await?;
    renamed.map(Json).ok_or_else(no_such_player)
}

/// Deletes a player with all its rows. Its identity is never kept again; to play on it draws another.
#[utoipa::path(delete, path = "/v1/players/{id}",
    params(("id" = String, Path, description = "The player's id, or `me` for that of the identity", pattern = "^(me|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")),
    security(("identity" = [])),
    responses(
        (status = 204, description = "It is gone, or never was"),
        (status = 401, description = "Neither identity nor login", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "Another player's", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "Nothing is kept here", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many requests come from this network", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The records can't be reached", body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn delete_player(
    State(signaling): Shared,
    Extension(reached): Extension<Reached>,
    PathId(id): PathId,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let records = records(&signaling, &reached)?;
    let id = own_id(&signaling, &id, &headers)?;
    records.delete(id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which part of which leaderboard.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LeaderboardQuery {
    /// Which games count.
    #[serde(default)]
    #[param(inline)]
    window: Window,
    /// Only those of rooms with this name.
    #[param(pattern = "^[A-Za-z0-9-]{1,32}$")]
    room: Option<String>,
    /// Most entries.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: Option<u16>,
    /// `next` of the part before.
    #[param(
        pattern = "^(0|[1-9][0-9]{0,14})_(0|-?[1-9][0-9]{0,17})_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"
    )]
    after: Option<String>,
    /// The player whose own entry is wanted beside.
    #[param(format = Uuid)]
    player: Option<String>,
}

/// A part of a leaderboard: points of the games that ended in a window, the most first.
#[utoipa::path(get, path = "/v1/leaderboard", params(LeaderboardQuery), responses(
    (status = 200, body = Leaderboard),
    (status = 400, description = "A parameter can't be read", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "Nothing is kept here", body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many requests come from this network", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "The records can't be reached", body = Problem, content_type = "application/problem+json"),
))]
pub(crate) async fn leaderboard(
    State(signaling): Shared,
    Extension(reached): Extension<Reached>,
    query: Result<Query<LeaderboardQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<Leaderboard>, Problem> {
    let records = records(&signaling, &reached)?;
    let bad = |detail: String| Problem::new(StatusCode::BAD_REQUEST, "bad-query", detail);
    let Query(query) = query.map_err(|error| bad(error.body_text()))?;
    let limit = query.limit.unwrap_or(DEFAULT_ENTRIES);
    if !(1..=MAX_ENTRIES).contains(&limit) {
        return Err(bad(format!("limit is from 1 to {MAX_ENTRIES}")));
    }
    let after = query.after.as_deref().map(|after| {
        Cursor::parse(after).ok_or_else(|| bad("after is no `next` of an answer".to_owned()))
    });
    let player = query.player.as_deref().map(|player| {
        PlayerId::parse(player).ok_or_else(|| bad("player is no player's id".to_owned()))
    });
    let wish = LeaderboardWish {
        window: query.window,
        room: query.room.as_deref().map(wanted_room).transpose()?,
        limit,
        after: after.transpose()?,
        player: player.transpose()?,
    };
    Ok(Json(records.leaderboard(&wish).await?))
}

fn records<'a>(
    signaling: &'a Signaling,
    reached: &Reached,
) -> Result<&'a dyn PlayerRecords, Problem> {
    within_budget(&signaling.requests, reached.budget)?;
    signaling.records.as_deref().ok_or_else(|| {
        let detail = "this server keeps no players, games and scores";
        Problem::new(StatusCode::NOT_FOUND, "no-storage", detail)
    })
}

fn player_id(text: &str) -> Result<PlayerId, Problem> {
    PlayerId::parse(text).ok_or_else(no_such_player)
}

/// The id in the path, if it is that of whoever asks.
fn own_id(signaling: &Signaling, text: &str, headers: &HeaderMap) -> Result<PlayerId, Problem> {
    let unknown = || {
        let detail = "Authorization: Bearer IDENTITY, or a login where the server takes them";
        Problem::new(StatusCode::UNAUTHORIZED, "no-identity", detail)
    };
    let secret = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| bearer(value.to_str().ok()?))
        .ok_or_else(unknown)?;
    let own = match (Identity::parse(secret), &signaling.logins) {
        (Some(identity), _) => identity.player(),
        (None, Some(logins)) => {
            let login = logins.judge(Some(secret), signaling.health.unix_seconds())?;
            login.as_ref().map(Login::player).ok_or_else(unknown)?
        }
        (None, None) => return Err(unknown()),
    };
    if text == OWN || PlayerId::parse(text) == Some(own) {
        Ok(own)
    } else {
        let detail = "the identity is another player's";
        Err(Problem::new(StatusCode::FORBIDDEN, "other-player", detail))
    }
}

fn no_such_player() -> Problem {
    let detail = "no such player has finished a game here";
    Problem::new(StatusCode::NOT_FOUND, "no-such-player", detail)
}
