//! Tag: figures run about a plane, one of them is it, and a touch passes that on. A whole game on
//! the engine's public interfaces, small enough to begin one's own from.

pub mod figure;
pub mod movement;
mod snapshot;
pub mod state;
pub mod wire;

use protocol::codec::{decode, encode};
use protocol::seat::Seat;
use server::game::{Context, Game, Listing, Player, Refusal, RoomInfo, SnapshotBasis};

use figure::Figure;
use movement::{Tuning, step};
use snapshot::View;
use state::State;
use wire::{Event, Input, NoAction, Options, Welcome};

/// Refusal: `speed` is not 1 to 3.
pub const BAD_SPEED: u16 = 1;
/// Refusal: every seat is taken.
pub const FULL: u16 = 2;
/// Refusal: a checkpoint that is none.
pub const BAD_CHECKPOINT: u16 = 3;

/// How long a round is, in seconds.
const ROUND: u32 = 60;

/// Most bytes of a checkpoint.
const MAX_CHECKPOINT: usize = 4_096;

/// A room's game.
#[derive(Debug)]
pub struct Tag {
    state: State,
    speed: u8,
    tick_rate: u16,
    tuning: Tuning,
    seconds_left: u8,
}

impl Tag {
    /// The game of a new room.
    ///
    /// # Errors
    /// [`BAD_SPEED`].
    pub fn new(room: &RoomInfo<Options>) -> Result<Self, Refusal> {
        let speed = room.options.speed.unwrap_or(2);
        if !(1..=3).contains(&speed) {
            return Err(Refusal::new(BAD_SPEED, "speed is from 1 to 3"));
        }
        Ok(Self {
            state: State::default(),
            speed,
            tick_rate: room.tick_rate,
            tuning: Tuning::new(speed, room.tick_rate),
            seconds_left: ROUND as u8,
        })
    }

    /// What the game is like now.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Half a second, in ticks.
    fn protection(&self) -> u16 {
        self.tick_rate / 2
    }

    fn move_figures(&mut self, ctx: &mut Context<Event>, inputs: &[Option<Input>]) {
        for (seat, input) in inputs.iter().enumerate() {
            let seat = Seat(seat as u8);
            let is_it = self.state.it == Some(seat);
            let Some(figure) = self.state.figure_mut(seat) else {
                continue;
            };
            let before = figure.body;
            figure.body = step(before, input.unwrap_or_default(), &self.tuning);
            figure.free_ticks += u32::from(!is_it);
            if figure.body.rest > before.rest {
                ctx.emit(Event::Dashed { seat });
            }
        }
    }

    fn pass_on(&mut self, ctx: &mut Context<Event>) {
        self.state.protection = self.state.protection.saturating_sub(1);
        if let Some((by, whom)) = self.state.touched(&self.tuning) {
            self.state.it = Some(whom);
            self.state.protection = self.protection();
            ctx.emit(Event::Tagged { by, whom });
        }
    }

    fn end_round(&mut self, ctx: &mut Context<Event>) {
        let rate = u32::from(self.tick_rate);
        let gone = ctx.tick().since(self.state.started).max(0) as u32;
        self.seconds_left = ROUND.saturating_sub(gone / rate) as u8;
        if gone < ROUND * rate {
            return;
        }
        let record = self.state.record();
        if let Some(best) = record
            .standings
            .iter()
            .min_by_key(|standing| standing.place)
        {
            ctx.emit(Event::Won { seat: best.seat });
            ctx.finish(record);
        }
        self.state.started = ctx.tick();
        for figure in self.state.figures.iter_mut().flatten() {
            figure.free_ticks = 0;
        }
    }
}

impl Game for Tag {
    type Options = Options;
    type Input = Input;
    type Action = NoAction;
    type Event = Event;
    type Welcome = Welcome;
    type View = View;

    fn admit(
        &mut self,
        ctx: &mut Context<Event>,
        who: &Player,
        _: Options,
    ) -> Result<Seat, Refusal> {
        let seat = self.state.free_seat();
        let seat = seat.ok_or_else(|| Refusal::new(FULL, "every seat is taken"))?;
        let name = who.name.to_string();
        let figure = Figure::new(name.clone(), &self.state.bodies(), &self.tuning);
        self.state.figures[usize::from(seat.0)] = Some(figure);
        self.state.choose_it(self.protection());
        ctx.emit(Event::Joined { seat, name });
        Ok(seat)
    }

    fn leave(&mut self, ctx: &mut Context<Event>, seat: Seat) {
        let place = self.state.figures.get_mut(usize::from(seat.0));
        if place.and_then(Option::take).is_some() {
            self.state.choose_it(self.protection());
            ctx.emit(Event::Left { seat });
        }
    }

    fn park(&mut self, _: &mut Context<Event>, seat: Seat, parked: bool) {
        if let Some(figure) = self.state.figure_mut(seat) {
            figure.is_away = parked;
        }
        self.state.choose_it(self.protection());
    }

    fn act(&mut self, _: &mut Context<Event>, _: Seat, action: NoAction) -> Result<(), Refusal> {
        match action {}
    }

    fn tick(&mut self, ctx: &mut Context<Event>, inputs: &[Option<Input>]) {
        self.move_figures(ctx, inputs);
        self.pass_on(ctx);
        self.end_round(ctx);
    }

    /// A dash is pressed once; a direction stays held.
    fn repeat(input: Input) -> Input {
        input.held()
    }

    /// A dash that comes late is a dash.
    fn join(unused: Input, newest: Input) -> Input {
        Input(newest.0 | unused.0 & Input::DASH)
    }

    fn welcome(&self, seat: Seat) -> Welcome {
        Welcome {
            seat,
            tuning: self.tuning,
        }
    }

    fn catch_up(&self, _: Seat) -> Vec<Event> {
        let joined = |(seat, figure): (Seat, &Figure)| Event::Joined {
            seat,
            name: figure.name.clone(),
        };
        self.state.players().map(joined).collect()
    }

    fn write_snapshot(
        &mut self,
        seat: Seat,
        basis: SnapshotBasis<'_, View>,
        out: &mut Vec<u8>,
    ) -> View {
        snapshot::write(&self.state, self.seconds_left, seat, basis.baseline, out)
    }

    fn listing(&self) -> Listing {
        Listing {
            bots: 0,
            label: format!("speed {}", self.speed),
        }
    }

    fn checkpoint(&self) -> Option<Vec<u8>> {
        Some(encode(&self.state))
    }

    fn restore(&mut self, checkpoint: &[u8]) -> Result<(), Refusal> {
        self.state = decode(checkpoint, MAX_CHECKPOINT)
            .map_err(|error| Refusal::new(BAD_CHECKPOINT, error.to_string()))?;
        Ok(())
    }
}
