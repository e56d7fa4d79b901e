//! Golden vectors of Battle Circles' own wire types.

use game::wire::{
    GameAction, GameEvent, GameInput, GameWelcome, MovementTuning, Phase, ResultRow, RosterEntry,
    ShrinkStage,
};
use protocol::bounded::{BoundedString, BoundedVec};
use protocol::codec::{decode, encode};
use protocol::input::{InputBatch, MAX_INPUTS, NO_VIEW};
use protocol::seat::Seat;
use protocol::tick::Tick;
use serde_json::{Value, json};

use crate::deltas::{Delta, deltas};
use crate::file::{check, lists, vector};
use crate::movement::TUNING;

#[test]
fn game_types_have_their_golden_bytes() {
    let text = lists(&[
        ("InputBatch", input_batches()),
        ("ViewDelta", deltas().iter().map(Delta::json).collect()),
        ("GameWelcome", welcomes()),
        ("GameEvent", events()),
        ("GameAction", actions()),
    ]);
    check("game.json", &text);
}

fn input_batches() -> Vec<Value> {
    let batch = |newest, view_lag, inputs: &[(i8, i8)]| InputBatch {
        newest: Tick(newest),
        view_lag,
        inputs: inputs
            .iter()
            .map(|&(x, y)| GameInput::steering(x, y))
            .collect(),
    };
    let dash = GameInput {
        dash: true,
        ..GameInput::steering(-90, 90)
    };
    let a_dash = InputBatch {
        inputs: [dash].into_iter().collect(),
        ..batch(61, 0, &[])
    };
    let full: Vec<(i8, i8)> = (0..MAX_INPUTS as i8).map(|i| (i * 8, -i * 8)).collect();
    [
        ("empty", batch(0, NO_VIEW, &[])),
        ("one", batch(60, 0, &[(127, 0)])),
        ("a dash", a_dash),
        (
            "extremes",
            batch(u32::MAX, 254, &[(-128, 127), (0, 0), (-1, 1), (63, -64)]),
        ),
        ("full", batch(123_456, 9, &full)),
    ]
    .into_iter()
    .map(|(name, batch)| vector(name, &batch, json!(batch)))
    .collect()
}

fn welcomes() -> Vec<Value> {
    let welcome = |seat, movement| GameWelcome {
        seat: Seat(seat),
        movement,
    };
    let largest = MovementTuning {
        speed: u32::MAX,
        slowest: u32::MAX,
        agility: 1,
        wall: u32::MAX,
        dash_percent: u32::MAX,
        dash_ticks: u16::MAX,
        dash_cooldown: u16::MAX,
        dash_cost: u32::MAX,
        dash_least: u32::MAX,
    };
    [
        ("default", welcome(0, TUNING)),
        ("largest", welcome(15, largest)),
    ]
    .into_iter()
    .map(|(name, welcome)| vector(name, &welcome, json!(welcome)))
    .collect()
}

fn events() -> Vec<Value> {
    let name = |text| BoundedString::new(text).unwrap();
    let entry = |seat, text, is_bot, is_alive, is_parked| RosterEntry {
        seat: Seat(seat),
        name: name(text),
        is_bot,
        is_alive,
        is_parked,
    };
    let stage = |start, end, from, to| ShrinkStage {
        start: Tick(start),
        end: Tick(end),
        from,
        to,
    };
    let phase = |phase, game, started, ends, boundary: BoundedVec<_, _>| GameEvent::Phase {
        phase,
        game,
        started: Tick(started),
        ends: Tick(ends),
        boundary,
        respawns_until: Tick(ends / 3),
    };
    let stages = || {
        [
            stage(1_800, 2_700, 1_600, 1_200),
            stage(3_600, 4_500, 1_200, 800),
        ]
        .into_iter()
        .collect()
    };
    let row = |seat, place, score, peak_mass, circles, knibbles, survived| ResultRow {
        seat: Seat(seat),
        place,
        score,
        peak_mass,
        circles,
        knibbles,
        survived,
    };
    [
        ("roster of nobody", GameEvent::Roster(BoundedVec::default())),
        (
            "roster",
            GameEvent::Roster(
                [
                    entry(0, "Ada", false, true, false),
                    entry(3, "Žofie 🌊 水", false, false, true),
                    entry(
                        11,
                        "forty-eight bytes are the most that a name takes",
                        true,
                        true,
                        false,
                    ),
                    entry(15, "", true, false, false),
                ]
                .into_iter()
                .collect(),
            ),
        ),
        ("lobby", phase(Phase::Lobby, 0, 0, 0, BoundedVec::default())),
        ("countdown", phase(Phase::Countdown, 0, 60, 240, stages())),
        ("playing", phase(Phase::Playing, 41, 240, 11_040, stages())),
        (
            "results",
            phase(
                Phase::Results,
                u32::MAX,
                u32::MAX,
                u32::MAX,
                vec![stage(u32::MAX, u32::MAX, u16::MAX, u16::MAX); 8]
                    .into_iter()
                    .collect(),
            ),
        ),
        (
            "eaten by another",
            GameEvent::Eaten {
                victim: Seat(3),
                eater: Some(Seat(11)),
            },
        ),
        (
            "withered",
            GameEvent::Eaten {
                victim: Seat(15),
                eater: None,
            },
        ),
        (
            "standings of nobody",
            GameEvent::Standings(BoundedVec::default()),
        ),
        (
            "standings",
            GameEvent::Standings(
                [(Seat(11), 1_000_000), (Seat(0), 128), (Seat(3), 30)]
                    .into_iter()
                    .collect(),
            ),
        ),
        (
            "results by place",
            GameEvent::Results(
                [
                    row(11, 1, 1_580, 1_250, 3, 91, 10_800),
                    row(0, 2, u32::MAX, u32::MAX, u16::MAX, u16::MAX, u32::MAX),
                ]
                .into_iter()
                .collect(),
            ),
        ),
    ]
    .into_iter()
    .map(|(name, event)| {
        let bytes = encode(&event);
        assert_eq!(decode::<GameEvent>(&bytes, bytes.len()).unwrap(), event);
        vector(name, &event, json!(event))
    })
    .collect()
}

fn actions() -> Vec<Value> {
    [
        ("ready", GameAction::Ready),
        ("respawn", GameAction::Respawn),
        ("watch", GameAction::Watch(Seat(11))),
    ]
    .into_iter()
    .map(|(name, action)| vector(name, &action, json!(action)))
    .collect()
}
