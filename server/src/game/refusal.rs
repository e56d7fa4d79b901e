//! A game's no.

use thiserror::Error;

/// Why a game doesn't do what was asked. A join whose room is refused is told the reason, a session
/// that ends for it the code.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct Refusal {
    /// The game's own number for it.
    pub code: u16,
    /// For people, in a sentence.
    pub reason: String,
}

impl Refusal {
    /// A refusal with a code and its reason.
    pub fn new(code: u16, reason: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.into(),
        }
    }
}
