//! Whether one report is worse than another, by intervals and not by eye. It holds no limits: a change that worsens a
//! figure is worse even where the limit is kept.
//!
//! Ages and starved time come from a bootstrap over runs and, within them, over blocks of at least 2 s, since network
//! conditions are correlated in time. Where both reports have the same repeats with the same seeds, a run of A and its
//! partner in B met the same network conditions, and the same blocks are drawn from both. What a run has one value of
//! (the longest gap, the first snapshot) is compared by Student's t over the runs: a bootstrap of three values is far
//! too sure of itself. For the same reason the bootstrap's intervals are widened as far as the differences lie between
//! runs and not within them.
//!
//! A figure is called worse or better when its 95 % interval lies on one side of zero, the difference is no smaller
//! than what matters ([`Metric::matters`]), and that still holds after Benjamini and Hochberg's correction (1995) over
//! all figures of the comparison: of those called worse or better, no more than 5 % are so by chance.

mod blocks;
mod bootstrap;
mod decide;
mod pairing;
mod sample;
mod student;
mod text;

use crate::report::Report;
use crate::transport_under_test::TransportUnderTest;

pub use text::render;

/// What came of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// One per profile, player and way that both reports have, in the order of A.
    pub groups: Vec<Group>,
    /// What makes the two less comparable, in words.
    pub remarks: Vec<String>,
}

impl Comparison {
    /// Whether B is worse in anything.
    pub fn is_worse(&self) -> bool {
        let worse_row = |group: &Group| group.rows.iter().any(|row| row.finding == Finding::Worse);
        self.groups
            .iter()
            .any(|group| group.fails_more() || worse_row(group))
    }
}

/// One profile, player and way.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// The profile's name.
    pub profile: String,
    /// As [`crate::report::Run::player`].
    pub player: String,
    /// What was played over.
    pub way: TransportUnderTest,
    /// Runs that are a measurement, in A and in B.
    pub measured: [usize; 2],
    /// Runs that are none.
    pub failed: [usize; 2],
    /// Whether the runs met the same network conditions two by two.
    pub paired: bool,
    /// One per metric that both have.
    pub rows: Vec<Row>,
}

impl Group {
    /// Whether more runs were no measurement in B: worse, whatever the others say.
    pub fn fails_more(&self) -> bool {
        self.failed[1] > self.failed[0]
    }
}

/// One metric. Figures in the metric's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Which.
    pub metric: Metric,
    /// All runs of A together.
    pub a: f64,
    /// All runs of B together.
    pub b: f64,
    /// Where the difference B − A lies, at 95 %; none where the runs are too few to tell.
    pub interval: Option<[f64; 2]>,
    /// What that means.
    pub finding: Finding,
}

/// What is compared. Less is better in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// Median age at receipt, of all runs together.
    AgeP50,
    /// Age at the 99th percentile, of all runs together.
    AgeP99,
    /// Share of time starved, of all runs together.
    Starved,
    /// Longest span without a new snapshot; the mean over the runs.
    LongestGap,
    /// From the click to the first snapshot; the mean over the runs.
    FirstSnapshot,
}

impl Metric {
    /// Its name, with its unit.
    pub fn name(self) -> &'static str {
        match self {
            Self::AgeP50 => "age p50, ms",
            Self::AgeP99 => "age p99, ms",
            Self::Starved => "starved, %",
            Self::LongestGap => "longest gap, ms",
            Self::FirstSnapshot => "first snapshot, ms",
        }
    }

    /// The smallest difference that matters, in its unit. A player sees no smaller one: an eighth of a frame of age,
    /// a gap every few minutes, one snapshot's interval, a frame of waiting.
    pub fn matters(self) -> f64 {
        match self {
            Self::AgeP50 | Self::AgeP99 => 2.0,
            Self::Starved => 0.2,
            Self::LongestGap => 50.0,
            Self::FirstSnapshot => 20.0,
        }
    }
}

/// What an interval means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// B is worse by more than the smallest difference that matters.
    Worse,
    /// B is better by more than that.
    Better,
    /// Neither can be told.
    NoDifference,
    /// It would take at least two runs each.
    TooFewRuns,
}

/// Why two reports can't be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing to compare: A has {a}, and B has {b}")]
pub struct NothingInCommon {
    /// The profiles, players and ways of A.
    pub a: String,
    /// Those of B.
    pub b: String,
}

/// Compares two reports; the same two always give the same answer.
///
/// # Errors
/// When they have no profile, player and way in common.
pub fn compare(a: &Report, b: &Report) -> Result<Comparison, NothingInCommon> {
    let pairings = pairing::pairings(a, b);
    if pairings.is_empty() {
        return Err(NothingInCommon {
            a: pairing::contents(a),
            b: pairing::contents(b),
        });
    }
    let estimates: Vec<_> = pairings.iter().map(bootstrap::estimates).collect();
    let mut findings = decide::findings(estimates.iter().flatten()).into_iter();
    let groups = pairings
        .iter()
        .zip(&estimates)
        .map(|(pairing, estimates)| Group {
            profile: pairing.profile.to_owned(),
            player: pairing.player.to_owned(),
            way: pairing.way,
            measured: [pairing.a.len(), pairing.b.len()],
            failed: pairing.failed,
            paired: pairing.paired,
            rows: estimates
                .iter()
                .zip(findings.by_ref())
                .map(|(estimate, finding)| Row {
                    metric: estimate.metric,
                    a: estimate.a,
                    b: estimate.b,
                    interval: estimate.spread.map(|spread| spread.interval),
                    finding,
                })
                .collect(),
        })
        .collect();
    Ok(Comparison {
        groups,
        remarks: pairing::remarks(a, b),
    })
}
