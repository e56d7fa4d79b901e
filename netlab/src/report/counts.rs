//! What a report comes to: its verdict in a word, and in numbers of checks and runs.

use super::{Report, Run};

/// The key of a check that asks whether a run is a measurement at all.
pub(super) const RAN: &str = "ran";

/// The verdict in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Passed,
    Failed,
    /// Nothing was asked, so nothing was found.
    Unasked,
}

impl Report {
    pub(super) fn outcome(&self) -> Outcome {
        match (self.verdict.passed(), self.verdict.checks.is_empty()) {
            (false, _) => Outcome::Failed,
            (true, false) => Outcome::Passed,
            (true, true) => Outcome::Unasked,
        }
    }

    /// How many checks failed and how many runs are no measurement, in words: `2 of 48 checks failed`.
    pub(super) fn counts(&self) -> String {
        let checks = self.verdict.checks.len();
        let failed = self
            .verdict
            .checks
            .iter()
            .filter(|check| !check.passed)
            .count();
        let faulty = self.runs.iter().filter(|run| run.fault().is_some()).count();
        let mut words = match (self.runs.len(), checks, failed) {
            (0, 0, _) => "nothing was played".to_owned(),
            (_, 0, _) => "no threshold was set".to_owned(),
            (_, 1, 0) => "the one check passed".to_owned(),
            (_, _, 0) => format!("all {checks} checks passed"),
            _ => format!("{failed} of {checks} checks failed"),
        };
        if faulty > 0 {
            let verb = if faulty == 1 { "is" } else { "are" };
            words += &format!(
                ", {faulty} of {} runs {verb} no measurement",
                self.runs.len()
            );
        }
        words
    }

    /// The runs that are no measurement, and of which no check tells it.
    pub(super) fn untold_faults(&self) -> impl Iterator<Item = &Run> {
        let is_told = |run: &Run| {
            let mut faults = self
                .verdict
                .checks
                .iter()
                .filter(|check| check.key == RAN && !check.passed);
            faults.any(|check| {
                (&check.profile, &check.player, check.way) == (&run.profile, &run.player, run.way)
            })
        };
        self.runs
            .iter()
            .filter(move |run| run.fault().is_some() && !is_told(run))
    }
}
