//! The one movement rule, which server and client share: this file and the client's `movement.ts`
//! are twins and agree bit for bit. Not collisions, eating or anything between two circles.
//!
//! Everything is an integer and `/` truncates toward zero. With masses up to
//! [`MAX_MASS`](super::config::MAX_MASS) and a wall up to [`MAX_WALL`], no value passes 2^53, so
//! that a double can hold each exactly. The golden trace in `tests/golden/movement.json` pins it.

use crate::wire::{GameInput, MovementTuning};
use serde::{Deserialize, Serialize};

/// Farthest wall in 1/256 px: the square of any position then stays below 2^53.
pub const MAX_WALL: u32 = 1 << 25;

/// A circle's place and velocity; the arena's centre is (0, 0), y grows downward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// Position in 1/256 px.
    pub x: i32,
    /// Position in 1/256 px.
    pub y: i32,
    /// Velocity in 1/256 px a tick.
    pub vx: i32,
    /// Velocity in 1/256 px a tick.
    pub vy: i32,
    /// Ticks until the next dash may begin; the first [`MovementTuning::dash_ticks`] of them are the dash.
    pub cooldown: u16,
}

impl Body {
    /// A body that stands still at this place and may dash.
    #[must_use]
    pub const fn at(x: i32, y: i32) -> Self {
        Self {
            x,
            y,
            vx: 0,
            vy: 0,
            cooldown: 0,
        }
    }

    /// Square of the distance to another body's centre, in (1/256 px)².
    #[must_use]
    pub fn distance_squared(&self, other: &Self) -> u64 {
        let dx = i64::from(self.x) - i64::from(other.x);
        let dy = i64::from(self.y) - i64::from(other.y);
        (dx * dx + dy * dy).unsigned_abs()
    }

    /// Whether [`step`] can have brought a body here: no farther than the wall, which rounding
    /// passes by one unit at most, and no faster than the fastest.
    pub(super) fn is_possible(&self, tuning: &MovementTuning) -> bool {
        let wall = tuning.wall.saturating_add(1);
        let usual = u64::from(tuning.speed.max(tuning.slowest));
        let fastest = narrow_unsigned(usual * u64::from(tuning.dash_percent.max(100)) / 100);
        let is_within = |value: i32, most: u32| value.unsigned_abs() <= most;
        is_within(self.x, wall)
            && is_within(self.y, wall)
            && self.distance_squared(&Self::default()) <= u64::from(wall) * u64::from(wall)
            && is_within(self.vx, fastest)
            && is_within(self.vy, fastest)
            && self.cooldown < tuning.dash_cooldown.max(1)
    }
}

/// Radius in 1/256 px of a circle of this mass: twice the root of the mass in pixels.
#[must_use]
pub fn radius(mass: u32) -> u32 {
    narrow_unsigned((u64::from(mass) * 262_144).isqrt())
}

/// Fastest speed in 1/256 px a tick of a circle of this mass (at least 1).
#[must_use]
pub fn full_speed(mass: u32, tuning: &MovementTuning) -> u32 {
    let fourth_root = (u64::from(mass.max(1)) << 32).isqrt().isqrt();
    let speed = u64::from(tuning.speed) * 256 / fourth_root;
    narrow_unsigned(speed).max(tuning.slowest)
}

/// Where one tick of this input brings a body, and the mass that is left: a dash costs some as it begins.
#[must_use]
pub fn step(body: Body, mass: u32, input: GameInput, tuning: &MovementTuning) -> (Body, u32) {
    let begins = input.dash && body.cooldown == 0 && mass >= tuning.dash_least.max(2);
    let mass = if begins {
        mass_after_dash(mass, tuning)
    } else {
        mass
    };
    let cooldown = if begins {
        tuning.dash_cooldown
    } else {
        body.cooldown
    };
    let is_dashing =
        i64::from(cooldown) > i64::from(tuning.dash_cooldown) - i64::from(tuning.dash_ticks);
    let (ix, iy) = direction(input);
    let (percent, heaviness) = match is_dashing {
        true => (i64::from(tuning.dash_percent), tuning.agility / 2),
        false => (100, tuning.agility),
    };
    let full = i64::from(full_speed(mass, tuning)) * percent / 100;
    let agility = i64::from(heaviness.max(1));
    let vx = approach(i64::from(body.vx), ix * full / 127, agility);
    let vy = approach(i64::from(body.vy), iy * full / 127, agility);
    let (x, y) = keep_inside(i64::from(body.x) + vx, i64::from(body.y) + vy, tuning.wall);
    let body = Body {
        x: narrow(x),
        y: narrow(y),
        vx: narrow(vx),
        vy: narrow(vy),
        cooldown: cooldown.saturating_sub(1),
    };
    (body, mass)
}

