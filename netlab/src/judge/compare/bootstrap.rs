//! How far the difference between two sets of runs may be chance: drawing runs and blocks of them again and again, or
//! Student's t where a run has one value. It calls nothing worse or better.

use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

use super::Metric;
use super::pairing::Pairing;
use super::sample::Sample;
use super::student;
use crate::figures::quantile;
use crate::report::Run;

const RESAMPLES: usize = 2_000;
/// The same each time, so that the answer is.
const SEED: u64 = 1;

/// What a run has one value of, if any.
type OfRun = fn(&Run) -> Option<f64>;

/// One metric of a pairing.
pub(super) struct Estimate {
    pub(super) metric: Metric,
    pub(super) a: f64,
    pub(super) b: f64,
    /// None where the runs are too few to tell.
    pub(super) spread: Option<Spread>,
}

/// How far the difference B − A may be chance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spread {
    /// At 95 %.
    pub(super) interval: [f64; 2],
    /// The difference's standard error.
    pub(super) error: f64,
    /// How well that is known, in degrees of freedom.
    pub(super) freedom: usize,
}

/// Every metric that both sides have.
pub(super) fn estimates(pairing: &Pairing) -> Vec<Estimate> {
    if pairing.a.is_empty() || pairing.b.is_empty() {
        return Vec::new();
    }
    let mut estimates = over_blocks(pairing);
    let single: [(Metric, OfRun); 2] = [
        (Metric::LongestGap, |run| Some(run.figures.longest_gap)),
        (Metric::FirstSnapshot, |run| run.connection.first_snapshot),
    ];
    estimates.extend(
        single
            .into_iter()
            .filter_map(|(metric, value)| over_runs(pairing, metric, value)),
    );
    estimates
}

/// A metric that each run has one value of; `None` when one has none.
fn over_runs(pairing: &Pairing, metric: Metric, value: OfRun) -> Option<Estimate> {
    let values = |runs: &[&Run]| {
        runs.iter()
            .map(|run| value(run))
            .collect::<Option<Vec<_>>>()
    };
    let (values_a, values_b) = (values(&pairing.a)?, values(&pairing.b)?);
    let (a, b) = (mean(&values_a), mean(&values_b));
    let variance = between_runs(&values_a, &values_b, pairing.paired);
    let spread = variance.map(|Variance { squared, freedom }| {
        let error = squared.sqrt();
        let reach = student::bound(0.05, freedom) * error;
        Spread {
            interval: [b - a - reach, b - a + reach],
            error,
            freedom,
        }
    });
    Some(Estimate {
        metric,
        a,
        b,
        spread,
    })
}

/// The square of a standard error, and how well it is known.
#[derive(Clone, Copy)]
struct Variance {
    squared: f64,
    freedom: usize,
}

/// Of the difference between the means of one value per run; `None` of fewer than two runs.
fn between_runs(a: &[f64], b: &[f64], paired: bool) -> Option<Variance> {
    if paired {
        let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
        return of_mean(&differences);
    }
    of_mean(a).zip(of_mean(b)).map(|(a, b)| together(a, b))
}

/// Of the mean; `None` of fewer than two values.
fn of_mean(values: &[f64]) -> Option<Variance> {
    let freedom = values.len().checked_sub(1).filter(|freedom| *freedom > 0)?;
    let squared = variance(values) / values.len() as f64;
    Some(Variance { squared, freedom })
}

/// Of the sum of two independent ones: Welch and Satterthwaite's degrees of freedom, rounded down.
fn together(one: Variance, other: Variance) -> Variance {
    let squared = one.squared + other.squared;
    let part = |of: Variance| of.squared.powi(2) / of.freedom.max(1) as f64;
    let parts = part(one) + part(other);
    let freedom = if parts > 0.0 {
        ((squared.powi(2) / parts) as usize).max(1)
    } else {
        one.freedom.min(other.freedom)
    };
    Variance { squared, freedom }
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    squares / values.len().saturating_sub(1).max(1) as f64
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The metrics that are had from blocks of time.
fn over_blocks(pairing: &Pairing) -> Vec<Estimate> {
    let (a, b) = (Sample::of(&pairing.a), Sample::of(&pairing.b));
    let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let (whole_a, whole_b) = (a.figures(&a.whole()), b.figures(&b.whole()));
    let mut differences: [Vec<f64>; 3] = Default::default();
    for _ in 0..RESAMPLES {
        let weights_a = a.draw(&mut random);
        let figures_b = if pairing.paired {
            b.figures(&weights_a)
        } else {
            b.figures(&b.draw(&mut random))
        };
        let figures_a = a.figures(&weights_a);
        for ((all, a), b) in differences.iter_mut().zip(figures_a).zip(figures_b) {
            all.extend(a.zip(b).map(|(a, b)| b - a));
        }
    }
    let alone = [a.run_by_run(), b.run_by_run()];
    let units = a.blocks().min(b.blocks());
    let metrics = [Metric::AgeP50, Metric::AgeP99, Metric::Starved];
    let mut estimates = Vec::new();
    for (index, metric) in metrics.into_iter().enumerate() {
        let (Some(a), Some(b)) = (whole_a[index], whole_b[index]) else {
            continue;
        };
        let [runs_a, runs_b] = &alone;
        let of_runs = |runs: &[[Option<f64>; 3]]| -> Option<Vec<f64>> {
            runs.iter().map(|figures| figures[index]).collect()
        };
        let runs = of_runs(runs_a).zip(of_runs(runs_b));
        let between = runs.and_then(|(a, b)| between_runs(&a, &b, pairing.paired));
        estimates.push(Estimate {
            metric,
            a,
            b,
            spread: spread(&differences[index], b - a, units, between),
        });
    }
    estimates
}

/// `None` of a single block, which can't be drawn in two ways.
fn spread(
    drawn: &[f64],
    difference: f64,
    units: usize,
    between_runs: Option<Variance>,
) -> Option<Spread> {
    if units < 2 || drawn.is_empty() {
        return None;
    }
    let squared = variance(drawn);
    // What is drawn varies with the blocks, of which there are many, and with the few runs: the more it does with
    // these, the less is known of how much. Drawing n runs from n takes their variance for (n - 1)/n of what it is.
    let of_runs = between_runs.map_or(0.0, |between| {
        let runs = (between.freedom + 1) as f64;
        (between.squared * (runs - 1.0) / runs).min(squared)
    });
    let Variance { freedom, .. } = together(
        Variance {
            squared: squared - of_runs,
            freedom: units - 1,
        },
        Variance {
            squared: of_runs,
            freedom: between_runs.map_or(1, |between| between.freedom),
        },
    );
    let wider = student::bound(0.05, freedom) / student::bound(0.05, usize::from(u16::MAX));
    let [low, high] = [quantile(drawn, 0.025)?, quantile(drawn, 0.975)?];
    Some(Spread {
        interval: [
            difference + (low - difference) * wider,
            difference + (high - difference) * wider,
        ],
        error: squared.sqrt(),
        freedom,
    })
}
