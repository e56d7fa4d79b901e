//! Admission: everything a client asks over HTTP before it has a link, and nothing after.
//!
//! [`router`] answers `POST /v1/join`, `GET /v1/rungs`, `POST /v1/webrtc`, `GET /v1/rooms`,
//! `/healthz`, `/readyz` and `/openapi.json`. It knows neither transports nor games: rooms stand
//! behind [`RoomDirectory`], the SDP answer behind [`SdpExchange`], and the server that embeds the
//! router (or runs it alone) supplies both.

mod directory;
mod ids;
mod join;
mod openapi;
mod problem;
mod router;
mod rungs;
mod token;

pub use directory::{Placed, PlacementError, Placing, RoomDirectory, RoomSummary, Standing};
pub use ids::{PlayerId, RoomId, SessionId};
pub use join::{JoinAnswer, JoinRequest, MAX_NAME_CHARACTERS, NameError, PlayerName, Visibility};
pub use problem::Problem;
pub use router::{
    Authority, BODY_LIMIT, Health, Readiness, RungsFor, SdpError, SdpExchange, Signaling, router,
};
pub use rungs::{IceServer, Rung, RungsAnswer};
pub use token::{Claims, TokenError, TokenKey};
