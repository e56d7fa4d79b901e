//! Fits a view's delta into a datagram: when not every change fits, the least important wait.

use protocol::MAX_SEATS;
use protocol::codec::encode_into;
use protocol::game::{
    CircleView, KNIBBLE_SLOTS, KnibbleView, UNITS_PER_PIXEL, UNITS_PER_QUARTER, View, diff,
};

use super::geometry::length;

/// Bytes within which the own circle and the focus can always be told, whatever their values.
pub const LEAST_BUDGET: usize = 32;

/// Appends at most `budget` bytes that turn `baseline` into the returned view: `view` itself when
/// all of it fits. Otherwise what is far from the focus stays as in the baseline, first knibbles,
/// then circles.
///
/// A budget below [`LEAST_BUDGET`] may write nothing at all; the baseline is returned then.
pub(super) fn write(baseline: &View, view: View, budget: usize, out: &mut Vec<u8>) -> View {
    let start = out.len();
    encode_into(&diff(baseline, &view), out);
    if out.len() - start <= budget {
        return view;
    }
    let changes = by_importance(baseline, &view);
    let mut encode_first = |kept: usize| {
        let partial = with_changes(baseline, &view, &changes[..kept]);
        out.truncate(start);
        encode_into(&diff(baseline, &partial), out);
        (out.len() - start <= budget).then_some(partial)
    };
    // Each change makes the encoding longer, so that the most that fit can be bisected.
    let (mut kept, mut too_many) = (0, changes.len());
    while kept + 1 < too_many {
        let middle = kept + (too_many - kept) / 2;
        match encode_first(middle) {
            Some(_) => kept = middle,
            None => too_many = middle,
        }
    }
    encode_first(kept).unwrap_or_else(|| {
        out.truncate(start);
        baseline.clone()
    })
}

/// Something that differs between baseline and view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Circle(u8),
    Knibble(u8),
}

/// All changes: circles before knibbles, the near ones first.
fn by_importance(baseline: &View, view: &View) -> Vec<Change> {
    let (old, new) = (Slots::of(baseline), Slots::of(view));
    let centre = new.circles[usize::from(view.focus.0) % MAX_SEATS];
    let centre = centre.map_or((0, 0), |circle| (i64::from(circle.x), i64::from(circle.y)));
    let mut ranked: Vec<(bool, i64, Change)> = Vec::with_capacity(64);
    for (seat, (old, new)) in (0u8..).zip(old.circles.iter().zip(&new.circles)) {
        if let Some(circle) = new.or(*old).filter(|_| old != new) {
            let from_centre = distance(centre, circle.x.into(), circle.y.into());
            let gap = from_centre - i64::from(circle.radius);
            ranked.push((false, gap, Change::Circle(seat)));
        }
    }
    for (slot, (old, new)) in (0u8..=u8::MAX).zip(old.knibbles.iter().zip(&new.knibbles)) {
        if let Some(knibble) = new.or(*old).filter(|_| old != new) {
            let quarters = |pixels: i16| i64::from(pixels) * QUARTERS_PER_PIXEL;
            let from_centre = distance(centre, quarters(knibble.x), quarters(knibble.y));
            ranked.push((true, from_centre, Change::Knibble(slot)));
        }
    }
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, _, change)| change).collect()
}

/// The view when only these changes are made to the baseline.
fn with_changes(baseline: &View, view: &View, changes: &[Change]) -> View {
    let (mut slots, new) = (Slots::of(baseline), Slots::of(view));
    for change in changes {
        match *change {
            Change::Circle(seat) => {
                slots.circles[usize::from(seat)] = new.circles[usize::from(seat)];
            }
            Change::Knibble(slot) => {
                slots.knibbles[usize::from(slot)] = new.knibbles[usize::from(slot)];
            }
        }
    }
    View {
        focus: view.focus,
        own: view.own,
        circles: slots.circles.into_iter().flatten().collect(),
        knibbles: slots.knibbles.into_iter().flatten().collect(),
    }
}

const QUARTERS_PER_PIXEL: i64 = (UNITS_PER_PIXEL / UNITS_PER_QUARTER) as i64;

/// A view laid out by seat and slot.
struct Slots {
    circles: [Option<CircleView>; MAX_SEATS],
    knibbles: [Option<KnibbleView>; KNIBBLE_SLOTS],
}

