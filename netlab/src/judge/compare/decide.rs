//! What estimates mean: worse, better, or nothing that can be told. It draws no samples.

use super::Finding;
use super::bootstrap::{Estimate, Spread};
use super::student;

/// Of those called worse or better, no more are so by chance.
const FALSE_SHARE: f64 = 0.05;

/// One finding per estimate, in their order, after Benjamini and Hochberg's correction over all of them.
pub(super) fn findings<'a>(estimates: impl Iterator<Item = &'a Estimate>) -> Vec<Finding> {
    let alone: Vec<(Finding, f64)> = estimates.map(judge).collect();
    let mut chances: Vec<f64> = alone
        .iter()
        .filter(|(finding, _)| *finding != Finding::TooFewRuns)
        .map(|(_, chance)| *chance)
        .collect();
    chances.sort_by(f64::total_cmp);
    let tests = chances.len() as f64;
    // The greatest chance that still lies below its share of the line from 0 to FALSE_SHARE.
    let accepted = chances
        .iter()
        .enumerate()
        .filter(|(index, chance)| **chance <= FALSE_SHARE * (index + 1) as f64 / tests)
        .map(|(_, chance)| *chance)
        .next_back();
    alone
        .into_iter()
        .map(|(finding, chance)| match finding {
            Finding::Worse | Finding::Better if accepted.is_none_or(|most| chance > most) => {
                Finding::NoDifference
            }
            kept => kept,
        })
        .collect()
}

/// What an estimate means on its own, and how likely chance alone brings such a difference.
fn judge(estimate: &Estimate) -> (Finding, f64) {
    let Some(Spread {
        interval: [low, high],
        error,
        freedom,
    }) = estimate.spread
    else {
        return (Finding::TooFewRuns, 1.0);
    };
    let matters = estimate.metric.matters();
    let difference = estimate.b - estimate.a;
    let finding = if low > 0.0 && difference >= matters {
        Finding::Worse
    } else if high < 0.0 && difference <= -matters {
        Finding::Better
    } else {
        Finding::NoDifference
    };
    let chance = if difference == 0.0 {
        1.0
    } else if error > 0.0 {
        student::two_sided(difference / error, freedom)
    } else {
        0.0
    };
    (finding, chance)
}
