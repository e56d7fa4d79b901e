//! The difference between two views: changed circles with a mask of their changed fields, and
//! knibbles that came or went.

use core::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error as ThisError;

use super::view::{CircleView, KNIBBLE_SLOTS, KnibbleView, OwnCircle, View};
use crate::MAX_SEATS;
use crate::bounded::BoundedVec;
use crate::seat::Seat;

/// Why a delta doesn't fit its baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
pub enum DeltaError {
    /// A changed circle that the baseline doesn't hold.
    #[error("delta changes the circle of seat {0}, which the baseline does not hold")]
    UnknownCircle(u8),
    /// A removed knibble that the baseline doesn't hold.
    #[error("delta removes knibble {0}, which the baseline does not hold")]
    UnknownKnibble(u8),
    /// A seat beyond the last.
    #[error("seat {0} does not exist")]
    NoSuchSeat(u8),
}

/// What changed from one view to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewDelta {
    /// As in [`View`].
    pub focus: Seat,
    /// As in [`View`]; always whole.
    pub own: Option<OwnCircle>,
    /// Circles gone from view, a bit per seat.
    pub gone: u16,
    /// Circles that came or changed, by rising seat.
    pub circles: BoundedVec<CircleDelta, MAX_SEATS>,
    /// Slots of knibbles gone from view, rising.
    pub eaten: BoundedVec<u8, KNIBBLE_SLOTS>,
    /// Knibbles that came into view, or whose slot holds another one now, by rising slot.
    pub knibbles: BoundedVec<KnibbleView, KNIBBLE_SLOTS>,
}

/// A circle that came into view or changed.
///
/// On the wire: one byte with the seat in the low four bits and a mask in the high four (1 `x`,
/// 2 `y`, 4 `radius`, 8 came into view), then each masked field as a zigzag varint. A circle that
/// came into view has all three, absolute; another has differences from the baseline.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CircleDelta {
    /// Whose circle.
    pub seat: u8,
    /// Whether the fields are absolute.
    pub is_new: bool,
    /// Change of x in quarter pixels.
    pub x: i16,
    /// Change of y in quarter pixels.
    pub y: i16,
    /// Change of the radius in quarter pixels.
    pub radius: i16,
}

const MASK_X: u8 = 0x10;
const MASK_Y: u8 = 0x20;
const MASK_RADIUS: u8 = 0x40;
const MASK_NEW: u8 = 0x80;

impl CircleDelta {
    fn mask(&self) -> u8 {
        if self.is_new {
            return MASK_NEW | MASK_X | MASK_Y | MASK_RADIUS;
        }
        let field = |value: i16, mask: u8| if value == 0 { 0 } else { mask };
        field(self.x, MASK_X) | field(self.y, MASK_Y) | field(self.radius, MASK_RADIUS)
    }
}

impl Serialize for CircleDelta {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mask = self.mask();
        let mut tuple = serializer.serialize_tuple(4)?;
        tuple.serialize_element(&(self.seat & 0x0f | mask))?;
        for (bit, value) in [
            (MASK_X, self.x),
            (MASK_Y, self.y),
            (MASK_RADIUS, self.radius),
        ] {
            if mask & bit != 0 {
                tuple.serialize_element(&value)?;
            }
        }
        tuple.end()
    }
}

impl<'de> Deserialize<'de> for CircleDelta {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = CircleDelta;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a seat with a mask, then the masked fields")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<CircleDelta, A::Error> {
                let cut_off = || A::Error::custom("circle cut off");
                let head: u8 = fields.next_element()?.ok_or_else(cut_off)?;
                let mut field = |bit: u8| -> Result<i16, A::Error> {
                    if head & bit == 0 {
                        return Ok(0);
                    }
                    fields.next_element()?.ok_or_else(cut_off)
                };
                let delta = CircleDelta {
                    seat: head & 0x0f,
                    is_new: head & MASK_NEW != 0,
                    x: field(MASK_X)?,
                    y: field(MASK_Y)?,
                    radius: field(MASK_RADIUS)?,
                };
                if delta.mask() == head & 0xf0 {
                    Ok(delta)
                } else {
                    Err(A::Error::custom("mask does not fit its fields"))
                }
            }
        }

        deserializer.deserialize_tuple(4, Fields)
    }
}

/// What changed from `baseline` to `view`. Both hold their circles and knibbles in rising order.
#[must_use]
pub fn diff(baseline: &View, view: &View) -> ViewDelta {
    let gone = baseline
        .circles
        .iter()
        .filter(|old| find_circle(view, old.seat).is_none())
        .fold(0u16, |gone, old| gone | seat_bit(old.seat.0));
    let eaten = baseline
        .knibbles
        .iter()
        .filter(|old| find_knibble(view, old.slot).is_none())
        .map(|old| old.slot)
        .collect();
    let knibbles = view
        .knibbles
        .iter()
        .filter(|new| find_knibble(baseline, new.slot) != Some(*new))
        .copied()
        .collect();
    ViewDelta {
        focus: view.focus,
        own: view.own,
        gone,
        circles: view
            .circles
            .iter()
            .filter_map(|new| circle_delta(find_circle(baseline, new.seat), new))
            .collect(),
        eaten,
        knibbles,
    }
}

