//! A simulation that keeps a record of all that passes between it and the room: the views that it gave, the events that
//! it told, the inputs and actions that it got. What clients hold is judged by it; it judges nothing itself.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use game::Told;
use game::wire::{GameInput, MAX_SEATS, View};
use protocol::codec::{DecodeError, decode};
use protocol::seat::Seat;
use protocol::tick::Tick;
use server::simulation::{Inputs, Occupancy, Simulation, SimulationEvent};

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
    /// What the inputs were that the simulation was stepped with.
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

/// A simulation whose traffic is recorded. Actions are the test's own: a number each, and never reach the game.
pub(super) struct Recorded<S> {
    game: S,
    seats: [Option<Sitting>; MAX_SEATS],
    record: Arc<Mutex<Record>>,
}

#[derive(Debug, Clone)]
struct Sitting {
    name: String,
    /// Whose course [`steering`] tells.
    player: u64,
}

/// The record of a [`Recorded`] simulation, as the test holds it.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordHandle(Arc<Mutex<Record>>);

impl RecordHandle {
    /// Looks into the record.
    pub(super) fn read(&self) -> MutexGuard<'_, Record> {
        lock(&self.0)
    }
}

impl<S> Recorded<S> {
    /// Records what passes to and from `game`. The name of player *n* is *n*.
    pub(super) fn new(game: S) -> (Self, RecordHandle) {
        let handle = RecordHandle::default();
        let recorded = Self {
            game,
            seats: [const { None }; MAX_SEATS],
            record: Arc::clone(&handle.0),
        };
        (recorded, handle)
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

impl<S: Simulation<Input = GameInput, View = Told>> Simulation for Recorded<S> {
    type Input = GameInput;
    type View = Told;

    fn tick(&self) -> Tick {
        self.game.tick()
    }

    fn join(&mut self, name: &str) -> Option<Seat> {
        let seat = self.game.join(name)?;
        if let Some(place) = self.seats.get_mut(usize::from(seat.0)) {
            *place = Some(Sitting {
                name: name.to_owned(),
                player: name.parse().unwrap_or(u64::MAX),
            });
        }
        Some(seat)
    }

    fn leave(&mut self, seat: Seat) {
        self.game.leave(seat);
        if let Some(place) = self.seats.get_mut(usize::from(seat.0)) {
            *place = None;
        }
    }

    fn park(&mut self, seat: Seat, parked: bool) {
        self.game.park(seat, parked);
    }

    fn act(&mut self, seat: Seat, action: &[u8]) -> Result<(), DecodeError> {
        let number = decode::<u32>(action, 8)?;
        self.note(seat, |player, _| player.actions.push(number));
        Ok(())
    }

    fn step(&mut self, inputs: &Inputs<GameInput>) {
        let tick = self.game.tick().plus(1);
        for (seat, input) in (0u8..).zip(inputs) {
            self.note(Seat(seat), |record, player| {
                record.inputs.count(player, tick, *input);
            });
        }
        self.game.step(inputs);
    }

    fn welcome(&self, seat: Seat) -> Vec<u8> {
        self.game.welcome(seat)
    }

    fn catch_up(&self, seat: Seat) -> Vec<Vec<u8>> {
        let events = self.game.catch_up(seat);
        let tick = self.game.tick();
        self.note(seat, |player, _| {
            player
                .events
                .extend(events.iter().map(|event| (tick, event.clone())));
        });
        events
    }

    fn write_snapshot(
        &mut self,
        seat: Seat,
        baseline: &Told,
        budget: usize,
        out: &mut Vec<u8>,
    ) -> Told {
        let view = self.game.write_snapshot(seat, baseline, budget, out);
        let tick = self.game.tick();
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

    fn drain_events(&mut self) -> Vec<SimulationEvent> {
        let events = self.game.drain_events();
        for event in &events {
            for seat in 0..MAX_SEATS as u8 {
                if event.audience.is_none_or(|only| only == Seat(seat)) {
                    self.note(Seat(seat), |player, _| {
                        player.events.push((event.tick, event.bytes.clone()));
                    });
                }
            }
        }
        events
    }

    fn games_ended(&self) -> u32 {
        self.game.games_ended()
    }

    fn occupancy(&self) -> Occupancy {
        self.game.occupancy()
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
