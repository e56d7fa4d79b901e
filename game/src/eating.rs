//! Who eats what: knibbles under a circle's disc, and circles that are small and close enough.

use crate::wire::{MAX_SEATS, UNITS_PER_PIXEL};
use protocol::seat::Seat;
use protocol::tick::Tick;

use super::arena::Circles;
use super::circle::Circle;
use super::knibbles::Knibbles;
use super::movement::Body;
use super::pixel_square::PixelSquare;

/// A circle that was eaten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Meal {
    pub(super) victim: Seat,
    pub(super) eater: Seat,
}

/// Whether one circle eats the other now: it has at least `percent` of the other's mass, its disc
/// covers the other's centre, neither is protected, and it is no bot that spares the other.
pub(super) fn eats(eater: &Circle, victim: &Circle, percent: u32, tick: Tick) -> bool {
    outweighs(eater.mass(), victim.mass(), percent)
        && covers(eater, &victim.body)
        && !eater.is_protected(tick)
        && !victim.is_protected(tick)
        && !(eater.is_bot && victim.is_spared(tick))
}

/// Whether a mass is enough to eat another.
pub(super) fn outweighs(eater: u32, victim: u32, percent: u32) -> bool {
    u64::from(eater) * 100 >= u64::from(victim) * u64::from(percent)
}

/// Lets the circles eat each other, the largest first; eaten ones are taken out and their mass
/// goes to the eater.
pub(super) fn eat_circles(circles: &mut Circles, percent: u32, tick: Tick) -> Vec<Meal> {
    let mut meals = Vec::new();
    if !anybody_eats(circles, percent, tick) {
        return meals;
    }
    for eater in by_falling_mass(circles) {
        for victim in 0..MAX_SEATS {
            let (Some(large), Some(small)) = (&circles[eater], &circles[victim]) else {
                continue;
            };
            if eater == victim || !eats(large, small, percent, tick) {
                continue;
            }
            let mass = small.mass();
            circles[victim] = None;
            if let Some(circle) = &mut circles[eater] {
                circle.gain(mass);
            }
            meals.push(Meal {
                victim: Seat(victim as u8),
                eater: Seat(eater as u8),
            });
        }
    }
    meals
}

/// A knibble, and the nearest of the circles that cover it.
struct Claim {
    slot: u8,
    seat: usize,
    distance: u64,
}

/// Lets each circle eat the knibbles it covers; where discs overlap, the nearest centre gets it.
/// Returns how many each has eaten.
pub(super) fn eat_knibbles(
    circles: &mut Circles,
    knibbles: &mut Knibbles,
    mass: u32,
    returns: Tick,
) -> [u16; MAX_SEATS] {
    let mut claims: Vec<Claim> = Vec::new();
    for (seat, circle) in circles.iter().enumerate() {
        let Some(circle) = circle else { continue };
        let radius = circle.radius();
        for knibble in knibbles.within(&PixelSquare::around(&circle.body, radius)) {
            let place = Body::at(
                i32::from(knibble.x) * UNITS_PER_PIXEL,
                i32::from(knibble.y) * UNITS_PER_PIXEL,
            );
            let distance = circle.body.distance_squared(&place);
            if distance > u64::from(radius).pow(2) {
                continue;
            }
            let claim = Claim {
                slot: knibble.slot,
                seat,
                distance,
            };
            match claims.iter_mut().find(|other| other.slot == claim.slot) {
                Some(other) if distance < other.distance => *other = claim,
                Some(_) => {}
                None => claims.push(claim),
            }
        }
    }
    let mut eaten = [0u16; MAX_SEATS];
    for claim in claims {
        knibbles.eat(claim.slot, returns);
        eaten[claim.seat] += 1;
    }
    for (circle, count) in circles.iter_mut().zip(eaten) {
        if let Some(circle) = circle.as_mut().filter(|_| count > 0) {
            circle.gain(mass.saturating_mul(count.into()));
        }
    }
    eaten
}

fn covers(circle: &Circle, centre: &Body) -> bool {
    let radius = u64::from(circle.radius());
    circle.body.distance_squared(centre) <= radius * radius
}

