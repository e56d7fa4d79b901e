//! What becomes of circles in play.

use super::*;

#[test]
fn a_circle_that_is_just_large_enough_eats_another() {
    for (mass, is_eaten) in [(114, false), (115, true)] {
        let (mut room, ada) = Room::playing(empty_arena());
        let bo = room.join("Bo").unwrap();
        room.put(ada, 0, 0, mass);
        room.put(bo, 3, 0, 100);
        room.step();
        assert_eq!(room.mass(bo).is_none(), is_eaten, "{mass}");
        assert_eq!(room.mass(ada), Some(if is_eaten { 215 } else { 114 }));
    }
}

#[test]
fn new_circles_are_safe_for_three_seconds() {
    let (mut room, ada) = Room::playing(empty_arena());
    let bo = room.join("Bo").unwrap();
    let own = room.view(bo).own.unwrap();
    let ticks = (1..seconds(5)).find(|_| {
        room.put(ada, own.x / 256, own.y / 256, 1_000);
        room.step();
        room.mass(bo).is_none()
    });
    assert_eq!(ticks, Some(seconds(3) + 1));
}

#[test]
fn a_circle_outside_the_boundary_withers_and_dies() {
    let (mut room, ada) = Room::playing(empty_arena());
    let bo = room.join("Bo").unwrap();
    room.put(ada, 1_700, 0, 100);
    room.put(bo, 1_500, 0, 100);
    room.run(seconds(1));
    assert_eq!(room.mass(ada), Some(88));
    assert_eq!(room.mass(bo), Some(100));
    room.run(seconds(5));
    assert_eq!(room.deaths(), [(ada, None)]);
    assert_eq!(room.phase(), Phase::Results);
    assert_eq!(room.game.results[1].survived, room.game.results[0].survived);
}

#[test]
fn eating_knibbles_makes_a_circle_grow() {
    let (mut room, ada) = Room::playing(empty_arena());
    room.put(ada, 0, 0, 100);
    room.game.arena.knibbles.put(8, 40, 0);
    room.inputs[usize::from(ada.0)] = Some(GameInput::steering(127, 0));
    assert_eq!(room.view(ada).knibbles.len(), 1);
    room.run(30);
    assert_eq!(room.mass(ada), Some(103));
    assert_eq!(room.view(ada).knibbles, []);
    room.run(seconds(2));
    assert_eq!(room.game.arena.knibbles.iter().count(), 1);
}

#[test]
fn the_wall_holds_every_circle() {
    let (mut room, ada) = Room::playing(GameConfig {
        wither_percent: 0,
        wither_minimum: 0,
        ..empty_arena()
    });
    room.inputs[usize::from(ada.0)] = Some(GameInput::steering(-90, 90));
    room.run(seconds(20));
    let own = room.view(ada).own.unwrap();
    let distance = super::super::geometry::length(own.x.into(), own.y.into()) / 256;
    assert!((1_799..=1_800).contains(&distance), "{distance}");
}

#[test]
fn the_dead_watch_who_ate_them() {
    let mut room = Room::new(empty_arena(), 1);
    let [ada, bo, cleo] = ["Ada", "Bo", "Cleo"].map(|name| room.join(name).unwrap());
    room.run_to(Phase::Playing);
    room.put(ada, 0, 0, 100);
    room.put(bo, 0, 0, 200);
    room.put(cleo, 900, 900, 5_000);
    room.step();
    let view = room.view(ada);
    assert_eq!((view.own, view.focus), (None, bo));
    room.leave(bo);
    assert_eq!(room.view(ada).focus, cleo);
}

/// Steers as a casual player would: the nearest knibble, away from the large, after the small, and
/// with a look at the boundary.
fn casual(view: &View, safe: i64) -> GameInput {
    let Some(own) = view.own else {
        return GameInput::default();
    };
    let (x, y) = (i64::from(own.x) / 256, i64::from(own.y) / 256);
    let length = |x, y| super::super::geometry::length(x, y).max(1);
    let mut wanted = (0, 0);
    let mut pull = |dx: i64, dy: i64, weight: i64| {
        wanted.0 += dx * weight / length(dx, dy);
        wanted.1 += dy * weight / length(dx, dy);
    };
    let food = view
        .knibbles
        .iter()
        .map(|food| (i64::from(food.x), i64::from(food.y)));
    let nearest = food
        .filter(|&(kx, ky)| length(kx, ky) < safe)
        .min_by_key(|&(kx, ky)| length(kx - x, ky - y));
    if let Some((kx, ky)) = nearest {
        pull(kx - x, ky - y, 100);
    }
    for circle in view
        .circles
        .iter()
        .filter(|circle| circle.seat != view.focus)
    {
        let (dx, dy) = (i64::from(circle.x) / 4 - x, i64::from(circle.y) / 4 - y);
        let radius = i64::from(circle.radius) / 4;
        let (mass, gap) = (radius * radius / 4, length(dx, dy) - radius);
        if mass * 10 > i64::from(own.mass) * 11 && gap < 250 {
            pull(-dx, -dy, 100 + 300 * (250 - gap) / 250);
        } else if mass * 12 < i64::from(own.mass) * 10 && length(dx, dy) < 150 {
            pull(dx, dy, 200);
        }
    }
    let beyond = length(x, y) - (safe - 60);
    if beyond > 0 {
        pull(-x, -y, 300 + 3 * beyond);
    }
    let scale = length(wanted.0, wanted.1);
    GameInput::steering(
        (wanted.0 * 127 / scale) as i8,
        (wanted.1 * 127 / scale) as i8,
    )
}

#[test]
fn a_casual_player_can_win_against_the_bots() {
    let mut best = u8::MAX;
    for seed in 0..8 {
        let mut room = Room::new(GameConfig::default(), seed);
        let seat = room.join("Ada").unwrap();
        while room.phase() != Phase::Results {
            if room.ctx.tick().0.is_multiple_of(12) {
                let soon = room.ctx.tick().plus(seconds(3));
                let safe = i64::from(room.game.arena.boundary.radius_at(soon)) / 256;
                let view = room.view(seat);
                room.inputs[usize::from(seat.0)] = Some(casual(&view, safe));
            }
            room.step();
        }
        let row = room.game.results.iter().find(|row| row.seat == seat);
        best = best.min(row.unwrap().place);
        if best == 1 {
            return;
        }
    }
    panic!("best place of eight games: {best}");
}
