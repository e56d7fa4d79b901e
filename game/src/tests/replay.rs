//! Recordings: a match that was played comes out as it was, and bytes that are no recording do no
//! harm.

use std::f64::consts::TAU;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};

use super::players::Players;
use super::script::hectic;
use super::*;
use crate::checkpoint::seal;
use crate::random::Random;
use crate::replay::{Divergence, MAX_RECORDING, Outcome, Recorded, Recording, RecordingError};
use proptest::prelude::*;

/// A room that is recorded.
struct Studio {
    game: Recorded,
    ctx: Ctx,
    inputs: [Option<GameInput>; MAX_SEATS],
    outcomes: Receiver<Outcome>,
}

impl Studio {
    fn new(config: GameConfig, seed: u64) -> Self {
        let (sender, outcomes) = channel();
        let rules = Rules::new(config, RATE).unwrap();
        let game = BattleCircles::new(rules, seed);
        Self {
            game: Recorded::new(
                game,
                Some(Box::new(move |outcome| sender.send(outcome).unwrap())),
            ),
            ctx: Context::new(Tick(0), RATE),
            inputs: Default::default(),
            outcomes,
        }
    }

    fn join(&mut self, name: &str) -> Seat {
        let who = newcomer(name);
        self.game.admit(&mut self.ctx, &who, NoOptions {}).unwrap()
    }

    fn step(&mut self) -> Vec<Command<GameEvent>> {
        self.ctx.advance();
        self.game.tick(&mut self.ctx, &self.inputs);
        self.ctx.take()
    }

    /// Steps until a recording comes out, an hour at most.
    fn record(&mut self, mut play: impl FnMut(&mut Self)) -> Vec<u8> {
        for _ in 0..seconds(3_600) {
            play(self);
            self.step();
            match self.outcomes.try_recv() {
                Ok(Outcome::Whole(recording)) => return recording,
                Ok(other) => panic!("{other:?}"),
                Err(_) => {}
            }
        }
        panic!("no match came to its end");
    }

    fn phase(&self) -> Phase {
        self.game.game().phase.phase
    }

    fn state(&self) -> Vec<u8> {
        self.game.checkpoint().unwrap()
    }
}

/// A hectic match as it is recorded.
pub(super) fn hectic_match(seed: u64) -> Vec<u8> {
    let mut players = Players::new(seed);
    Studio::new(hectic(), seed).record(|studio| {
        players.act(&mut studio.game, &mut studio.ctx);
        players.steer(&mut studio.inputs);
    })
}

#[test]
fn a_match_replays_to_the_bit() {
    for seed in 0..20 {
        let mut studio = Studio::new(hectic(), seed);
        let mut players = Players::new(seed);
        let mut seen = Vec::new();
        let recording = loop {
            players.act(&mut studio.game, &mut studio.ctx);
            players.steer(&mut studio.inputs);
            let said = studio.step();
            seen.push((said, studio.state()));
            let phase = &studio.game.game().phase;
            if phase.phase == Phase::Countdown && phase.started == studio.ctx.tick() {
                seen.clear();
            }
            if let Ok(Outcome::Whole(recording)) = studio.outcomes.try_recv() {
                break recording;
            }
        };
        let recording = Recording::parse(&recording).unwrap();
        assert_eq!(recording.ticks() as usize, seen.len());
        let mut replay = recording.replay();
        for (said, state) in seen {
            assert_eq!(replay.step(), Some(said), "{seed}: {:?}", replay.tick());
            assert_eq!(replay.game().checkpoint(), Some(state));
        }
        assert_eq!(replay.step(), None);
        assert_eq!(recording.verify(), Ok(()));
    }
}

