//! A game that goes on in another process from a checkpoint, and checkpoints that are none.

use super::players::Players;
use super::script::hectic;
use super::*;
use crate::checkpoint::{MAX_CHECKPOINT, seal};
use proptest::prelude::*;

/// Tick of a room that has run for an hour: ticks then take as many bytes as they usually do.
const UPTIME: u32 = 3_600 * RATE as u32;

/// A room, what its players do, and what their clients hold.
struct Course {
    room: Room,
    players: Players,
    held: Vec<Held>,
}

/// All that can be seen of a game from outside.
#[derive(Debug, PartialEq)]
struct Seen {
    events: Vec<(Tick, GameEvent)>,
    matches: Vec<MatchRecord>,
    snapshots: Vec<Vec<u8>>,
    catch_up: Vec<GameEvent>,
    checkpoint: Vec<u8>,
}

impl Course {
    fn new(config: GameConfig, seed: u64) -> Self {
        let mut room = Room::new(config, seed);
        room.ctx = Context::new(Tick(UPTIME), RATE);
        Self {
            room,
            players: Players::new(seed),
            held: vec![Held::default(); MAX_SEATS],
        }
    }

    fn step(&mut self) -> Seen {
        self.act();
        self.tick()
    }

    /// What comes before a tick.
    fn act(&mut self) {
        let room = &mut self.room;
        self.players.act(&mut room.game, &mut room.ctx);
        self.players.steer(&mut room.inputs);
    }

    fn tick(&mut self) -> Seen {
        self.room.step();
        let now = self.room.ctx.tick();
        let mut snapshots = Vec::new();
        for (held, seat) in self.held.iter_mut().zip(0..) {
            let mut bytes = Vec::new();
            let basis = held.basis(now, 200);
            let told = self.room.game.write_snapshot(Seat(seat), basis, &mut bytes);
            *held = Held::of(told, now);
            snapshots.push(bytes);
        }
        Seen {
            events: self.room.events.drain(..).collect(),
            matches: self.room.matches.drain(..).collect(),
            snapshots,
            catch_up: self.room.game.catch_up(Seat(0)),
            checkpoint: checkpoint(&self.room.game),
        }
    }

    /// The same course, its game restored in another process. The engine keeps the rest.
    fn moved(&self) -> Self {
        let mut room = Room {
            game: BattleCircles::new(self.room.game.rules.clone(), 0),
            ctx: Context::new(self.room.ctx.tick(), RATE),
            inputs: self.room.inputs,
            events: Vec::new(),
            matches: Vec::new(),
        };
        room.game.restore(&checkpoint(&self.room.game)).unwrap();
        Self {
            room,
            players: self.players.clone(),
            held: self.held.clone(),
        }
    }
}

fn checkpoint(game: &BattleCircles) -> Vec<u8> {
    game.checkpoint().unwrap()
}

/// What a restored game has to know of at this moment.
fn stages(room: &Room) -> Vec<&'static str> {
    let is_playing = room.phase() == Phase::Playing;
    let players: Vec<_> = room.game.seats.players().collect();
    let is_dead = |(seat, _): &(Seat, _)| room.mass(*seat).is_none();
    let stages = [
        ("lobby", room.phase() == Phase::Lobby),
        ("countdown", room.phase() == Phase::Countdown),
        ("playing", is_playing),
        ("results", room.phase() == Phase::Results),
        ("bots", is_playing && room.game.listing().bots > 0),
        (
            "parked",
            is_playing && players.iter().any(|(_, player)| player.is_parked),
        ),
        ("dead", is_playing && players.iter().any(is_dead)),
    ];
    let now = stages.into_iter().filter(|(_, is_now)| *is_now);
    now.map(|(stage, _)| stage).collect()
}

#[test]
fn a_game_that_moves_before_and_after_every_tick_goes_on_to_the_bit() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..6 {
        let mut course = Course::new(hectic(), seed);
        let mut moving = Course::new(hectic(), seed);
        for _ in 0..1_500 {
            moving = moving.moved();
            moving.act();
            moving = moving.moved();
            assert_eq!(moving.tick(), course.step(), "{:?}", course.room.ctx.tick());
            seen.extend(stages(&course.room));
        }
    }
    assert_eq!(seen.len(), 7, "{seen:?}");
}

#[test]
fn a_game_that_moves_once_goes_on_to_the_bit_for_a_whole_match() {
    let mut course = Course::new(hectic(), 3);
    let mut moved: Vec<Course> = Vec::new();
    for tick in 0..900 {
        if tick % 41 == 0 {
            moved.push(course.moved());
        }
        let seen = course.step();
        for (number, other) in moved.iter_mut().enumerate() {
            assert_eq!(other.step(), seen, "copy {number} in tick {tick}");
        }
    }
    assert!(course.room.game.phase.game > 0);
}

#[test]
fn a_match_of_three_minutes_that_moves_once_a_second_goes_on_to_the_bit() {
    let mut course = Course::new(patient(), 5);
    let mut moving = Course::new(patient(), 5);
    for tick in 0..seconds(200) {
        if tick % seconds(1) == 0 {
            moving = moving.moved();
        }
        assert_eq!(moving.step(), course.step(), "{tick}");
    }
    assert!(course.room.game.phase.game > 0);
}

