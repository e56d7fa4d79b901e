//! Golden deltas between views: the usual ones of a match, and the extremes.

use game::wire::{Baseline, CircleView, KnibbleView, OwnCircle, View, decode_delta, encode_delta};
use protocol::seat::Seat;
use serde_json::{Value, json};

use crate::file::hex;

/// One delta, with what is remembered on both sides of it.
pub(crate) struct Delta {
    pub(crate) name: &'static str,
    pub(crate) baseline: Baseline,
    pub(crate) age: u16,
    pub(crate) bytes: Vec<u8>,
    pub(crate) result: Baseline,
}

impl Delta {
    fn new(name: &'static str, baseline: &Baseline, age: u16, view: &View) -> Self {
        let mut bytes = Vec::new();
        encode_delta(baseline, view, age, &mut bytes);
        let result = baseline.followed_by(view.clone(), age);
        assert_eq!(decode_delta(baseline, age, &bytes).as_ref(), Ok(&result));
        Self {
            name,
            baseline: baseline.clone(),
            age,
            bytes,
            result,
        }
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "hex": hex(&self.bytes),
            "age": self.age,
            "baseline": self.baseline,
            "result": self.result,
        })
    }
}

/// All golden deltas.
pub(crate) fn deltas() -> Vec<Delta> {
    let empty = Baseline::default();
    let (min, max) = (i16::MIN, i16::MAX);
    let first = Delta::new("from empty", &empty, 0, &first());
    let moved = Delta::new("moved", &first.result, 9, &moved());
    let straight = Delta::new("straight on", &moved.result, 6, &straight_on());
    let dash = Delta::new("a dash", &straight.result, 2, &dashing());
    let rests = View {
        own: dashing().own.map(|own| OwnCircle {
            cooldown: 82,
            ..own
        }),
        ..dashing()
    };
    let rests = Delta::new("resting from a dash", &dash.result, 6, &rests);
    let dead = Delta::new("died, with removals", &straight.result, 15, &dead());
    let others = [
        Delta::new("nothing at all", &empty, 0, &View::default()),
        Delta::new("unchanged", &moved.result, 3, moved.result.view()),
        Delta::new("everything gone", &dead.result, 12, &View::default()),
        Delta::new("largest", &empty, u16::MAX, &full(15, min, u16::MAX)),
    ];
    let largest = Delta::new("largest", &empty, 1, &full(15, min, u16::MAX));
    let leap = Delta::new("leap", &largest.result, u16::MAX, &full(15, max, 0));
    let last = Delta::new("leap back", &leap.result, 2, &full(0, min, 7));
    let chain = [first, moved, straight, dash, rests, dead, leap, last];
    chain.into_iter().chain(others).collect()
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

fn own(x: i32, y: i32, vx: i32, vy: i32, mass: u32) -> Option<OwnCircle> {
    Some(OwnCircle {
        x,
        y,
        vx,
        vy,
        mass,
        cooldown: 0,
    })
}

/// The own circle in the second tick of a dash.
fn dashing() -> View {
    let own = OwnCircle {
        cooldown: 88,
        ..own(-122_012, 205_777, 1_504, -2_411, 97).unwrap_or_default()
    };
    View {
        own: Some(own),
        ..straight_on()
    }
}

fn first() -> View {
    View {
        focus: Seat(1),
        own: own(-128_000, 230_401, 77, -1_100, 100),
        circles: vec![
            circle(0, -2_010, 3_590, 80),
            circle(2, -2_000, 3_600, 80),
            circle(11, 600, -1, 4_000),
        ],
        knibbles: vec![
            knibble(0, -520, 880),
            knibble(3, -1, 902),
            knibble(200, -999, 450),
        ],
    }
}

fn moved() -> View {
    View {
        own: own(-127_307, 220_501, 94, -1_100, 103),
        circles: vec![
            circle(0, -2_010, 3_590, 80),
            circle(2, -1_998, 3_583, 81),
            circle(11, 500, 154, 3_980),
        ],
        knibbles: vec![
            knibble(0, -520, 880),
            knibble(3, -700, 401),
            knibble(7, -507, 107),
            knibble(200, -999, 450),
        ],
        ..first()
    }
}

fn straight_on() -> View {
    View {
        own: own(-126_741, 213_901, 94, -1_100, 103),
        circles: vec![
            circle(0, -2_011, 3_590, 80),
            circle(2, -1_997, 3_572, 81),
            circle(11, 434, 257, 3_980),
        ],
        ..moved()
    }
}

fn dead() -> View {
    View {
        focus: Seat(11),
        own: None,
        circles: vec![circle(4, -1_400, 1_400, 60), circle(11, 269, 514, 4_025)],
        knibbles: vec![knibble(7, -507, 107), knibble(255, 160, -160)],
    }
}

fn full(focus: u8, place: i16, radius: u16) -> View {
    let far = i32::from(place) << 16;
    View {
        focus: Seat(focus),
        own: own(far, !far, far, !far, u32::MAX - u32::from(radius)),
        circles: (0..16)
            .filter(|seat| *seat != focus)
            .map(|seat| circle(seat, place, !place, radius))
            .collect(),
        knibbles: (0..=255).map(|slot| knibble(slot, place, !place)).collect(),
    }
}
