//! Views go over the wire as deltas and come out the same, whatever they hold; bytes that are no
//! delta are refused.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::MAX_SEATS;
use super::*;
use protocol::codec::DecodeError;
use protocol::seat::Seat;

fn views() -> impl Strategy<Value = View> {
    let circles = prop::collection::btree_map(0..MAX_SEATS as u8, places(), 0..=MAX_SEATS);
    let knibbles = prop::collection::btree_map(any::<u8>(), any::<(i16, i16)>(), 0..=KNIBBLE_SLOTS);
    let own = prop::option::of(any::<(i32, i32, i32, i32, u32, u16)>());
    (0..MAX_SEATS as u8, own, circles, knibbles).prop_map(|(focus, own, mut circles, knibbles)| {
        if own.is_some() {
            circles.remove(&focus);
        }
        View {
            focus: Seat(focus),
            own: own.map(|(x, y, vx, vy, mass, cooldown)| OwnCircle {
                x,
                y,
                vx,
                vy,
                mass,
                cooldown,
            }),
            circles: to_list(circles, |seat, (x, y, radius)| circle(seat, x, y, radius)),
            knibbles: to_list(knibbles, |slot, (x, y)| KnibbleView { slot, x, y }),
        }
    })
}

/// Few enough values that some circles stay where they are.
fn places() -> impl Strategy<Value = (i16, i16, u16)> {
    prop_oneof![
        any::<(i16, i16, u16)>(),
        (0i16..2, 0i16..2, 0u16..2),
        Just((0, 0, 0))
    ]
}

