//! The parts of a request, each judged once.

use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};
use protocol::ids::RoomId;
use serde_json::Value;

use crate::budget::{AddressPrefix, Rate};
use crate::identity::Identity;
use crate::join::MAX_OPTIONS;
use crate::problem::Problem;
use crate::reach::{Authority, Reached};

/// Most bytes of a request's body: an SDP offer for two data channels is about 1 kB.
pub const BODY_LIMIT: usize = 16 * 1024;

/// How long a request's body may take.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads a request's body, as long and as slow as it may be.
///
/// # Errors
/// It is longer, or slower, or cut off.
pub async fn read_body(body: Body) -> Result<Vec<u8>, Problem> {
    let body = tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, BODY_LIMIT));
    let body = body.await.map_err(|_| {
        Problem::new(
            StatusCode::REQUEST_TIMEOUT,
            "body-too-slow",
            format!("the body takes over {} s", BODY_TIMEOUT.as_secs()),
        )
    })?;
    body.map(Into::into).map_err(|_| {
        Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body-too-large",
            format!("the body is cut off or has more than {BODY_LIMIT} bytes"),
        )
    })
}

/// Refuses a body that isn't said to be of the media type: it names what `what` is sent as. A page of another origin may
/// send some types without asking first (the Fetch standard's CORS-safelisted headers), and none of ours.
pub(crate) fn is_of_type(
    headers: &HeaderMap,
    media_type: &'static str,
    what: &str,
) -> Result<(), Problem> {
    let said = headers.get(header::CONTENT_TYPE);
    let said = said.and_then(|value| value.to_str().ok()?.split(';').next());
    if said.is_some_and(|said| said.trim().eq_ignore_ascii_case(media_type)) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported-media-type",
        format!("{what} is sent as {media_type}"),
    ))
}

pub(crate) fn game_options(options: Value) -> Result<Value, Problem> {
    let bad = |detail| Problem::new(StatusCode::BAD_REQUEST, "bad-options", detail);
    if !options.is_object() {
        return Err(bad("the options are no JSON object".to_owned()));
    }
    let length = options.to_string().len();
    if length > MAX_OPTIONS {
        return Err(bad(format!(
            "the options have {length} bytes, and {MAX_OPTIONS} are the most"
        )));
    }
    Ok(options)
}

pub(crate) fn wanted_room(text: &str) -> Result<RoomId, Problem> {
    RoomId::parse(text).ok_or_else(|| {
        Problem::new(
            StatusCode::BAD_REQUEST,
            "bad-room",
            "a room's name has 1 to 32 letters, digits and hyphens",
        )
    })
}

pub(crate) fn identity(text: &str) -> Result<Identity, Problem> {
    Identity::parse(text).ok_or_else(|| {
        let detail = "an identity has 16 bytes in base64url: 22 characters";
        Problem::new(StatusCode::BAD_REQUEST, "bad-identity", detail)
    })
}

/// Takes one request out of what the sender's address may send.
///
/// # Errors
/// It has sent too many.
pub fn within_budget(requests: &Rate, budget: Option<AddressPrefix>) -> Result<(), Problem> {
    requests.take(budget).map_err(|wait| {
        let seconds = u16::try_from(wait.as_secs())
            .unwrap_or(u16::MAX)
            .saturating_add(1);
        let detail = "too many requests come from your network";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail)
            .retry_after(seconds)
    })
}

pub(crate) fn authority(reached: &Reached) -> Result<&Authority, Problem> {
    reached
        .authority
        .as_ref()
        .ok_or_else(|| Problem::new(StatusCode::BAD_REQUEST, "bad-host", "no usable Host header"))
}

/// The token of an `Authorization` header; the scheme's case says nothing (RFC 9110 §11.1).
#[must_use]
pub fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start())
}
