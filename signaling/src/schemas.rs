//! Schemas of members whose form JSON Schema can tell to the character, for the OpenAPI document.

use protocol::PROTOCOL_VERSION;
use protocol::name::is_showable;
use serde_json::Value;
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, SchemaFormat, SchemaType, Type};

/// What `str::trim` takes off.
const SPACE: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";

/// What [`protocol::name::PlayerName`] doesn't take, of the characters that every regular expression has words for.
fn not_showable() -> String {
    let mut ranges: Vec<[u32; 2]> = Vec::new();
    for character in ('\0'..='\u{ffff}').filter(|character| !is_showable(*character)) {
        match (ranges.last_mut(), u32::from(character)) {
            (Some([_, last]), next) if *last + 1 == next => *last = next,
            (_, next) => ranges.push([next, next]),
        }
    }
    let ranges = ranges
        .iter()
        .map(|[first, last]| format!(r"\u{first:04x}-\u{last:04x}"));
    ranges.collect()
}

/// A player's name. That it has 48 bytes at most, no heaps of marks and nothing hidden beyond U+FFFF, JSON Schema can't say.
pub(crate) fn player_name() -> Object {
    let not_showable = not_showable();
    let edge = format!("[^{SPACE}{not_showable}]");
    let pattern = format!("^[{SPACE}]*{edge}(?:[^{not_showable}]{{0,14}}{edge})?[{SPACE}]*$");
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(
            "The player's name: 1 to 16 characters, 48 bytes at most, none of them hidden, and at most three marks on a letter",
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

/// A player's id.
pub(crate) fn player() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("The player's id"))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Uuid)))
        .build()
}

/// A player's secret, or none.
pub(crate) fn identity() -> Object {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(
            "The player's secret: 16 random bytes in base64url. A guest has none",
        ))
        .pattern(Some("^[A-Za-z0-9_-]{21}[AQgw]$"))
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
