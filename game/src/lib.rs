//! Battle Circles, a [`Game`]. It knows no transport, session, room or clock;
//! all numbers are integers and all chance comes from a seed.
//!
//! [`GameConfig`](config::GameConfig) is what an operator writes, [`Rules`] what it comes to at
//! the room's tick rate. A room then plays one game after the other: `phases` says when what
//! begins, `play` what a tick of play does. [`wire`] is what it says to its clients.

mod arena;
mod bots;
mod boundary;
mod checkpoint;
mod circle;
pub mod config;
mod digest;
mod eating;
mod geometry;
mod knibbles;
pub mod movement;
mod names;
mod phases;
mod pixel_square;
mod placing;
mod play;
mod priority;
pub mod random;
pub mod replay;
mod respawn;
mod results;
mod rules;
mod seats;
mod snapshot;
mod visibility;
pub mod wire;
mod withering;

use crate::wire::{GameAction, GameEvent, GameInput, GameWelcome, Phase, ResultRow};
use protocol::seat::Seat;
use protocol::tick::Tick;
use serde::Deserialize;

use arena::Arena;
use phases::{Advance, PhaseClock};
use random::Random;
use respawn::{Departed, Fingerprint};
use results::Records;
pub use rules::Rules;
use seats::{Occupant, Seats};
use server::game::{Context, Game, Listing, MatchRecord, Player, Refusal, SnapshotBasis, Standing};
pub use snapshot::{LEAST_BUDGET, Told};

/// Refusal: a checkpoint that this game can't go on from.
pub const BAD_CHECKPOINT: u16 = 1;

type Ctx = Context<GameEvent>;

/// A join has nothing to ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoOptions {}

