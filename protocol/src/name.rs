//! A player's name, judged once at the edge.

use core::fmt;

use thiserror::Error;

/// Most bytes of a player's name in UTF-8.
pub const MAX_NAME_BYTES: usize = 48;

/// Longest name in characters.
pub const MAX_NAME_CHARACTERS: usize = 16;

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
        if name.len() > MAX_NAME_BYTES || name.chars().count() > MAX_NAME_CHARACTERS {
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
