//! The path's random numbers: separate streams for separate impairments, so that a change in one leaves the others as
//! they were; no policy.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

use super::Corruption;

/// One seeded generator per impairment that hangs on packets, far enough apart never to overlap.
#[derive(Debug)]
pub(super) struct Streams {
    loss: Random,
    jitter: Random,
    duplicate: Random,
    corrupt: Random,
    queue: Random,
}

/// The random numbers of what hangs on time and not on packets: a stream of its own for each loss model of a schedule,
/// so that how far one was asked shifts nothing in the next.
#[derive(Debug)]
pub(super) struct LossStreams {
    seed: u64,
    next: Xoshiro256PlusPlus,
}

impl LossStreams {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            next: Xoshiro256PlusPlus::seed_from_u64(seed),
        }
    }

    /// From the first stream again.
    pub(super) fn restart(&mut self) {
        *self = Self::new(self.seed);
    }

    /// The next loss model's stream.
    pub(super) fn next(&mut self) -> Random {
        let stream = Random(self.next.clone());
        self.next.long_jump();
        stream
    }
}

/// One packet's draws, each even in `0..1` where it says no more.
#[derive(Debug, Clone, Copy)]
pub(super) struct PacketDraws {
    pub(super) loss: f64,
    pub(super) jitter: JitterDraws,
    pub(super) copy_jitter: JitterDraws,
    pub(super) duplicate: f64,
    pub(super) corrupt: f64,
    pub(super) queue: f64,
    place: f64,
    mask: u8,
}

/// One departure's draws for jitter, each even in `0..1`.
#[derive(Debug, Clone, Copy)]
pub(super) struct JitterDraws {
    /// Whether this packet is held up at all.
    pub(super) whether: f64,
    /// How far, as a share of the bound.
    pub(super) share: f64,
}

impl Streams {
    pub(super) fn new(seed: u64) -> Self {
        let mut generator = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut next = || {
            // The first stretch of a seed belongs to the loss models.
            generator.jump();
            Random(generator.clone())
        };
        Self {
            loss: next(),
            jitter: next(),
            duplicate: next(),
            corrupt: next(),
            queue: next(),
        }
    }

    pub(super) fn draws(&mut self) -> PacketDraws {
        let mut jitter = || JitterDraws {
            whether: self.jitter.unit(),
            share: self.jitter.unit(),
        };
        PacketDraws {
            loss: self.loss.unit(),
            jitter: jitter(),
            copy_jitter: jitter(),
            duplicate: self.duplicate.unit(),
            corrupt: self.corrupt.unit(),
            queue: self.queue.unit(),
            place: self.corrupt.unit(),
            mask: 1 + (self.corrupt.unit() * 255.0) as u8,
        }
    }
}

impl PacketDraws {
    /// Which byte of a packet to flip, and how.
    pub(super) fn corruption(&self, packet_bytes: usize) -> Corruption {
        Corruption {
            offset: (self.place * packet_bytes as f64) as usize,
            mask: self.mask,
        }
    }
}

/// A seeded source of draws.
#[derive(Debug, Clone)]
pub(super) struct Random(Xoshiro256PlusPlus);

impl Random {
    /// Even in `0..1`, with 53 bits.
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Exponential with the given mean.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }
}
