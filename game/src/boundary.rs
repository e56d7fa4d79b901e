//! The boundary's course: how large the safe part of the arena is at which tick. Not what happens
//! to those outside it.

use crate::wire::{MAX_STAGES, ShrinkStage};
use protocol::bounded::BoundedVec;
use protocol::tick::Tick;

use super::rules::{Rules, pixels};

/// The boundary of one game.
#[derive(Clone, Debug, Default)]
pub(super) struct Boundary {
    /// When play begins; nothing before the first countdown.
    start: Option<Tick>,
    /// Radius before the first stage, in pixels.
    initial: u16,
    stages: BoundedVec<ShrinkStage, MAX_STAGES>,
}

impl Boundary {
    /// The course of a game that begins to be played at `start`.
    pub(super) fn new(rules: &Rules, start: Tick) -> Self {
        let in_pixels = |radius: u32| u16::try_from(radius).unwrap_or(u16::MAX);
        let initial = in_pixels(rules.config().arena_radius);
        let (mut from, mut held_since) = (initial, start);
        let stages = rules.config().boundary.iter().map(|stage| {
            let start = held_since.plus(rules.ticks(stage.hold_seconds));
            let end = start.plus(rules.ticks(stage.shrink_seconds));
            let to = in_pixels(stage.radius);
            let shrink = ShrinkStage {
                start,
                end,
                from,
                to,
            };
            (from, held_since) = (to, end);
            shrink
        });
        Self {
            start: Some(start),
            initial,
            stages: stages.collect(),
        }
    }

    /// What the course follows from, beside the rules.
    pub(super) fn start(&self) -> Option<Tick> {
        self.start
    }

    pub(super) fn stages(&self) -> &BoundedVec<ShrinkStage, MAX_STAGES> {
        &self.stages
    }

    /// When the stage after the first so many begins to shrink, if there are so many.
    pub(super) fn shrinks_after(&self, stages: u32) -> Option<Tick> {
        self.stages.get(stages as usize).map(|stage| stage.start)
    }

    /// Radius in 1/256 px.
    pub(super) fn radius_at(&self, tick: Tick) -> u32 {
        let begun = self.stages.iter().rev().find(|stage| stage.start <= tick);
        begun.map_or(pixels(self.initial.into()), |stage| radius_in(stage, tick))
    }
}

fn radius_in(stage: &ShrinkStage, tick: Tick) -> u32 {
    let (from, to) = (pixels(stage.from.into()), pixels(stage.to.into()));
    if tick >= stage.end {
        return to;
    }
    let lost = u64::from(from.saturating_sub(to));
    let passed = u64::from(tick.0 - stage.start.0);
    let whole = u64::from(stage.end.0 - stage.start.0);
    from - u32::try_from(lost * passed / whole).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::GameConfig;

    #[test]
    fn the_boundary_holds_shrinks_evenly_and_stays() {
        let rules = Rules::new(GameConfig::default(), 60).unwrap();
        let boundary = Boundary::new(&rules, Tick(1_000));
        let at = |seconds: u32| boundary.radius_at(Tick(1_000 + seconds * 60)) / 256;
        assert_eq!(
            [at(0), at(25), at(40), at(59)],
            [1_600, 1_600, 1_200, 1_200]
        );
        assert_eq!(boundary.radius_at(Tick(1_000 + 25 * 60 + 450)), 1_400 * 256);
        assert_eq!([at(75), at(110), at(150), at(10_000)], [800, 450, 220, 220]);
        assert_eq!(boundary.radius_at(Tick(0)), 1_600 * 256);
    }

    #[test]
    fn the_stages_told_to_clients_join_up() {
        let rules = Rules::new(GameConfig::default(), 60).unwrap();
        let boundary = Boundary::new(&rules, Tick(180));
        let stages = boundary.stages();
        assert_eq!(stages.len(), 4);
        assert_eq!((stages[0].start, stages[0].from), (Tick(1_680), 1_600));
        for pair in stages.windows(2) {
            assert_eq!(pair[0].to, pair[1].from);
            assert!(pair[0].end <= pair[1].start);
        }
    }
}
