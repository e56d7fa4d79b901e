//! The game with a recorder at its side.

use crate::respawn::Fingerprint;
use crate::wire::{GameAction, GameEvent, GameInput, GameWelcome, Name, Phase};
use crate::{BattleCircles, Ctx, NoOptions, Told};
use protocol::seat::Seat;
use server::game::{Game, Listing, Player, Refusal, SnapshotBasis};

use super::call::Call;
use super::recorder::Recorder;

/// What became of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A match that was played to its end, for [`super::Recording::parse`].
    Whole(Vec<u8>),
    /// The match goes on, but takes more than [`super::MAX_RECORDING`]: nothing of it is kept.
    TooLong,
}

/// [`BattleCircles`] that hands out a recording of each match that is played to its end. One that
/// all players leave is dropped, and so is one that began before [`Game::restore`]. A match takes
/// memory as it goes on, [`super::MAX_RECORDING`] at most.
pub struct Recorded {
    game: BattleCircles,
    recorder: Option<Recorder>,
    sink: Option<Sink>,
}

/// Takes recordings, at the end of a tick: it must not take long.
pub type Sink = Box<dyn FnMut(Outcome) + Send>;

impl Recorded {
    /// A game whose recordings go to `sink`; without one none are made.
    #[must_use]
    pub fn new(game: BattleCircles, sink: Option<Sink>) -> Self {
        Self {
            game,
            recorder: None,
            sink,
        }
    }

    fn hand_out(&mut self, outcome: Outcome) {
        if let Some(sink) = &mut self.sink {
            sink(outcome);
        }
    }

    /// The game itself.
    #[must_use]
    pub fn game(&self) -> &BattleCircles {
        &self.game
    }

    fn record(&mut self, call: Call) {
        if let Some(recorder) = &mut self.recorder {
            recorder.call(&call);
        }
        self.drop_if_full();
    }

    fn drop_if_full(&mut self) {
        if self.recorder.as_ref().is_some_and(Recorder::is_full) {
            self.recorder = None;
            self.hand_out(Outcome::TooLong);
        }
    }

    /// Ends and begins recordings as the tick that was made says.
    fn follow(&mut self) {
        let phase = &self.game.phase;
        let has_just_begun = phase.started == self.game.tick;
        if let Some(recorder) = &mut self.recorder {
            recorder.tick(&self.game);
        }
        match phase.phase {
            Phase::Countdown if has_just_begun => {
                self.recorder = self.sink.is_some().then(|| Recorder::new(&self.game));
            }
            Phase::Countdown | Phase::Playing => self.drop_if_full(),
            Phase::Lobby => self.recorder = None,
            Phase::Results => {
                if let Some(recorder) = self.recorder.take() {
                    let recording = recorder.finish(&self.game);
                    self.hand_out(Outcome::Whole(recording));
                }
            }
        }
    }
}

impl Game for Recorded {
    type Options = NoOptions;
    type Input = GameInput;
    type Action = GameAction;
    type Event = GameEvent;
    type Welcome = GameWelcome;
    type View = Told;

    fn admit(&mut self, ctx: &mut Ctx, who: &Player, options: NoOptions) -> Result<Seat, Refusal> {
        self.record(Call::Admit(
            Name::new(who.name.as_str()).unwrap_or_default(),
            Fingerprint::of(who),
        ));
        self.game.admit(ctx, who, options)
    }

    fn leave(&mut self, ctx: &mut Ctx, seat: Seat) {
        self.record(Call::Leave(seat));
        self.game.leave(ctx, seat);
    }

    fn park(&mut self, ctx: &mut Ctx, seat: Seat, parked: bool) {
        self.record(Call::Park(seat, parked));
        self.game.park(ctx, seat, parked);
    }

    fn act(&mut self, ctx: &mut Ctx, seat: Seat, action: GameAction) -> Result<(), Refusal> {
        self.record(Call::Act(seat, action));
        self.game.act(ctx, seat, action)
    }

    fn tick(&mut self, ctx: &mut Ctx, inputs: &[Option<GameInput>]) {
        if let Some(recorder) = &mut self.recorder {
            recorder.inputs(&self.game, inputs);
        }
        self.game.tick(ctx, inputs);
        self.follow();
    }

    fn repeat(input: GameInput) -> GameInput {
        BattleCircles::repeat(input)
    }

    fn join(unused: GameInput, newest: GameInput) -> GameInput {
        BattleCircles::join(unused, newest)
    }

    fn welcome(&self, seat: Seat) -> GameWelcome {
        self.game.welcome(seat)
    }

    fn catch_up(&self, seat: Seat) -> Vec<GameEvent> {
        self.game.catch_up(seat)
    }

    fn write_snapshot(
        &mut self,
        seat: Seat,
        basis: SnapshotBasis<'_, Told>,
        out: &mut Vec<u8>,
    ) -> Told {
        self.game.write_snapshot(seat, basis, out)
    }

    fn listing(&self) -> Listing {
        self.game.listing()
    }

    fn checkpoint(&self) -> Option<Vec<u8>> {
        self.game.checkpoint()
    }

    fn restore(&mut self, checkpoint: &[u8]) -> Result<(), Refusal> {
        self.recorder = None;
        self.game.restore(checkpoint)
    }
}
