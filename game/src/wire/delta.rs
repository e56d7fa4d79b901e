//! The difference between two views as bits: what turns the view that a client is known to hold
//! into the one it shall hold next. It chooses nothing: what a client may see, and what waits
//! when a datagram is full, is the server's business.
//!
//! Both ends remember a [`Baseline`] for each snapshot, a view and how far each circle had gone
//! since the baseline before; so both foresee where a circle that keeps its course is by now, and
//! only what it differs by is sent. `age` is the number of ticks between the two views; 0 goes
//! with the empty baseline. All sums wrap to their field's width, all quotients are rounded
//! toward zero. `code k` is signed Exp-Golomb of order k, `count k` the same unsigned
//! ([`super::bits`]).
//!
//! ```text
//! focus     1 bit: as in the baseline? else 4 bits: the seat
//! own       1 bit: is there one? if so, against the baseline's, or zeros when that has none:
//!           vx, vy            code 5: v − base.v
//!           x, y              code 4: x − base.x − age · (base.v + 2 · v) / 3
//!           mass              code 0: mass − base.mass
//!           cooldown              1 bit: is it max(base.cooldown − age, 0)? else 16 bits: the cooldown
//! circles   1 bit: has each circle of the baseline changed, and no other come?
//!           for each of the baseline's by rising seat: only if that bit is 0, what became of it:
//!                             0 changed, 10 unchanged, 11 gone; if changed:
//!           x, y              code 3: x − base.x − base.step · age / max(base.age, 1)
//!           radius            code 0: radius − base.radius
//!           only if that bit is 0: 16 bits, the highest for seat 15: which have come; each
//!                             by rising seat: x, y, radius of 16 bits each
//! gone      count 0: knibbles gone; each as a gap among the baseline's n, by rising index
//! come      count 0: knibbles that have come, or whose slot holds another one now; each by
//!           rising slot: a gap among 256 slots, then
//!           x, y              code 10: x − centre.x
//! ```
//!
//! A *gap* is what lies between an index and the one before (before the first: from 0), in
//! `count k` with k = ⌊log₂ max(n / (count + 1), 1)⌋. *Centre* is [`View::centre`] of the new view.
//! The *step* of a changed circle is what it has moved since the baseline, that of another is 0.
//! Behind the last bit only zeros fill up the byte.

use thiserror::Error as ThisError;

use super::MAX_SEATS;
use super::baseline::Baseline;
use super::knibble_delta::{read_knibbles, write_knibbles};
use super::view::{CircleView, OwnCircle, View};
use protocol::bits::{BitReader, BitWriter};
use protocol::codec::DecodeError;
use protocol::seat::Seat;

/// Why a delta's bytes were not taken; the view is then unknown, and the snapshot must not be
/// acknowledged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ThisError)]
pub enum DeltaError {
    /// Bytes that no delta against this baseline has.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// A circle comes that the baseline holds already.
    #[error("the circle of seat {0} comes a second time")]
    KnownCircle(u8),
    /// The own circle is also told as another's.
    #[error("the own circle of seat {0} is among the others")]
    OwnAmongOthers(u8),
}

/// Bits that the parts of a delta take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeltaBits {
    /// Focus and own circle.
    pub own: u32,
    /// The others' circles.
    pub circles: u32,
    /// Knibbles.
    pub knibbles: u32,
}

const VELOCITY_ORDER: u32 = 5;
const OWN_PLACE_ORDER: u32 = 4;
const PLACE_ORDER: u32 = 3;

/// Appends the bytes that turn `baseline` into `view`, `age` ticks later. The view must be as
/// [`View`] says, its seats below [`MAX_SEATS`].
pub fn encode_delta(baseline: &Baseline, view: &View, age: u16, out: &mut Vec<u8>) -> DeltaBits {
    let mut writer = BitWriter::new(out);
    write_focus(baseline, view, &mut writer);
    write_own(baseline, view, age, &mut writer);
    let own = writer.written();
    write_circles(baseline, view, age, &mut writer);
    let circles = writer.written() - own;
    write_knibbles(baseline, view, &mut writer);
    DeltaBits {
        own,
        circles,
        knibbles: writer.written() - own - circles,
    }
}

/// The view that `bytes` make of `baseline`, `age` ticks later.
///
/// # Errors
/// [`DeltaError`], when the bytes are no delta against this baseline.
pub fn decode_delta(baseline: &Baseline, age: u16, bytes: &[u8]) -> Result<Baseline, DeltaError> {
    let mut reader = BitReader::new(bytes);
    let mut view = View {
        focus: read_focus(baseline, &mut reader)?,
        own: read_own(baseline, age, &mut reader)?,
        circles: read_circles(baseline, age, &mut reader)?,
        knibbles: Vec::new(),
    };
    if view.own.is_some() && view.circle(view.focus).is_some() {
        return Err(DeltaError::OwnAmongOthers(view.focus.0));
    }
    view.knibbles = read_knibbles(baseline, view.centre(), &mut reader)?;
    reader.end()?;
    Ok(baseline.followed_by(view, age))
}

fn write_focus(baseline: &Baseline, view: &View, writer: &mut BitWriter<'_>) {
    let is_same = baseline.view().focus == view.focus;
    writer.flag(is_same);
    if !is_same {
        writer.bits(view.focus.0.into(), SEAT_BITS);
    }
}

fn read_focus(baseline: &Baseline, reader: &mut BitReader<'_>) -> Result<Seat, DecodeError> {
    if reader.flag()? {
        return Ok(baseline.view().focus);
    }
    Ok(Seat(reader.bits(SEAT_BITS)? as u8))
}