impl Slots {
    fn of(view: &View) -> Self {
        let mut slots = Self {
            circles: [None; MAX_SEATS],
            knibbles: [None; KNIBBLE_SLOTS],
        };
        for circle in &view.circles {
            if let Some(place) = slots.circles.get_mut(usize::from(circle.seat.0)) {
                *place = Some(*circle);
            }
        }
        for knibble in &view.knibbles {
            slots.knibbles[usize::from(knibble.slot)] = Some(*knibble);
        }
        slots
    }
}

fn distance((cx, cy): (i64, i64), x: i64, y: i64) -> i64 {
    length(x - cx, y - cy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use protocol::codec::decode;
    use protocol::game::{OwnCircle, ViewDelta, apply};
    use protocol::seat::Seat;
    use std::collections::BTreeMap;

    fn views() -> impl Strategy<Value = View> {
        let circles = prop::collection::btree_map(0u8..12, any::<(i16, i16, u16)>(), 0..=12);
        let knibbles = prop::collection::btree_map(any::<u8>(), any::<(i16, i16)>(), 0..120);
        let own = prop::option::of(any::<(i32, i32, i32, i32, u32)>());
        (0u8..12, own, circles, knibbles).prop_map(|(focus, own, circles, knibbles)| View {
            focus: Seat(focus),
            own: own.map(|(x, y, vx, vy, mass)| OwnCircle { x, y, vx, vy, mass }),
            circles: to_list(circles, |seat, (x, y, radius)| CircleView {
                seat: Seat(seat),
                x,
                y,
                radius,
            }),
            knibbles: to_list(knibbles, |slot, (x, y)| KnibbleView { slot, x, y }),
        })
    }

    fn to_list<V, T>(map: BTreeMap<u8, V>, item: impl Fn(u8, V) -> T) -> Vec<T> {
        map.into_iter()
            .map(|(key, value)| item(key, value))
            .collect()
    }

    /// Writes a snapshot the way a room does, behind bytes that are there already, and reads it
    /// back the way a client does.
    fn write_and_read(baseline: &View, view: &View, budget: usize) -> (View, Option<View>, usize) {
        let mut out = vec![0xee; 5];
        let told = write(baseline, view.clone(), budget, &mut out);
        let bytes = &out[5..];
        let read = (!bytes.is_empty()).then(|| {
            let delta: ViewDelta = decode(bytes, bytes.len()).unwrap();
            apply(baseline, &delta).unwrap()
        });
        (told, read, bytes.len())
    }

    proptest! {
        #[test]
        fn the_client_gets_exactly_the_view_that_the_server_remembers(
            baseline in views(),
            view in views(),
            budget in 0usize..1_200,
        ) {
            let (told, read, length) = write_and_read(&baseline, &view, budget);
            prop_assert!(length <= budget);
            prop_assert_eq!(&told, read.as_ref().unwrap_or(&baseline));
            if budget >= LEAST_BUDGET {
                let read = read.unwrap();
                prop_assert_eq!((read.focus, read.own), (view.focus, view.own));
            }
        }

        #[test]
        fn small_budgets_bring_the_whole_view_after_some_snapshots(
            baseline in views(),
            view in views(),
        ) {
            let mut held = baseline;
            for _ in 0..40 {
                held = write_and_read(&held, &view, 64).0;
            }
            prop_assert_eq!(held, view);
        }
    }

    #[test]
    fn near_changes_come_before_far_ones_and_circles_before_knibbles() {
        let circle = |seat, x| CircleView {
            seat: Seat(seat),
            x,
            y: 0,
            radius: 80,
        };
        let knibble = |slot, x| KnibbleView { slot, x, y: 0 };
        let view = View {
            focus: Seat(0),
            own: None,
            circles: vec![circle(0, 4_000), circle(1, 3_000), circle(2, -4_000)],
            knibbles: (0..100)
                .map(|slot| knibble(slot, 1_000 - 10 * i16::from(slot)))
                .collect(),
        };
        let empty = View::default();
        let told = |budget| write_and_read(&empty, &view, budget).0;
        assert_eq!(told(20).circles, view.circles[..2]);
        let most = told(120);
        assert_eq!(most.circles, view.circles);
        let slots: Vec<u8> = most.knibbles.iter().map(|knibble| knibble.slot).collect();
        assert!(slots.len() > 10, "{slots:?}");
        assert_eq!(slots, (0..slots.len() as u8).collect::<Vec<_>>());
    }
}
