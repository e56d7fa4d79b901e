//! More to tell than a datagram holds: what goes first, and that everything goes.

use super::*;
use crate::snapshot::{LEAST_BUDGET, write};
use crate::wire::{CircleView, KNIBBLE_SLOTS, KnibbleView, OwnCircle};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What a client still has in a datagram behind the headers.
const BUDGET: usize = MAX_DATAGRAM - 15;

/// Ticks between two snapshots.
const INTERVAL: u32 = 3;

/// A client whose acknowledgements take two snapshots' time, and some never come.
struct Client {
    told: Vec<Held>,
    lost: fn(usize) -> bool,
    /// What of the newest snapshot that came through it holds.
    view: View,
}

impl Client {
    fn new(lost: fn(usize) -> bool) -> Self {
        Self {
            told: Vec::new(),
            lost,
            view: View::default(),
        }
    }

    /// Tells `view` in the next snapshot, and decodes it as the client does.
    fn tell(&mut self, view: &View, budget: usize) {
        let number = self.told.len();
        let acked = (0..number.saturating_sub(2)).rev();
        let acked = acked
            .map(Some)
            .find(|sent| sent.is_none_or(|sent| !(self.lost)(sent)));
        let nothing = Held::default();
        let held = acked.flatten().map_or(&nothing, |sent| &self.told[sent]);
        let now = Tick(INTERVAL * (1 + number as u32));
        let mut bytes = Vec::new();
        let told = write(&held.basis(now, budget), view.clone(), &mut bytes);
        assert!(bytes.len() <= budget, "{} bytes", bytes.len());
        let read = decode_delta(held.told.baseline(), held.age(now), &bytes);
        assert_eq!(read.as_ref(), Ok(told.baseline()));
        if !(self.lost)(number) {
            self.view = told.view().clone();
        }
        self.told.push(Held::of(told, now));
    }

    fn slots(&self) -> BTreeSet<u8> {
        self.view
            .knibbles
            .iter()
            .map(|knibble| knibble.slot)
            .collect()
    }
}

fn never(_: usize) -> bool {
    false
}

/// Every seventh, and two together now and then.
fn sometimes(number: usize) -> bool {
    number % 7 == 3 || number % 20 == 4
}

/// Twelve circles that move a little each time, and a knibble in every slot all over a world that
/// is far larger than an arena, so that each costs many bytes. `era` puts them all elsewhere.
fn crowd(step: u16, era: i16) -> View {
    let place = |index: i16| (index.wrapping_mul(7_919), index.wrapping_mul(10_007));
    let step = step as i16;
    View {
        focus: Seat(0),
        own: Some(OwnCircle {
            x: 256 * i32::from(step),
            mass: 400,
            ..OwnCircle::default()
        }),
        circles: (1..12)
            .map(|seat| CircleView {
                seat: Seat(seat),
                x: 900 * i16::from(seat) + 13 * step,
                y: -300 * i16::from(seat) - 5 * step,
                radius: 40 * u16::from(seat),
            })
            .collect(),
        knibbles: (0..=255)
            .map(|slot| {
                let (x, y) = place(1 + i16::from(slot) + era * 300);
                KnibbleView { slot, x, y }
            })
            .collect(),
    }
}

fn distance(view: &View, slot: u8) -> i64 {
    let (x, y) = view.centre();
    let knibble = view.knibble(slot).unwrap();
    let (dx, dy) = (
        i64::from(knibble.x) - i64::from(x),
        i64::from(knibble.y) - i64::from(y),
    );
    (dx * dx + dy * dy).isqrt()
}

#[test]
fn a_crowd_that_appears_at_once_is_told_within_half_a_second_near_ones_first() {
    for lost in [never, sometimes] {
        let mut client = Client::new(lost);
        client.tell(&crowd(0, 0), BUDGET);
        let first = client.slots();
        let (told, waiting): (Vec<u8>, Vec<u8>) = (0..=255).partition(|slot| first.contains(slot));
        let view = crowd(0, 0);
        assert_eq!(
            client.view.circles, view.circles,
            "all circles are told at once"
        );
        assert!(told.len() > 100 && waiting.len() > 50, "{}", told.len());
        let farthest = told.iter().map(|slot| distance(&view, *slot)).max();
        let nearest = waiting.iter().map(|slot| distance(&view, *slot)).min();
        // Nearness is counted in steps, so that the two overlap a little.
        assert!(farthest <= nearest.map(|nearest| nearest * 5 / 4));

        for step in 1..10 {
            let before = client.slots();
            client.tell(&crowd(step, 0), BUDGET);
            let vanished = before.difference(&client.slots()).count();
            assert_eq!(vanished, 0, "what was told stays");
        }
        assert!(client.view == crowd(9, 0));
    }
}

#[test]
fn four_hundred_knibbles_that_come_and_go_are_all_told() {
    let mut client = Client::new(sometimes);
    let mut step = 0;
    for era in 0..6 {
        for _ in 0..12 {
            client.tell(&crowd(step, era), BUDGET);
            step += 1;
        }
        let is_all_told = client.view.knibbles == crowd(step, era).knibbles;
        assert!(is_all_told, "era {era}");
    }
}

