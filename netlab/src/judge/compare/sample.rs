//! One side's runs as a bootstrap draws from them; what the draws mean is worked out elsewhere.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::Rng;

use super::blocks::Blocks;
use crate::report::Run;

/// The runs of one side, their blocks counted through.
pub(super) struct Sample {
    runs: Vec<Blocks>,
    /// The first block of each run.
    first: Vec<usize>,
    ages: Ages,
}

impl Sample {
    pub(super) fn of(runs: &[&Run]) -> Self {
        let runs: Vec<Blocks> = runs.iter().map(|run| Blocks::of(run)).collect();
        let mut first = Vec::new();
        let mut ages = Vec::new();
        let mut blocks = 0;
        for run in &runs {
            first.push(blocks);
            ages.extend(run.ages.iter().map(|(age, block)| (*age, blocks + block)));
            blocks += run.count();
        }
        let ages = Ages::of(ages, blocks);
        Self { runs, first, ages }
    }

    pub(super) fn blocks(&self) -> usize {
        self.runs.iter().map(Blocks::count).sum()
    }

    /// Each block once.
    pub(super) fn whole(&self) -> Vec<u32> {
        vec![1; self.blocks()]
    }

    /// The figures of each run alone.
    pub(super) fn run_by_run(&self) -> Vec<[Option<f64>; 3]> {
        let of_run = |(first, run): (&usize, &Blocks)| {
            let mut weights = vec![0; self.blocks()];
            weights[*first..*first + run.count()].fill(1);
            self.figures(&weights)
        };
        self.first.iter().zip(&self.runs).map(of_run).collect()
    }

    /// As many runs as there are, drawn with replacement, and in each as many of its blocks: how often each block came.
    pub(super) fn draw(&self, random: &mut Xoshiro256PlusPlus) -> Vec<u32> {
        let mut weights = vec![0; self.blocks()];
        for _ in &self.runs {
            let run = below(random, self.runs.len());
            let count = self.runs[run].count();
            for _ in 0..count {
                weights[self.first[run] + below(random, count)] += 1;
            }
        }
        weights
    }

    /// Median age, age at the 99th percentile and share of time starved, with each block as often as `weights` says.
    pub(super) fn figures(&self, weights: &[u32]) -> [Option<f64>; 3] {
        let (mut starved_ms, mut time_ms) = (0.0, 0.0);
        for (run, first) in self.runs.iter().zip(&self.first) {
            for (starved, weight) in run.starved_ms.iter().zip(&weights[*first..]) {
                starved_ms += starved * f64::from(*weight);
                time_ms += run.length_ms * f64::from(*weight);
            }
        }
        [
            self.ages.quantile(weights, 0.5),
            self.ages.quantile(weights, 0.99),
            (time_ms > 0.0).then(|| starved_ms * 100.0 / time_ms),
        ]
    }
}

/// All ages of all blocks, so that a quantile of any mix of blocks is found without sorting again.
struct Ages {
    /// In rising order, each with its block.
    sorted: Vec<(f64, usize)>,
    /// How many ages of each block there are before every so many.
    before: Vec<Vec<u32>>,
    /// From one entry of `before` to the next.
    stride: usize,
    /// How many ages each block has.
    of_block: Vec<u32>,
}

/// Entries of `before`: a few, so that they stay small beside the ages.
const MARKS: usize = 16;

impl Ages {
    fn of(mut sorted: Vec<(f64, usize)>, blocks: usize) -> Self {
        sorted.sort_by(|one, other| one.0.total_cmp(&other.0));
        let stride = sorted.len().div_ceil(MARKS).max(1);
        let mut of_block = vec![0; blocks];
        let mut before = Vec::new();
        for chunk in sorted.chunks(stride) {
            before.push(of_block.clone());
            for (_, block) in chunk {
                of_block[*block] += 1;
            }
        }
        Self {
            sorted,
            before,
            stride,
            of_block,
        }
    }

    /// By the nearest rank, with each block as often as `weights` says; `None` without any age.
    fn quantile(&self, weights: &[u32], share: f64) -> Option<f64> {
        let weighted = |counts: &Vec<u32>| -> u64 {
            let pairs = counts.iter().zip(weights);
            pairs
                .map(|(count, weight)| u64::from(*count) * u64::from(*weight))
                .sum()
        };
        let rank = ((share * weighted(&self.of_block) as f64).ceil() as u64).max(1);
        let marks = self
            .before
            .partition_point(|before| weighted(before) < rank);
        let mark = marks.checked_sub(1)?;
        let mut below = weighted(&self.before[mark]);
        let mut rest = self.sorted[mark * self.stride..].iter();
        let reaches = |(_, block): &&(f64, usize)| {
            below += u64::from(weights[*block]);
            below >= rank
        };
        rest.find(reaches).map(|(age, _)| *age)
    }
}

/// Even in `0..count`.
fn below(random: &mut Xoshiro256PlusPlus, count: usize) -> usize {
    ((u128::from(random.next_u64()) * count as u128) >> 64) as usize
}
