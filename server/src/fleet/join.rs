//! A join as nodes hand it on: which room it is for, and what its body is for the node that takes it. It asks nobody.

use axum::body::Bytes;
use protocol::PROTOCOL_VERSION;
use protocol::ids::RoomId;
use serde_json::{Map, Value};
use signaling::TokenKey;

/// What a join is for.
pub(super) struct Join {
    members: Map<String, Value>,
    /// The room that it names, or that its seat to resume is in.
    pub(super) room: Option<RoomId>,
    /// The node that let its session in, where it resumes one.
    pub(super) left_node: Option<String>,
}

impl Join {
    /// What a join is for; nothing where it isn't one of this version.
    pub(super) fn read(body: &[u8], tokens: &TokenKey, now_unix: u64) -> Option<Self> {
        let members: Map<String, Value> = serde_json::from_slice(body).ok()?;
        let version = members.get("protocol").and_then(Value::as_u64);
        version.filter(|version| *version == u64::from(PROTOCOL_VERSION))?;
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let left = text("resume").and_then(|token| tokens.verify(token, now_unix).ok());
        let named = match members.get("room") {
            None | Some(Value::Null) => None,
            Some(room) => Some(room.as_str().and_then(RoomId::parse)?),
        };
        let (left_room, left_node) = left.map(|claims| (claims.room, claims.node)).unzip();
        Some(Self {
            room: left_room.or(named),
            left_node,
            members,
        })
    }

    /// Whether it is for a room that no stranger is to come to.
    pub(super) fn is_private(&self) -> bool {
        self.members.get("visibility").and_then(Value::as_str) == Some("private")
    }

    /// As it is sent on: to a room that was found for it, if any.
    pub(super) fn body(&self, found: Option<&RoomId>) -> Bytes {
        let mut members = self.members.clone();
        if let Some(room) = found {
            members.insert("room".to_owned(), room.as_str().into());
            members
                .entry("visibility")
                .or_insert_with(|| "public".into());
        }
        // An object has a JSON form.
        serde_json::to_vec(&members).unwrap_or_default().into()
    }
}
