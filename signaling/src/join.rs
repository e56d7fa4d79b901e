//! The join: a name and perhaps a room in, a token and the rungs out.

use core::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use crate::rungs::Rung;

/// Longest name in characters.
pub const MAX_NAME_CHARACTERS: usize = 16;

/// What a player asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinRequest {
    /// The player's name: 1 to 16 characters, none of them a control character.
    pub name: String,
    /// The room to join, made if it isn't there: 1 to 32 letters, digits and hyphens. Any room
    /// with a place when left out.
    #[serde(default)]
    pub room: Option<String>,
    /// What the room is to be if this join makes it. Private when `room` is given, public when not.
    #[serde(default)]
    pub visibility: Option<Visibility>,
    /// The token of a session whose seat this one takes over, after the page was loaded anew; `name`
    /// and `room` are those of that seat then.
    #[serde(default)]
    pub resume: Option<String>,
    /// The client's protocol version.
    pub protocol: u16,
}

/// What joins of all versions have.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Versioned {
    pub(crate) protocol: u16,
}

/// Who comes into a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Whoever joins without naming a room.
    Public,
    /// Only who knows its name.
    Private,
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
    pub visibility: Visibility,
    /// Whether the seat is that of the session which the join named.
    pub resumed: bool,
    /// The player.
    pub player: String,
    /// Ticks a second.
    pub tick_rate: u16,
    /// Snapshots a second.
    pub snapshot_rate: u16,
    /// Best first.
    pub rungs: Vec<Rung>,
}

/// Why a name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing but spaces.
    #[error("the name is empty")]
    Empty,
    /// More than [`MAX_NAME_CHARACTERS`].
    #[error("the name is longer than {MAX_NAME_CHARACTERS} characters")]
    TooLong,
    /// A control character, a line break, or a sign that turns the direction of text.
    #[error("the name has a character that can't be shown")]
    NotShowable,
}

/// A name that may be shown to others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlayerName(String);

impl PlayerName {
    /// Takes what a player typed, without the spaces around it.
    ///
    /// # Errors
    /// [`NameError`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let name = text.trim();
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        if name.len() > protocol::MAX_NAME_BYTES || name.chars().count() > MAX_NAME_CHARACTERS {
            return Err(NameError::TooLong);
        }
        if name.chars().any(is_not_showable) {
            return Err(NameError::NotShowable);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PlayerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Control characters, and those of Unicode's general category Cf that hide or turn text.
fn is_not_showable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_of_any_script_are_taken() {
        for name in ["Ada", " Ada ", "Zoë 🐙", "プレイヤー"] {
            assert_eq!(PlayerName::parse(name).unwrap().as_str(), name.trim());
        }
    }

    #[test]
    fn names_that_harm_others_are_refused() {
        let long = "x".repeat(10_000);
        assert_eq!(PlayerName::parse(&long), Err(NameError::TooLong));
        assert_eq!(PlayerName::parse(" \t "), Err(NameError::Empty));
        for name in ["a\u{0}b", "a\nb", "\u{202e}abc", "a\u{200b}b"] {
            assert_eq!(
                PlayerName::parse(name),
                Err(NameError::NotShowable),
                "{name:?}"
            );
        }
    }
}
