//! What a player can't see has no influence on the bytes it gets.

use super::*;
use crate::LEAST_BUDGET;
use crate::arena::Arena;
use crate::random::Random;
use crate::results::Record;
use crate::visibility::focus;
use proptest::prelude::*;

/// A room in mid-game with twelve circles and many knibbles all over the place.
fn crowded(random: &mut Random) -> Room {
    let (mut room, _) = Room::playing(empty_arena());
    for seat in 0..12 {
        let (x, y) = place(random);
        room.put(
            Seat(seat),
            x,
            y,
            30 + random.below(3_000) / (1 + random.below(30)),
        );
    }
    for slot in 0..=255 {
        let (x, y) = place(random);
        room.game.arena.knibbles.put(slot, x as i16, y as i16);
    }
    room
}

fn place(random: &mut Random) -> (i32, i32) {
    (random.between(-1_800, 1_800), random.between(-1_800, 1_800))
}

/// Whether a disc lies partly within the square that the circle of `focus` sees: written down a
/// second time, so that a leak in the game's own rule shows.
fn is_visible(arena: &Arena, followed: Seat, place: (i32, i32), radius: u32) -> bool {
    let Some(focus) = arena.circle(followed) else {
        return true;
    };
    let half = f64::from(700 * 256 + 4 * focus.radius());
    let beyond = |centre: i32, at: i32| ((f64::from(at) - f64::from(centre)).abs() - half).max(0.0);
    let dx = beyond(focus.body.x, place.0);
    let dy = beyond(focus.body.y, place.1);
    dx.hypot(dy) <= f64::from(radius)
}

fn is_circle_visible(arena: &Arena, followed: Seat, seat: Seat) -> bool {
    arena.circle(seat).is_some_and(|circle| {
        let place = (circle.body.x, circle.body.y);
        is_visible(arena, followed, place, circle.radius())
    })
}

fn is_knibble_visible(arena: &Arena, followed: Seat, slot: u8) -> bool {
    let knibble = arena.knibbles.iter().find(|knibble| knibble.slot == slot);
    knibble.is_some_and(|knibble| {
        let place = (i32::from(knibble.x) * 256, i32::from(knibble.y) * 256);
        is_visible(arena, followed, place, 0)
    })
}

/// Changes, removes and adds circles and knibbles that the player of `seat` sees neither before
/// nor after. Returns how many.
fn disturb_the_invisible(room: &mut Room, seat: Seat, random: &mut Random) -> usize {
    let followed = focus(seat, None, &room.game.arena, &room.game.records);
    let mut disturbed = 0;
    for _ in 0..400 {
        let before = room.game.arena.clone();
        let (other, slot) = (Seat(random.below(12) as u8), random.below(256) as u8);
        let (x, y) = place(random);
        match random.below(4) {
            0 => room.game.arena.circles[usize::from(other.0)] = None,
            1 => room.put(other, x, y, 1 + random.below(9_000)),
            2 => {
                if let Some(circle) = &mut room.game.arena.circles[usize::from(other.0)] {
                    circle.body.vx += 50;
                    circle.gain(random.below(300));
                }
            }
            _ => room.game.arena.knibbles.put(slot, x as i16, y as i16),
        }
        let after = &room.game.arena;
        let is_seen = [&before, after].into_iter().any(|arena| {
            is_circle_visible(arena, followed, other) || is_knibble_visible(arena, followed, slot)
        });
        // Whom the dead follow may hang on what everybody is told: who lives, and how large.
        if is_seen || other == seat || focus(seat, None, after, &room.game.records) != followed {
            room.game.arena = before;
        } else {
            disturbed += 1;
        }
    }
    disturbed
}

/// A snapshot's bytes, and what the server remembers of it: the order in which things wait too.
fn snapshot(room: &mut Room, seat: Seat, held: &Held, budget: usize) -> (Vec<u8>, Told) {
    let mut out = Vec::new();
    let basis = held.basis(room.ctx.tick(), budget);
    let told = room.game.write_snapshot(seat, basis, &mut out);
    (out, told)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn invisible_things_never_show_in_the_bytes(
        seed in any::<u64>(),
        is_dead in any::<bool>(),
        budget in prop_oneof![LEAST_BUDGET..150, Just(MAX_DATAGRAM)],
    ) {
        let mut random = Random::new(seed);
        let mut room = crowded(&mut random);
        let seat = Seat(0);
        if is_dead {
            room.game.arena.circles[0] = None;
            room.game.records[0] = Some(Record {
                eater: Some(Seat(5)),
                ..Record::default()
            });
        }
        let nothing = Held::default();
        let mut held = nothing.clone();
        for _ in 0..4 {
            room.run(3);
            let from_nothing = snapshot(&mut room, seat, &nothing, budget);
            let next = snapshot(&mut room, seat, &held, budget);
            disturb_the_invisible(&mut room, seat, &mut random);
            prop_assert_eq!(snapshot(&mut room, seat, &nothing, budget), from_nothing);
            prop_assert_eq!(&snapshot(&mut room, seat, &held, budget), &next);
            held = Held::of(next.1, room.ctx.tick());
        }
    }
}

#[test]
fn a_change_that_the_player_sees_does_show() {
    let mut random = Random::new(1);
    let mut room = crowded(&mut random);
    assert!(disturb_the_invisible(&mut room, Seat(0), &mut random) > 50);
    let own = room.view(Seat(0)).own.unwrap();
    let (_, short) = snapshot(&mut room, Seat(0), &Held::default(), 100);
    assert!(short.is_short(), "some things wait in these rooms");
    let before = snapshot(&mut room, Seat(0), &Held::default(), 1_000);
    room.put(Seat(3), own.x / 256 + 60, own.y / 256, 100);
    assert_ne!(
        snapshot(&mut room, Seat(0), &Held::default(), 1_000),
        before
    );
}
