//! A run cut into blocks of time, each with what a bootstrap needs of it.

use std::iter;

use super::super::STARVED_AFTER_MS;
use crate::report::{Run, Series};

/// How long a block is, or a little longer: several times what a fade, and what a transport does about it, lasts.
const ABOUT_MS: f64 = 2_000.0;
/// More than a day and a half of the shortest.
const MOST_BLOCKS: usize = 65_536;

/// One run.
pub(super) struct Blocks {
    /// How long each is.
    pub(super) length_ms: f64,
    /// The starved time within each, in milliseconds; the mean over the players.
    pub(super) starved_ms: Vec<f64>,
    /// The ages of the snapshots that were new when they came in, with the block that they came in.
    pub(super) ages: Vec<(f64, usize)>,
}

impl Blocks {
    pub(super) fn of(run: &Run) -> Self {
        let span_ms = run.seconds * 1e3;
        let count = ((whole_seconds(run) * 1e3 / ABOUT_MS) as usize).clamp(1, MOST_BLOCKS);
        let length_ms = span_ms / count as f64;
        let mut blocks = Self {
            length_ms,
            starved_ms: vec![0.0; count],
            ages: Vec::new(),
        };
        for series in iter::once(&run.series).chain(&run.other_series) {
            blocks.add(series, span_ms);
        }
        let players = (1 + run.other_series.len()) as f64;
        for starved_ms in &mut blocks.starved_ms {
            *starved_ms /= players;
        }
        blocks
    }

    /// One player's ages and starved time.
    fn add(&mut self, series: &Series, span_ms: f64) {
        let last = self.count() - 1;
        let arrivals = series.at.iter().zip(&series.age).zip(&series.is_new);
        let news = arrivals.filter_map(|((at, age), is_new)| is_new.then_some((*at, *age)));
        let mut renewed = 0.0;
        for (at, age) in news {
            let block = ((at / self.length_ms) as usize).min(last);
            self.ages.push((age, block));
            self.starve(renewed + STARVED_AFTER_MS, at.min(span_ms));
            renewed = at;
        }
        self.starve(renewed + STARVED_AFTER_MS, span_ms);
    }

    /// Adds the time from `from` to `to` to the blocks that it lies in.
    fn starve(&mut self, from: f64, to: f64) {
        if from >= to {
            return;
        }
        let length_ms = self.length_ms;
        let (first, last) = ((from / length_ms) as usize, (to / length_ms) as usize);
        let blocks = self.starved_ms.iter_mut().enumerate();
        for (index, block) in blocks.take(last.saturating_add(1)).skip(first) {
            let begins = index as f64 * length_ms;
            *block += (to.min(begins + length_ms) - from.max(begins)).max(0.0);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.starved_ms.len()
    }
}

/// A run's length as it was meant: the measured one may differ by a hair.
pub(super) fn whole_seconds(run: &Run) -> f64 {
    run.seconds.round()
}