/// The view that `delta` makes of `baseline`.
///
/// # Errors
/// [`DeltaError`], when the delta speaks of what the baseline doesn't hold; the view is then
/// unknown and the snapshot must not be acknowledged.
pub fn apply(baseline: &View, delta: &ViewDelta) -> Result<View, DeltaError> {
    let mut circles: Vec<CircleView> = baseline
        .circles
        .iter()
        .filter(|old| delta.gone & seat_bit(old.seat.0) == 0)
        .copied()
        .collect();
    for change in delta.circles.iter() {
        if usize::from(change.seat) >= MAX_SEATS {
            return Err(DeltaError::NoSuchSeat(change.seat));
        }
        apply_circle(&mut circles, change)?;
    }
    let mut knibbles = baseline.knibbles.clone();
    for slot in delta.eaten.iter() {
        let index = knibbles
            .binary_search_by_key(slot, |knibble| knibble.slot)
            .map_err(|_| DeltaError::UnknownKnibble(*slot))?;
        knibbles.remove(index);
    }
    for new in delta.knibbles.iter() {
        match knibbles.binary_search_by_key(&new.slot, |knibble| knibble.slot) {
            Ok(index) => {
                if let Some(knibble) = knibbles.get_mut(index) {
                    *knibble = *new;
                }
            }
            Err(index) => knibbles.insert(index, *new),
        }
    }
    Ok(View {
        focus: delta.focus,
        own: delta.own,
        circles,
        knibbles,
    })
}

fn apply_circle(circles: &mut Vec<CircleView>, change: &CircleDelta) -> Result<(), DeltaError> {
    let seat = Seat(change.seat);
    let place = circles.binary_search_by_key(&seat, |circle| circle.seat);
    if change.is_new {
        let circle = CircleView {
            seat,
            x: change.x,
            y: change.y,
            radius: change.radius.cast_unsigned(),
        };
        match place {
            Ok(index) => circles.splice(index..=index, [circle]).for_each(drop),
            Err(index) => circles.insert(index, circle),
        }
        return Ok(());
    }
    let circle = place
        .ok()
        .and_then(|index| circles.get_mut(index))
        .ok_or(DeltaError::UnknownCircle(change.seat))?;
    circle.x = circle.x.wrapping_add(change.x);
    circle.y = circle.y.wrapping_add(change.y);
    circle.radius = circle.radius.wrapping_add_signed(change.radius);
    Ok(())
}

fn circle_delta(old: Option<&CircleView>, new: &CircleView) -> Option<CircleDelta> {
    let Some(old) = old else {
        return Some(CircleDelta {
            seat: new.seat.0,
            is_new: true,
            x: new.x,
            y: new.y,
            radius: new.radius.cast_signed(),
        });
    };
    (old != new).then(|| CircleDelta {
        seat: new.seat.0,
        is_new: false,
        x: new.x.wrapping_sub(old.x),
        y: new.y.wrapping_sub(old.y),
        radius: new.radius.wrapping_sub(old.radius).cast_signed(),
    })
}

fn find_circle(view: &View, seat: Seat) -> Option<&CircleView> {
    let index = view
        .circles
        .binary_search_by_key(&seat, |circle| circle.seat)
        .ok()?;
    view.circles.get(index)
}

fn find_knibble(view: &View, slot: u8) -> Option<&KnibbleView> {
    let index = view
        .knibbles
        .binary_search_by_key(&slot, |knibble| knibble.slot)
        .ok()?;
    view.knibbles.get(index)
}

fn seat_bit(seat: u8) -> u16 {
    1u16.checked_shl(u32::from(seat)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{decode, encode};

    fn circle(seat: u8, x: i16, radius: u16) -> CircleView {
        CircleView {
            seat: Seat(seat),
            x,
            y: -x,
            radius,
        }
    }

    fn before() -> View {
        View {
            focus: Seat(1),
            own: Some(OwnCircle {
                x: -500,
                y: 900,
                vx: 3,
                vy: -4,
                mass: 100,
            }),
            circles: vec![
                circle(0, 10, 80),
                circle(1, -2_000, 90),
                circle(11, 6_000, 400),
            ],
            knibbles: vec![
                KnibbleView {
                    slot: 3,
                    x: 1,
                    y: 2,
                },
                KnibbleView {
                    slot: 200,
                    x: -1_500,
                    y: 40,
                },
            ],
        }
    }

    fn after() -> View {
        View {
            focus: Seat(1),
            own: None,
            circles: vec![
                circle(1, -1_990, 95),
                circle(4, 77, 60),
                circle(11, 6_000, 400),
            ],
            knibbles: vec![
                KnibbleView {
                    slot: 3,
                    x: 9,
                    y: 9,
                },
                KnibbleView {
                    slot: 7,
                    x: 0,
                    y: 0,
                },
            ],
        }
    }

    #[test]
    fn a_delta_turns_the_baseline_into_the_view() {
        for (baseline, view) in [
            (before(), after()),
            (after(), before()),
            (View::default(), after()),
            (after(), after()),
        ] {
            let bytes = encode(&diff(&baseline, &view));
            let delta: ViewDelta = decode(&bytes, crate::MAX_DATAGRAM).unwrap();
            assert_eq!(apply(&baseline, &delta).unwrap(), view);
        }
    }

    #[test]
    fn an_unchanged_circle_costs_nothing_and_a_moved_one_little() {
        let mut moved = before();
        moved.own = None;
        let baseline = moved.clone();
        let nothing = encode(&diff(&baseline, &moved)).len();
        moved.circles[0].x += 20;
        moved.circles[0].y -= 20;
        assert_eq!(encode(&diff(&baseline, &moved)).len() - nothing, 3);
    }

    #[test]
    fn a_delta_about_unknown_things_is_refused() {
        let mut delta = diff(&before(), &after());
        assert_eq!(
            apply(&View::default(), &delta),
            Err(DeltaError::UnknownCircle(1))
        );
        delta.circles = BoundedVec::default();
        assert_eq!(
            apply(&View::default(), &delta),
            Err(DeltaError::UnknownKnibble(200))
        );
    }
}
