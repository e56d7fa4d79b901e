//! One seat's inputs in a match: only their changes are kept. Not who needs which.
//!
//! Each change begins with a byte:
//!
//! ```text
//! 0 to 168    in the tick after the change before, near where that one led: twice the new value
//!             less the one before it, kept within 8 bits; the byte is 13 · (y + 6) + x + 6 with
//!             what the new value is beyond that, -6 to 6 each
//! 169 to 253  so many ticks less 169 lie between; then x and y, a byte each
//! 254         a dash is pressed with the change whose byte follows, and with no other
//! 255         a u32 in postcard: so many ticks lie between; then x and y, a byte each
//! ```
//!
//! Before the first change there is (0, 0), and a change in tick 0 has no tick between. *Lie
//! between* counts the ticks without a change since the change before. So a hand that turns
//! takes a byte a tick, and one that holds still none.

use crate::wire::GameInput;
use protocol::codec::{DecodeError, decode_prefix, encode_into};

/// How far from the foreseen value a change still takes one byte.
const NEAR: i16 = 6;
const SIDE: i16 = 2 * NEAR + 1;

const FIRST_GAP: u8 = (SIDE * SIDE) as u8;
const LONG_GAP: u8 = u8::MAX;
const DASH: u8 = u8::MAX - 1;

/// What both ends know of a seat's inputs so far.
#[derive(Clone, Copy, Debug, Default)]
struct Past {
    /// The tick after the newest change.
    next: u32,
    newest: GameInput,
    before: GameInput,
}

impl Past {
    fn foreseen(&self) -> (i16, i16) {
        let lead = |newest: i8, before: i8| {
            let led = 2 * i16::from(newest) - i16::from(before);
            led.clamp(i8::MIN.into(), i8::MAX.into())
        };
        (
            lead(self.newest.x, self.before.x),
            lead(self.newest.y, self.before.y),
        )
    }

    /// After a change in `tick`.
    fn followed_by(self, tick: u32, input: GameInput) -> Self {
        Self {
            next: tick.saturating_add(1),
            newest: input,
            before: self.newest,
        }
    }
}

/// Writes a seat's inputs as they come.
#[derive(Clone, Debug, Default)]
pub(super) struct TrackWriter {
    past: Past,
    bytes: Vec<u8>,
}