/// One room's game.
#[derive(Clone, Debug)]
pub struct BattleCircles {
    rules: Rules,
    random: Random,
    tick: Tick,
    phase: PhaseClock,
    seats: Seats,
    arena: Arena,
    records: Records,
    results: Vec<ResultRow>,
    events: Vec<GameEvent>,
    /// Who has died in this game and left.
    departed: Departed,
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
            departed: Departed::default(),
            is_roster_stale: false,
        }
    }

    /// Tells every player at the end of the tick.
    fn announce(&mut self, event: GameEvent) {
        self.events.push(event);
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

    /// The seat for a newcomer: a free one or a bot's, and in a countdown that is full rather the bot's.
    fn find_seat(&self) -> Option<Seat> {
        let config = self.rules.config();
        let makes_room =
            self.phase.phase == Phase::Countdown && self.seats.iter().count() >= config.circles();
        let free = self.seats.free(config.seats);
        let least_bot = self.seats.least_bot(&self.arena);
        if makes_room {
            least_bot.or(free)
        } else {
            free.or(least_bot)
        }
    }

    /// Gives a newcomer a seat, and a circle if it may have one now.
    fn seat_newcomer(
        &mut self,
        name: &str,
        fingerprint: Option<Fingerprint>,
    ) -> Result<Seat, Refusal> {
        let seat = self
            .find_seat()
            .ok_or_else(|| Refusal::new(0, "every seat is taken"))?;
        let place = self.arena.circle(seat).map(|circle| circle.body);
        self.vacate(seat);
        let shield = self
            .rules
            .ticks(self.rules.config().park_protection_seconds);
        let player = Occupant {
            fingerprint,
            ..Occupant::player(name, shield)
        };
        self.seats.set(seat, Some(player));
        if self.may_enter(fingerprint) {
            self.enter_arena(seat, place);
        }
        Ok(seat)
    }

    /// The game that has just ended.
    fn match_record(&self) -> MatchRecord {
        let standing = |row: &ResultRow| Standing {
            seat: row.seat,
            place: u16::from(row.place),
            score: i64::from(row.score),
        };
        MatchRecord {
            started: self.phase.played_from,
            standings: self.results.iter().map(standing).collect(),
        }
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

impl Game for BattleCircles {
    type Options = NoOptions;
    type Input = GameInput;
    type Action = GameAction;
    type Event = GameEvent;
    type Welcome = GameWelcome;
    type View = Told;

    fn admit(&mut self, _: &mut Ctx, who: &Player, _: NoOptions) -> Result<Seat, Refusal> {
        self.seat_newcomer(who.name.as_str(), Fingerprint::of(who))
    }

    fn leave(&mut self, _: &mut Ctx, seat: Seat) {
        if self
            .seats
            .occupant(seat)
            .is_some_and(|occupant| !occupant.is_bot())
        {
            self.note_departure(seat);
            self.vacate(seat);
        }
    }

    fn park(&mut self, _: &mut Ctx, seat: Seat, parked: bool) {
        let occupant = self.seats.occupant_mut(seat);
        if let Some(player) = occupant.filter(|occupant| !occupant.is_bot()) {
            self.is_roster_stale |= player.is_parked != parked;
            player.is_parked = parked;
        }
    }

    fn act(&mut self, _: &mut Ctx, seat: Seat, action: GameAction) -> Result<(), Refusal> {
        let Some(occupant) = self.seats.occupant_mut(seat) else {
            return Ok(());
        };
        match action {
            GameAction::Ready => {
                occupant.is_ready = self.phase.phase == Phase::Results;
            }
            GameAction::Respawn => occupant.wants_respawn = self.arena.circle(seat).is_none(),
            GameAction::Watch(watched) => {
                occupant.watches = Some(watched).filter(|watched| *watched != seat);
            }
        }
        Ok(())
    }

    fn tick(&mut self, ctx: &mut Ctx, inputs: &[Option<GameInput>]) {
        self.tick = ctx.tick();
        if self.phase.phase == Phase::Playing {
            self.play(inputs);
        }
        if self.advance_phase() == Advance::GameOver {
            ctx.finish(self.match_record());
        }
        if core::mem::take(&mut self.is_roster_stale) {
            self.announce(self.roster());
        }
        for event in self.events.drain(..) {
            ctx.emit(event);
        }
    }

    /// A dash is pressed once; the direction stays held.
    fn repeat(input: GameInput) -> GameInput {
        GameInput {
            dash: false,
            ..input
        }
    }

    /// A dash that comes late is a dash.
    fn join(unused: GameInput, newest: GameInput) -> GameInput {
        GameInput {
            dash: unused.dash || newest.dash,
            ..newest
        }
    }

    fn welcome(&self, seat: Seat) -> GameWelcome {
        GameWelcome {
            seat,
            movement: *self.rules.movement(),
        }
    }

    fn catch_up(&self, _seat: Seat) -> Vec<GameEvent> {
        let mut events = vec![self.roster(), self.phase_event()];
        if self.phase.phase == Phase::Results {
            events.push(self.results());
        }
        events.push(self.standings());
        events
    }

    fn write_snapshot(
        &mut self,
        seat: Seat,
        basis: SnapshotBasis<'_, Told>,
        out: &mut Vec<u8>,
    ) -> Told {
        let watched = self
            .seats
            .occupant(seat)
            .and_then(|occupant| occupant.watches);
        let focus = visibility::focus(seat, watched, &self.arena, &self.records);
        let view = visibility::look(seat, focus, &self.arena);
        snapshot::write(&basis, view, out)
    }

    fn listing(&self) -> Listing {
        Listing {
            bots: self.seats.bots().count(),
            label: if self.is_early() { "early" } else { "late" }.to_owned(),
        }
    }

    fn checkpoint(&self) -> Option<Vec<u8>> {
        Some(self.to_checkpoint())
    }

    fn restore(&mut self, checkpoint: &[u8]) -> Result<(), Refusal> {
        self.go_on_from(checkpoint)
            .map_err(|error| Refusal::new(BAD_CHECKPOINT, error.to_string()))
    }
}

#[cfg(test)]
mod tests;
