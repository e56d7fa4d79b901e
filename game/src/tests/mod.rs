//! The game as rooms and players meet it, in virtual ticks.

mod budget;
mod bytes;
mod checkpoint;
mod course;
mod deaths;
mod novice;
mod players;
mod replay;
mod respawns;
mod rooms;
mod script;
mod secrecy;
mod view_file;

use crate::wire::MAX_SEATS;
use crate::wire::{
    Baseline, GameAction, GameEvent, GameInput, OwnCircle, Phase, RosterEntry, View, decode_delta,
};
use protocol::MAX_DATAGRAM;
use protocol::ids::PlayerId;
use protocol::name::PlayerName;
use protocol::seat::Seat;
use protocol::tick::Tick;

use super::circle::Circle;
use super::config::GameConfig;
use super::movement::Body;
use super::{BattleCircles, Ctx, NoOptions, Rules, Told};
use server::game::{Audience, Command, Context, Game, MatchRecord, Player, SnapshotBasis};

const RATE: u16 = 60;

/// A room with everything that it has said.
struct Room {
    game: BattleCircles,
    ctx: Ctx,
    inputs: [Option<GameInput>; MAX_SEATS],
    events: Vec<(Tick, GameEvent)>,
    matches: Vec<MatchRecord>,
}

impl Room {
    fn new(config: GameConfig, seed: u64) -> Self {
        Self::at_rate(config, seed, RATE)
    }

    fn at_rate(config: GameConfig, seed: u64, rate: u16) -> Self {
        let rules = Rules::new(config, rate).unwrap();
        Self {
            game: BattleCircles::new(rules, seed),
            ctx: Context::new(Tick(0), rate),
            inputs: Default::default(),
            events: Vec::new(),
            matches: Vec::new(),
        }
    }

    /// A room whose first player has just begun to play.
    fn playing(config: GameConfig) -> (Self, Seat) {
        let mut room = Self::new(config, 1);
        let seat = room.join("Ada").unwrap();
        room.run_to(Phase::Playing);
        (room, seat)
    }

    fn join(&mut self, name: &str) -> Option<Seat> {
        let who = newcomer(name);
        let admitted = self.game.admit(&mut self.ctx, &who, NoOptions {});
        admitted.ok()
    }

    fn leave(&mut self, seat: Seat) {
        self.game.leave(&mut self.ctx, seat);
    }

    fn park(&mut self, seat: Seat, parked: bool) {
        self.game.park(&mut self.ctx, seat, parked);
    }

    /// Players and bots.
    fn seated(&self) -> (usize, usize) {
        let players = self.game.seats.players().count();
        (players, self.game.listing().bots)
    }

    fn step(&mut self) {
        self.ctx.advance();
        self.game.tick(&mut self.ctx, &self.inputs);
        for command in self.ctx.take() {
            match command {
                Command::Tell {
                    tick,
                    audience,
                    event,
                } => {
                    assert_eq!(audience, Audience::All);
                    self.events.push((tick, event));
                }
                Command::Finish(record) => self.matches.push(record),
                other => panic!("{other:?}"),
            }
        }
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

    fn phase(&self) -> Phase {
        self.game.phase.phase
    }

    /// Who is here now.
    fn roster(&self) -> Vec<RosterEntry> {
        match self.game.roster() {
            GameEvent::Roster(entries) => entries.to_vec(),
            other => panic!("{other:?}"),
        }
    }

    fn entry(&self, seat: Seat) -> Option<RosterEntry> {
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
        let nothing = Held::default();
        let basis = nothing.basis(self.ctx.tick(), MAX_DATAGRAM);
        let told = self.game.write_snapshot(seat, basis, &mut bytes);
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
        self.act(seat, GameAction::Ready);
    }

    fn act(&mut self, seat: Seat, action: GameAction) {
        self.game.act(&mut self.ctx, seat, action).unwrap();
    }
}

fn newcomer(name: &str) -> Player {
    Player::guest(PlayerId::from_bits(1), PlayerName::parse(name).unwrap())
}

/// What a client holds, and of which tick it is.
#[derive(Clone, Debug, Default, PartialEq)]
struct Held {
    told: Told,
    tick: Option<Tick>,
}

impl Held {
    fn of(told: Told, tick: Tick) -> Self {
        let tick = Some(tick);
        Self { told, tick }
    }

    fn age(&self, now: Tick) -> u16 {
        let age = self.tick.map_or(0, |tick| now.since(tick));
        u16::try_from(age).unwrap()
    }

    fn basis(&self, tick: Tick, budget: usize) -> SnapshotBasis<'_, Told> {
        SnapshotBasis {
            tick,
            baseline: &self.told,
            baseline_age: self.age(tick),
            budget,
        }
    }
}

/// A game without bots, boundary, knibbles or a second life: only what a test puts there.
fn empty_arena() -> GameConfig {
    GameConfig {
        bots_fill_to: 0,
        boundary: Vec::new(),
        knibbles: 0,
        respawn_stages: 0,
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
