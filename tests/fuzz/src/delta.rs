//! Deltas of Battle Circles' views, each against the view that the one before made.

use game::wire::{Baseline, KNIBBLE_SLOTS, MAX_SEATS, decode_delta, encode_delta};

use crate::allocation::within;
use crate::script::Script;

/// Bytes that a view with its steps may take, and the copy that it is read into.
const MOST_OF_A_VIEW: usize = 16 * 1024;

/// A script of ages and deltas.
pub fn delta(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let mut baseline = Baseline::default();
    while let (Some(age), Some(delta)) = (script.short(), script.chunk()) {
        let read = within(MOST_OF_A_VIEW, || decode_delta(&baseline, age, delta));
        let Ok(next) = read else { continue };
        let view = next.view();
        assert!(view.circles.is_sorted_by(|one, next| one.seat < next.seat));
        assert!(
            view.circles
                .iter()
                .all(|circle| usize::from(circle.seat.0) < MAX_SEATS)
        );
        assert!(view.knibbles.is_sorted_by(|one, next| one.slot < next.slot));
        assert!(view.knibbles.len() <= KNIBBLE_SLOTS);
        assert!(view.own.is_none() || view.circle(view.focus).is_none());

        let mut again = Vec::new();
        encode_delta(&baseline, view, age, &mut again);
        assert_eq!(decode_delta(&baseline, age, &again).as_ref(), Ok(&next));
        baseline = next;
    }
}
