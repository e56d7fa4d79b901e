//! Names of rooms, sessions and players, and who may find a room. To draw names at random is the
//! caller's matter.

use core::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A session's number: to be drawn at random, so that nobody guesses another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SessionId(pub u64);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// A player's id. A guest has a new one at each join.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlayerId(pub Uuid);

impl PlayerId {
    /// The id with these bits.
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self(Uuid::from_u128(bits))
    }

    /// Takes the form that [`fmt::Display`] gives, and no other of a UUID's.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = Self(Uuid::try_parse(text).ok()?);
        (id.to_string() == text).then_some(id)
    }
}

/// Lower-case and hyphenated (RFC 9562).
impl fmt::Display for PlayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A room's name, as in the address that a player shares: 1 to 32 lower-case letters, digits and
/// hyphens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct RoomId(String);

impl TryFrom<String> for RoomId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("no room's name")
    }
}

impl RoomId {
    /// Longest name in characters.
    pub const MAX_LENGTH: usize = 32;

    /// Takes a name that a player gave; upper case is lowered.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_short = (1..=Self::MAX_LENGTH).contains(&text.len());
        let is_plain = text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (is_short && is_plain).then(|| Self(text.to_ascii_lowercase()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who comes into a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Whoever joins without naming a room.
    Public,
    /// Only who knows its name.
    Private,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_name_is_plain_and_short() {
        assert_eq!(RoomId::parse("Friends-2").unwrap().as_str(), "friends-2");
        for bad in ["", "a b", "é", "../x", &"x".repeat(33)] {
            assert!(RoomId::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_players_id_has_one_form() {
        let text = "6f9619ff-8b86-8011-b42d-00cf4fc964ff";
        assert_eq!(PlayerId::parse(text).unwrap().to_string(), text);
        let upper = text.to_uppercase();
        let plain = text.replace('-', "");
        for bad in ["", "6f96", &upper, &plain, &format!("{{{text}}}")] {
            assert!(PlayerId::parse(bad).is_none(), "{bad}");
        }
    }
}
