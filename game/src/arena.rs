//! What there is in the arena: circles, knibbles, the boundary. Not the players behind them.

use crate::wire::MAX_SEATS;
use protocol::seat::Seat;

use super::boundary::Boundary;
use super::circle::Circle;
use super::knibbles::Knibbles;

/// The living circles by seat.
pub(super) type Circles = [Option<Circle>; MAX_SEATS];

/// The arena of one game.
#[derive(Clone, Debug, Default)]
pub(super) struct Arena {
    pub(super) circles: Circles,
    pub(super) knibbles: Knibbles,
    pub(super) boundary: Boundary,
}

impl Arena {
    pub(super) fn circle(&self, seat: Seat) -> Option<&Circle> {
        self.circles.get(usize::from(seat.0))?.as_ref()
    }

    /// The living, by rising seat.
    pub(super) fn living(&self) -> impl Iterator<Item = (Seat, &Circle)> {
        self.circles
            .iter()
            .zip(0u8..)
            .filter_map(|(circle, seat)| Some((Seat(seat), circle.as_ref()?)))
    }

    /// The living with their masses, largest first; the lower seat first among equals.
    pub(super) fn standings(&self) -> Vec<(Seat, u32)> {
        let mut standings: Vec<_> = self
            .living()
            .map(|(seat, circle)| (seat, circle.mass()))
            .collect();
        standings.sort_by_key(|&(seat, mass)| (core::cmp::Reverse(mass), seat));
        standings
    }

    /// The largest of the living; the lower seat among equals.
    pub(super) fn largest(&self) -> Option<Seat> {
        let by_mass = |&(seat, circle): &(Seat, &Circle)| (circle.mass(), core::cmp::Reverse(seat));
        self.living().max_by_key(by_mass).map(|(seat, _)| seat)
    }
}
