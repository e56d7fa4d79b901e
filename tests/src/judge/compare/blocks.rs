//! A run cut into blocks of time, each with what a bootstrap needs of it.

use super::super::STARVED_AFTER_MS;
use crate::report::Run;

/// The least length of a block: several times what a fade, and what a transport does about it, lasts.
const LEAST_MS: f64 = 2_000.0;
/// More than a day and a half of the shortest.
const MOST_BLOCKS: usize = 65_536;

/// One run.
pub(super) struct Blocks {
    /// How long each is.
    pub(super) length_ms: f64,
    /// The starved time within each, in milliseconds.
    pub(super) starved_ms: Vec<f64>,
    /// The ages of the snapshots that were new when they came in, with the block that they came in.
    pub(super) ages: Vec<(f64, usize)>,
}

impl Blocks {
    pub(super) fn of(run: &Run) -> Self {
        let span_ms = run.seconds * 1e3;
        let count = ((span_ms / LEAST_MS) as usize).clamp(1, MOST_BLOCKS);
        let length_ms = span_ms / count as f64;
        let block_at = |at_ms: f64| ((at_ms / length_ms) as usize).min(count - 1);

        let series = &run.series;
        let arrivals = series.at.iter().zip(&series.age).zip(&series.is_new);
        let news = arrivals.filter_map(|((at, age), is_new)| is_new.then_some((*at, *age)));
        let mut ages = Vec::new();
        let mut starved_ms = vec![0.0; count];
        let mut renewed = 0.0;
        for (at, age) in news {
            ages.push((age, block_at(at)));
            spread(
                &mut starved_ms,
                length_ms,
                renewed + STARVED_AFTER_MS,
                at.min(span_ms),
            );
            renewed = at;
        }
        spread(
            &mut starved_ms,
            length_ms,
            renewed + STARVED_AFTER_MS,
            span_ms,
        );
        Self {
            length_ms,
            starved_ms,
            ages,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.starved_ms.len()
    }
}

/// Adds the time from `from` to `to` to the blocks that it lies in.
fn spread(blocks: &mut [f64], length_ms: f64, from: f64, to: f64) {
    if from >= to {
        return;
    }
    let (first, last) = ((from / length_ms) as usize, (to / length_ms) as usize);
    for (index, block) in blocks.iter_mut().enumerate().take(last + 1).skip(first) {
        let begins = index as f64 * length_ms;
        *block += (to.min(begins + length_ms) - from.max(begins)).max(0.0);
    }
}
