//! What each player has done in a game, and the places and scores that follow from it.

use core::cmp::Reverse;

use crate::wire::MAX_SEATS;
use crate::wire::ResultRow;
use protocol::seat::Seat;
use protocol::tick::Tick;
use serde::{Deserialize, Serialize};

use super::arena::Arena;
use super::config::MAX_MASS;
use super::seats::Seats;

/// Points for each circle eaten.
const POINTS_PER_CIRCLE: u32 = 50;

/// One player's record in a game.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) peak_mass: u32,
    pub(super) circles: u16,
    pub(super) knibbles: u16,
    /// When its present circle could first move, or its last one.
    pub(super) began: Tick,
    /// Ticks that it lived in circles before that.
    pub(super) lived: u32,
    /// When it died.
    pub(super) died: Option<Tick>,
    /// Who ate it.
    pub(super) eater: Option<Seat>,
}

/// Records by seat; `None` for who isn't in this game.
pub(super) type Records = [Option<Record>; MAX_SEATS];

impl Record {
    fn survived(&self, end: Tick) -> u32 {
        let until = self.died.unwrap_or(end);
        let present = u32::try_from(until.since(self.began)).unwrap_or(0);
        self.lived.saturating_add(present)
    }

    /// After a death: the record of one more life, which begins at `tick`.
    pub(super) fn reborn(self, tick: Tick) -> Self {
        Self {
            lived: self.survived(tick),
            began: tick,
            died: None,
            eater: None,
            ..self
        }
    }

    /// Whether such a record can stand where these are seated.
    pub(super) fn is_possible(&self, seats: &Seats) -> bool {
        let is_seated = |eater| seats.occupant(eater).is_some();
        self.peak_mass <= MAX_MASS && self.eater.is_none_or(is_seated)
    }

    /// Peak mass, points for circles eaten, and a point for each second survived.
    fn score(&self, end: Tick, tick_rate: u32) -> u32 {
        self.peak_mass
            .saturating_add(POINTS_PER_CIRCLE * u32::from(self.circles))
            .saturating_add(self.survived(end) / tick_rate)
    }
}

/// The results of a game that ends at `end`: first the living by mass, then the dead, the last to
/// die first.
pub(super) fn rank(arena: &Arena, records: &Records, end: Tick, tick_rate: u32) -> Vec<ResultRow> {
    let mut ranked: Vec<(Seat, Record)> = records
        .iter()
        .zip(0u8..)
        .filter_map(|(record, seat)| Some((Seat(seat), (*record)?)))
        .collect();
    ranked.sort_by_key(|&(seat, record)| {
        let mass = arena.circle(seat).map_or(0, |circle| circle.mass());
        let died = record.died.unwrap_or(Tick(u32::MAX));
        (
            Reverse(mass),
            Reverse(died),
            Reverse(record.peak_mass),
            seat,
        )
    });
    ranked
        .into_iter()
        .zip(1u8..)
        .map(|((seat, record), place)| ResultRow {
            seat,
            place,
            score: record.score(end, tick_rate),
            peak_mass: record.peak_mass,
            circles: record.circles,
            knibbles: record.knibbles,
            survived: record.survived(end),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circle::Circle;
    use crate::movement::Body;

    #[test]
    fn the_largest_survivor_wins_and_the_dead_follow_by_time_of_death() {
        let mut arena = Arena::default();
        let mut records = Records::default();
        let record = |peak_mass, died: Option<u32>| {
            Some(Record {
                peak_mass,
                circles: 2,
                began: Tick(60),
                died: died.map(Tick),
                ..Record::default()
            })
        };
        arena.circles[4] = Some(Circle::new(Body::default(), 200, Tick(0)));
        arena.circles[7] = Some(Circle::new(Body::default(), 300, Tick(0)));
        records[1] = record(900, Some(360));
        records[4] = record(2_000, None);
        records[5] = record(150, Some(400));
        records[7] = record(300, None);

        let rows = rank(&arena, &records, Tick(660), 60);
        let places: Vec<_> = rows.iter().map(|row| (row.place, row.seat.0)).collect();
        assert_eq!(places, [(1, 7), (2, 4), (3, 5), (4, 1)]);
        assert_eq!((rows[0].score, rows[0].survived), (300 + 100 + 10, 600));
        assert_eq!((rows[3].score, rows[3].survived), (900 + 100 + 5, 300));
    }
}