#[test]
fn one_match_after_the_other_is_recorded_and_an_abandoned_one_is_not() {
    let mut studio = Studio::new(hectic(), 1);
    let ada = studio.join("Ada");
    let first = studio.record(|_| {});
    let second = studio.record(|_| {});
    assert_ne!(first, second);
    while studio.phase() != Phase::Playing {
        studio.step();
    }
    let middle = studio.state();
    studio.game.leave(&mut studio.ctx, ada);
    for _ in 0..seconds(30) {
        studio.step();
    }
    assert!(studio.outcomes.try_recv().is_err());

    let mut studio = Studio::new(hectic(), 2);
    studio.game.restore(&middle).unwrap();
    studio.ctx = Context::new(studio.game.game().tick, RATE);
    while studio.phase() != Phase::Results {
        studio.step();
    }
    assert!(studio.outcomes.try_recv().is_err(), "its start is unknown");
    let next = Recording::parse(&studio.record(|_| {})).unwrap();
    assert_eq!(next.verify(), Ok(()));
}

#[test]
fn the_second_that_goes_another_way_is_named_and_what_differs() {
    let recording = Recording::parse(&hectic_match(3)).unwrap();
    assert_eq!(recording.verify(), Ok(()));
    let rate = u32::from(RATE);
    let places = recording.tracks.iter().enumerate();
    let changes = places.flat_map(|(seat, track)| {
        let change = track.iter().position(|(tick, _)| tick / rate == 5);
        change.map(|change| (seat, change))
    });
    let (seat, change) = changes.into_iter().next().unwrap();
    let mut other = recording.clone();
    other.tracks[seat][change].1 = GameInput::steering(1, -1);
    let Err(Divergence::Second { second, parts, .. }) = other.verify() else {
        panic!("{:?}", other.verify());
    };
    assert_eq!(second, 6);
    assert!(
        parts.contains(&"circles") && !parts.contains(&"phase"),
        "{parts:?}"
    );

    let mut other = recording.clone();
    other.end ^= 1;
    assert!(matches!(other.verify(), Err(Divergence::End(_))));
}

/// Twelve players, none of whom dies within three minutes.
fn peaceful() -> GameConfig {
    GameConfig {
        boundary: Vec::new(),
        eat_percent: 1_000,
        wither_percent: 0,
        wither_minimum: 0,
        ..patient()
    }
}

/// A hand on a pointer: it turns to where its player wants to go, rests, and turns again.
struct Hand {
    random: Random,
    angle: f64,
    turn: f64,
    turning: i32,
    resting: i32,
}

impl Hand {
    fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            angle: 0.0,
            turn: 0.0,
            turning: 0,
            resting: 0,
        }
    }

    fn steer(&mut self) -> GameInput {
        if self.resting > 0 {
            self.resting -= 1;
        } else if self.turning > 0 {
            self.turning -= 1;
            self.angle += self.turn;
        } else {
            self.resting = self.random.between(6, 40);
            self.turning = self.random.between(8, 25);
            let whole = f64::from(self.random.between(-500, 500)) / 1_000.0 * TAU;
            self.turn = whole / f64::from(self.turning);
        }
        let (y, x) = self.angle.sin_cos();
        GameInput::steering((x * 127.0).round() as i8, (y * 127.0).round() as i8)
    }
}

/// A match of twelve who live to its end, three minutes long.
fn match_of_twelve(mut steer: impl FnMut(usize) -> GameInput) -> Vec<u8> {
    let mut studio = Studio::new(peaceful(), 1);
    for number in 10..22 {
        studio.join(&format!("A player, no. {number}"));
    }
    let bytes = studio.record(|studio| {
        for (seat, input) in studio.inputs.iter_mut().enumerate().take(12) {
            *input = Some(steer(seat));
        }
    });
    assert_eq!(studio.game.game().arena.living().count(), 12);
    assert_eq!(Recording::parse(&bytes).unwrap().verify(), Ok(()));
    bytes
}

/// One in which all steer by hand.
pub(super) fn match_by_hand() -> Vec<u8> {
    let mut hands: Vec<Hand> = (0..12).map(Hand::new).collect();
    match_of_twelve(|seat| hands[seat].steer())
}

#[test]
fn a_match_of_twelve_takes_under_a_hundred_kilobytes() {
    let by_hand = match_by_hand().len();
    let mut noise = Players::new(1);
    let at_random = match_of_twelve(|_| noise.any_input()).len();
    println!("three minutes of twelve players: {by_hand} B by hand, {at_random} B at random");
    assert!(by_hand <= 100 * 1_024);
    assert!(at_random <= 400 * 1_024);
}

