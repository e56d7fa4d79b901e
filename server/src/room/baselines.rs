//! The views that a player was sent, kept so that later ones can be told as differences from one of them. Which of them
//! the player holds is the session's matter.

use std::collections::VecDeque;
use std::num::NonZeroU16;

use protocol::tick::Tick;

/// Views kept: one and a half seconds at 60 snapshots a second. A client keeps the last 128 that it decoded, of which 32 may
/// be late ones from before a baseline: the ack bits reach no further. So it holds whatever is named here.
const MOST: usize = 90;

/// The last views sent, oldest first.
pub(super) struct Baselines<V>(VecDeque<(Tick, V)>);

impl<V> Default for Baselines<V> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<V> Baselines<V> {
    /// Keeps what is sent at `tick`, in the place of the oldest when there are enough.
    pub(super) fn remember(&mut self, tick: Tick, view: V) {
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back((tick, view));
    }

    /// The view of the tick `held`, and how many ticks it is older than `tick`. `None` when it is no longer kept, or
    /// isn't older: what is sent then goes without a baseline. What the player holds only becomes newer, so those before it
    /// are forgotten.
    pub(super) fn before(&mut self, tick: Tick, held: Tick) -> Option<(NonZeroU16, &V)> {
        while self.0.pop_front_if(|(kept, _)| *kept < held).is_some() {}
        let (_, view) = self.0.iter().find(|(kept, _)| *kept == held)?;
        let age = u16::try_from(tick.since(held)).ok()?;
        Some((NonZeroU16::new(age)?, view))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was sent at every third tick up to `last`.
    fn sent_until(last: u32) -> Baselines<u32> {
        let mut baselines = Baselines::default();
        for tick in (0..=last).step_by(3) {
            baselines.remember(Tick(tick), tick);
        }
        baselines
    }

    #[test]
    fn a_view_that_was_sent_is_a_baseline_of_its_age() {
        let mut baselines = sent_until(30);
        let (age, view) = baselines.before(Tick(33), Tick(27)).unwrap();
        assert_eq!((age.get(), *view), (6, 27));
    }

    #[test]
    fn what_was_not_sent_or_is_not_older_is_no_baseline() {
        for (tick, held) in [(33, 28), (33, 36), (30, 30), (27, 30)] {
            let mut baselines = sent_until(30);
            assert_eq!(baselines.before(Tick(tick), Tick(held)), None, "{held}");
        }
        let mut baselines = sent_until(0);
        assert_eq!(
            baselines.before(Tick(70_000), Tick(0)),
            None,
            "age too large"
        );
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut baselines = sent_until(3 * 90);
        let mut is_held = |held| baselines.before(Tick(300), Tick(held)).is_some();
        assert!(!is_held(0));
        assert!((1..=90).all(|number| is_held(3 * number)));
        assert!(!is_held(3), "the player has held newer ones");
    }
}
