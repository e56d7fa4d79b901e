//! Errors as `application/problem+json` (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong, for a program (`type`) and for a person (`title`, `detail`).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem; stable. A relative reference such as `/problems/bad-name`.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// This very case in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    /// Seconds after which it is worth asking again.
    #[serde(skip)]
    retry_after: Option<u16>,
}

impl Problem {
    /// A problem of a kind like `bad-name`; its title is the kind in words.
    #[must_use]
    pub fn new(status: StatusCode, kind: &'static str, detail: impl ToString) -> Self {
        metrics::counter!("game_server_requests_refused_total", "reason" => kind).increment(1);
        Self {
            kind: format!("/problems/{kind}"),
            title: kind.replace('-', " "),
            status: status.as_u16(),
            detail: detail.to_string(),
            retry_after: None,
        }
    }

    /// The same, with a `Retry-After` header (RFC 9110 §10.2.3).
    #[must_use]
    pub fn retry_after(self, seconds: u16) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, axum::Json(self)).into_response();
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}
