//! A recorded match, played again.

use core::fmt;

use crate::digest::digest;
use crate::wire::{GameEvent, GameInput, MAX_SEATS};
use crate::{BattleCircles, Ctx};
use protocol::tick::Tick;
use server::game::{Command, Context, Game};
use thiserror::Error;

use super::mark::Mark;
use super::reading::Recording;

/// Where this program's game goes another way than the recorded one did.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Divergence {
    /// The states after a second differ; those before were the same.
    #[error(
        "in second {second} of the recording, up to tick {}, this game goes another way: {} differ",
        .tick.0, .parts.join(", ")
    )]
    Second {
        /// Counted from 1 at the start of the countdown.
        second: u32,
        /// The tick after which they differ.
        tick: Tick,
        /// The parts of the state that do.
        parts: Vec<&'static str>,
    },
    /// The last states differ, or something that the marks don't cover does.
    #[error("at the end of the recording, in tick {}, this game is another", .0.0)]
    End(Tick),
}

/// A match that is being played again, a tick at a time.
pub struct Replay<'a> {
    recording: &'a Recording,
    game: BattleCircles,
    ctx: Ctx,
    /// Ticks made so far.
    made: u32,
    inputs: [Option<GameInput>; MAX_SEATS],
    /// Calls made so far, and changes of inputs by seat.
    calls: usize,
    changes: [usize; MAX_SEATS],
}

impl Recording {
    /// Plays the match from its start.
    #[must_use]
    pub fn replay(&self) -> Replay<'_> {
        let game = self.start.clone();
        let rate = self.rules().tick_rate() as u16;
        Replay {
            ctx: Context::new(game.tick, rate),
            recording: self,
            game,
            made: 0,
            inputs: [None; MAX_SEATS],
            calls: 0,
            changes: [0; MAX_SEATS],
        }
    }

    /// Plays the whole match and compares it with what was recorded, a second at a time.
    ///
    /// # Errors
    /// [`Divergence`], the first.
    pub fn verify(&self) -> Result<(), Divergence> {
        let mut replay = self.replay();
        let rate = self.rules().tick_rate();
        while replay.step().is_some() {
            if replay.made.is_multiple_of(rate) {
                self.compare(&replay, replay.made / rate)?;
            }
        }
        if self.end == digest(&replay.game.to_checkpoint()) {
            Ok(())
        } else {
            Err(Divergence::End(replay.game.tick))
        }
    }

    fn compare(&self, replay: &Replay<'_>, second: u32) -> Result<(), Divergence> {
        let tick = replay.game.tick;
        let then = self.marks.get(second as usize - 1);
        let then = then.ok_or(Divergence::End(tick))?;
        let parts = then.differences(Mark::of(&replay.game));
        if parts.is_empty() {
            return Ok(());
        }
        Err(Divergence::Second {
            second,
            tick,
            parts,
        })
    }
}

impl Replay<'_> {
    /// Makes the next tick and returns what the game asked of its room in it and before it; nothing
    /// after the last.
    pub fn step(&mut self) -> Option<Vec<Command<GameEvent>>> {
        if self.made == self.recording.ticks {
            return None;
        }
        let calls = &self.recording.calls[self.calls..];
        for (_, call) in calls.iter().take_while(|(made, _)| *made == self.made) {
            call.make(&mut self.game, &mut self.ctx);
            self.calls += 1;
        }
        self.turn_inputs();
        self.ctx.advance();
        self.game.tick(&mut self.ctx, &self.inputs);
        self.made += 1;
        Some(self.ctx.take())
    }

    /// The game after the last step, to look at through its snapshots.
    pub fn game(&mut self) -> &mut BattleCircles {
        &mut self.game
    }

    /// The tick that was made last.
    #[must_use]
    pub fn tick(&self) -> Tick {
        self.game.tick
    }

    fn turn_inputs(&mut self) {
        let tracks = self.recording.tracks.iter();
        let places = self.changes.iter_mut().zip(&mut self.inputs);
        for (track, (change, input)) in tracks.zip(places) {
            if let Some((_, new)) = track.get(*change).filter(|(tick, _)| *tick == self.made) {
                *input = Some(*new);
                *change += 1;
            }
        }
    }
}

impl fmt::Debug for Replay<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replay")
            .field("made", &self.made)
            .finish_non_exhaustive()
    }
}
