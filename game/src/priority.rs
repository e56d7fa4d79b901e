//! Which changes of a view go first when not all fit: near and dangerous ones, and what has waited
//! for long. It knows only what the player sees and what its client holds.
//!
//! Each change gathers priority for as long as the client doesn't hold it, at a rate of its own. So
//! the first ones told are the important ones, and none waits for ever: the rates differ by a
//! factor of [`DANGER`] × 9 at most within [`View`]'s usual reach.

use std::cmp::Reverse;

use crate::wire::MAX_SEATS;
use crate::wire::{
    CircleView, KNIBBLE_SLOTS, KnibbleView, UNITS_PER_PIXEL, UNITS_PER_QUARTER, View,
};
use protocol::seat::Seat;

use super::geometry::length;

/// Urgency of what a client still waits for, by seat and slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Owed {
    circles: [u32; MAX_SEATS],
    knibbles: [u32; KNIBBLE_SLOTS],
}

impl Owed {
    /// What these changes have gathered.
    pub(super) fn of(waiting: &[Ranked]) -> Self {
        let mut owed = Self {
            circles: [0; MAX_SEATS],
            knibbles: [0; KNIBBLE_SLOTS],
        };
        for ranked in waiting {
            match ranked.change {
                Change::Circle(seat) => owed.circles[usize::from(seat.0)] = ranked.priority,
                Change::Knibble(slot) => owed.knibbles[usize::from(slot)] = ranked.priority,
            }
        }
        owed
    }
}

/// Something in which the client's view and the present one differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Circle(Seat),
    Knibble(u8),
}

/// A change with the priority it has gathered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ranked {
    priority: u32,
    change: Change,
}

impl Ranked {
    /// Makes this change alone to `partial`.
    pub(super) fn make(&self, view: &View, partial: &mut View) {
        match self.change {
            Change::Circle(seat) => {
                let circles = &mut partial.circles;
                let place = circles.binary_search_by_key(&seat, |circle| circle.seat);
                put(circles, place, view.circle(seat));
            }
            Change::Knibble(slot) => {
                let knibbles = &mut partial.knibbles;
                let place = knibbles.binary_search_by_key(&slot, |knibble| knibble.slot);
                put(knibbles, place, view.knibble(slot));
            }
        }
    }
}

/// Sets, inserts or removes what has its place here.
fn put<T: Copy>(list: &mut Vec<T>, place: Result<usize, usize>, new: Option<&T>) {
    match (place, new) {
        (Ok(index), Some(new)) => list[index] = *new,
        (Err(index), Some(new)) => list.insert(index, *new),
        (Ok(index), None) => drop(list.remove(index)),
        (Err(_), None) => {}
    }
}

/// All changes from `held`, which is `age` ticks old, to `view`, the highest priority first.
pub(super) fn rank(held: &View, view: &View, owed: Option<&Owed>, age: u16) -> Vec<Ranked> {
    let sight = Sight::of(view);
    let ticks = u32::from(age.max(1));
    let mut ranked = Vec::with_capacity(64);
    let mut gather = |change, rate: u32, before: u32| {
        let priority = before.saturating_add(rate.saturating_mul(ticks));
        ranked.push(Ranked { priority, change });
    };
    for index in 0..MAX_SEATS {
        let seat = Seat(index as u8);
        let (old, new) = (held.circle(seat), view.circle(seat));
        if let Some(circle) = new.or(old).filter(|_| old != new) {
            let before = owed.map_or(0, |owed| owed.circles[index]);
            gather(Change::Circle(seat), sight.rate_of_circle(circle), before);
        }
    }
    for index in 0..KNIBBLE_SLOTS {
        let slot = index as u8;
        let (old, new) = (held.knibble(slot), view.knibble(slot));
        if let Some(knibble) = new.or(old).filter(|_| old != new) {
            let before = owed.map_or(0, |owed| owed.knibbles[index]);
            gather(
                Change::Knibble(slot),
                sight.rate_of_knibble(knibble),
                before,
            );
        }
    }
    ranked.sort_unstable_by_key(|ranked| (Reverse(ranked.priority), ranked.change));
    ranked
}

/// How much higher than a knibble's a circle's priority is, and one that is larger than the own.
const COMPANY: u32 = 16;
const DANGER: u32 = 32;

/// Where the player looks from, in quarter pixels.
struct Sight {
    x: i64,
    y: i64,
    radius: u16,
}

const QUARTERS: i64 = (UNITS_PER_PIXEL / UNITS_PER_QUARTER) as i64;

impl Sight {
    fn of(view: &View) -> Self {
        let (x, y) = view.centre();
        let own = view.own.map(|own| (u64::from(own.mass) * 64).isqrt());
        let radius = own.map(|radius| u16::try_from(radius).unwrap_or(u16::MAX));
        let watched = view.circle(view.focus).map(|circle| circle.radius);
        Self {
            x: i64::from(x) * QUARTERS,
            y: i64::from(y) * QUARTERS,
            radius: radius.or(watched).unwrap_or(0),
        }
    }

    fn rate_of_circle(&self, circle: &CircleView) -> u32 {
        let gap = self.distance(circle.x.into(), circle.y.into()) - i64::from(circle.radius);
        let weight = if circle.radius > self.radius {
            DANGER
        } else {
            COMPANY
        };
        weight * nearness(gap)
    }

    fn rate_of_knibble(&self, knibble: &KnibbleView) -> u32 {
        let quarters = |pixels: i16| i64::from(pixels) * QUARTERS;
        nearness(self.distance(quarters(knibble.x), quarters(knibble.y)))
    }

    fn distance(&self, x: i64, y: i64) -> i64 {
        length(x - self.x, y - self.y)
    }
}

/// 2,048 where a gap of so many quarter pixels is none, half of it at 128 px, a ninth at 1,000 px.
fn nearness(gap: i64) -> u32 {
    let pixels = gap.max(0) / QUARTERS;
    u32::try_from((1 << 18) / (pixels + 128))
        .unwrap_or(0)
        .max(1)
}
