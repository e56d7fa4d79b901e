//! The game as rooms and players meet it, in virtual ticks.

mod budget;
mod bytes;
mod course;
mod fates;
mod rooms;
mod script;
mod secrecy;

use crate::wire::MAX_SEATS;
use crate::wire::{
    Baseline, GameAction, GameEvent, GameInput, Phase, RosterEntry, View, decode_delta,
};
use protocol::MAX_DATAGRAM;
use protocol::codec::{decode, encode};
use protocol::seat::Seat;
use protocol::tick::Tick;

use super::circle::Circle;
use super::config::GameConfig;
use super::movement::Body;
use super::{BattleCircles, Rules, Told};
use server::simulation::Simulation;

const RATE: u16 = 60;

/// A room with everything that it has said.
struct Room {
    game: BattleCircles,
    inputs: [Option<GameInput>; MAX_SEATS],
    events: Vec<(Tick, GameEvent)>,
}

impl Room {
    fn new(config: GameConfig, seed: u64) -> Self {
        let rules = Rules::new(config, RATE).unwrap();
        Self {
            game: BattleCircles::new(rules, seed),
            inputs: Default::default(),
            events: Vec::new(),
        }
    }

    /// A room whose first player has just begun to play.
    fn playing(config: GameConfig) -> (Self, Seat) {
        let mut room = Self::new(config, 1);
        let seat = room.game.join("Ada").unwrap();
        room.run_to(Phase::Playing);
        (room, seat)
    }

    fn step(&mut self) {
        self.game.step(&self.inputs);
        self.drain();
    }

    fn run(&mut self, ticks: u32) {
        for _ in 0..ticks {
            self.step();
        }
    }

    /// Runs until the phase begins, ten minutes at most.
    fn run_to(&mut self, phase: Phase) {
        for _ in 0..600 * u32::from(RATE) {
            self.step();
            if self.phase() == phase {
                return;
            }
        }
        panic!("{phase:?} never came, it is still {:?}", self.phase());
    }

    fn drain(&mut self) {
        for event in self.game.drain_events() {
            assert_eq!(event.audience, None);
            self.events.push((event.tick, read(&event.bytes)));
        }
    }

    fn phase(&self) -> Phase {
        self.game.phase.phase
    }

    /// The newest roster told.
    fn roster(&mut self) -> Vec<RosterEntry> {
        self.drain();
        let mut rosters = self
            .events
            .iter()
            .rev()
            .filter_map(|(_, event)| match event {
                GameEvent::Roster(entries) => Some(entries.to_vec()),
                _ => None,
            });
        rosters.next().unwrap_or_default()
    }

    fn entry(&mut self, seat: Seat) -> Option<RosterEntry> {
        self.roster().into_iter().find(|entry| entry.seat == seat)
    }

    /// The newest phase told, with its end.
    fn told_phase(&self) -> (Phase, u32, Tick) {
        let mut phases = self
            .events
            .iter()
            .rev()
            .filter_map(|(_, event)| match event {
                GameEvent::Phase {
                    phase, game, ends, ..
                } => Some((*phase, *game, *ends)),
                _ => None,
            });
        phases.next().unwrap()
    }

    fn deaths(&self) -> Vec<(Seat, Option<Seat>)> {
        let deaths = self.events.iter().filter_map(|(_, event)| match event {
            GameEvent::Eaten { victim, eater } => Some((*victim, *eater)),
            _ => None,
        });
        deaths.collect()
    }

    /// What a client without a baseline decodes from its snapshot.
    fn view(&mut self, seat: Seat) -> View {
        let mut bytes = Vec::new();
        let told = self
            .game
            .write_snapshot(seat, &Told::default(), MAX_DATAGRAM, &mut bytes);
        let read = decode_delta(&Baseline::default(), 0, &bytes).unwrap();
        assert_eq!(&read, told.baseline());
        read.view().clone()
    }

    fn put(&mut self, seat: Seat, x: i32, y: i32, mass: u32) {
        let circle = Circle::new(Body::at(x * 256, y * 256), mass, Tick(0));
        self.game.arena.circles[usize::from(seat.0)] = Some(circle);
    }

    fn mass(&self, seat: Seat) -> Option<u32> {
        self.game.arena.circle(seat).map(Circle::mass)
    }

    fn ready(&mut self, seat: Seat) {
        self.game.act(seat, &encode(&GameAction::Ready)).unwrap();
    }
}

fn read(bytes: &[u8]) -> GameEvent {
    decode(bytes, protocol::MAX_CONTROL_FRAME).unwrap()
}

/// A game without bots, boundary or knibbles: only what a test puts there.
fn empty_arena() -> GameConfig {
    GameConfig {
        bots_fill_to: 0,
        boundary: Vec::new(),
        knibbles: 0,
        ..GameConfig::default()
    }
}

/// The usual game, played to its end even when no player lives to see it.
fn patient() -> GameConfig {
    GameConfig {
        bots_only_seconds: 3_600,
        ..GameConfig::default()
    }
}

fn seconds(count: u32) -> u32 {
    count * u32::from(RATE)
}
