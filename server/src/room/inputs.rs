//! One player's inputs, kept until the tick that they are for.

use std::collections::VecDeque;

use protocol::datagram::SnapshotHeader;
use protocol::input::{InputBatch, MAX_INPUTS};
use protocol::tick::Tick;

/// Furthest ahead that an input may be for; one second at 60 ticks.
const HORIZON: u32 = 60;

/// Ticks for which the last input is repeated when none comes; half a second at 60 ticks. After
/// that the player counts as steering nowhere.
const PATIENCE: i64 = 30;

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// Inputs whose tick was over.
    pub(super) late: u32,
    /// Inputs too far ahead.
    pub(super) early: u32,
}

/// Inputs that were of no use, or that none came for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Missed {
    /// Inputs whose tick was over.
    pub(super) late: u64,
    /// Inputs too far ahead.
    pub(super) early: u64,
    /// Ticks that had the last input repeated, or none, because theirs had not come.
    pub(super) missed: u64,
}

/// Inputs by tick.
#[derive(Debug, Default)]
pub(super) struct InputBuffer<I> {
    /// One a tick, in their order.
    waiting: VecDeque<(Tick, I)>,
    /// The newest whose tick has begun.
    held: Option<Held<I>>,
    /// Those before it that no tick was made with, because they came too late; oldest first, at most
    /// [`MAX_INPUTS`] of them.
    unused: Vec<I>,
    newest: Option<Tick>,
}

#[derive(Clone, Copy, Debug)]
struct Held<I> {
    tick: Tick,
    input: I,
    /// Whether a tick was made with it: from then on it is repeated.
    is_used: bool,
}

impl<I> Held<I> {
    fn new(tick: Tick, input: I) -> Self {
        Self {
            tick,
            input,
            is_used: false,
        }
    }
}

impl<I: Copy + Default> InputBuffer<I> {
    /// Takes what is news of a batch that came in after `stepped`.
    pub(super) fn take(&mut self, stepped: Tick, batch: &InputBatch<I>) -> Taken {
        let mut taken = Taken::default();
        for (tick, input) in batch.by_tick() {
            if tick.since(stepped) > i64::from(HORIZON) {
                taken.early += 1;
                continue;
            }
            let is_news = self.newest.is_none_or(|newest| tick > newest);
            if is_news {
                self.newest = Some(tick);
            }
            if tick > stepped {
                self.wait(tick, *input);
            } else if is_news {
                self.hold(tick, *input);
                taken.late += 1;
            }
        }
        taken
    }

    /// The input for `tick`: the one meant for it, else the newest before it for a while, else
    /// the neutral one. An input is given as it came once, even if it came too late for its own
    /// tick: joined to the newest by `join` then. After that it is as `repeat` makes it. `None`
    /// when none has ever come.
    pub(super) fn for_tick(
        &mut self,
        tick: Tick,
        repeat: impl FnOnce(I) -> I,
        join: impl Fn(I, I) -> I,
    ) -> Option<I> {
        let is_due = |(waiting, _): &mut (Tick, I)| *waiting <= tick;
        while let Some((tick, input)) = self.waiting.pop_front_if(is_due) {
            self.hold(tick, input);
        }
        let held = self.held.as_mut()?;
        if tick.since(held.tick) > PATIENCE {
            self.unused.clear();
            return Some(I::default());
        }
        if held.is_used {
            held.input = repeat(held.input);
        }
        for unused in self.unused.drain(..).rev() {
            held.input = join(unused, held.input);
        }
        held.is_used = true;
        Some(held.input)
    }

    /// Keeps an input for its tick, unless there is one.
    fn wait(&mut self, tick: Tick, input: I) {
        let later = self.waiting.iter().rev();
        let later = later.take_while(|(other, _)| *other > tick).count();
        let place = self.waiting.len() - later;
        let before = place.checked_sub(1).and_then(|last| self.waiting.get(last));
        if before.is_none_or(|(other, _)| *other != tick) {
            self.waiting.insert(place, (tick, input));
        }
    }

    fn hold(&mut self, tick: Tick, input: I) {
        let before = self.held.replace(Held::new(tick, input));
        let unused = before.filter(|before| !before.is_used);
        if self.unused.len() < MAX_INPUTS {
            self.unused.extend(unused.map(|before| before.input));
        }
    }

    /// Whether any has ever come.
    pub(super) fn has_any(&self) -> bool {
        self.newest.is_some()
    }

    /// Whether the last call of [`Self::for_tick`] gave an input that was meant for another tick.
    pub(super) fn has_missed(&self, tick: Tick) -> bool {
        self.held.as_ref().is_some_and(|held| held.tick != tick)
    }

