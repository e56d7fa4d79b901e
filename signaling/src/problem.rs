//! Errors as `application/problem+json` (RFC 9457).

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::PlacementError;
use crate::login::LoginError;
use crate::records::RecordsError;
use crate::service::SdpError;
use crate::token::TokenError;

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
    /// The node of the fleet that is to be asked instead.
    #[serde(skip)]
    node: Option<String>,
}

/// Names the node of the fleet that a request is for; empty where that is yet to be told.
pub const NODE_HEADER: HeaderName = HeaderName::from_static("game-fleet-node");

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
            node: None,
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
        let node = self.node.as_deref().map(HeaderValue::from_str);
        let mut response = (status, axum::Json(self)).into_response();
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(Ok(node)) = node {
            response.headers_mut().insert(NODE_HEADER, node);
        }
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        response
    }
}

impl From<PlacementError> for Problem {
    fn from(error: PlacementError) -> Self {
        let (status, kind) = match &error {
            PlacementError::SeatGone => (StatusCode::GONE, "seat-gone"),
            PlacementError::RoomFull(_) => (StatusCode::CONFLICT, "room-full"),
            PlacementError::AddressFull => (StatusCode::TOO_MANY_REQUESTS, "address-full"),
            PlacementError::ServerFull => (StatusCode::SERVICE_UNAVAILABLE, "server-full"),
            PlacementError::ShuttingDown => (StatusCode::SERVICE_UNAVAILABLE, "shutting-down"),
            PlacementError::BadOptions(_) => (StatusCode::BAD_REQUEST, "bad-options"),
            PlacementError::SeatInUse => (StatusCode::LOCKED, "seat-in-use"),
            PlacementError::OtherNode(_) => (StatusCode::MISDIRECTED_REQUEST, "other-node"),
            PlacementError::StoreUnavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "store-unavailable")
            }
        };
        let node = match &error {
            PlacementError::OtherNode(node) => Some(node.clone()),
            PlacementError::ShuttingDown => Some(String::new()),
            _ => None,
        };
        let problem = Self {
            node,
            ..Self::new(status, kind, error)
        };
        if [
            StatusCode::SERVICE_UNAVAILABLE,
            StatusCode::TOO_MANY_REQUESTS,
        ]
        .contains(&status)
        {
            problem.retry_after(1)
        } else {
            problem
        }
    }
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        let kind = match error {
            // The players of a server that has just started come back all by themselves.
            LoginError::NoKeys => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                return Self::new(status, "logins-unavailable", error).retry_after(1);
            }
            LoginError::Missing => "login-needed",
            LoginError::NotTaken => "login-not-taken",
            LoginError::Expired => "login-expired",
            LoginError::Malformed(_) | LoginError::UnknownKey | LoginError::Claims(_) => {
                "bad-login"
            }
        };
        Self::new(StatusCode::FORBIDDEN, kind, error)
    }
}

impl From<RecordsError> for Problem {
    fn from(error: RecordsError) -> Self {
        match error {
            RecordsError::Deleted => Self::new(StatusCode::GONE, "deleted-player", error),
            RecordsError::Unavailable => {
                let status = StatusCode::SERVICE_UNAVAILABLE;
                Self::new(status, "records-unavailable", error).retry_after(5)
            }
        }
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        let kind = match error {
            TokenError::Invalid => "bad-token",
            TokenError::Expired => "expired-token",
        };
        Self::new(StatusCode::UNAUTHORIZED, kind, error)
    }
}

impl From<SdpError> for Problem {
    fn from(error: SdpError) -> Self {
        let (status, kind) = match &error {
            SdpError::NotADataChannelOffer(_) => (StatusCode::BAD_REQUEST, "bad-offer"),
            SdpError::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            SdpError::NotOffered => (StatusCode::NOT_FOUND, "not-offered"),
        };
        Self::new(status, kind, error)
    }
}
