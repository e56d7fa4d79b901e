//! Digests of a game's parts, so that a replay that goes another way can say which part did first.

use crate::BattleCircles;
use crate::digest::digest;
use protocol::codec::encode;
use serde::{Deserialize, Serialize};

/// The lowest 16 bits of each part's digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    phase: u16,
    seats: u16,
    circles: u16,
    knibbles: u16,
    records: u16,
    random: u16,
}

impl Mark {
    pub(super) fn of(game: &BattleCircles) -> Self {
        Self {
            phase: short(&game.phase),
            seats: short(&game.seats),
            circles: short(&game.arena.circles),
            knibbles: short(&game.arena.knibbles),
            records: short(&game.records),
            random: short(&game.random),
        }
    }

    /// What is another in the other mark.
    pub(super) fn differences(self, other: Self) -> Vec<&'static str> {
        let parts = [
            ("phase", self.phase, other.phase),
            ("seats", self.seats, other.seats),
            ("circles", self.circles, other.circles),
            ("knibbles", self.knibbles, other.knibbles),
            ("records", self.records, other.records),
            ("random", self.random, other.random),
        ];
        let different = parts.into_iter().filter(|(_, one, two)| one != two);
        different.map(|(part, ..)| part).collect()
    }
}

fn short<T: Serialize>(part: &T) -> u16 {
    digest(&encode(part)) as u16
}
