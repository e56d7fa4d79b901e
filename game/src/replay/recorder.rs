//! Writes one match down as it is played. It changes nothing in the game that it looks at.

use crate::digest::digest;
use crate::wire::{GameInput, MAX_SEATS, Phase};
use crate::{BattleCircles, Rules};
use protocol::codec::encode_into;
use protocol::seat::Seat;

use super::call::Call;
use super::mark::Mark;
use super::reading::Body;
use super::track::TrackWriter;
use super::{MAGIC, MAX_RECORDING, VERSION};

/// A match that is being played.
#[derive(Debug)]
pub(super) struct Recorder {
    start: Vec<u8>,
    /// Ticks made so far.
    ticks: u32,
    calls: Vec<u8>,
    /// In how many ticks the newest call was made.
    newest_call: u32,
    tracks: [TrackWriter; MAX_SEATS],
    marks: Vec<Mark>,
}

impl Recorder {
    /// A recorder of the match whose countdown has just begun.
    pub(super) fn new(game: &BattleCircles) -> Self {
        Self {
            start: game.to_checkpoint(),
            ticks: 0,
            calls: Vec::new(),
            newest_call: 0,
            tracks: Default::default(),
            marks: Vec::new(),
        }
    }

    /// A call before the next tick.
    pub(super) fn call(&mut self, call: &Call) {
        let gap = self.ticks - self.newest_call;
        self.newest_call = self.ticks;
        encode_into(&(gap, call), &mut self.calls);
    }

    /// The inputs of the tick that comes next; `game` is as before it.
    pub(super) fn inputs(&mut self, game: &BattleCircles, inputs: &[Option<GameInput>]) {
        for (index, track) in self.tracks.iter_mut().enumerate() {
            if has_hands_on(game, Seat(index as u8)) {
                let input = inputs.get(index).copied().flatten();
                track.push(self.ticks, input.unwrap_or_default());
            }
        }
    }

    /// A tick that was made.
    pub(super) fn tick(&mut self, game: &BattleCircles) {
        self.ticks += 1;
        if self.ticks.is_multiple_of(game.rules.tick_rate()) {
            self.marks.push(Mark::of(game));
        }
    }

    /// Whether more would pass [`MAX_RECORDING`].
    pub(super) fn is_full(&self) -> bool {
        let tracks = self.tracks.iter().map(|track| track.bytes().len());
        let marks = self.marks.len() * MOST_OF_A_MARK;
        self.start.len() + self.calls.len() + tracks.sum::<usize>() + marks > MAX_RECORDING - SPARE
    }

    /// The recording of a match that has just come to its end.
    pub(super) fn finish(&self, game: &BattleCircles) -> Vec<u8> {
        let rules: &Rules = &game.rules;
        let body = Body {
            tick_rate: rules.tick_rate() as u16,
            settings: rules.config().clone(),
            start: &self.start,
            ticks: self.ticks,
            calls: &self.calls,
            tracks: self.tracks.each_ref().map(TrackWriter::bytes),
            marks: self.marks.iter().copied().collect(),
            end: digest(&game.to_checkpoint()),
        };
        let mut out = [&MAGIC[..], &VERSION.to_le_bytes()].concat();
        encode_into(&body, &mut out);
        out.extend(digest(&out).to_le_bytes());
        out
    }
}

/// Six parts of three bytes.
const MOST_OF_A_MARK: usize = 18;

/// For what a tick and the calls before it can still add, and for what stands around the rest.
const SPARE: usize = 8_192;

/// Whether a player's input moves the circle of this seat in the next tick. No other is kept.
fn has_hands_on(game: &BattleCircles, seat: Seat) -> bool {
    let occupant = game.seats.occupant(seat);
    game.phase.phase == Phase::Playing
        && occupant.is_some_and(|one| !one.is_bot() && !one.is_parked)
        && game.arena.circle(seat).is_some()
}