fn to_list<V, T>(map: BTreeMap<u8, V>, item: impl Fn(u8, V) -> T) -> Vec<T> {
    map.into_iter()
        .map(|(key, value)| item(key, value))
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

fn encoded(baseline: &Baseline, view: &View, age: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode_delta(baseline, view, age, &mut bytes);
    bytes
}

/// What a client remembers that is told these views one after the other.
fn after(views: &[(View, u16)]) -> Baseline {
    views
        .iter()
        .fold(Baseline::default(), |baseline, (view, age)| {
            baseline.followed_by(view.clone(), *age)
        })
}

proptest! {
    #[test]
    fn a_delta_turns_the_baseline_into_the_view(
        before in prop::collection::vec((views(), any::<u16>()), 0..3),
        view in views(),
        age in any::<u16>(),
    ) {
        let baseline = after(&before);
        let bytes = encoded(&baseline, &view, age);
        let read = decode_delta(&baseline, age, &bytes);
        prop_assert_eq!(read.as_ref().map(Baseline::view), Ok(&view));
        prop_assert_eq!(read, Ok(baseline.followed_by(view, age)));
    }

    #[test]
    fn a_delta_that_is_cut_off_or_goes_on_is_refused(
        before in views(),
        view in views(),
        age in 0u16..200,
        cut in any::<prop::sample::Index>(),
        more in any::<u8>(),
    ) {
        let baseline = after(&[(before, 3)]);
        let mut bytes = encoded(&baseline, &view, age);
        let cut = cut.index(bytes.len());
        prop_assert_eq!(
            decode_delta(&baseline, age, &bytes[..cut]),
            Err(DeltaError::Malformed(DecodeError::Malformed))
        );
        bytes.push(more);
        prop_assert!(decode_delta(&baseline, age, &bytes).is_err());
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_make_a_proper_view(
        before in views(),
        age in any::<u16>(),
        bytes in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        if let Ok(read) = decode_delta(&after(&[(before, 3)]), age, &bytes) {
            let view = read.view();
            prop_assert!(view.circles.is_sorted_by(|one, next| one.seat < next.seat));
            prop_assert!(view.knibbles.is_sorted_by(|one, next| one.slot < next.slot));
            prop_assert!(view.circles.len() <= MAX_SEATS);
            prop_assert!(view.own.is_none() || view.circle(view.focus).is_none());
            prop_assert_eq!(read.steps().count(), view.circles.len());
        }
    }
}

fn bits(baseline: &Baseline, view: &View, age: u16) -> DeltaBits {
    encode_delta(baseline, view, age, &mut Vec::new())
}

/// Circles that each go their way, for so many ticks.
fn travellers(ticks: i16) -> View {
    View {
        circles: (0..12)
            .map(|seat| circle(seat, 100 + ticks * (12 - i16::from(seat)), 7 * ticks, 90))
            .collect(),
        ..View::default()
    }
}

#[test]
fn circles_cost_most_when_they_come_and_least_when_they_keep_their_course() {
    let baseline = after(&[(travellers(0), 0), (travellers(9), 9)]);
    let cost = |view: &View, age| bits(&baseline, view, age).circles;
    assert_eq!(cost(&travellers(15), 6), 1 + 12 * 9, "straight on");
    assert_eq!(cost(&travellers(9), 6), 1 + 12 * 2 + 16, "standing still");
    let mut turned = travellers(15);
    turned.circles[3].x -= 40;
    turned.circles[3].radius += 1;
    assert_eq!(cost(&turned, 6), 1 + 12 * 9 + 6 + 2, "one turned and ate");
    let gone = View::default();
    assert_eq!(cost(&gone, 6), 1 + 12 * 2 + 16, "all gone");
    let came = bits(&Baseline::default(), &travellers(0), 0).circles;
    assert_eq!(came, 1 + 16 + 12 * 48, "all came");
}

#[test]
fn an_own_circle_that_keeps_its_course_costs_little() {
    let own = |x, mass| View {
        own: Some(OwnCircle {
            x,
            y: 40_000,
            vx: 1_100,
            vy: 0,
            mass,
            cooldown: 0,
        }),
        ..View::default()
    };
    let baseline = after(&[(own(500, 100), 0)]);
    assert_eq!(
        bits(&baseline, &own(500 + 9_900, 100), 9).own,
        2 + 12 + 10 + 2
    );
    assert_eq!(
        bits(&baseline, &own(500 + 9_900, 103), 9).own,
        2 + 12 + 10 + 6
    );
}

#[test]
fn knibbles_that_stay_cost_nothing() {
    let knibbles = |slots: &[u8]| View {
        knibbles: slots
            .iter()
            .map(|&slot| KnibbleView {
                slot,
                x: 700,
                y: -60,
            })
            .collect(),
        ..View::default()
    };
    let baseline = after(&[(knibbles(&[3, 50, 51, 200]), 0)]);
    let cost = |slots| bits(&baseline, &knibbles(slots), 3).knibbles;
    assert_eq!(cost(&[3, 50, 51, 200]), 2);
    assert_eq!(cost(&[3, 50, 200]), 3 + 4 + 1);
    assert_eq!(cost(&[3, 50, 51, 120, 200]), 1 + 3 + 8 + 13 + 11);
}

/// Bytes from bits, filled up with zeros; blanks are for the reader.
fn from_bits(text: &str) -> Vec<u8> {
    let bits: Vec<u8> = text.bytes().filter(|bit| *bit != b' ').collect();
    let byte = |bits: &[u8]| {
        let value = bits.iter().fold(0, |value, bit| value << 1 | (bit - b'0'));
        value << (8 - bits.len())
    };
    bits.chunks(8).map(byte).collect()
}

#[test]
fn a_delta_about_unknown_things_is_refused() {
    let view = View {
        circles: vec![circle(0, 5, 5, 80), circle(4, 9, 9, 80)],
        knibbles: vec![KnibbleView {
            slot: 9,
            x: 0,
            y: 0,
        }],
        ..View::default()
    };
    let baseline = after(&[(view, 3)]);
    let read = |text: &str| decode_delta(&baseline, 3, &from_bits(text)).map(|_| ());
    let kept = "0 10 10 0000000000000000";
    let malformed = Err(DeltaError::Malformed(DecodeError::Malformed));
    assert_eq!(read(&format!("1 0 {kept} 010 1 1")), Ok(()));
    for (bits, refusal) in [
        (
            "1 0 0 10 10 0000000000000001",
            Err(DeltaError::KnownCircle(0)),
        ),
        (
            &format!("1 1 100000 100000 10000 10000 1 1 {kept}"),
            Err(DeltaError::OwnAmongOthers(0)),
        ),
        (&format!("1 0 {kept} 010 010 1"), malformed),
        (&format!("1 0 {kept} 011 1 1 1"), malformed),
        (&format!("1 0 {kept} 1 010 0110000000"), malformed),
        (
            &format!("1 0 1 0000000000000 1 {}", "1".repeat(16)),
            malformed,
        ),
    ] {
        assert_eq!(read(bits), refusal, "{bits}");
    }
}