/// What a dash leaves of a mass of at least 2: it takes its share, but at least 1 and never all.
fn mass_after_dash(mass: u32, tuning: &MovementTuning) -> u32 {
    let cost = u64::from(mass) * u64::from(tuning.dash_cost) / 1_000;
    mass - narrow_unsigned(cost).clamp(1, mass - 1)
}

/// The input's vector, cut to length 127.
fn direction(input: GameInput) -> (i64, i64) {
    let (ix, iy) = (i64::from(input.x), i64::from(input.y));
    let length = length(ix, iy);
    if length > 127 {
        (ix * 127 / length, iy * 127 / length)
    } else {
        (ix, iy)
    }
}

fn approach(velocity: i64, wanted: i64, agility: i64) -> i64 {
    let missing = wanted - velocity;
    if missing.abs() <= agility {
        wanted
    } else {
        velocity + missing / agility
    }
}

fn keep_inside(x: i64, y: i64, wall: u32) -> (i64, i64) {
    let wall = i64::from(wall);
    if x * x + y * y <= wall * wall {
        return (x, y);
    }
    let distance = length(x, y);
    (x * wall / distance, y * wall / distance)
}

fn length(x: i64, y: i64) -> i64 {
    (x * x + y * y).isqrt()
}

fn narrow(value: i64) -> i32 {
    let bounded = value.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
    bounded as i32
}

fn narrow_unsigned(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TUNING: MovementTuning = MovementTuning {
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

    fn run(input: GameInput, mass: u32, ticks: u32) -> Body {
        let step = |body, _| step(body, mass, input, &TUNING).0;
        (0..ticks).fold(Body::default(), step)
    }

    #[test]
    fn a_newcomer_crosses_258_pixels_in_a_second() {
        assert_eq!(radius(100), 20 * 256);
        assert_eq!(full_speed(100, &TUNING), 1_100);
        let body = run(GameInput::steering(127, 0), 100, 60);
        assert_eq!(body.vx, 1_100);
        assert!((225 * 256..258 * 256).contains(&body.x), "{body:?}");
    }

    #[test]
    fn the_largest_circle_is_slow_but_moves() {
        assert_eq!(full_speed(1_000_000, &TUNING), 260);
        assert_eq!(full_speed(1, &TUNING), 3_479);
    }

    #[test]
    fn an_over_long_vector_is_no_faster_than_a_straight_one() {
        for input in [
            GameInput::steering(-128, -128),
            GameInput::steering(127, -128),
            GameInput::steering(-128, 0),
        ] {
            let body = run(input, 100, 60);
            assert!(length(body.vx.into(), body.vy.into()) <= 1_100, "{body:?}");
        }
    }

    #[test]
    fn a_dash_is_a_burst_that_costs_mass_and_needs_a_rest() {
        let dash = GameInput {
            dash: true,
            ..GameInput::steering(127, 0)
        };
        let mut moving = (run(GameInput::steering(127, 0), 100, 60), 100);
        let start = moving.0.x;
        let mut masses = vec![100];
        for _ in 0..90 {
            moving = step(moving.0, moving.1, dash, &TUNING);
            masses.push(moving.1);
        }
        masses.dedup();
        // Pressed in each tick, it dashes once in a second and a half.
        assert_eq!((masses, moving.0.cooldown), (vec![100, 94], 0));
        let gain = (moving.0.x - start) / 256 - 90 * 1_117 / 256;
        assert!((60..110).contains(&gain), "{gain} px");
    }

    #[test]
    fn who_has_little_mass_or_rests_does_not_dash() {
        let dash = GameInput::DASH;
        let resting = Body {
            cooldown: 1,
            ..Body::default()
        };
        assert_eq!(step(Body::default(), 49, dash, &TUNING).1, 49);
        assert_eq!(step(resting, 500, dash, &TUNING).1, 500);
        assert_eq!(step(Body::default(), 500, dash, &TUNING).1, 470);
    }

    #[test]
    fn letting_go_stops_the_circle() {
        let moving = run(GameInput::steering(90, -40), 100, 40);
        let stopped = (0..60).fold(moving, |body, _| {
            step(body, 100, GameInput::default(), &TUNING).0
        });
        assert_eq!((stopped.vx, stopped.vy), (0, 0));
    }

    #[test]
    fn no_circle_passes_the_wall() {
        let body = run(GameInput::steering(100, 70), 1, 2_000);
        let distance = length(body.x.into(), body.y.into());
        assert!((460_790..=460_802).contains(&distance), "{distance}");
    }
}