#[test]
fn a_match_that_takes_too_much_is_told_of_once_and_the_next_is_recorded() {
    let config = GameConfig {
        playing_seconds: 600,
        seats: 16,
        results_seconds: 1,
        ..peaceful()
    };
    let mut studio = Studio::new(config, 1);
    for _ in 0..16 {
        studio.join("Ada");
    }
    let mut noise = Players::new(1);
    while studio.phase() != Phase::Results {
        studio.inputs = [(); MAX_SEATS].map(|()| Some(noise.any_input()));
        studio.step();
    }
    let outcomes: Vec<Outcome> = studio.outcomes.try_iter().collect();
    assert_eq!(outcomes, [Outcome::TooLong]);
    assert!(studio.record(|_| {}).len() < MAX_RECORDING);
}

#[test]
fn a_recording_that_is_none_is_refused_for_what_it_is() {
    let whole = hectic_match(3);
    let refused = |bytes: &[u8]| Recording::parse(bytes).unwrap_err();
    assert_eq!(refused(b""), RecordingError::Foreign);
    assert_eq!(refused(&whole[1..]), RecordingError::Foreign);
    assert_eq!(
        refused(&vec![0; MAX_RECORDING + 1]),
        RecordingError::Foreign
    );
    let mut newer = whole.clone();
    newer[8] = 3;
    assert_eq!(refused(&newer), RecordingError::Version(3));
    for length in 10..whole.len() {
        assert_eq!(refused(&whole[..length]), RecordingError::Damaged);
    }
    for index in 10..whole.len() {
        let mut damaged = whole.clone();
        damaged[index] ^= 4;
        assert_eq!(refused(&damaged), RecordingError::Damaged);
    }
    let mut faster = whole[..whole.len() - 8].to_vec();
    faster[10] = RATE as u8 + 1;
    assert_eq!(
        refused(&seal(&faster)).to_string(),
        "the recording's start: the checkpoint is of a game with other settings or another tick rate"
    );
}

proptest! {
    #[test]
    fn a_recording_that_was_tampered_with_is_refused_or_replays(
        seed in 0..4u64,
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..3usize, prop::collection::vec(any::<u8>(), 0..4)),
            1..4,
        ),
    ) {
        static WHOLE: std::sync::OnceLock<[Vec<u8>; 4]> = std::sync::OnceLock::new();
        let whole = &WHOLE.get_or_init(|| [0, 1, 2, 3].map(hectic_match))[seed as usize];
        let mut covered = whole[..whole.len() - 8].to_vec();
        for (place, taken, put) in edits {
            let at = 10 + place.index(covered.len() - 10);
            let end = covered.len().min(at + taken);
            covered.splice(at..end, put);
        }
        if let Ok(recording) = Recording::parse(&seal(&covered)) {
            drop(recording.verify());
        }
    }

    #[test]
    fn noise_is_no_recording(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(Recording::parse(&noise).is_err());
        let headed = [&b"BCMATCH\0\x01\0"[..], &noise].concat();
        prop_assert!(Recording::parse(&seal(&headed)).is_err());
    }
}

/// A match of three minutes with bots, and with players who do all that players can.
pub(super) fn usual_match() -> Vec<u8> {
    let mut players = Players::new(7);
    let mut studio = Studio::new(patient(), 7);
    studio.join("Ada");
    studio.record(|studio| {
        if studio.ctx.tick().0.is_multiple_of(30) {
            players.act(&mut studio.game, &mut studio.ctx);
            players.steer(&mut studio.inputs);
        }
    })
}

/// A match that was recorded by an earlier build. Where the rules' code is meant to change, write it
/// anew: `UPDATE_GOLDEN=1 cargo nextest run --release -p game golden`.
#[test]
fn the_golden_match_goes_the_same_way_in_this_build() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/tests/golden/match.bin");
    if std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1") {
        std::fs::write(&path, usual_match()).unwrap();
    }
    let stored = std::fs::read(&path).unwrap();
    let recording = Recording::parse(&stored).unwrap();
    assert_eq!(recording.verify(), Ok(()));
    assert_eq!(usual_match(), stored, "it would be recorded in other bytes");
}