fn anybody_eats(circles: &Circles, percent: u32, tick: Tick) -> bool {
    let present = || circles.iter().flatten();
    present().any(|eater| present().any(|victim| eats(eater, victim, percent, tick)))
}

fn by_falling_mass(circles: &Circles) -> Vec<usize> {
    let mut seats: Vec<usize> = (0..MAX_SEATS)
        .filter(|&seat| circles[seat].is_some())
        .collect();
    seats.sort_by_key(|&seat| {
        let mass = circles[seat].as_ref().map_or(0, Circle::mass);
        (core::cmp::Reverse(mass), seat)
    });
    seats
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::movement::radius;

    const NOW: Tick = Tick(100);

    fn circle(x: i32, mass: u32) -> Circle {
        Circle::new(Body::at(x, 0), mass, Tick(0))
    }

    fn circles<const N: usize>(present: [Circle; N]) -> Circles {
        let mut circles = Circles::default();
        for (place, circle) in circles.iter_mut().zip(present) {
            *place = Some(circle);
        }
        circles
    }

    #[test]
    fn a_circle_15_percent_larger_eats_and_a_little_less_does_not() {
        assert!(eats(&circle(0, 115), &circle(0, 100), 115, NOW));
        assert!(!eats(&circle(0, 114), &circle(0, 100), 115, NOW));
        assert!(eats(&circle(0, 1_150), &circle(0, 1_000), 115, NOW));
        assert!(!eats(&circle(0, 1_149), &circle(0, 1_000), 115, NOW));
    }

    #[test]
    fn the_victims_centre_must_be_covered_to_the_unit() {
        let reach = radius(200) as i32;
        assert!(eats(&circle(0, 200), &circle(reach, 100), 115, NOW));
        assert!(!eats(&circle(0, 200), &circle(reach + 1, 100), 115, NOW));
    }

    #[test]
    fn a_protected_circle_neither_eats_nor_is_eaten() {
        let mut large = circle(0, 400);
        let mut small = circle(0, 100);
        small.protected_until = Tick(101);
        assert!(!eats(&large, &small, 115, NOW));
        assert!(eats(&large, &small, 115, Tick(101)));
        small.protected_until = Tick(0);
        large.protected_until = Tick(101);
        assert!(!eats(&large, &small, 115, NOW));
    }

    #[test]
    fn a_bot_spares_a_newcomer_and_a_player_does_not() {
        let mut large = circle(0, 400);
        let mut small = circle(0, 100);
        small.spared_until = Tick(101);
        assert!(eats(&large, &small, 115, NOW));
        large.is_bot = true;
        assert!(!eats(&large, &small, 115, NOW));
        assert!(eats(&large, &small, 115, Tick(101)));
    }

    #[test]
    fn the_eater_gains_the_mass_and_the_largest_eats_first() {
        let mut all = circles([circle(0, 100), circle(100, 200), circle(-100, 1_000)]);
        let meals = eat_circles(&mut all, 115, NOW);
        let by_the_largest = |victim| Meal {
            victim: Seat(victim),
            eater: Seat(2),
        };
        assert_eq!(meals, [by_the_largest(0), by_the_largest(1)]);
        assert_eq!(all[2].as_ref().map(Circle::mass), Some(1_300));
        assert!(all[0].is_none() && all[1].is_none());
    }

    #[test]
    fn a_knibble_goes_to_the_nearest_circle_that_covers_it() {
        let mut all = circles([circle(0, 100), circle(20 * 256, 100)]);
        let mut knibbles = Knibbles::default();
        for (slot, x) in [(0, 9), (1, 11), (2, -20), (3, -21)] {
            knibbles.put(slot, x, 0);
        }
        let eaten = eat_knibbles(&mut all, &mut knibbles, 3, Tick(200));
        assert_eq!(eaten[..2], [2, 1]);
        assert_eq!(all[0].as_ref().map(Circle::mass), Some(106));
        assert_eq!(all[1].as_ref().map(Circle::mass), Some(103));
        assert_eq!(
            knibbles.iter().map(|left| left.slot).collect::<Vec<_>>(),
            [3]
        );
    }
}
