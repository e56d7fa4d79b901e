//! A player's name, judged once at the edge.

use core::fmt;
use core::ops::RangeInclusive;

use thiserror::Error;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

/// Most bytes of a player's name in UTF-8.
pub const MAX_NAME_BYTES: usize = 48;

/// Longest name in characters.
pub const MAX_NAME_CHARACTERS: usize = 16;

/// Most marks on one letter: as many as a language needs, and no tower over other lines.
pub const MAX_MARKS: usize = 3;

/// Makes an emoji of a symbol, and nothing of anything else.
const EMOJI_SELECTOR: char = '\u{fe0f}';

/// What nobody sees beside the general categories of controls: joiners, fillers, selectors, empty patterns, and what
/// Unicode keeps for more such.
const UNSEEN: [RangeInclusive<char>; 14] = [
    '\u{34f}'..='\u{34f}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{2028}'..='\u{2029}',
    '\u{2065}'..='\u{2065}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0e}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffb}',
    '\u{16fe4}'..='\u{16fe4}',
    '\u{1d159}'..='\u{1d159}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Why a name was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    /// Nothing but spaces.
    #[error("the name is empty")]
    Empty,
    /// More than [`MAX_NAME_CHARACTERS`].
    #[error("the name is longer than {MAX_NAME_CHARACTERS} characters")]
    TooLong,
    /// A control character, a line break, or one that nobody sees or that turns the direction of text.
    #[error("the name has a character that can't be shown")]
    NotShowable,
    /// More than [`MAX_MARKS`] on a letter, or any before the first.
    #[error("the name has more than {MAX_MARKS} marks on a letter, or one on none")]
    TooManyMarks,
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
        if !name.chars().all(is_showable) || has_stray_selector(name) {
            return Err(NameError::NotShowable);
        }
        if has_tower(name) {
            return Err(NameError::TooManyMarks);
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

/// Whether a name may have this character.
#[must_use]
pub fn is_showable(character: char) -> bool {
    let category = character.general_category();
    !matches!(category, GeneralCategory::Control | GeneralCategory::Format)
        && !UNSEEN.iter().any(|range| range.contains(&character))
}

/// Whether one that makes emoji stands behind anything but a symbol: two names may not look the same.
fn has_stray_selector(name: &str) -> bool {
    let before = core::iter::once(' ').chain(name.chars());
    before.zip(name.chars()).any(|(before, character)| {
        character == EMOJI_SELECTOR
            && before.general_category_group() != GeneralCategoryGroup::Symbol
    })
}

/// Whether marks that take no place of their own stand too high. They count on from the start, where nothing carries them:
/// so a name begins with something to see.
fn has_tower(name: &str) -> bool {
    let mut marks = MAX_MARKS;
    name.chars().any(|character| {
        marks = match character.general_category() {
            GeneralCategory::NonspacingMark | GeneralCategory::EnclosingMark => marks + 1,
            _ => 0,
        };
        marks > MAX_MARKS
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_of_any_script_are_taken() {
        for name in [
            "Ada",
            " Ada ",
            "Zoë 🐙",
            "プレイヤー",
            "Vie\u{323}\u{302}t",
            "ที่รัก",
            "क्षिप्रा",
            "שָׁלוֹם",
            "❤\u{fe0f} 👍🏽 🇫🇷",
            "!",
        ] {
            assert_eq!(PlayerName::parse(name).unwrap().as_str(), name.trim());
        }
    }

    #[test]
    fn names_that_harm_others_are_refused() {
        let long = "x".repeat(10_000);
        assert_eq!(PlayerName::parse(&long), Err(NameError::TooLong));
        assert_eq!(PlayerName::parse(" \t "), Err(NameError::Empty));
        for hidden in [
            '\0',
            '\n',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{180e}',
            '\u{200b}',
            '\u{202e}',
            '\u{2064}',
            '\u{2800}',
            '\u{3164}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{fe0f}',
            '\u{1d173}',
            '\u{e0041}',
            '\u{e0100}',
        ] {
            let refusal = PlayerName::parse(&format!("a{hidden}b")).unwrap_err();
            assert_eq!(refusal, NameError::NotShowable, "{hidden:?}");
        }
    }

    #[test]
    fn marks_neither_pile_up_nor_stand_alone() {
        let marks = |count| "\u{301}".repeat(count);
        assert!(PlayerName::parse(&format!("e{}e", marks(3))).is_ok());
        for name in [
            format!("e{}", marks(4)),
            marks(1),
            format!("{}a", marks(2)),
            format!("a{}\u{20dd}", marks(3)),
        ] {
            let refusal = PlayerName::parse(&name).unwrap_err();
            assert_eq!(refusal, NameError::TooManyMarks, "{name:?}");
        }
    }

    #[test]
    fn a_name_has_something_to_see() {
        for name in [
            "\u{3164}",
            "\u{2800}\u{2800}",
            "\u{301}",
            "\u{200d}",
            "\u{fe0f}",
            "\u{a0}",
        ] {
            assert!(PlayerName::parse(name).is_err(), "{name:?}");
        }
    }
}
