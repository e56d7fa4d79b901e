//! The join: a name and perhaps a room in, a token and the rungs out.

use protocol::ids::Visibility;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::rungs::RungOffer;
use crate::schemas;

/// Most bytes of a join's options, as compact JSON.
pub const MAX_OPTIONS: usize = 1_024;

/// What a player asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinRequest {
    /// The player's name: 1 to 16 characters, none of them a control character.
    #[schema(schema_with = schemas::player_name)]
    pub name: String,
    /// The room to join, made if it isn't there: 1 to 32 letters, digits and hyphens. Any room
    /// with a place when left out.
    #[serde(default)]
    #[schema(schema_with = schemas::wanted_room)]
    pub room: Option<String>,
    /// What the room is to be if this join makes it. Private when `room` is given, public when not.
    #[serde(default)]
    #[schema(schema_with = schemas::wanted_visibility)]
    pub visibility: Option<Visibility>,
    /// What the game is asked for, in a form of its own: an object of at most 1,024 bytes.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub options: Option<Value>,
    /// Who the player is: a token that the game's own login service has minted (JWT, at most 8 KiB), where the server takes
    /// logins.
    #[serde(default)]
    pub login: Option<String>,
    /// The player's secret, by which it is the same one at each join: 16 random bytes, drawn by the client, in base64url.
    /// A join without one, and without a login, is a guest's.
    #[serde(default)]
    #[schema(schema_with = schemas::identity)]
    pub identity: Option<String>,
    /// The token of a session whose seat this one takes over, after the page was loaded anew; `name`
    /// and `room` are those of that seat then.
    #[serde(default)]
    pub resume: Option<String>,
    /// Whether a new seat will do where that to resume is gone. Default: the join is refused then.
    #[serde(default)]
    pub or_new: bool,
    /// The client's protocol version.
    #[schema(schema_with = schemas::protocol_version)]
    pub protocol: u16,
}

/// What joins of all versions have.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Versioned {
    pub(crate) protocol: u16,
}

/// What a player gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JoinAnswer {
    /// The session, for logs and support.
    pub session: String,
    /// Shown by each link of the session.
    pub token: String,
    /// The room.
    pub room: String,
    /// What the room is.
    #[schema(value_type = String, pattern = "public|private")]
    pub visibility: Visibility,
    /// Whether the seat is that of the session which the join named.
    pub resumed: bool,
    /// The player's id, a UUID; no secret.
    pub player: String,
    /// Ticks a second.
    pub tick_rate: u16,
    /// Snapshots a second.
    pub snapshot_rate: u16,
    /// Best first.
    pub rungs: Vec<RungOffer>,
}
