//! Where circles begin: evenly around the arena at the start, out of harm's way later.

use crate::wire::UNITS_PER_PIXEL;

use super::arena::Arena;
use super::geometry::{TURN, length, polar};
use super::knibbles::point_in_disc;
use super::movement::Body;
use super::random::Random;

/// Places tried for a late newcomer.
const CANDIDATES: usize = 32;

/// So many places, evenly on a ring at five eighths of the radius (1/256 px), in random order.
pub(super) fn ring(count: usize, radius: u32, random: &mut Random) -> Vec<Body> {
    let turned = random.below(TURN as u32) as usize;
    let mut places: Vec<Body> = (0..count)
        .map(|index| {
            let (x, y) = polar(turned + index * TURN / count, i64::from(radius) * 5 / 8);
            Body::at(x as i32, y as i32)
        })
        .collect();
    for index in (1..places.len()).rev() {
        places.swap(index, random.below(index as u32 + 1) as usize);
    }
    places
}

/// A place within this radius (1/256 px) that is as far as may be from every circle's edge, of
/// several tried.
pub(super) fn safe_place(arena: &Arena, radius: u32, random: &mut Random) -> Body {
    let mut best = (i64::MIN, Body::default());
    for _ in 0..CANDIDATES {
        let (x, y) = point_in_disc(radius, random);
        let place = Body::at(
            i32::from(x) * UNITS_PER_PIXEL,
            i32::from(y) * UNITS_PER_PIXEL,
        );
        let room = clearance(arena, &place);
        if room > best.0 {
            best = (room, place);
        }
    }
    best.1
}

/// Distance from a place to the nearest circle's edge.
fn clearance(arena: &Arena, place: &Body) -> i64 {
    let gaps = arena.living().map(|(_, circle)| {
        let dx = i64::from(circle.body.x) - i64::from(place.x);
        let dy = i64::from(circle.body.y) - i64::from(place.y);
        length(dx, dy) - i64::from(circle.radius())
    });
    gaps.min().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circle::Circle;
    use crate::rules::pixels;
    use protocol::tick::Tick;

    #[test]
    fn the_ring_is_even() {
        let places = ring(8, pixels(1_600), &mut Random::new(1));
        for (index, place) in places.iter().enumerate() {
            let nearest = places
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != index)
                .map(|(_, other)| place.distance_squared(other).isqrt() / 256)
                .min();
            assert!(
                nearest.is_some_and(|gap| (760..=770).contains(&gap)),
                "{nearest:?}"
            );
        }
    }

    #[test]
    fn a_safe_place_is_inside_and_far_from_the_giant() {
        let mut arena = Arena::default();
        let giant = Body::at(200 * 256, 0);
        arena.circles[3] = Some(Circle::new(giant, 20_000, Tick(0)));
        for seed in 0..50 {
            let place = safe_place(&arena, pixels(800), &mut Random::new(seed));
            assert!(place.distance_squared(&Body::default()).isqrt() <= 800 * 256);
            assert!(
                place.distance_squared(&giant).isqrt() > 600 * 256,
                "{place:?}"
            );
        }
    }
}
