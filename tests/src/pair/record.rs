//! A game that keeps a record of all that passes between it and the room: the views that it gave, the events that
//! it told, the inputs and actions that it got. What clients hold is judged by it; it judges nothing itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use game::Told;
use game::wire::{GameEvent, GameInput, MAX_SEATS, View};
use protocol::codec::encode;
use protocol::seat::Seat;
use protocol::tick::Tick;
use server::game::{Audience, Command, Context, Game, Listing, Player, Refusal, SnapshotBasis};

use super::steering;

/// Ticks for which views are kept: over a minute at 60 a second, and no snapshot is on its way for so long.
const KEPT: u32 = 4_800;

/// All that is on record, by player's name.
pub(super) type Record = BTreeMap<String, PlayerRecord>;

/// What is on record of one player.
#[derive(Debug, Default)]
pub struct PlayerRecord {
    /// What the player was to see at each tick that a snapshot was written for.
    pub views: BTreeMap<Tick, View>,
    /// Snapshots written.
    pub snapshots: u64,
    /// What the player was to be told, in order.
    pub events: Vec<(Tick, Vec<u8>)>,
    /// Numbers of the actions that came in, in order.
    pub actions: Vec<u32>,
    /// What the inputs were that the game was stepped with.
    pub inputs: InputTally,
}

/// Inputs by what they were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InputTally {
    /// Meant for the tick.
    pub on_time: u64,
    /// An earlier tick's, repeated.
    pub repeated: u64,
    /// Neutral, for nothing had come for too long.
    pub neutral: u64,
    /// None, for nothing had come yet.
    pub none: u64,
    /// Never meant by the player, or for a tick too long ago.
    pub foreign: u64,
}

impl InputTally {
    /// Share of the inputs, since the first came, that were meant for their tick.
    pub fn on_time_share(&self) -> f64 {
        let all = self.on_time + self.repeated + self.neutral + self.foreign;
        self.on_time as f64 / all.max(1) as f64
    }
}

/// A game whose traffic is recorded. Actions are the test's own: a number each, and never reach the game.
pub(super) struct Recorded<G> {
    game: G,
    tick: Tick,
    seats: [Option<Sitting>; MAX_SEATS],
    record: Arc<Mutex<Record>>,
}

#[derive(Debug, Clone)]
struct Sitting {
    name: String,
    /// Whose course [`steering`] tells.
    player: u64,
}

/// The record of a [`Recorded`] game, as the test holds it.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordHandle(Arc<Mutex<Record>>);

impl RecordHandle {
    /// Looks into the record.
    pub(super) fn read(&self) -> MutexGuard<'_, Record> {
        lock(&self.0)
    }
}

impl<G> Recorded<G> {
    /// Records what passes to and from `game`. The name of player *n* is *n*.
    pub(super) fn new(game: G) -> (Self, RecordHandle) {
        let handle = RecordHandle::default();
        let recorded = Self {
            game,
            tick: Tick(0),
            seats: [const { None }; MAX_SEATS],
            record: Arc::clone(&handle.0),
        };
        (recorded, handle)
    }

    fn note_event(&self, tick: Tick, audience: Audience, event: &GameEvent) {
        for seat in (0..MAX_SEATS as u8).map(Seat) {
            if audience.includes(seat) {
                self.note(seat, |player, _| {
                    player.events.push((tick, encode(event)));
                });
            }
        }
    }

    fn note(&self, seat: Seat, note: impl FnOnce(&mut PlayerRecord, u64)) {
        if let Some(sitting) = self.seats.get(usize::from(seat.0)).and_then(Option::as_ref) {
            let mut record = lock(&self.record);
            note(
                record.entry(sitting.name.clone()).or_default(),
                sitting.player,
            );
        }
    }
}

impl<G> Game for Recorded<G>
where
    G: Game<Input = GameInput, Event = GameEvent, View = Told>,
{
    type Options = G::Options;
    type Input = GameInput;
    type Action = u32;
    type Event = GameEvent;
    type Welcome = G::Welcome;
    type View = Told;

    fn admit(
        &mut self,
        ctx: &mut Context<GameEvent>,
        who: &Player,
        options: G::Options,
    ) -> Result<Seat, Refusal> {
        let seat = self.game.admit(ctx, who, options)?;
        if let Some(place) = self.seats.get_mut(usize::from(seat.0)) {
            let name = who.name.as_str();
            *place = Some(Sitting {
                name: name.to_owned(),
                player: name.parse().unwrap_or(u64::MAX),
            });
        }
        Ok(seat)
    }

    fn leave(&mut self, ctx: &mut Context<GameEvent>, seat: Seat) {
        self.game.leave(ctx, seat);
        if let Some(place) = self.seats.get_mut(usize::from(seat.0)) {
            *place = None;
        }
    }

    fn park(&mut self, ctx: &mut Context<GameEvent>, seat: Seat, parked: bool) {
        self.game.park(ctx, seat, parked);
    }

    fn act(&mut self, _: &mut Context<GameEvent>, seat: Seat, number: u32) -> Result<(), Refusal> {
        self.note(seat, |player, _| player.actions.push(number));
        Ok(())
    }

    fn tick(&mut self, ctx: &mut Context<GameEvent>, inputs: &[Option<GameInput>]) {
        self.tick = ctx.tick();
        for (seat, input) in (0u8..).zip(inputs) {
            self.note(Seat(seat), |record, player| {
                record.inputs.count(player, ctx.tick(), *input);
            });
        }
        self.game.tick(ctx, inputs);
        for command in ctx.commands() {
            if let Command::Tell {
                tick,
                audience,
                event,
            } = command
            {
                self.note_event(*tick, *audience, event);
            }
        }
    }

    fn welcome(&self, seat: Seat) -> G::Welcome {
        self.game.welcome(seat)
    }

    fn catch_up(&self, seat: Seat) -> Vec<GameEvent> {
        let events = self.game.catch_up(seat);
        self.note(seat, |player, _| {
            let told = events.iter().map(|event| (self.tick, encode(event)));
            player.events.extend(told);
        });
        events
    }

    fn write_snapshot(
        &mut self,
        seat: Seat,
        basis: SnapshotBasis<'_, Told>,
        out: &mut Vec<u8>,
    ) -> Told {
        let tick = basis.tick;
        let view = self.game.write_snapshot(seat, basis, out);
        self.note(seat, |player, _| {
            player.snapshots += 1;
            player.views.insert(tick, view.view().clone());
            while let Some(oldest) = player.views.first_entry()
                && oldest.key().plus(KEPT) < tick
            {
                oldest.remove();
            }
        });
        view
    }

    fn listing(&self) -> Listing {
        self.game.listing()
    }
}

impl InputTally {
    fn count(&mut self, player: u64, tick: Tick, input: Option<GameInput>) {
        let kind = match input {
            None => &mut self.none,
            Some(input) if input == GameInput::default() => &mut self.neutral,
            Some(input) => match steering::age(player, tick, input) {
                Some(0) => &mut self.on_time,
                Some(_) => &mut self.repeated,
                None => &mut self.foreign,
            },
        };
        *kind += 1;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
