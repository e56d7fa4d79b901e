//! Which runs of two reports stand against each other; it looks at none of their figures.

use super::blocks::whole_seconds;
use crate::report::{ProfileNote, Report, Run};
use crate::transport_under_test::TransportUnderTest;

/// One profile, player and way that both reports have.
pub(super) struct Pairing<'a> {
    pub(super) profile: &'a str,
    pub(super) player: &'a str,
    pub(super) way: TransportUnderTest,
    /// The runs of A that are a measurement; where `paired`, the partner of each stands at the same place in `b`.
    pub(super) a: Vec<&'a Run>,
    pub(super) b: Vec<&'a Run>,
    pub(super) failed: [usize; 2],
    pub(super) paired: bool,
}

type Key<'a> = (&'a str, &'a str, TransportUnderTest);

/// In the order of A.
pub(super) fn pairings<'a>(a: &'a Report, b: &'a Report) -> Vec<Pairing<'a>> {
    let in_b = keys(b);
    keys(a)
        .into_iter()
        .filter(|key| in_b.contains(key))
        .map(|key| pairing(key, a, b))
        .collect()
}

fn pairing<'a>(key: Key<'a>, a: &'a Report, b: &'a Report) -> Pairing<'a> {
    let (mut a_runs, a_failed) = runs(a, key);
    let (mut b_runs, b_failed) = runs(b, key);
    let conditions = |run: &&Run| (run.repeat, run.seed, whole_seconds(run).to_bits());
    a_runs.sort_by_key(conditions);
    b_runs.sort_by_key(conditions);
    let paired = a_runs
        .iter()
        .map(conditions)
        .eq(b_runs.iter().map(conditions));
    let (profile, player, way) = key;
    Pairing {
        profile,
        player,
        way,
        a: a_runs,
        b: b_runs,
        failed: [a_failed, b_failed],
        paired,
    }
}

/// What makes two reports less comparable.
pub(super) fn remarks(a: &Report, b: &Report) -> Vec<String> {
    let mut remarks = Vec::new();
    if a.place != b.place {
        remarks.push("A and B had their link in different places.".to_owned());
    }
    let note = |report: &'_ Report, name: &str| -> Option<ProfileNote> {
        let mut notes = report.profiles.iter();
        notes.find(|note| note.name == name).cloned()
    };
    for described in &a.profiles {
        let other = note(b, &described.name);
        if other.is_some_and(|other| other != *described) {
            remarks.push(format!(
                "A and B describe the profile {} differently.",
                described.name
            ));
        }
    }
    remarks
}

/// The profiles, players and ways of a report, in words.
pub(super) fn contents(report: &Report) -> String {
    let names: Vec<String> = keys(report)
        .into_iter()
        .map(|(profile, player, way)| format!("{profile} {player} {way}"))
        .collect();
    if names.is_empty() {
        "no runs".to_owned()
    } else {
        names.join(", ")
    }
}

fn keys(report: &Report) -> Vec<Key<'_>> {
    let mut keys: Vec<Key> = Vec::new();
    for run in &report.runs {
        let key = key_of(run);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn key_of(run: &Run) -> Key<'_> {
    (&run.profile, &run.player, run.way)
}

/// Those that are a measurement, and how many are none.
fn runs<'a>(report: &'a Report, key: Key) -> (Vec<&'a Run>, usize) {
    let (measured, failed): (Vec<_>, Vec<_>) = report
        .runs
        .iter()
        .filter(|run| key_of(run) == key)
        .partition(|run| run.fault().is_none());
    (measured, failed.len())
}
