//! The golden course of movement steps.

use game::config::MAX_MASS;
use game::movement::{Body, full_speed, radius, step};
use game::random::Random;
use game::wire::{GameInput, MovementTuning};
use serde_json::json;

use crate::file::{check, push_lines};

const STEPS: usize = 3_000;

/// What the default configuration comes to at 60 ticks a second.
pub(crate) const TUNING: MovementTuning = MovementTuning {
    speed: 3_479,
    slowest: 260,
    agility: 6,
    wall: 460_800,
    dash_percent: 250,
    dash_ticks: 12,
    dash_cooldown: 90,
    dash_cost: 60,
    dash_least: 50,
};

#[test]
fn movement_follows_the_golden_course() {
    let start = Body {
        x: -1_234,
        y: 5_678,
        vx: -91,
        vy: 17,
        cooldown: 0,
    };
    let mut body = start;
    let steps: Vec<_> = course()
        .into_iter()
        .map(|(input, mass)| {
            let left;
            (body, left) = step(body, mass, input, &TUNING);
            let dash = u8::from(input.dash);
            json!([
                input.x,
                input.y,
                dash,
                mass,
                body.x,
                body.y,
                body.vx,
                body.vy,
                body.cooldown,
                left
            ])
        })
        .collect();
    let masses: Vec<_> = masses()
        .into_iter()
        .map(|mass| json!([mass, radius(mass), full_speed(mass, &TUNING)]))
        .collect();

    let mut text = format!(
        "{{\n  \"tuning\": {},\n  \"start\": {},\n  \"masses\": [\n",
        json!(TUNING),
        json!({ "x": start.x, "y": start.y, "vx": start.vx, "vy": start.vy, "cooldown": start.cooldown }),
    );
    push_lines(&mut text, &masses);
    text.push_str("  ],\n  \"steps\": [\n");
    push_lines(&mut text, &steps);
    text.push_str("  ]\n}\n");
    check("movement.json", &text);
}

/// Inputs and masses: first the edges by hand, each held long enough to reach full speed or the
/// wall, then a seeded mixture.
fn course() -> Vec<(GameInput, u32)> {
    let edges = [
        (0, 0, 100, 30),
        (127, 0, 100, 60),
        (-128, -128, 100, 60),
        (-128, 0, 100, 40),
        (127, -128, 100, 40),
        (0, 0, 100, 40),
        (1, -1, 100, 20),
        (127, 10, 100, 20),
        (90, 90, 1, 300),
        (90, -90, 1, 120),
        (0, 0, 1, 30),
        (-127, 3, MAX_MASS, 60),
        (-127, 3, 1, 2),
        (-127, 3, MAX_MASS, 30),
    ];
    let mut course: Vec<_> = edges
        .into_iter()
        .flat_map(|(x, y, mass, ticks)| vec![(GameInput::steering(x, y), mass); ticks])
        .collect();
    let mut random = Random::new(2_026);
    let masses = masses();
    let mut mass = 100;
    while course.len() < STEPS {
        if random.below(3) == 0 {
            mass = masses[random.below(masses.len() as u32) as usize];
        }
        let mut axis = || match random.below(8) {
            0 => 0,
            1 => -128,
            2 => 127,
            3 => random.between(-3, 3),
            _ => random.between(-128, 127),
        };
        let (x, y) = (axis() as i8, axis() as i8);
        let ticks = 1 + random.below(60) as usize;
        course.extend(vec![(GameInput::steering(x, y), mass); ticks]);
    }
    // Dashes at any time, also while one rests, with too little mass and at the wall.
    for (input, _) in course.iter_mut().skip(30) {
        input.dash = random.below(40) == 0;
    }
    course.truncate(STEPS);
    course
}

fn masses() -> Vec<u32> {
    let mut masses = vec![
        1, 2, 3, 4, 5, 10, 15, 16, 17, 30, 99, 100, 101, 115, 250, 999, 1_000, 1_024, 2_500, 9_999,
        10_000, 31_999, 32_000, 32_061, 65_535, 65_536, 99_999, 250_000, 999_999, MAX_MASS,
    ];
    let mut random = Random::new(7);
    masses.extend((0..70).map(|_| 1 + (random.below(MAX_MASS) >> random.below(20))));
    masses
}
