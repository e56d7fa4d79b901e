//! A scenario's own random numbers; no path's and no game's.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// A seeded source.
#[derive(Debug)]
pub(super) struct RandomSource(Xoshiro256PlusPlus);

impl RandomSource {
    pub(super) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    /// A seed for something else.
    pub(super) fn seed(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Even between two values.
    pub(super) fn between(&mut self, least: f64, most: f64) -> f64 {
        let unit = (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        least + unit * (most - least)
    }

    /// Even from 0 to `count` − 1.
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.between(0.0, count as f64) as usize
    }

    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.between(0.0, 1.0) < probability
    }
}