impl TrackWriter {
    /// The input of a tick, counted from the start of the match; later than those before.
    pub(super) fn push(&mut self, tick: u32, input: GameInput) {
        if input == self.past.newest {
            return;
        }
        let gap = tick.saturating_sub(self.past.next);
        if input.dash {
            self.bytes.push(DASH);
        }
        match near_code(&self.past, input).filter(|_| gap == 0) {
            Some(code) => self.bytes.push(code),
            None => self.write_far(gap, input),
        }
        self.past = self.past.followed_by(tick, input);
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn write_far(&mut self, gap: u32, input: GameInput) {
        let short = u8::try_from(gap).ok().filter(|gap| *gap < DASH - FIRST_GAP);
        match short {
            Some(gap) => self.bytes.push(FIRST_GAP + gap),
            None => {
                self.bytes.push(LONG_GAP);
                encode_into(&gap, &mut self.bytes);
            }
        }
        self.bytes.extend([input.x, input.y].map(i8::cast_unsigned));
    }
}

fn near_code(past: &Past, input: GameInput) -> Option<u8> {
    let (x, y) = past.foreseen();
    let (x, y) = (i16::from(input.x) - x + NEAR, i16::from(input.y) - y + NEAR);
    let is_near = (0..SIDE).contains(&x) && (0..SIDE).contains(&y);
    is_near.then_some((SIDE * y + x) as u8)
}

/// The changes that a track's bytes hold, by rising tick.
///
/// # Errors
/// [`DecodeError`], when these bytes are no track.
pub(super) fn read_track(mut bytes: &[u8]) -> Result<Vec<(u32, GameInput)>, DecodeError> {
    let mut past = Past::default();
    let mut changes = Vec::new();
    while let Some((first, rest)) = bytes.split_first() {
        let dash = *first == DASH;
        let (code, rest) = match dash {
            true => rest.split_first().ok_or(DecodeError::Malformed)?,
            false => (first, rest),
        };
        let (gap, steering);
        (gap, steering, bytes) = match *code {
            DASH => return Err(DecodeError::Malformed),
            code if code < FIRST_GAP => (0, near_input(&past, code)?, rest),
            LONG_GAP => {
                let (gap, rest) = decode_prefix(rest, rest.len())?;
                let (input, rest) = far_input(rest)?;
                (gap, input, rest)
            }
            code => {
                let (input, rest) = far_input(rest)?;
                (u32::from(code - FIRST_GAP), input, rest)
            }
        };
        let tick = past.next.checked_add(gap).ok_or(DecodeError::Malformed)?;
        let input = GameInput { dash, ..steering };
        past = past.followed_by(tick, input);
        changes.push((tick, input));
    }
    Ok(changes)
}

fn near_input(past: &Past, code: u8) -> Result<GameInput, DecodeError> {
    let (x, y) = past.foreseen();
    let code = i16::from(code);
    let narrow = |value: i16| i8::try_from(value).map_err(|_| DecodeError::Malformed);
    Ok(GameInput::steering(
        narrow(x + code % SIDE - NEAR)?,
        narrow(y + code / SIDE - NEAR)?,
    ))
}

fn far_input(bytes: &[u8]) -> Result<(GameInput, &[u8]), DecodeError> {
    let ([x, y], rest) = bytes
        .split_first_chunk::<2>()
        .ok_or(DecodeError::Malformed)?;
    Ok((GameInput::steering(x.cast_signed(), y.cast_signed()), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn input((x, y): (i8, i8)) -> GameInput {
        GameInput::steering(x, y)
    }

    /// The same inputs as one a change.
    fn changes(inputs: &[(u32, GameInput)]) -> Vec<(u32, GameInput)> {
        let mut newest = GameInput::default();
        let is_change =
            |(_, input): &&(u32, GameInput)| core::mem::replace(&mut newest, *input) != *input;
        inputs.iter().filter(is_change).copied().collect()
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(
            steps in prop::collection::vec(
                (
                    prop_oneof![4 => Just(1u32), 1 => 1..200u32, 1 => any::<u16>().prop_map(|gap| 1 + u32::from(gap))],
                    prop_oneof![(-4..4i8, -4..4i8), any::<(i8, i8)>()],
                    any::<bool>(),
                ),
                0..80,
            ),
        ) {
            let mut tick = 0;
            let inputs: Vec<_> = steps.into_iter().map(|(gap, new, dash)| {
                tick += gap;
                (tick - 1, GameInput { dash, ..input(new) })
            }).collect();
            let mut writer = TrackWriter::default();
            for (tick, input) in &inputs {
                writer.push(*tick, *input);
            }
            prop_assert_eq!(read_track(writer.bytes()), Ok(changes(&inputs)));
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Ok(changes) = read_track(&bytes) {
                prop_assert!(changes.len() <= bytes.len());
                prop_assert!(changes.is_sorted_by(|one, next| one.0 < next.0));
            }
        }
    }

    #[test]
    fn a_hand_that_turns_takes_a_byte_a_tick_and_a_resting_one_none() {
        let mut writer = TrackWriter::default();
        for tick in 0..60u32 {
            let angle = f64::from(tick) / 20.0;
            let (y, x) = angle.sin_cos();
            writer.push(tick, input(((x * 127.0) as i8, (y * 127.0) as i8)));
        }
        let turning = writer.bytes().len();
        assert!(turning <= 66, "{turning}");
        let rests = read_track(writer.bytes()).unwrap().last().unwrap().1;
        for tick in 60..100_000 {
            writer.push(tick, rests);
        }
        assert_eq!(writer.bytes().len(), turning);
    }

    #[test]
    fn the_codes_are_those_of_the_description() {
        let mut writer = TrackWriter::default();
        for (tick, new) in [
            (0, (3, -6)),
            (1, (6, -11)),
            (4, (0, 0)),
            (89, (1, 1)),
            (400, (0, 1)),
        ] {
            writer.push(tick, input(new));
        }
        writer.push(
            401,
            GameInput {
                dash: true,
                ..input((0, 1))
            },
        );
        writer.push(402, input((0, 1)));
        let near = |x: u8, y: u8| 13 * y + x;
        let expected = [
            &[near(9, 0), near(6, 7)][..],
            &[169 + 2, 0, 0, 169 + 84, 1, 1],
            &[255, 0xb6, 0x02, 0, 1],
            &[254, near(7, 6), near(6, 6)],
        ];
        assert_eq!(writer.bytes(), expected.concat());
    }
}
