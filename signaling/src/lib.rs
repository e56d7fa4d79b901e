//! Admission: everything a client asks over HTTP before it has a link, and nothing after.
//!
//! [`router`] answers `POST /v1/join`, `GET /v1/rungs`, `POST /v1/webrtc`, `GET /v1/rooms`, `/v1/players/{id}`, `/v1/leaderboard`,
//! `/healthz`, `/readyz` and `/openapi.json`. It knows neither transports nor games: rooms stand
//! behind [`RoomDirectory`], the SDP answer behind [`SdpExchange`], and the server that embeds the
//! router (or runs it alone) supplies both.

mod budget;
mod directory;
mod identity;
mod ids;
mod join;
mod login;
mod openapi;
mod players;
mod problem;
mod reach;
mod records;
mod request;
mod router;
mod rungs;
mod schemas;
mod service;
mod token;

pub use budget::{AddressPrefix, Held, Holdings, Rate};
pub use directory::{
    LeftSeat, Placed, PlacementError, Placing, RoomDirectory, RoomSummary, SessionStatus,
};
pub use identity::Identity;
pub use ids::random_room;
pub use join::{JoinAnswer, JoinRequest, MAX_OPTIONS};
pub use login::{Login, LoginError, LoginRules, Logins, MAX_LOGIN};
pub use problem::{NODE_HEADER, Problem};
pub use protocol::ids::{PlayerId, RoomId, SessionId, Visibility};
pub use protocol::name::PlayerName;
pub use reach::{
    AllowedOrigins, Authority, BadOrigin, Notices, Origin, Peer, Reach, Reached, guard,
};
pub use records::{
    Cursor, Leaderboard, LeaderboardEntry, LeaderboardWish, PlayerRecord, PlayerRecords,
    RecordsError, Window,
};
pub use request::{BODY_LIMIT, bearer, read_body, within_budget};
pub use router::{health, method_not_allowed, not_found, router, router_around};
pub use rungs::{IceServer, RungOffer, RungsAnswer};
pub use service::{Health, Offer, Readiness, RungsFor, SdpError, SdpExchange, Signaling};
pub use token::{Claims, TokenError, TokenKey};
