//! The knibbles: which slots hold one, where, and when an eaten one comes back. Not who eats them.

use crate::wire::{KNIBBLE_SLOTS, KnibbleView, UNITS_PER_PIXEL};
use protocol::bounded::BoundedVec;
use protocol::tick::Tick;
use serde::{Deserialize, Serialize};

use super::movement::Body;
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
}

/// Knibbles keep this share of the boundary's radius free, so that none lies on the very edge.
const EDGE_SHARE: u32 = 24;

impl Knibbles {
    /// So many knibbles, spread over a disc of this radius in 1/256 px.
    pub(super) fn new(count: u32, boundary: u32, random: &mut Random) -> Self {
        let slots = (0..count).map(|_| fresh(boundary, random)).collect();
        Self { slots }
    }

    /// Those that are there, by rising slot.
    pub(super) fn iter(&self) -> impl Iterator<Item = KnibbleView> {
        self.slots
            .iter()
            .zip(0u8..=u8::MAX)
            .filter(|(slot, _)| slot.returns.is_none())
            .map(|(slot, number)| KnibbleView {
                slot: number,
                x: slot.x,
                y: slot.y,
            })
    }

    /// Takes away those for which `eats` says so; each comes back at `returns`.
    pub(super) fn eat_where(&mut self, returns: Tick, mut eats: impl FnMut(i32, i32) -> bool) {
        for slot in &mut self.slots {
            let (x, y) = (i32::from(slot.x), i32::from(slot.y));
            if slot.returns.is_none() && eats(x * UNITS_PER_PIXEL, y * UNITS_PER_PIXEL) {
                slot.returns = Some(returns);
            }
        }
    }

    /// Brings back those whose time has come, somewhere within the boundary.
    pub(super) fn respawn(&mut self, tick: Tick, boundary: u32, random: &mut Random) {
        for slot in &mut self.slots {
            if slot.returns.is_some_and(|returns| returns <= tick) {
                *slot = fresh(boundary, random);
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
        let needed = usize::from(slot) + 1;
        self.slots.resize(self.slots.len().max(needed), empty);
        self.slots[usize::from(slot)] = Slot {
            x,
            y,
            returns: None,
        };
    }
}

impl From<BoundedVec<Slot, KNIBBLE_SLOTS>> for Knibbles {
    fn from(slots: BoundedVec<Slot, KNIBBLE_SLOTS>) -> Self {
        let slots = slots.into_vec();
        Self { slots }
    }
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
        knibbles.eat_where(Tick(120), |x, _| x > 0);
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
}
