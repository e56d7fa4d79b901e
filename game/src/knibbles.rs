//! The knibbles: which slots hold one, where, and when an eaten one comes back. Not who eats them.
//!
//! Whoever asks for those in a square looks at all of them, twelve players sixty times a second.
//! Their coordinates stand in arrays of their own for that, so that one instruction compares many.

use crate::wire::{KNIBBLE_SLOTS, KnibbleView, UNITS_PER_PIXEL};
use protocol::bounded::BoundedVec;
use protocol::tick::Tick;
use serde::{Deserialize, Serialize};

use super::movement::Body;
use super::pixel_square::{NOWHERE, PixelSquare};
use super::random::Random;
use super::rules::Rules;

/// A knibble's slot.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Slot {
    /// Position in pixels.
    x: i16,
    y: i16,
    /// When it comes back, while it is eaten.
    returns: Option<Tick>,
}

/// All slots, as many as the game has knibbles.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(from = "BoundedVec<Slot, KNIBBLE_SLOTS>")]
pub(super) struct Knibbles {
    slots: Vec<Slot>,
    /// Where those are that are there.
    #[serde(skip)]
    present: Coordinates,
}

/// Each slot's coordinates in pixels; [`NOWHERE`] where there is no knibble.
#[derive(Clone, Debug)]
struct Coordinates {
    x: [i16; KNIBBLE_SLOTS],
    y: [i16; KNIBBLE_SLOTS],
}

impl Default for Coordinates {
    fn default() -> Self {
        Self {
            x: [NOWHERE; KNIBBLE_SLOTS],
            y: [NOWHERE; KNIBBLE_SLOTS],
        }
    }
}

/// Knibbles keep this share of the boundary's radius free, so that none lies on the very edge.
const EDGE_SHARE: u32 = 24;

impl Knibbles {
    /// So many knibbles, spread over a disc of this radius in 1/256 px.
    pub(super) fn new(count: u32, boundary: u32, random: &mut Random) -> Self {
        let slots = (0..count).map(|_| fresh(boundary, random));
        Self::of(slots.collect())
    }

    fn of(slots: Vec<Slot>) -> Self {
        let mut present = Coordinates::default();
        for (index, slot) in slots.iter().enumerate() {
            if slot.returns.is_none() {
                (present.x[index], present.y[index]) = (slot.x, slot.y);
            }
        }
        Self { slots, present }
    }

    /// Those that are there, by rising slot.
    pub(super) fn iter(&self) -> impl Iterator<Item = KnibbleView> {
        let slots = self.slots.iter().zip(0u8..=u8::MAX);
        let there = slots.filter(|(slot, _)| slot.returns.is_none());
        there.map(|(_, slot)| self.view(slot))
    }

    /// Those that are there and in the square, by rising slot.
    pub(super) fn within(
        &self,
        square: &PixelSquare,
    ) -> impl Iterator<Item = KnibbleView> + use<'_> {
        let Coordinates { x, y } = &self.present;
        let mut inside = [0u8; KNIBBLE_SLOTS];
        for ((inside, x), y) in inside.iter_mut().zip(x).zip(y) {
            *inside = square.holds(*x, *y).into();
        }
        bytes_set(inside).map(|slot| self.view(slot))
    }

    fn view(&self, slot: u8) -> KnibbleView {
        let index = usize::from(slot);
        KnibbleView {
            slot,
            x: self.present.x[index],
            y: self.present.y[index],
        }
    }

    /// Takes one away; it comes back at `returns`.
    pub(super) fn eat(&mut self, slot: u8, returns: Tick) {
        let index = usize::from(slot);
        self.slots[index].returns = Some(returns);
        (self.present.x[index], self.present.y[index]) = (NOWHERE, NOWHERE);
    }

    /// Brings back those whose time has come, somewhere within the boundary.
    pub(super) fn respawn(&mut self, tick: Tick, boundary: u32, random: &mut Random) {
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if slot.returns.is_some_and(|returns| returns <= tick) {
                *slot = fresh(boundary, random);
                (self.present.x[index], self.present.y[index]) = (slot.x, slot.y);
            }
        }
    }

    /// Slots, whether they hold a knibble or not.
    pub(super) fn count(&self) -> usize {
        self.slots.len()
    }

    /// Whether play by these rules can have brought the knibbles to this at `tick`.
    pub(super) fn are_possible(&self, tick: Tick, rules: &Rules) -> bool {
        let config = rules.config();
        let latest = tick.plus(rules.ticks_of_ms(config.knibble_respawn_ms));
        let reach = u64::from(config.arena_radius).pow(2);
        self.slots.iter().all(|slot| {
            let centre = Body::default();
            let place = Body::at(slot.x.into(), slot.y.into());
            place.distance_squared(&centre) <= reach
                && slot.returns.is_none_or(|returns| returns <= latest)
        })
    }

    /// Puts a knibble at a place in pixels.
    #[cfg(test)]
    pub(super) fn put(&mut self, slot: u8, x: i16, y: i16) {
        let empty = Slot {
            x: 0,
            y: 0,
            returns: Some(Tick(u32::MAX)),
        };
        let mut slots = core::mem::take(&mut self.slots);
        let needed = usize::from(slot) + 1;
        slots.resize(slots.len().max(needed), empty);
        slots[usize::from(slot)] = Slot {
            x,
            y,
            returns: None,
        };
        *self = Self::of(slots);
    }
}

