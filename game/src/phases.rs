//! The course of a room: lobby, countdown, play, results, and the rematch. Not what happens within
//! a tick of play.

use crate::wire::{GameEvent, Phase};
use protocol::seat::Seat;
use protocol::tick::Tick;
use serde::{Deserialize, Serialize};

use super::arena::{Arena, Circles};
use super::bots::Mind;
use super::boundary::Boundary;
use super::circle::Circle;
use super::knibbles::Knibbles;
use super::movement::Body;
use super::respawn::Departed;
use super::results::{Record, Records, rank};
use super::rules::Rules;
use super::seats::Occupant;
use super::{BattleCircles, names, placing};

/// The present phase and its time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct PhaseClock {
    pub(super) phase: Phase,
    /// Games played to the end so far.
    pub(super) game: u32,
    pub(super) started: Tick,
    /// When play last began.
    pub(super) played_from: Tick,
    /// Equal to `started` where the end is open.
    pub(super) ends: Tick,
    /// Whether this game has had more than one circle, so that the last one standing wins it.
    is_contested: bool,
}

/// What a tick of the course has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Advance {
    GoesOn,
    /// A game has just ended; its results are there.
    GameOver,
}

impl Default for PhaseClock {
    fn default() -> Self {
        Self {
            phase: Phase::Lobby,
            game: 0,
            started: Tick(0),
            played_from: Tick(0),
            ends: Tick(0),
            is_contested: false,
        }
    }
}

impl PhaseClock {
    /// Whether the course by these rules can have come to this at `tick`.
    pub(super) fn is_possible(&self, tick: Tick, rules: &Rules) -> bool {
        let config = rules.config();
        let longest = match self.phase {
            Phase::Lobby => 0,
            Phase::Countdown => config.countdown_seconds,
            Phase::Playing => config.playing_seconds,
            Phase::Results => config.results_seconds,
        };
        let latest = self.started.plus(rules.ticks(longest));
        self.started <= tick
            && self.played_from <= tick
            && (self.started..=latest).contains(&self.ends)
    }
}

impl BattleCircles {
    /// Begins the next phase when its time has come.
    pub(super) fn advance_phase(&mut self) -> Advance {
        let is_over = self.tick >= self.phase.ends;
        let has_players = self.seats.players().next().is_some();
        match self.phase.phase {
            Phase::Lobby if has_players => self.begin_countdown(),
            Phase::Lobby => {}
            _ if !has_players => self.close(),
            Phase::Countdown if is_over => self.begin_playing(),
            Phase::Countdown => {}
            Phase::Playing if is_over || self.is_decided() => {
                self.begin_results();
                return Advance::GameOver;
            }
            Phase::Playing => self.hurry_without_players(),
            Phase::Results if is_over || self.are_all_ready() => self.begin_countdown(),
            Phase::Results => {}
        }
        Advance::GoesOn
    }

    pub(super) fn phase_event(&self) -> GameEvent {
        GameEvent::Phase {
            phase: self.phase.phase,
            game: self.phase.game,
            started: self.phase.started,
            ends: self.phase.ends,
            boundary: self.arena.boundary.stages().clone(),
            respawns_until: self.respawns_until(),
        }
    }

    /// Gives a newcomer a circle, if this phase still lets anybody in. In the countdown it takes
    /// the `place` of the bot whose seat it got.
    pub(super) fn enter_arena(&mut self, seat: Seat, place: Option<Body>) {
        let seconds = match self.phase.phase {
            Phase::Lobby | Phase::Results => return,
            Phase::Countdown => 0,
            Phase::Playing => self.rules.config().late_join_seconds,
        };
        if self.phase.ends.since(self.tick) < i64::from(self.rules.ticks(seconds)) {
            return;
        }
        let radius = self.placing_radius();
        let place = place
            .filter(|_| self.phase.phase == Phase::Countdown)
            .unwrap_or_else(|| placing::safe_place(&self.arena, radius, &mut self.random));
        let begins = match self.phase.phase {
            Phase::Countdown => self.phase.ends,
            _ => self.tick,
        };
        self.place(seat, place, begins);
    }

    /// Within it the boundary leaves a new circle in peace for a while.
    pub(super) fn placing_radius(&self) -> u32 {
        let safe_until = self.tick.plus(self.rules.ticks(20));
        self.arena.boundary.radius_at(safe_until) / 8 * 7
    }

    fn close(&mut self) {
        self.seats = Default::default();
        self.arena = Arena::default();
        self.records = Records::default();
        self.results.clear();
        self.begin(Phase::Lobby, 0);
    }

