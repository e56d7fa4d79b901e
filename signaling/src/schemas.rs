//! Schemas of members whose form JSON Schema can tell to the character, for the OpenAPI document.

use protocol::PROTOCOL_VERSION;
use serde_json::Value;
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

/// What `str::trim` takes off.
const SPACE: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";

/// What [`protocol::name::PlayerName`] doesn't take.
const NOT_SHOWABLE: &str =
    r"\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff";

/// A player's name. That it has 48 bytes at most is beyond JSON Schema.
pub(crate) fn player_name() -> Object {
    let edge = format!("[^{SPACE}{NOT_SHOWABLE}]");
    let pattern = format!("^[{SPACE}]*{edge}(?:[^{NOT_SHOWABLE}]{{0,14}}{edge})?[{SPACE}]*$");
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(
            "The player's name: 1 to 16 characters, 48 bytes at most, none of them a control character",
        ))
        .pattern(Some(pattern))
        .build()
}

/// The name of a room, or none.
pub(crate) fn wanted_room() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(
            "The room to join, made if it isn't there. Any room with a place when left out",
        ))
        .pattern(Some("^[A-Za-z0-9-]{1,32}$"))
        .build()
}

/// What a room is to be, or nothing.
pub(crate) fn wanted_visibility() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(
            "What the room is to be if this join makes it. Private when `room` is given, public when not",
        ))
        .enum_values(Some([
            Value::from("public"),
            Value::from("private"),
            Value::Null,
        ]))
        .build()
}

/// The one version that the server speaks.
pub(crate) fn protocol_version() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some("The client's protocol version"))
        .enum_values(Some([PROTOCOL_VERSION]))
        .build()
}
