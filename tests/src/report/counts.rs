//! What a report comes to, in numbers of checks and runs.

use super::Report;

impl Report {
    /// How many checks failed and how many runs are no measurement, in words: `2 of 48 checks failed`.
    pub(super) fn counts(&self) -> String {
        let checks = self.verdict.checks.len();
        let failed = self
            .verdict
            .checks
            .iter()
            .filter(|check| !check.passed)
            .count();
        let broken = self.runs.iter().filter(|run| run.failure.is_some()).count();
        let mut words = match (self.runs.len(), checks, failed) {
            (0, 0, _) => "nothing was played".to_owned(),
            (_, 0, _) => "no threshold was set".to_owned(),
            (_, 1, 0) => "the one check passed".to_owned(),
            (_, _, 0) => format!("all {checks} checks passed"),
            _ => format!("{failed} of {checks} checks failed"),
        };
        if broken > 0 {
            let verb = if broken == 1 { "is" } else { "are" };
            words += &format!(
                ", {broken} of {} runs {verb} no measurement",
                self.runs.len()
            );
        }
        words
    }
}