/// A match of twelve players with long names, ten seconds after its start.
fn full_play() -> Room {
    let mut room = Room::new(patient(), 1);
    room.ctx = Context::new(Tick(UPTIME), RATE);
    for number in 10..22 {
        room.join(&format!("A player, no. {number}")).unwrap();
    }
    room.run_to(Phase::Playing);
    let mut players = Players::new(1);
    for _ in 0..seconds(10) {
        players.steer(&mut room.inputs);
        room.step();
    }
    assert_eq!(room.game.arena.living().count(), 12);
    room
}

#[test]
fn a_checkpoint_of_full_play_takes_two_kilobytes() {
    let config = GameConfig {
        bots_fill_to: 12,
        ..patient()
    };
    let mut course = Course::new(config, 9);
    let sizes = (0..seconds(190)).map(|_| course.step().checkpoint.len());
    let largest = sizes.max().unwrap();
    let full = checkpoint(&full_play().game).len();
    println!("checkpoint: {full} B in full play, {largest} B at most in a match with bots");
    assert!(largest.max(full) <= 2_048);
}

/// The median of many, which no neighbour makes late: `cargo nextest run --release -p game --no-capture fifty`.
#[test]
#[expect(clippy::disallowed_methods, reason = "measures")]
fn a_checkpoint_takes_fifty_microseconds_at_most() {
    let game = full_play().game;
    let mut fresh = BattleCircles::new(game.rules.clone(), 0);
    let bytes = checkpoint(&game);
    let median = |work: &mut dyn FnMut()| {
        let mut times = [(); 1_001].map(|()| {
            let start = std::time::Instant::now();
            work();
            start.elapsed()
        });
        times.sort_unstable();
        times[500]
    };
    let made = median(&mut || drop(std::hint::black_box(checkpoint(&game))));
    let restored = median(&mut || fresh.restore(&bytes).unwrap());
    println!("checkpoint: {made:?} to make, {restored:?} to restore");
    assert!(made.as_micros() <= 50);
}

#[test]
fn a_checkpoint_of_another_version_or_of_other_settings_is_refused() {
    let bytes = checkpoint(&full_play().game);
    let refused = |config: GameConfig, rate: u16, bytes: &[u8]| {
        let mut game = BattleCircles::new(Rules::new(config, rate).unwrap(), 1);
        let refusal = game.restore(bytes).unwrap_err();
        assert_eq!(refusal.code, crate::BAD_CHECKPOINT);
        assert_eq!(game.phase.phase, Phase::Lobby, "nothing was taken over");
        refusal.reason
    };
    let mut newer = bytes.clone();
    newer[0] += 1;
    let settings = "the checkpoint is of a game with other settings or another tick rate";
    assert_eq!(
        refused(patient(), RATE, &newer),
        "the checkpoint is of version 3, and this program reads version 2"
    );
    assert_eq!(refused(GameConfig::default(), RATE, &bytes), settings);
    assert_eq!(refused(patient(), RATE / 2, &bytes), settings);
    for length in 0..bytes.len() {
        refused(patient(), RATE, &bytes[..length]);
    }
    for index in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[index] ^= 0x10;
        refused(patient(), RATE, &damaged);
    }
    refused(patient(), RATE, &vec![0; MAX_CHECKPOINT + 1]);
}

/// Restores these bytes if it can, and then plays on for ten seconds. Returns whether it could.
fn play_on(config: GameConfig, bytes: &[u8]) -> bool {
    let mut course = Course::new(config, 7);
    let Ok(()) = course.room.game.restore(bytes) else {
        return false;
    };
    course.room.ctx = Context::new(course.room.game.tick, RATE);
    for _ in 0..10 {
        course.step();
        for _ in 0..59 {
            course.act();
            course.room.step();
        }
    }
    course.step();
    assert_eq!(course.moved().step(), course.step());
    true
}

/// Checkpoints of a hectic match, one each half second.
fn samples() -> &'static [Vec<u8>] {
    static SAMPLES: std::sync::OnceLock<Vec<Vec<u8>>> = std::sync::OnceLock::new();
    SAMPLES.get_or_init(|| {
        let mut course = Course::new(hectic(), 3);
        let seen = (0..900).map(|_| course.step().checkpoint);
        seen.step_by(30).collect()
    })
}

proptest! {
    #[test]
    fn a_checkpoint_that_was_tampered_with_breaks_nothing(
        sample in any::<prop::sample::Index>(),
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..3usize, prop::collection::vec(any::<u8>(), 0..6)),
            1..4,
        ),
    ) {
        let whole = sample.get(samples());
        let mut covered = whole[..whole.len() - 8].to_vec();
        for (place, taken, put) in edits {
            // Behind version and settings.
            let at = 10 + place.index(covered.len() - 10);
            let end = covered.len().min(at + taken);
            covered.splice(at..end, put);
        }
        play_on(hectic(), &seal(&covered));
    }

    #[test]
    fn noise_is_no_checkpoint(noise in prop::collection::vec(any::<u8>(), 0..300)) {
        let head = &samples()[0][..10];
        prop_assert!(!play_on(hectic(), &noise));
        play_on(hectic(), &seal(&[head, &noise].concat()));
    }
}

#[test]
fn a_checkpoint_with_one_byte_changed_is_refused_or_plays_on() {
    let whole = &samples()[8];
    let mut taken = 0;
    let places = (10..whole.len() - 8).step_by(5);
    for (index, value) in places.clone().zip([0, 1, 0x7f, 0xff].into_iter().cycle()) {
        let mut covered = whole[..whole.len() - 8].to_vec();
        covered[index] = value;
        taken += u32::from(play_on(hectic(), &seal(&covered)));
    }
    println!("{taken} of {} changed checkpoints were taken", places.len());
    assert!(taken > 0);
}
