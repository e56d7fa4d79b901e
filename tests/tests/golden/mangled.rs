//! Deltas that were tampered with: what is refused, and what the others come to, so that no two
//! decoders ever disagree on what a client holds.

use game::wire::{Baseline, decode_delta};
use serde_json::json;

use crate::deltas::{Delta, deltas};
use crate::file::{check, lists};

const SEEDS: u32 = 100;
const DELTAS_PER_SEED: usize = 200;

#[test]
fn tampered_deltas_come_to_their_golden_ends() {
    let deltas = deltas();
    let outcomes = (1..=SEEDS).map(|seed| {
        let mut draws = Draws(seed);
        let (mut taken, mut digest) = (0, Digest::default());
        for _ in 0..DELTAS_PER_SEED {
            if let Some(result) = try_one(&deltas, &mut draws) {
                taken += 1;
                digest.add_baseline(&result);
            }
        }
        json!({ "seed": seed, "taken": taken, "digest": digest.0 })
    });
    check("mangled.json", &lists(&[("ViewDelta", outcomes.collect())]));
}

/// A golden delta, tampered with in up to four ways, now and then against another's baseline.
fn try_one(deltas: &[Delta], draws: &mut Draws) -> Option<Baseline> {
    let delta = draws.pick(deltas);
    let other = draws.pick(deltas);
    let is_astray = draws.below(4) == 0;
    let baseline = &(if is_astray { other } else { delta }).baseline;
    let age = draws.below(200) as u16;
    let mut bytes = delta.bytes.clone();
    for _ in 0..draws.below(5) {
        tamper(&mut bytes, draws);
    }
    decode_delta(baseline, age, &bytes).ok()
}

fn tamper(bytes: &mut Vec<u8>, draws: &mut Draws) {
    let (how, value) = (draws.below(8), draws.below(256) as u8);
    let place = draws.below(bytes.len() as u32) as usize;
    match how {
        0 => bytes.truncate(place),
        1 => bytes.push(value),
        2 => bytes.iter_mut().skip(place).for_each(|byte| *byte = 0),
        _ => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= value;
            }
        }
    }
}

/// Marsaglia's xorshift32.
struct Draws(u32);

impl Draws {
    fn draw(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0
    }

    /// 0 to `bound` − 1; 0 when the bound is 0.
    fn below(&mut self, bound: u32) -> u32 {
        self.draw().checked_rem(bound).unwrap_or(0)
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len() as u32) as usize]
    }
}

/// FNV-1a in 32 bits over numbers instead of bytes.
struct Digest(u32);

impl Default for Digest {
    fn default() -> Self {
        Self(0x811c_9dc5)
    }
}

impl Digest {
    fn add(&mut self, number: impl Into<i64>) {
        self.0 = (self.0 ^ number.into() as u32).wrapping_mul(0x0100_0193);
    }

    fn add_baseline(&mut self, baseline: &Baseline) {
        let view = baseline.view();
        self.add(view.focus.0);
        if let Some(own) = view.own {
            for number in [own.x, own.y, own.vx, own.vy, own.mass.cast_signed()] {
                self.add(number);
            }
            self.add(own.cooldown);
        }
        for (circle, (step_x, step_y)) in view.circles.iter().zip(baseline.steps()) {
            self.add(circle.seat.0);
            self.add(circle.radius);
            for number in [circle.x, circle.y, step_x, step_y] {
                self.add(number);
            }
        }
        for knibble in &view.knibbles {
            self.add(knibble.slot);
            self.add(knibble.x);
            self.add(knibble.y);
        }
    }
}
