//! Battle Circles, a game behind [`Simulation`]. It knows no transport, session, room or clock;
//! all numbers are integers and all chance comes from a seed.
//!
//! [`GameConfig`](config::GameConfig) is what an operator writes, [`Rules`] what it comes to at
//! the room's tick rate. A room then plays one game after the other: `phases` says when what
//! begins, `play` what a tick of play does. [`wire`] is what it says to its clients.

mod arena;
mod bots;
mod boundary;
mod circle;
pub mod config;
mod eating;
mod geometry;
mod knibbles;
pub mod movement;
mod names;
mod phases;
mod placing;
mod play;
pub mod random;
mod results;
mod rules;
mod seats;
mod snapshot;
mod urgency;
mod visibility;
pub mod wire;
mod withering;

use crate::wire::{GameAction, GameEvent, GameInput, GameWelcome, Phase, ResultRow};
use protocol::codec::{DecodeError, decode, encode};
use protocol::seat::Seat;
use protocol::tick::Tick;

use arena::Arena;
use phases::PhaseClock;
use random::Random;
use results::Records;
pub use rules::Rules;
use seats::{Occupant, Seats};
use server::simulation::{Inputs, Occupancy, Simulation, SimulationEvent};
pub use snapshot::{LEAST_BUDGET, Told};

/// Most bytes of an action.
const MAX_ACTION: usize = 16;

/// One room's game.
#[derive(Debug)]
pub struct BattleCircles {
    rules: Rules,
    random: Random,
    tick: Tick,
    phase: PhaseClock,
    seats: Seats,
    arena: Arena,
    records: Records,
    results: Vec<ResultRow>,
    events: Vec<SimulationEvent>,
    is_roster_stale: bool,
}

impl BattleCircles {
    /// A room that nobody is in yet. The same seed, joins, inputs and actions give the same games.
    #[must_use]
    pub fn new(rules: Rules, seed: u64) -> Self {
        Self {
            rules,
            random: Random::new(seed),
            tick: Tick(0),
            phase: PhaseClock::default(),
            seats: Seats::default(),
            arena: Arena::default(),
            records: Records::default(),
            results: Vec::new(),
            events: Vec::new(),
            is_roster_stale: false,
        }
    }

    fn announce(&mut self, event: &GameEvent) {
        self.events.push(SimulationEvent {
            tick: self.tick,
            audience: None,
            bytes: encode(event),
        });
    }

    fn roster(&self) -> GameEvent {
        GameEvent::Roster(self.seats.roster(&self.arena).collect())
    }

    fn standings(&self) -> GameEvent {
        GameEvent::Standings(self.arena.standings().into_iter().collect())
    }

    fn results(&self) -> GameEvent {
        GameEvent::Results(self.results.iter().copied().collect())
    }

    /// Empties a seat, so that whoever gets it next inherits nothing.
    fn vacate(&mut self, seat: Seat) {
        self.seats.set(seat, None);
        self.results.retain(|row| row.seat != seat);
        if let Some(circle) = self.arena.circles.get_mut(usize::from(seat.0)) {
            *circle = None;
        }
        if let Some(record) = self.records.get_mut(usize::from(seat.0)) {
            *record = None;
        }
        for record in self.records.iter_mut().flatten() {
            if record.eater == Some(seat) {
                record.eater = None;
            }
        }
        self.is_roster_stale = true;
    }
}

impl Simulation for BattleCircles {
    type Input = GameInput;
    type View = Told;

    fn tick(&self) -> Tick {
        self.tick
    }

    fn join(&mut self, name: &str) -> Option<Seat> {
        let config = self.rules.config();
        let makes_room =
            self.phase.phase == Phase::Countdown && self.seats.iter().count() >= config.circles();
        let free = self.seats.free(config.seats);
        let least_bot = self.seats.least_bot(&self.arena);
        let seat = if makes_room {
            least_bot.or(free)?
        } else {
            free.or(least_bot)?
        };
        let place = self.arena.circle(seat).map(|circle| circle.body);
        self.vacate(seat);
        let shield = self
            .rules
            .ticks(self.rules.config().park_protection_seconds);
        self.seats.set(seat, Some(Occupant::player(name, shield)));
        self.enter_arena(seat, place);
        Some(seat)
    }

    fn leave(&mut self, seat: Seat) {
        if self
            .seats
            .occupant(seat)
            .is_some_and(|occupant| !occupant.is_bot())
        {
            self.vacate(seat);
        }
    }

    fn park(&mut self, seat: Seat, parked: bool) {
        let occupant = self.seats.occupant_mut(seat);
        if let Some(player) = occupant.filter(|occupant| !occupant.is_bot()) {
            self.is_roster_stale |= player.is_parked != parked;
            player.is_parked = parked;
        }
    }

    fn act(&mut self, seat: Seat, action: &[u8]) -> Result<(), DecodeError> {
        match decode(action, MAX_ACTION)? {
            GameAction::Ready => {
                if let Some(occupant) = self.seats.occupant_mut(seat) {
                    occupant.is_ready = self.phase.phase == Phase::Results;
                }
            }
        }
        Ok(())
    }

    fn step(&mut self, inputs: &Inputs<GameInput>) {
        self.tick = self.tick.plus(1);
        if self.phase.phase == Phase::Playing {
            self.play(inputs);
        }
        self.advance_phase();
    }

    fn welcome(&self, seat: Seat) -> Vec<u8> {
        encode(&GameWelcome {
            seat,
            movement: *self.rules.movement(),
        })
    }

    fn catch_up(&self, _seat: Seat) -> Vec<Vec<u8>> {
        let mut events = vec![self.roster(), self.phase_event()];
        if self.phase.phase == Phase::Results {
            events.push(self.results());
        }
        events.push(self.standings());
        events.iter().map(encode).collect()
    }

    fn write_snapshot(
        &mut self,
        seat: Seat,
        baseline: &Told,
        budget: usize,
        out: &mut Vec<u8>,
    ) -> Told {
        let focus = visibility::focus(seat, &self.arena, &self.records);
        let view = visibility::look(seat, focus, &self.arena);
        snapshot::write(baseline, view, self.tick, budget, out)
    }

    fn drain_events(&mut self) -> Vec<SimulationEvent> {
        if core::mem::take(&mut self.is_roster_stale) {
            let roster = self.roster();
            self.announce(&roster);
        }
        core::mem::take(&mut self.events)
    }

    fn games_ended(&self) -> u32 {
        self.phase.game
    }

    fn occupancy(&self) -> Occupancy {
        Occupancy {
            players: self.seats.players().count(),
            bots: self.seats.bots().count(),
            capacity: self.rules.config().seats as usize,
        }
    }
}

#[cfg(test)]
mod tests;
