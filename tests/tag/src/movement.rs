//! The one movement rule, which server and client share: `page/src/movement.ts` is the twin and
//! agrees bit for bit, which `golden/movement.json` proves. It moves one figure; touching is not here.

use serde::{Deserialize, Serialize};

use crate::wire::Input;

/// Fixed-point units in one pixel.
pub const UNITS_PER_PIXEL: i32 = 16;

/// 256 times the length of a diagonal's sides, for a diagonal of length 1.
const DIAGONAL: i32 = 181;

/// How figures move in a room. Lengths in units, speeds in units a tick, times in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Tuning {
    /// Sides of the plane.
    pub size: u16,
    /// A figure's radius.
    pub radius: u16,
    /// A run's speed.
    pub run: u16,
    /// A dash's speed.
    pub dash: u16,
    /// How long a dash lasts.
    pub dash_ticks: u16,
    /// From a dash to the next one, at least.
    pub rest_ticks: u16,
}

/// A figure's place and what its movement depends on. (0, 0) is at the top left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    /// To the right.
    pub x: i32,
    /// Down.
    pub y: i32,
    /// The direction held last, as an input.
    pub facing: Input,
    /// Ticks of a dash that are left.
    pub dash: u16,
    /// Ticks until the next dash may begin.
    pub rest: u16,
}

impl Tuning {
    /// For a room whose figures run at `speed`, 1 to 3.
    #[must_use]
    pub fn new(speed: u8, tick_rate: u16) -> Self {
        let units = UNITS_PER_PIXEL as u16;
        let run = (80 + 80 * u16::from(speed)) * units / tick_rate;
        Self {
            size: 1_024 * units,
            radius: 22 * units,
            run,
            dash: run * 3,
            dash_ticks: tick_rate / 6,
            rest_ticks: tick_rate * 2,
        }
    }
}

/// Where one tick of this input brings a figure.
#[must_use]
pub fn step(body: Body, input: Input, tuning: &Tuning) -> Body {
    let begins = input.has(Input::DASH) && body.rest == 0;
    let dash = if begins { tuning.dash_ticks } else { body.dash };
    let rest = if begins { tuning.rest_ticks } else { body.rest };
    let is_held = direction(input) != (0, 0);
    let facing = if is_held { input.held() } else { body.facing };
    let speed = match (dash > 0, is_held) {
        (true, _) => tuning.dash,
        (false, true) => tuning.run,
        (false, false) => 0,
    };
    let (dx, dy) = direction(facing);
    let share = if dx != 0 && dy != 0 { DIAGONAL } else { 256 };
    let speed = i32::from(speed) * share / 256;
    let (least, most) = (
        i32::from(tuning.radius),
        i32::from(tuning.size - tuning.radius),
    );
    Body {
        x: (body.x + dx * speed).clamp(least, most),
        y: (body.y + dy * speed).clamp(least, most),
        facing,
        dash: dash.saturating_sub(1),
        rest: rest.saturating_sub(1),
    }
}

/// −1, 0 or 1 along each axis.
fn direction(input: Input) -> (i32, i32) {
    let axis = |less, more| i32::from(input.has(more)) - i32::from(input.has(less));
    (
        axis(Input::LEFT, Input::RIGHT),
        axis(Input::UP, Input::DOWN),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(input: u8, ticks: u32) -> Body {
        let tuning = Tuning::new(2, 60);
        let start = Body {
            x: 8_192,
            y: 8_192,
            ..Body::default()
        };
        (0..ticks).fold(start, |body, _| step(body, Input(input), &tuning))
    }

    #[test]
    fn a_figure_runs_240_pixels_a_second_and_no_faster_across() {
        assert_eq!(run(Input::RIGHT, 60).x - 8_192, 240 * UNITS_PER_PIXEL);
        let across = run(Input::RIGHT | Input::DOWN, 60);
        assert!(
            (168 * 16..=170 * 16).contains(&(across.x - 8_192)),
            "{across:?}"
        );
        assert_eq!(across.x, across.y);
    }

    #[test]
    fn no_figure_passes_the_edge() {
        let body = run(Input::LEFT | Input::UP, 1_000);
        assert_eq!((body.x, body.y), (22 * 16, 22 * 16));
    }

    #[test]
    fn opposite_directions_cancel_each_other_out() {
        let body = run(Input::LEFT | Input::RIGHT, 30);
        assert_eq!((body.x, body.y), (8_192, 8_192));
    }

    #[test]
    fn a_dash_triples_the_speed_for_a_moment_and_rests() {
        let pressed = run(Input::RIGHT | Input::DASH, 60);
        // 50 ticks at the usual speed and 10 at three times that: one dash, though it is pressed in each tick.
        assert_eq!(pressed.x - 8_192, 64 * (50 + 30));
        assert_eq!((pressed.dash, pressed.rest), (0, 60));
    }
}
