//! Single figures of a run as reports show them: none where there is nothing to tell.

use super::{Figures, Quantiles, Run};

/// Snapshots that never came in, in percent of those sent.
pub(super) fn lost_percent(figures: &Figures) -> Option<f64> {
    let sent = f64::from(figures.sent);
    let missing = f64::from(figures.sent.saturating_sub(figures.arrived));
    (figures.sent > 0).then(|| missing / sent * 100.0)
}

/// An age in milliseconds.
pub(super) fn age(figures: &Figures, pick: impl Fn(&Quantiles) -> f64) -> Option<f64> {
    (figures.arrived > 0).then(|| pick(&figures.age))
}

/// What the way starved more than the path made it, in points of percent.
pub(super) fn starved_above_floor(run: &Run) -> f64 {
    run.figures.starved_percent - run.floor.starved_percent
}

/// Payload and headers that the path carried down, in kbit/s.
pub(super) fn kbit_per_s_down(run: &Run) -> Option<f64> {
    let bytes = run.connection.link_bytes_down?;
    (run.seconds > 0.0).then(|| bytes as f64 * 8.0 / 1_000.0 / run.seconds)
}
