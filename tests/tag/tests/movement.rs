//! The golden course of movement that both languages follow; `UPDATE_GOLDEN=1` writes it anew.

use serde_json::{Value, json};
use tag::movement::{Body, Tuning, step};
use tag::wire::Input;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/movement.json");

const STEPS: u32 = 3_000;

#[test]
fn a_figure_follows_the_golden_course() {
    let now = course();
    if std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1") {
        let steps: Vec<String> = now["steps"]
            .as_array()
            .unwrap()
            .iter()
            .map(Value::to_string)
            .collect();
        let (tuning, start) = (&now["tuning"], &now["start"]);
        let steps = steps.join(",\n");
        let text = format!("{{\"tuning\":{tuning},\n\"start\":{start},\n\"steps\":[\n{steps}]}}\n");
        std::fs::write(FILE, text).unwrap();
    }
    let stored: Value = serde_json::from_str(&std::fs::read_to_string(FILE).unwrap()).unwrap();
    assert_eq!(stored["tuning"], now["tuning"]);
    assert_eq!(stored["start"], now["start"]);
    let pairs = stored["steps"]
        .as_array()
        .unwrap()
        .iter()
        .zip(now["steps"].as_array().unwrap());
    for (index, (stored, now)) in pairs.enumerate() {
        assert_eq!(stored, now, "step {index}");
    }
    assert_eq!(stored["steps"].as_array().unwrap().len(), STEPS as usize);
}

/// Every byte that an input can be, held for some ticks each, in an order of no pattern.
fn course() -> Value {
    let tuning = Tuning::new(3, 60);
    let start = Body {
        x: 5_000,
        y: 11_001,
        facing: Input(Input::RIGHT),
        ..Body::default()
    };
    let mut body = start;
    let steps = (0..STEPS).map(|index| {
        let input = Input(((index / 7).wrapping_mul(167) ^ (index / 31)) as u8);
        body = step(body, input, &tuning);
        json!([input.0, body.x, body.y, body.facing, body.dash, body.rest])
    });
    let steps: Vec<Value> = steps.collect();
    json!({ "tuning": tuning, "start": start, "steps": steps })
}