impl From<BoundedVec<Slot, KNIBBLE_SLOTS>> for Knibbles {
    fn from(slots: BoundedVec<Slot, KNIBBLE_SLOTS>) -> Self {
        Self::of(slots.into_vec())
    }
}

/// The indexes of the bytes that aren't 0, by eight bytes at a time.
fn bytes_set(bytes: [u8; KNIBBLE_SLOTS]) -> impl Iterator<Item = u8> {
    (0..KNIBBLE_SLOTS).step_by(8).flat_map(move |start| {
        let mut word = [0; 8];
        word.copy_from_slice(&bytes[start..start + 8]);
        let mut left = u64::from_le_bytes(word);
        core::iter::from_fn(move || {
            let next = left.trailing_zeros() as usize / 8;
            left &= left.wrapping_sub(1);
            (next < 8).then_some((start + next) as u8)
        })
    })
}

fn fresh(boundary: u32, random: &mut Random) -> Slot {
    let (x, y) = point_in_disc(boundary - boundary / EDGE_SHARE, random);
    Slot {
        x,
        y,
        returns: None,
    }
}

/// A point in pixels, evenly spread over a disc of this radius in 1/256 px.
pub(super) fn point_in_disc(radius: u32, random: &mut Random) -> (i16, i16) {
    let radius = i32::try_from(radius).unwrap_or(0) / UNITS_PER_PIXEL;
    let radius = radius.min(i32::from(i16::MAX));
    // Three of four tries land inside; the bound keeps a step's time bounded.
    for _ in 0..32 {
        let (x, y) = (
            random.between(-radius, radius),
            random.between(-radius, radius),
        );
        if x * x + y * y <= radius * radius {
            return (x as i16, y as i16);
        }
    }
    (0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::pixels;

    #[test]
    fn an_eaten_knibble_comes_back_elsewhere_within_the_boundary() {
        let mut random = Random::new(3);
        let mut knibbles = Knibbles::new(200, pixels(1_600), &mut random);
        let before: Vec<_> = knibbles.iter().collect();
        for knibble in before.iter().filter(|knibble| knibble.x > 0) {
            knibbles.eat(knibble.slot, Tick(120));
        }
        let left = knibbles.iter().count();
        assert!((60..140).contains(&left), "{left}");

        knibbles.respawn(Tick(119), pixels(400), &mut random);
        assert_eq!(knibbles.iter().count(), left);
        knibbles.respawn(Tick(120), pixels(400), &mut random);
        assert_eq!(knibbles.iter().count(), 200);
        for knibble in knibbles.iter().filter(|knibble| !before.contains(knibble)) {
            let (x, y) = (i32::from(knibble.x), i32::from(knibble.y));
            assert!(x * x + y * y <= 400 * 400, "{knibble:?}");
        }
    }

    #[test]
    fn those_in_a_square_are_the_ones_that_its_edges_hold() {
        let mut random = Random::new(5);
        let mut knibbles = Knibbles::new(256, pixels(1_600), &mut random);
        for slot in (0..=u8::MAX).step_by(7) {
            knibbles.eat(slot, Tick(9));
        }
        for _ in 0..200 {
            let place = |random: &mut Random| random.between(-500_000, 500_000);
            let centre = Body::at(place(&mut random), place(&mut random));
            let reach = random.below(300_000);
            let is_near = |pixels: i16, centre: i32| {
                (i32::from(pixels) * UNITS_PER_PIXEL).abs_diff(centre) <= reach
            };
            let expected = knibbles
                .iter()
                .filter(|it| is_near(it.x, centre.x) && is_near(it.y, centre.y));
            let found = knibbles.within(&PixelSquare::around(&centre, reach));
            assert!(found.eq(expected), "{centre:?} {reach}");
        }
        let everywhere = PixelSquare::around(&Body::default(), u32::MAX);
        assert!(knibbles.within(&everywhere).eq(knibbles.iter()));
    }
}
