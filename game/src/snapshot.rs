//! Fits a view's delta into a datagram: when not every change fits, those of lower priority wait, and what
//! waits gathers priority. What a player may see at all is not decided here.

use crate::wire::{Baseline, View, encode_delta};
use server::game::SnapshotBasis;

use super::priority::{Owed, Ranked, rank};

/// Bytes within which focus and own circle can always be told, whatever their values.
pub const LEAST_BUDGET: usize = 46;

/// What a client holds once it has taken a snapshot, and what it then still waits for. The default
/// is what every client holds from the start: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    baseline: Baseline,
    /// Only where something was left out.
    owed: Option<Box<Owed>>,
}

impl Told {
    /// What the client holds.
    #[must_use]
    pub fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    /// The view that the client holds.
    #[must_use]
    pub fn view(&self) -> &View {
        self.baseline.view()
    }

    /// Whether something that the player sees did not fit.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.owed.is_some()
    }

    fn followed_by(&self, view: View, age: u16, owed: Option<Box<Owed>>) -> Self {
        Self {
            baseline: self.baseline.followed_by(view, age),
            owed,
        }
    }
}

/// Appends bytes that tell `view` to a client that holds the basis' baseline, no more than its budget.
/// Returns what it holds then: all of it if that fits, otherwise the changes of highest priority, the rest
/// being as before.
///
/// A budget below [`LEAST_BUDGET`] may write nothing at all; what was held is returned then.
pub(super) fn write(basis: &SnapshotBasis<'_, Told>, view: View, out: &mut Vec<u8>) -> Told {
    let (held, age, budget) = (basis.baseline, basis.baseline_age, basis.budget);
    let start = out.len();
    encode_delta(&held.baseline, &view, age, out);
    if out.len() - start <= budget {
        return held.followed_by(view, age, None);
    }
    let ranked = rank(held.view(), &view, held.owed.as_deref(), age);
    let mut encode_first = |count: usize| {
        let partial = with_changes(held.view(), &view, &ranked[..count]);
        out.truncate(start);
        encode_delta(&held.baseline, &partial, age, out);
        (out.len() - start <= budget).then_some(partial)
    };
    let (mut fitting, mut too_many) = (0, ranked.len());
    while fitting + 1 < too_many {
        let middle = fitting + (too_many - fitting) / 2;
        match encode_first(middle) {
            Some(_) => fitting = middle,
            None => too_many = middle,
        }
    }
    let Some(partial) = encode_first(fitting) else {
        out.truncate(start);
        return held.clone();
    };
    let owed = Owed::of(&ranked[fitting..]);
    held.followed_by(partial, age, Some(Box::new(owed)))
}

/// The view when only these changes are made to `held`.
fn with_changes(held: &View, view: &View, changes: &[Ranked]) -> View {
    let mut partial = View {
        focus: view.focus,
        own: view.own,
        ..held.clone()
    };
    if partial.own.is_some() {
        partial.circles.retain(|circle| circle.seat != view.focus);
    }
    for change in changes {
        change.make(view, &mut partial);
    }
    partial
}