    /// Ticks by which the newest input is ahead of `tick`, negative when behind;
    /// [`SnapshotHeader::NO_INPUT`] when none has ever come.
    pub(super) fn lead(&self, tick: Tick) -> i8 {
        let lead = self
            .newest
            .map(|newest| newest.since(tick).clamp(-127, 127));
        lead.and_then(|lead| i8::try_from(lead).ok())
            .unwrap_or(SnapshotHeader::NO_INPUT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(input: u8) -> u8 {
        input
    }

    fn newest(_: u8, newest: u8) -> u8 {
        newest
    }

    fn batch(newest: u32, inputs: &[u8]) -> InputBatch<u8> {
        InputBatch {
            newest: Tick(newest),
            view_lag: 0,
            inputs: inputs.iter().copied().collect(),
        }
    }

    #[test]
    fn each_tick_gets_the_input_meant_for_it_though_datagrams_are_lost() {
        let mut buffer = InputBuffer::default();
        buffer.take(Tick(9), &batch(11, &[11, 10]));
        assert_eq!(buffer.for_tick(Tick(10), held, newest), Some(10));
        assert_eq!(buffer.for_tick(Tick(11), held, newest), Some(11));
        buffer.take(Tick(11), &batch(15, &[15, 14, 13, 12, 11, 10]));
        for tick in 12..=15 {
            assert_eq!(buffer.for_tick(Tick(tick), held, newest), Some(tick as u8));
        }
    }

    #[test]
    fn a_missing_input_repeats_the_last_and_then_lets_go() {
        let mut buffer = InputBuffer::default();
        assert_eq!(buffer.for_tick(Tick(1), held, newest), None);
        buffer.take(Tick(1), &batch(2, &[7]));
        for tick in 2..=32 {
            assert_eq!(buffer.for_tick(Tick(tick), held, newest), Some(7));
        }
        assert_eq!(buffer.for_tick(Tick(33), held, newest), Some(0));
    }

    /// A button pressed in bit 7, a direction in the others.
    fn released(input: u8) -> u8 {
        input & 0x7f
    }

    fn pressed(unused: u8, newest: u8) -> u8 {
        unused & 0x80 | newest
    }

    #[test]
    fn what_was_pressed_once_is_given_once_though_the_next_inputs_are_lost() {
        let mut buffer = InputBuffer::default();
        buffer.take(Tick(1), &batch(2, &[0x83]));
        assert_eq!(buffer.for_tick(Tick(2), released, pressed), Some(0x83));
        assert_eq!(buffer.for_tick(Tick(3), released, pressed), Some(3));
        // It comes again with a later datagram, as inputs do.
        buffer.take(Tick(3), &batch(4, &[3, 3, 0x83]));
        assert_eq!(buffer.for_tick(Tick(4), released, pressed), Some(3));
    }

    #[test]
    fn what_was_pressed_too_late_for_its_tick_is_given_with_the_next() {
        let mut buffer = InputBuffer::default();
        buffer.take(Tick(9), &batch(8, &[0x83]));
        assert_eq!(buffer.for_tick(Tick(10), released, pressed), Some(0x83));
        assert_eq!(buffer.for_tick(Tick(11), released, pressed), Some(3));
    }

    #[test]
    fn what_was_pressed_too_late_is_given_though_newer_inputs_came_with_it() {
        let mut buffer = InputBuffer::default();
        buffer.take(Tick(9), &batch(9, &[3, 0x83]));
        assert_eq!(buffer.for_tick(Tick(10), released, pressed), Some(0x83));
        assert_eq!(buffer.for_tick(Tick(11), released, pressed), Some(3));
        buffer.take(Tick(11), &batch(12, &[5, 0x83]));
        assert_eq!(buffer.for_tick(Tick(12), released, pressed), Some(0x85));
        assert_eq!(buffer.for_tick(Tick(13), released, pressed), Some(5));
    }

    #[test]
    fn inputs_out_of_time_are_counted() {
        let mut buffer = InputBuffer::default();
        assert_eq!(
            buffer.take(Tick(100), &batch(99, &[1, 1])),
            Taken { late: 2, early: 0 }
        );
        assert_eq!(
            buffer.take(Tick(100), &batch(161, &[1])),
            Taken { late: 0, early: 1 }
        );
        assert_eq!(
            buffer.take(Tick(100), &batch(u32::MAX, &[1])),
            Taken { late: 0, early: 1 }
        );
        assert_eq!(buffer.lead(Tick(100)), -1);
        assert_eq!(buffer.lead(Tick(1_000)), -127);
        let silent = InputBuffer::<u8>::default();
        assert_eq!(silent.lead(Tick(1)), SnapshotHeader::NO_INPUT);
        assert_eq!(buffer.for_tick(Tick(101), held, newest), Some(1));
    }
}
