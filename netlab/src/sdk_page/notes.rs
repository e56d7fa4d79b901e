//! What players in a page have noted, and by which clock. Reads no clock itself.

use serde::Deserialize;

use protocol::rung::Rung;

/// A State datagram as it came in.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(from = "(u16, u32, f64, u64, Rung)")]
pub struct Arrival {
    /// Its number, which the session counts over all its links.
    pub sequence: u16,
    /// The tick that it shows.
    pub tick: u32,
    /// When, in milliseconds since 1970.
    pub at_ms: f64,
    /// The number of the link that brought it.
    pub link: u64,
    /// The rung of that link.
    pub rung: Rung,
}

impl From<(u16, u32, f64, u64, Rung)> for Arrival {
    fn from((sequence, tick, at_ms, link, rung): (u16, u32, f64, u64, Rung)) -> Self {
        Self {
            sequence,
            tick,
            at_ms,
            link,
            rung,
        }
    }
}

/// One look at a page's clock.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct PageClock {
    /// Milliseconds by which the page's clock is ahead of the wall clock.
    pub offset: f64,
    /// When that was, by the page's clock, in milliseconds since 1970.
    pub at: f64,
}

/// What the players of one page have noted.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Notes {
    /// The page's clock now.
    pub clock: PageClock,
    /// One entry per player, in the order they were opened.
    pub players: Vec<PlayerNotes>,
}

/// What one player has noted.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
pub struct PlayerNotes {
    /// Every State datagram in the order it came, repeats included; times by the page's clock.
    pub arrivals: Vec<Arrival>,
    /// Why the server, or the browser, refused it; none while it plays.
    pub refusal: Option<String>,
}

impl PageClock {
    /// A time of the page's clock on the wall clock, given another, `later` look at it: two clocks drift apart.
    pub fn wall_ms(self, later: Self, page_ms: f64) -> f64 {
        let span = later.at - self.at;
        let share = if span > 0.0 {
            (page_ms - self.at) / span
        } else {
            0.0
        };
        page_ms - (self.offset + (later.offset - self.offset) * share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_drifts_is_put_right_in_between() {
        let look = |offset, at| PageClock { offset, at };
        let (first, later) = (look(2.0, 1_000.0), look(4.0, 3_000.0));
        assert_eq!(first.wall_ms(later, 1_000.0), 998.0);
        assert_eq!(first.wall_ms(later, 2_000.0), 1_997.0);
        assert_eq!(first.wall_ms(later, 3_000.0), 2_996.0);
        assert_eq!(first.wall_ms(first, 5_000.0), 4_998.0);
    }
}

/// Something that a client said.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct JournalEntry {
    /// When, in milliseconds since 1970 by the page's clock.
    pub at: f64,
    /// A welcome with its room, a state, or an end.
    pub said: String,
}
