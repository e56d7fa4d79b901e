//! A report's runs as people read them: by profile and player, then by way, repeats taken together. It judges nothing.

use super::{Check, Report, Run};
use crate::figures::{median, quantile};
use crate::transport_under_test::TransportUnderTest;

/// All that one player did on one profile.
pub(super) struct Group<'a> {
    pub(super) profile: &'a str,
    pub(super) player: &'a str,
    /// In the order played; one may have checks and no run.
    pub(super) ways: Vec<WayRuns<'a>>,
    /// In the order of the verdict.
    pub(super) checks: Vec<&'a Check>,
}

/// The repeats of one way.
pub(super) struct WayRuns<'a> {
    pub(super) way: TransportUnderTest,
    pub(super) runs: Vec<&'a Run>,
}

/// In the order played, and after them what has checks alone.
pub(super) fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut groups = Vec::new();
    for run in &report.runs {
        let group = group_of(&mut groups, &run.profile, &run.player);
        way_of(group, run.way).runs.push(run);
    }
    for check in &report.verdict.checks {
        let group = group_of(&mut groups, &check.profile, &check.player);
        way_of(group, check.way);
        group.checks.push(check);
    }
    groups
}

fn group_of<'a, 'g>(
    groups: &'g mut Vec<Group<'a>>,
    profile: &'a str,
    player: &'a str,
) -> &'g mut Group<'a> {
    let known = groups
        .iter()
        .position(|group| group.profile == profile && group.player == player);
    let at = known.unwrap_or_else(|| {
        groups.push(Group {
            profile,
            player,
            ways: Vec::new(),
            checks: Vec::new(),
        });
        groups.len() - 1
    });
    &mut groups[at]
}

fn way_of<'a, 'g>(group: &'g mut Group<'a>, way: TransportUnderTest) -> &'g mut WayRuns<'a> {
    let known = group.ways.iter().position(|runs| runs.way == way);
    let at = known.unwrap_or_else(|| {
        group.ways.push(WayRuns {
            way,
            runs: Vec::new(),
        });
        group.ways.len() - 1
    });
    &mut group.ways[at]
}

impl<'a> Group<'a> {
    /// Whether anything was played; a verdict may name what was not.
    pub(super) fn has_runs(&self) -> bool {
        self.ways.iter().any(|runs| !runs.runs.is_empty())
    }

    /// The runs that are a measurement.
    pub(super) fn measured(&self) -> impl Iterator<Item = &'a Run> {
        self.ways.iter().flat_map(WayRuns::measured)
    }
}

impl<'a> WayRuns<'a> {
    /// The runs that are a measurement.
    pub(super) fn measured(&self) -> impl Iterator<Item = &'a Run> {
        self.runs
            .iter()
            .copied()
            .filter(|run| run.fault().is_none())
    }

    /// The runs that are none.
    pub(super) fn faulty(&self) -> impl Iterator<Item = &'a Run> {
        self.runs
            .iter()
            .copied()
            .filter(|run| run.fault().is_some())
    }

    /// The spread of a figure over the runs that are a measurement; `None` without any that has it.
    pub(super) fn spread(&self, figure: impl Fn(&Run) -> Option<f64>) -> Option<Spread> {
        Spread::of(self.measured().filter_map(figure))
    }
}

/// One figure over several repeats.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) min: f64,
    pub(super) median: f64,
    pub(super) max: f64,
}

impl Spread {
    /// Of the finite values; `None` without any.
    pub(super) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let finite: Vec<f64> = values
            .into_iter()
            .filter(|value| value.is_finite())
            .collect();
        Some(Self {
            min: quantile(&finite, 0.0)?,
            median: median(&finite)?,
            max: quantile(&finite, 1.0)?,
        })
    }
}