/// A crowd of which the nearest fifty knibbles are elsewhere in every snapshot: more than the
/// budget holds.
fn restless(step: u16) -> View {
    let mut view = crowd(step, 0);
    let mut slots: Vec<u8> = (0..=255).collect();
    slots.sort_by_key(|slot| distance(&view, *slot));
    for (place, slot) in slots.into_iter().take(50).enumerate() {
        let knibble = &mut view.knibbles[usize::from(slot)];
        knibble.x = 40 + 7 * place as i16 + (step % 2) as i16;
        knibble.y = 30;
    }
    view
}

#[test]
fn nothing_waits_for_ever_behind_what_changes_all_the_time() {
    for lost in [never, sometimes] {
        let mut client = Client::new(lost);
        let mut told_once = BTreeSet::new();
        let mut snapshots = 0;
        while told_once.len() < KNIBBLE_SLOTS {
            client.tell(&restless(snapshots), 160);
            told_once.extend(client.slots());
            snapshots += 1;
            assert!(snapshots < 500, "{} told", told_once.len());
        }
        // The near ones are still told far more often than the far ones.
        assert!(snapshots > 20, "{snapshots}");
    }
}

#[test]
fn a_dangerous_circle_goes_before_a_harmless_one_and_circles_before_knibbles() {
    let circle = |seat, x, radius| CircleView {
        seat: Seat(seat),
        x,
        y: 0,
        radius,
    };
    let view = View {
        focus: Seat(0),
        own: Some(OwnCircle {
            mass: 100,
            ..OwnCircle::default()
        }),
        circles: vec![
            circle(1, -800, 60),
            circle(2, 900, 200),
            circle(3, 4_000, 60),
        ],
        knibbles: (0..40)
            .map(|slot| KnibbleView {
                slot,
                x: 500 - 12 * i16::from(slot),
                y: 0,
            })
            .collect(),
    };
    let mut told_first = Vec::new();
    for budget in 0..200 {
        let nothing = Held::default();
        let basis = nothing.basis(Tick(9), budget);
        let told = write(&basis, view.clone(), &mut Vec::new());
        let seats = told
            .view()
            .circles
            .iter()
            .map(|circle| 1_000 + u16::from(circle.seat.0));
        let slots = told
            .view()
            .knibbles
            .iter()
            .map(|knibble| knibble.slot.into());
        for new in seats.chain(slots).collect::<Vec<u16>>() {
            if !told_first.contains(&new) {
                told_first.push(new);
            }
        }
    }
    assert_eq!(told_first[..3], [1_002, 1_001, 1_003]);
    assert_eq!(told_first[3..6], [39, 38, 37]);
    assert_eq!(told_first.len(), 43);
}

fn views() -> impl Strategy<Value = View> {
    let circles = prop::collection::btree_map(0u8..12, any::<(i16, i16, u16)>(), 0..=12);
    let knibbles = prop::collection::btree_map(any::<u8>(), any::<(i16, i16)>(), 0..120);
    let own = prop::option::of(any::<(i32, i32, i32, i32, u32, u16)>());
    (0u8..12, own, circles, knibbles).prop_map(|(focus, own, mut circles, knibbles)| {
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
            circles: to_list(circles, |seat, (x, y, radius)| CircleView {
                seat: Seat(seat),
                x,
                y,
                radius,
            }),
            knibbles: to_list(knibbles, |slot, (x, y)| KnibbleView { slot, x, y }),
        }
    })
}

fn to_list<V, T>(map: BTreeMap<u8, V>, item: impl Fn(u8, V) -> T) -> Vec<T> {
    map.into_iter()
        .map(|(key, value)| item(key, value))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_client_gets_exactly_what_the_server_remembers(
        views in prop::collection::vec((views(), 0usize..1_200), 1..5),
    ) {
        let mut held = Held::default();
        for (number, (view, budget)) in views.into_iter().enumerate() {
            let now = Tick(5 + 4 * number as u32);
            let mut out = vec![0xee; 5];
            let told = write(&held.basis(now, budget), view.clone(), &mut out);
            let bytes = &out[5..];
            prop_assert!(bytes.len() <= budget);
            if bytes.is_empty() {
                prop_assert!(budget < LEAST_BUDGET);
                prop_assert_eq!(&told, &held.told);
                continue;
            }
            let read = decode_delta(held.told.baseline(), held.age(now), bytes);
            prop_assert_eq!(read.as_ref(), Ok(told.baseline()));
            prop_assert_eq!((told.view().focus, told.view().own), (view.focus, view.own));
            held = Held::of(told, now);
        }
    }

    #[test]
    fn small_budgets_bring_the_whole_view_after_some_snapshots(
        before in views(),
        view in views(),
    ) {
        let mut client = Client::new(sometimes);
        client.tell(&before, 1_000);
        for _ in 0..120 {
            client.tell(&view, 90);
        }
        prop_assert!(client.view == view);
    }
}
