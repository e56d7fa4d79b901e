//! Golden vectors of Battle Circles' own wire types.

use protocol::bounded::{BoundedString, BoundedVec};
use protocol::codec::{decode, encode};
use protocol::game::{
    CircleView, GameAction, GameEvent, GameInput, GameWelcome, KnibbleView, MovementTuning,
    OwnCircle, Phase, ResultRow, RosterEntry, ShrinkStage, View, ViewDelta, apply, diff,
};
use protocol::input::{InputBatch, MAX_INPUTS};
use protocol::seat::Seat;
use protocol::tick::Tick;
use serde_json::{Value, json};

use crate::file::{check, hex, lists, vector};

#[test]
fn game_types_have_their_golden_bytes() {
    let text = lists(&[
        ("InputBatch", input_batches()),
        ("ViewDelta", deltas()),
        ("GameWelcome", welcomes()),
        ("GameEvent", events()),
        ("GameAction", actions()),
    ]);
    check("game.json", &text);
}

fn input_batches() -> Vec<Value> {
    let batch = |newest, inputs: &[(i8, i8)]| InputBatch {
        newest: Tick(newest),
        inputs: inputs.iter().map(|&(x, y)| GameInput { x, y }).collect(),
    };
    let full: Vec<(i8, i8)> = (0..MAX_INPUTS as i8).map(|i| (i * 8, -i * 8)).collect();
    [
        ("empty", batch(0, &[])),
        ("one", batch(60, &[(127, 0)])),
        (
            "extremes",
            batch(u32::MAX, &[(-128, 127), (0, 0), (-1, 1), (63, -64)]),
        ),
        ("full", batch(123_456, &full)),
    ]
    .into_iter()
    .map(|(name, batch)| vector(name, &batch, json!(batch)))
    .collect()
}

fn circle(seat: u8, x: i16, y: i16, radius: u16) -> CircleView {
    CircleView {
        seat: Seat(seat),
        x,
        y,
        radius,
    }
}

fn knibble(slot: u8, x: i16, y: i16) -> KnibbleView {
    KnibbleView { slot, x, y }
}

fn deltas() -> Vec<Value> {
    let empty = View::default();
    let first = View {
        focus: Seat(1),
        own: Some(OwnCircle {
            x: -128_000,
            y: 230_401,
            vx: 77,
            vy: -1_100,
            mass: 100,
        }),
        circles: vec![
            circle(0, 10, -10, 80),
            circle(1, -2_000, 3_600, 80),
            circle(11, 6_000, -1, 4_000),
        ],
        knibbles: vec![
            knibble(0, 0, 0),
            knibble(3, 1, -2),
            knibble(200, -1_500, 40),
        ],
    };
    let moved = View {
        own: Some(OwnCircle {
            x: -127_900,
            y: 229_301,
            vx: 94,
            vy: -1_100,
            mass: 103,
        }),
        circles: vec![
            circle(0, 10, -10, 80),
            circle(1, -1_998, 3_583, 81),
            circle(11, 5_900, 0, 3_980),
        ],
        knibbles: vec![
            knibble(0, 0, 0),
            knibble(3, 400, 401),
            knibble(7, -7, 7),
            knibble(200, -1_500, 40),
        ],
        ..first.clone()
    };
    let dead = View {
        focus: Seat(11),
        own: None,
        circles: vec![circle(4, -6_400, 6_400, 60), circle(11, 5_800, 5, 4_025)],
        knibbles: vec![knibble(7, -7, 7), knibble(255, 1_600, -1_600)],
    };
    let full = |x: i16, y: i16, radius: u16| View {
        focus: Seat(15),
        own: Some(OwnCircle {
            x: i32::MIN,
            y: i32::MAX,
            vx: i32::MIN,
            vy: i32::MAX,
            mass: u32::MAX,
        }),
        circles: (0..16).map(|seat| circle(seat, x, y, radius)).collect(),
        knibbles: (0..=255).map(|slot| knibble(slot, x, y)).collect(),
    };
    [
        ("nothing at all", &empty, &empty),
        ("from empty", &empty, &first),
        ("unchanged", &first, &first),
        ("moved", &first, &moved),
        ("died, with removals", &moved, &dead),
        ("everything gone", &dead, &empty),
        ("largest", &empty, &full(i16::MIN, i16::MAX, u16::MAX)),
        (
            "largest changes",
            &full(i16::MIN, i16::MAX, u16::MAX),
            &full(i16::MAX, i16::MIN, 0),
        ),
    ]
    .into_iter()
    .map(|(name, baseline, view)| delta_vector(name, baseline, view))
    .collect()
}

/// A delta's vector also tells the views on both sides of it.
fn delta_vector(name: &str, baseline: &View, view: &View) -> Value {
    let delta = diff(baseline, view);
    let bytes = encode(&delta);
    assert_eq!(decode::<ViewDelta>(&bytes, bytes.len()).unwrap(), delta);
    assert_eq!(&apply(baseline, &delta).unwrap(), view);
    let circles: Vec<Value> = delta
        .circles
        .iter()
        .map(|circle| {
            json!({
                "seat": circle.seat,
                "is_new": circle.is_new,
                "x": circle.x,
                "y": circle.y,
                "radius": circle.radius,
            })
        })
        .collect();
    json!({
        "name": name,
        "hex": hex(&bytes),
        "value": {
            "focus": delta.focus,
            "own": delta.own,
            "gone": delta.gone,
            "circles": circles,
            "eaten": delta.eaten,
            "knibbles": delta.knibbles,
        },
        "baseline": view_json(baseline),
        "view": view_json(view),
    })
}

fn view_json(view: &View) -> Value {
    let circles: Vec<Value> = view
        .circles
        .iter()
        .map(|circle| {
            json!({
                "seat": circle.seat,
                "x": circle.x,
                "y": circle.y,
                "radius": circle.radius,
            })
        })
        .collect();
    json!({
        "focus": view.focus,
        "own": view.own,
        "circles": circles,
        "knibbles": view.knibbles,
    })
}

fn welcomes() -> Vec<Value> {
    let welcome = |seat, speed, slowest, agility, wall| GameWelcome {
        seat: Seat(seat),
        movement: MovementTuning {
            speed,
            slowest,
            agility,
            wall,
        },
    };
    [
        ("default", welcome(0, 3_479, 260, 6, 460_800)),
        ("largest", welcome(15, u32::MAX, u32::MAX, 1, u32::MAX)),
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
    vec![vector(
        "ready",
        &GameAction::Ready,
        json!(GameAction::Ready),
    )]
}
