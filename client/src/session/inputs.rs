//! What goes out of the player's ticks: an input for each, repeated until acknowledged. When each tick is stands in
//! [`super::input_clock`].

use std::collections::VecDeque;
use std::time::Duration;

use protocol::codec::{encode, encode_into};
use protocol::input::{InputBatch, MAX_INPUTS};
use protocol::state_lane::StateLane;
use protocol::tick::Tick;
use serde::Serialize;

use super::input_clock::InputClock;

/// Input datagrams a second.
const RATE: u32 = 30;

/// Even with no new tick to tell of, acknowledgements go out this often.
const IDLE: Duration = Duration::from_millis(100);

/// Sends one player's inputs.
#[derive(Debug)]
pub(super) struct Inputs<I> {
    clock: InputClock,
    send_every: u32,
    /// The inputs of the last ticks, newest first.
    history: VecDeque<I>,
    /// The tick of the newest.
    newest: Option<Tick>,
    sent: Option<(Tick, Duration)>,
}

impl<I: Clone + Serialize> Inputs<I> {
    pub(super) fn new(tick_rate: u16) -> Self {
        Self {
            clock: InputClock::new(tick_rate),
            send_every: (u32::from(tick_rate) / RATE).max(1),
            history: VecDeque::with_capacity(MAX_INPUTS),
            newest: None,
            sent: None,
        }
    }

    pub(super) fn set_lead(&mut self, ticks: u16) {
        self.clock.set_lead(ticks);
    }

    /// Takes what a new snapshot tells of time.
    pub(super) fn on_snapshot(
        &mut self,
        now: Duration,
        tick: Tick,
        lead: i8,
        round_trip: Option<Duration>,
    ) {
        self.clock.on_snapshot(now, tick, lead, round_trip);
    }

    /// The datagram that is due, if one is.
    pub(super) fn due(
        &mut self,
        now: Duration,
        state: &mut StateLane,
        input: impl FnMut(Tick) -> I,
    ) -> Option<Vec<u8>> {
        let newest = self.clock.tick(now)?;
        self.remember(newest, input);
        let is_due = self.sent.is_none_or(|(tick, at)| {
            newest.since(tick) >= i64::from(self.send_every) || now.abs_diff(at) >= IDLE
        });
        if !is_due {
            return None;
        }
        self.sent = Some((newest, now));
        let oldest = state.acked_tick().map_or(Tick(0), |acked| acked.plus(1));
        let mut datagram = encode(&state.send(now, newest));
        encode_into(&self.batch(newest, oldest), &mut datagram);
        Some(datagram)
    }

    /// When [`Self::due`] will have one.
    pub(super) fn next_due(&self) -> Option<Duration> {
        let Some((tick, at)) = self.sent else {
            return self.clock.has_begun().then_some(Duration::ZERO);
        };
        let next_tick = self.clock.time_of(tick.plus(self.send_every));
        Some(next_tick.map_or(at + IDLE, |time| time.min(at + IDLE)))
    }

    /// Asks for the inputs of the ticks up to `newest` that have come since the last time.
    fn remember(&mut self, newest: Tick, mut input: impl FnMut(Tick) -> I) {
        let earliest = newest.minus(MAX_INPUTS as u32 - 1);
        let from = self
            .newest
            .map_or(earliest, |known| known.plus(1).max(earliest));
        for tick in from.0..=newest.0 {
            self.history.truncate(MAX_INPUTS - 1);
            self.history.push_front(input(Tick(tick)));
        }
        self.newest = Some(newest);
    }

    /// All inputs from `oldest` to `newest` that fit.
    fn batch(&self, newest: Tick, oldest: Tick) -> InputBatch<I> {
        let unacknowledged = usize::try_from(newest.since(oldest) + 1).unwrap_or(0);
        let inputs = self.history.iter().take(unacknowledged).cloned();
        InputBatch {
            newest,
            view_lag: 0,
            inputs: inputs.collect(),
        }
    }
}