const SEAT_BITS: u32 = MAX_SEATS.ilog2();

const COOLDOWN_BITS: u32 = u16::BITS;

fn write_own(baseline: &Baseline, view: &View, age: u16, writer: &mut BitWriter<'_>) {
    writer.flag(view.own.is_some());
    let Some(own) = view.own else {
        return;
    };
    let old = baseline.view().own.unwrap_or_default();
    let foreseen = baseline.foreseen_own(own.vx, own.vy, age);
    writer.signed(own.vx.wrapping_sub(old.vx), VELOCITY_ORDER);
    writer.signed(own.vy.wrapping_sub(old.vy), VELOCITY_ORDER);
    writer.signed(own.x.wrapping_sub(foreseen.x), OWN_PLACE_ORDER);
    writer.signed(own.y.wrapping_sub(foreseen.y), OWN_PLACE_ORDER);
    writer.signed(own.mass.wrapping_sub(old.mass).cast_signed(), 0);
    writer.flag(own.cooldown == foreseen.cooldown);
    if own.cooldown != foreseen.cooldown {
        writer.bits(own.cooldown.into(), COOLDOWN_BITS);
    }
}

fn read_own(
    baseline: &Baseline,
    age: u16,
    reader: &mut BitReader<'_>,
) -> Result<Option<OwnCircle>, DecodeError> {
    if !reader.flag()? {
        return Ok(None);
    }
    let old = baseline.view().own.unwrap_or_default();
    let vx = old.vx.wrapping_add(reader.signed(VELOCITY_ORDER)?);
    let vy = old.vy.wrapping_add(reader.signed(VELOCITY_ORDER)?);
    let foreseen = baseline.foreseen_own(vx, vy, age);
    Ok(Some(OwnCircle {
        x: foreseen.x.wrapping_add(reader.signed(OWN_PLACE_ORDER)?),
        y: foreseen.y.wrapping_add(reader.signed(OWN_PLACE_ORDER)?),
        mass: old.mass.wrapping_add_signed(reader.signed(0)?),
        cooldown: match reader.flag()? {
            true => foreseen.cooldown,
            false => reader.bits(COOLDOWN_BITS)? as u16,
        },
        ..foreseen
    }))
}

fn write_circles(baseline: &Baseline, view: &View, age: u16, writer: &mut BitWriter<'_>) {
    let old = baseline.view();
    let has_changed = |circle: &CircleView| {
        let now = view.circle(circle.seat);
        now.is_some_and(|now| now != circle)
    };
    let came = view
        .circles
        .iter()
        .filter(|circle| old.circle(circle.seat).is_none());
    let mask = came
        .clone()
        .fold(0, |mask, circle| mask | seat_bit(circle.seat));
    let is_usual = mask == 0 && old.circles.iter().all(has_changed);
    writer.flag(is_usual);
    for (old, foreseen) in baseline.foreseen(age) {
        let new = view.circle(old.seat);
        if !is_usual {
            match new {
                None => writer.bits(0b11, 2),
                Some(new) if new == old => writer.bits(0b10, 2),
                Some(_) => writer.bits(0, 1),
            }
        }
        if let Some(new) = new.filter(|new| *new != old) {
            writer.signed(new.x.wrapping_sub(foreseen.x).into(), PLACE_ORDER);
            writer.signed(new.y.wrapping_sub(foreseen.y).into(), PLACE_ORDER);
            writer.signed(new.radius.wrapping_sub(old.radius).cast_signed().into(), 0);
        }
    }
    if !is_usual {
        writer.bits(mask, MAX_SEATS as u32);
        for circle in came {
            writer.bits(circle.x.cast_unsigned().into(), 16);
            writer.bits(circle.y.cast_unsigned().into(), 16);
            writer.bits(circle.radius.into(), 16);
        }
    }
}

fn read_circles(
    baseline: &Baseline,
    age: u16,
    reader: &mut BitReader<'_>,
) -> Result<Vec<CircleView>, DeltaError> {
    let mut circles = Vec::with_capacity(MAX_SEATS);
    let is_usual = reader.flag()?;
    for (old, foreseen) in baseline.foreseen(age) {
        if !is_usual && reader.flag()? {
            let is_gone = reader.flag()?;
            circles.extend((!is_gone).then_some(*old));
            continue;
        }
        circles.push(CircleView {
            seat: old.seat,
            x: foreseen.x.wrapping_add(reader.signed16(PLACE_ORDER)?),
            y: foreseen.y.wrapping_add(reader.signed16(PLACE_ORDER)?),
            radius: old.radius.wrapping_add_signed(reader.signed16(0)?),
        });
    }
    if !is_usual {
        let mask = reader.bits(MAX_SEATS as u32)?;
        let seats = (0..MAX_SEATS as u8).map(Seat);
        for seat in seats.filter(|seat| mask & seat_bit(*seat) != 0) {
            if baseline.view().circle(seat).is_some() {
                return Err(DeltaError::KnownCircle(seat.0));
            }
            circles.push(CircleView {
                seat,
                x: reader.bits(16)? as i16,
                y: reader.bits(16)? as i16,
                radius: reader.bits(16)? as u16,
            });
        }
        circles.sort_unstable_by_key(|circle| circle.seat);
    }
    Ok(circles)
}

fn seat_bit(seat: Seat) -> u64 {
    1u64.checked_shl(seat.0.into()).unwrap_or(0)
}
