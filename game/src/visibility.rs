//! What a player may see: a square around the circle the camera follows. Nothing else about the
//! arena reaches a client's snapshots.

use crate::wire::{CircleView, OwnCircle, UNITS_PER_PIXEL, UNITS_PER_QUARTER, View};
use protocol::seat::Seat;

use super::arena::Arena;
use super::circle::Circle;
use super::movement::Body;
use super::pixel_square::PixelSquare;
use super::results::Records;

/// Half the side of the visible square around a circle of radius 0, in 1/256 px.
const LEAST_HALF_SIDE: u32 = 700 * UNITS_PER_PIXEL as u32;

/// Half the side of the square that the player of a circle sees, in 1/256 px.
pub(super) fn half_side(radius: u32) -> u32 {
    LEAST_HALF_SIDE + 4 * radius
}

/// Whose circle a player's camera follows: the own one, after death that of whom it watches, else the eater's (or whoever
/// ate that one), else the largest. When nobody lives it stays with the own seat.
pub(super) fn focus(seat: Seat, watched: Option<Seat>, arena: &Arena, records: &Records) -> Seat {
    let is_dead = arena.circle(seat).is_none();
    if let Some(watched) = watched.filter(|watched| is_dead && arena.circle(*watched).is_some()) {
        return watched;
    }
    let mut follows = seat;
    for _ in 0..records.len() {
        if arena.circle(follows).is_some() {
            return follows;
        }
        let record = records.get(usize::from(follows.0)).copied().flatten();
        let Some(eater) = record.and_then(|record| record.eater) else {
            break;
        };
        follows = eater;
    }
    arena.largest().unwrap_or(seat)
}

/// Knibbles that are in view at once, mostly.
const USUAL_KNIBBLES: usize = 64;

/// What the player of `seat` sees with the camera on `focus`.
pub(super) fn look(seat: Seat, focus: Seat, arena: &Arena) -> View {
    let followed = arena.circle(focus);
    let centre = followed.map_or(Body::default(), |circle| circle.body);
    let half = half_side(followed.map_or(0, Circle::radius));
    let mut knibbles = Vec::with_capacity(USUAL_KNIBBLES);
    knibbles.extend(arena.knibbles.within(&PixelSquare::around(&centre, half)));
    View {
        focus,
        own: arena.circle(seat).map(own_view),
        circles: arena
            .living()
            .filter(|(other, circle)| *other != seat && is_touched(circle, &centre, half))
            .map(|(seat, circle)| circle_view(seat, circle))
            .collect(),
        knibbles,
    }
}

/// All that is in the arena, as nobody sees it who plays.
pub(super) fn everything(arena: &Arena) -> View {
    View {
        focus: Seat(0),
        own: None,
        circles: arena
            .living()
            .map(|(seat, circle)| circle_view(seat, circle))
            .collect(),
        knibbles: arena.knibbles.iter().collect(),
    }
}

/// Whether any of a circle's disc lies in the square around a centre.
fn is_touched(circle: &Circle, centre: &Body, half_side: u32) -> bool {
    let beyond = |at: i32, centre: i32| {
        let beyond = at.abs_diff(centre).saturating_sub(half_side);
        u64::from(beyond).pow(2)
    };
    let (x, y) = (circle.body.x, circle.body.y);
    let distance = beyond(x, centre.x).saturating_add(beyond(y, centre.y));
    distance <= u64::from(circle.radius()).pow(2)
}

fn own_view(circle: &Circle) -> OwnCircle {
    let Body {
        x,
        y,
        vx,
        vy,
        cooldown,
    } = circle.body;
    OwnCircle {
        x,
        y,
        vx,
        vy,
        mass: circle.mass(),
        cooldown,
    }
}

fn circle_view(seat: Seat, circle: &Circle) -> CircleView {
    let radius = i32::try_from(circle.radius()).unwrap_or(i32::MAX);
    CircleView {
        seat,
        x: quarters(circle.body.x) as i16,
        y: quarters(circle.body.y) as i16,
        radius: quarters(radius) as u16,
    }
}