    fn begin_countdown(&mut self) {
        self.fill_with_bots();
        let seconds = self.rules.config().countdown_seconds;
        let start = self.tick.plus(self.rules.ticks(seconds));
        let boundary = Boundary::new(&self.rules, start);
        let radius = boundary.radius_at(start);
        self.arena = Arena {
            circles: Circles::default(),
            knibbles: Knibbles::new(self.rules.config().knibbles, radius, &mut self.random),
            boundary,
        };
        self.records = Records::default();
        self.results.clear();
        self.departed = Departed::default();
        self.phase.is_contested = false;
        let shield = self
            .rules
            .ticks(self.rules.config().park_protection_seconds);
        for (_, occupant) in self.seats.iter_mut() {
            occupant.is_ready = false;
            occupant.wants_respawn = false;
            occupant.watches = None;
            occupant.shield = shield;
        }
        let seats: Vec<Seat> = self.seats.iter().map(|(seat, _)| seat).collect();
        let places = placing::ring(seats.len(), radius, &mut self.random);
        for (seat, place) in seats.into_iter().zip(places) {
            self.place(seat, place, start);
        }
        self.begin(Phase::Countdown, seconds);
    }

    fn begin_playing(&mut self) {
        self.begin(Phase::Playing, self.rules.config().playing_seconds);
        self.phase.played_from = self.tick;
        let standings = self.standings();
        self.announce(standings);
    }

    fn begin_results(&mut self) {
        self.phase.game = self.phase.game.saturating_add(1);
        let rate = self.rules.tick_rate();
        self.results = rank(&self.arena, &self.records, self.tick, rate);
        self.begin(Phase::Results, self.rules.config().results_seconds);
        let (results, standings) = (self.results(), self.standings());
        self.announce(results);
        self.announce(standings);
    }

    fn begin(&mut self, phase: Phase, seconds: u32) {
        self.phase = PhaseClock {
            phase,
            started: self.tick,
            ends: self.tick.plus(self.rules.ticks(seconds)),
            ..self.phase
        };
        self.is_roster_stale = true;
        let event = self.phase_event();
        self.announce(event);
    }

    fn place(&mut self, seat: Seat, body: Body, begins: Tick) {
        let config = self.rules.config();
        let record = Record {
            peak_mass: config.start_mass,
            began: begins,
            ..Record::default()
        };
        self.put_circle(seat, body, record);
    }

    /// Puts a new circle into the arena, which may move from when its record says.
    pub(super) fn put_circle(&mut self, seat: Seat, body: Body, record: Record) {
        let config = self.rules.config();
        let after = |seconds| record.began.plus(self.rules.ticks(seconds) + 1);
        let is_bot = self.seats.occupant(seat).is_some_and(Occupant::is_bot);
        let protected_until = after(config.spawn_protection_seconds);
        let mut circle = Circle::new(body, config.start_mass, protected_until);
        circle.is_bot = is_bot;
        circle.spared_until = if is_bot {
            Tick(0)
        } else {
            after(config.spared_seconds)
        };
        let index = usize::from(seat.0);
        self.arena.circles[index] = Some(circle);
        self.records[index] = Some(record);
        self.phase.is_contested |= self.arena.living().count() > 1;
        self.is_roster_stale = true;
    }

    /// As many bots as are missing, no more.
    fn fill_with_bots(&mut self) {
        let wanted = self.rules.config().circles();
        while self.seats.iter().count() > wanted {
            let Some(seat) = self.seats.least_bot(&self.arena) else {
                break;
            };
            self.vacate(seat);
        }
        while self.seats.iter().count() < wanted {
            let Some(seat) = self.seats.free(self.rules.config().seats) else {
                break;
            };
            let is_taken = |name: &str| self.seats.iter().any(|(_, other)| &*other.name == name);
            let name = names::pick(&mut self.random, is_taken);
            let mind = Mind::new(&mut self.random);
            self.seats.set(seat, Some(Occupant::bot(name, mind)));
        }
    }

    /// Whether nobody is left to fight, nor comes back.
    fn is_decided(&self) -> bool {
        if self.anybody_respawns() {
            return false;
        }
        match self.arena.living().count() {
            0 => true,
            1 => self.phase.is_contested,
            _ => false,
        }
    }

    /// Bots alone don't keep players waiting for long.
    fn hurry_without_players(&mut self) {
        let is_player = |seat| self.seats.players().any(|(player, _)| player == seat);
        let may_return = self.tick <= self.respawns_until();
        if may_return || self.arena.living().any(|(seat, _)| is_player(seat)) {
            return;
        }
        let ends = self
            .tick
            .plus(self.rules.ticks(self.rules.config().bots_only_seconds));
        if ends < self.phase.ends {
            self.phase.ends = ends;
            let event = self.phase_event();
            self.announce(event);
        }
    }

    /// Whether every player who is here and saw the game wants to go on.
    fn are_all_ready(&self) -> bool {
        let mut present = self
            .seats
            .players()
            .filter(|(_, player)| !player.is_parked)
            .peekable();
        present.peek().is_some()
            && present.all(|(seat, player)| {
                player.is_ready || self.records[usize::from(seat.0)].is_none()
            })
    }
}
