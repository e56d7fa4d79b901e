//! Whether a moment lies in a handover gap.

use std::time::Duration;

use super::{Gap, milliseconds, seconds};

/// Whether any gap covers `at`, counted from the configuration's start.
pub(super) fn any_covers(gaps: &[Gap], at: Duration) -> bool {
    gaps.iter().any(|gap| covers(gap, at))
}

fn covers(gap: &Gap, at: Duration) -> bool {
    let Some(into) = at.checked_sub(seconds(gap.at_s)) else {
        return false;
    };
    // Whole nanoseconds: a remainder of floating-point seconds is off by one packet at the edges.
    let into = match gap.every_s {
        Some(every_s) => into.as_nanos() % seconds(every_s).as_nanos().max(1),
        None => into.as_nanos(),
    };
    into < milliseconds(gap.for_ms).as_nanos()
}