/// The nearest quarter pixel; halfway goes up. The arena's largest reach fits 16 bits.
fn quarters(units: i32) -> i32 {
    units
        .saturating_add(UNITS_PER_QUARTER / 2)
        .div_euclid(UNITS_PER_QUARTER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Record;
    use protocol::tick::Tick;

    fn arena(circles: &[(u8, i32, i32, u32)]) -> Arena {
        let mut arena = Arena::default();
        for &(seat, x, y, mass) in circles {
            let circle = Circle::new(Body::at(x, y), mass, Tick(0));
            arena.circles[usize::from(seat)] = Some(circle);
        }
        arena
    }

    fn seats(view: &View) -> Vec<u8> {
        view.circles.iter().map(|circle| circle.seat.0).collect()
    }

    #[test]
    fn a_circle_is_seen_as_soon_as_its_disc_touches_the_square() {
        // Mass 100 has a radius of 20 px, so that its player sees 780 px each way.
        let edge = (780 + 20) * 256;
        let seen = |x, y| {
            let arena = arena(&[(0, 0, 0, 100), (1, x, y, 100)]);
            seats(&look(Seat(0), Seat(0), &arena)).contains(&1)
        };
        assert!(seen(edge, 0) && !seen(edge + 1, 0));
        assert!(seen(0, -edge) && !seen(0, -edge - 1));
        assert!(seen(edge, edge - 20 * 256));
        assert!(!seen(edge, edge), "the corner of its box is not its disc");
    }

    #[test]
    fn a_larger_circle_sees_farther() {
        let seen_by = |mass| {
            let arena = arena(&[(0, 0, 0, mass), (1, 900 * 256, 0, 100)]);
            seats(&look(Seat(0), Seat(0), &arena)).contains(&1)
        };
        assert!(!seen_by(100));
        assert!(seen_by(1_000));
    }

    #[test]
    fn knibbles_in_the_square_are_seen() {
        let mut arena = arena(&[(0, 256 * 100, 0, 100)]);
        arena.knibbles.put(4, 880, 780);
        arena.knibbles.put(5, 881, 0);
        arena.knibbles.put(9, -680, 0);
        let view = look(Seat(0), Seat(0), &arena);
        let slots: Vec<u8> = view.knibbles.iter().map(|knibble| knibble.slot).collect();
        assert_eq!(slots, [4, 9]);
    }

    #[test]
    fn the_own_circle_is_exact_and_others_are_rounded_to_quarter_pixels() {
        let mut arena = arena(&[(2, -33, 32, 100), (3, 31, -32, 101), (4, -33, 32, 100)]);
        if let Some(circle) = &mut arena.circles[2] {
            circle.body.vx = -7;
        }
        let view = look(Seat(2), Seat(2), &arena);
        let own = view.own.unwrap();
        assert_eq!((own.x, own.y, own.vx, own.mass), (-33, 32, -7, 100));
        assert_eq!(seats(&view), [3, 4]);
        assert_eq!((view.circles[0].x, view.circles[0].y), (0, 0));
        assert_eq!((view.circles[1].x, view.circles[1].y), (-1, 1));
        assert_eq!((view.circles[0].radius, view.circles[1].radius), (80, 80));
    }

    #[test]
    fn the_dead_follow_their_eater_then_its_eater_then_the_largest() {
        let mut arena = arena(&[(1, 0, 0, 100), (2, 0, 0, 300), (3, 0, 0, 900)]);
        let mut records = Records::default();
        let eaten_by = |eater| {
            Some(Record {
                eater: Some(Seat(eater)),
                ..Record::default()
            })
        };
        records[0] = eaten_by(1);
        assert_eq!(focus(Seat(0), None, &arena, &records), Seat(1));
        assert_eq!(focus(Seat(2), None, &arena, &records), Seat(2));
        // Who is dead may choose, and who lives is with itself.
        assert_eq!(focus(Seat(0), Some(Seat(2)), &arena, &records), Seat(2));
        assert_eq!(focus(Seat(2), Some(Seat(1)), &arena, &records), Seat(2));
        arena.circles[1] = None;
        records[1] = eaten_by(2);
        assert_eq!(focus(Seat(0), None, &arena, &records), Seat(2));
        arena.circles[2] = None;
        assert_eq!(focus(Seat(0), None, &arena, &records), Seat(3));
        arena.circles[3] = None;
        assert_eq!(focus(Seat(0), None, &arena, &records), Seat(0));
        let view = look(Seat(0), Seat(0), &arena);
        assert_eq!((view.own, view.circles.len()), (None, 0));
    }

    #[test]
    fn a_spectator_sees_through_the_eaters_eyes() {
        let arena = arena(&[(1, 5_000 * 256, 0, 100), (2, 0, 0, 100)]);
        let view = look(Seat(0), Seat(1), &arena);
        assert_eq!((view.focus, view.own), (Seat(1), None));
        assert_eq!(seats(&view), [1]);
    }
}
