//! Whole numbers as a string of bits: what a view's delta is made of. It knows no view.
//!
//! Bits fill each byte from its highest down. The last byte is filled up with zeros. Besides plain
//! bits there is one code, *Exp-Golomb of order k*, short for small numbers: for `v` take
//! `w = v + 2^k`, and write as many zeros as `w` has bits beyond `k + 1`, then `w`. So 0, 1, 2 are
//! `1`, `010`, `011` in order 0, and in order 2 they are `100`, `101`, `110`. A signed number goes
//! through zigzag first: 0, −1, 1, −2 become 0, 1, 2, 3.

use crate::codec::DecodeError;

/// Most bits that an encoded number's `w` may have: those of 2^32 − 1 plus 2^[`MAX_ORDER`].
const MAX_WIDTH: u32 = 33;

/// Largest order of a code in use.
pub const MAX_ORDER: u32 = 10;

/// Appends bits to bytes.
pub struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Bits of the last byte that are still free.
    free: u32,
    written: u32,
}

impl<'a> BitWriter<'a> {
    /// Begins with a new byte behind `out`.
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self {
            out,
            free: 0,
            written: 0,
        }
    }

    /// Bits written so far.
    pub fn written(&self) -> u32 {
        self.written
    }

    /// The lowest `count` bits of `value`, at most 64.
    pub fn bits(&mut self, value: u64, count: u32) {
        self.written += count;
        let mut left = count;
        while left > 0 {
            if self.free == 0 {
                self.out.push(0);
                self.free = 8;
            }
            let taken = left.min(self.free);
            left -= taken;
            self.free -= taken;
            let chunk = (value >> left) & ((1 << taken) - 1);
            if let Some(last) = self.out.last_mut() {
                *last |= (chunk << self.free) as u8;
            }
        }
    }

    /// One bit.
    pub fn flag(&mut self, value: bool) {
        self.bits(u64::from(value), 1);
    }

    /// Exp-Golomb of an order up to [`MAX_ORDER`].
    pub fn golomb(&mut self, value: u32, order: u32) {
        debug_assert!(order <= MAX_ORDER);
        let shifted = u64::from(value) + (1 << order);
        let width = shifted.ilog2() + 1;
        self.bits(0, width - 1 - order);
        self.bits(shifted, width);
    }

    /// A signed number, as [`Self::golomb`] of its zigzag.
    pub fn signed(&mut self, value: i32, order: u32) {
        self.golomb(((value << 1) ^ (value >> 31)).cast_unsigned(), order);
    }
}

/// Reads bits from bytes.
pub struct BitReader<'a> {
    bytes: &'a [u8],
    /// Bits of the first byte that are read already.
    used: u32,
}

impl<'a> BitReader<'a> {
    /// Begins at the first byte's highest bit.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, used: 0 }
    }

    /// A number of `count` bits, at most 64.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`] when there are not as many.
    pub fn bits(&mut self, count: u32) -> Result<u64, DecodeError> {
        let mut value = 0;
        let mut left = count;
        while left > 0 {
            let (first, rest) = self.bytes.split_first().ok_or(DecodeError::Malformed)?;
            let there = 8 - self.used;
            let taken = left.min(there);
            let chunk = (u64::from(*first) >> (there - taken)) & ((1 << taken) - 1);
            value = value << taken | chunk;
            left -= taken;
            self.used += taken;
            if self.used == 8 {
                (self.bytes, self.used) = (rest, 0);
            }
        }
        Ok(value)
    }

    /// One bit.
    ///
    /// # Errors
    /// As [`Self::bits`].
    pub fn flag(&mut self) -> Result<bool, DecodeError> {
        Ok(self.bits(1)? == 1)
    }

    /// Exp-Golomb of an order up to [`MAX_ORDER`]; a value above `most` is malformed.
    ///
    /// # Errors
    /// [`DecodeError::Malformed`], for that or when the bits end.
    pub fn golomb(&mut self, order: u32, most: u32) -> Result<u32, DecodeError> {
        let mut width = order + 1;
        while !self.flag()? {
            width += 1;
            if width > MAX_WIDTH {
                return Err(DecodeError::Malformed);
            }
        }
        let shifted = 1 << (width - 1) | self.bits(width - 1)?;
        u32::try_from(shifted - (1 << order))
            .ok()
            .filter(|value| *value <= most)
            .ok_or(DecodeError::Malformed)
    }

    /// A signed number of 32 bits.
    ///
    /// # Errors
    /// As [`Self::golomb`].
    pub fn signed(&mut self, order: u32) -> Result<i32, DecodeError> {
        let value = self.golomb(order, u32::MAX)?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }

    /// A signed number of 16 bits.
    ///
    /// # Errors
    /// As [`Self::golomb`].
    pub fn signed16(&mut self, order: u32) -> Result<i16, DecodeError> {
        let value = self.golomb(order, u16::MAX.into())?;
        Ok(((value >> 1).cast_signed() ^ -(value & 1).cast_signed()) as i16)
    }

    /// Refuses anything but the zeros that fill up the last byte.
    ///
    /// # Errors
    /// [`DecodeError::Trailing`] for whole bytes that are left, [`DecodeError::Malformed`] for bits that are set.
    pub fn end(mut self) -> Result<(), DecodeError> {
        let whole = self.bytes.len() - usize::from(self.used > 0);
        if whole > 0 {
            return Err(DecodeError::Trailing(whole));
        }
        let padding = if self.used == 0 { 0 } else { 8 - self.used };
        if self.bits(padding)? == 0 {
            Ok(())
        } else {
            Err(DecodeError::Malformed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(write: impl FnOnce(&mut BitWriter<'_>)) -> String {
        let mut out = Vec::new();
        let mut writer = BitWriter::new(&mut out);
        write(&mut writer);
        let count = writer.written() as usize;
        let bits: String = out.iter().map(|byte| format!("{byte:08b}")).collect();
        bits[..count].to_owned()
    }

    #[test]
    fn small_numbers_have_short_codes() {
        for (value, order, bits) in [
            (0, 0, "1"),
            (1, 0, "010"),
            (2, 0, "011"),
            (6, 0, "00111"),
            (0, 2, "100"),
            (2, 2, "110"),
            (3, 2, "111"),
            (4, 2, "01000"),
        ] {
            assert_eq!(written(|writer| writer.golomb(value, order)), bits);
        }
        assert_eq!(written(|writer| writer.signed(-2, 0)), "00100");
        assert_eq!(
            written(|writer| writer.bits(0b101_1001_1001, 11)),
            "10110011001"
        );
    }

    #[test]
    fn codes_of_impossible_numbers_are_refused() {
        let endless = [0; 12];
        let refused =
            |bytes: &[u8], order, most| BitReader::new(bytes).golomb(order, most).is_err();
        for order in 0..=MAX_ORDER {
            assert!(refused(&endless, order, u32::MAX));
            assert!(refused(&[], order, u32::MAX));
        }
        // 2^32 in order 0, and one bit short.
        assert!(refused(&[0, 0, 0, 0, 0x80, 0, 0, 0, 0x80], 0, u32::MAX));
        assert!(!refused(&[0, 0, 0, 0, 0x80, 0, 0, 0, 0], 0, u32::MAX));
        assert!(refused(&[0, 0, 0, 0, 0x80, 0, 0, 0], 0, u32::MAX));
        assert!(refused(&[0b0111_0000], 0, 1));
    }

    #[test]
    fn only_zeros_may_follow_the_end() {
        let after = |bytes: &[u8], count| {
            let mut reader = BitReader::new(bytes);
            reader.bits(count).unwrap();
            reader.end()
        };
        assert_eq!(after(&[0b1010_0000], 3), Ok(()));
        assert_eq!(after(&[0xff], 8), Ok(()));
        assert_eq!(after(&[], 0), Ok(()));
        assert_eq!(after(&[0b1010_0001], 3), Err(DecodeError::Malformed));
        assert_eq!(after(&[0xff, 0], 8), Err(DecodeError::Trailing(1)));
        assert_eq!(after(&[0xff, 0, 0], 3), Err(DecodeError::Trailing(2)));
    }

    proptest! {
        #[test]
        fn numbers_come_back(
            numbers in prop::collection::vec((any::<u32>(), 0..=MAX_ORDER, 0u32..32), 0..40),
        ) {
            let mut out = vec![0xee];
            let mut writer = BitWriter::new(&mut out);
            for (number, order, shift) in &numbers {
                writer.golomb(number >> shift, *order);
                writer.signed(number.cast_signed() >> shift, *order);
                writer.bits(u64::from(number >> shift), 32 - shift);
            }
            let mut reader = BitReader::new(&out[1..]);
            for (number, order, shift) in &numbers {
                prop_assert_eq!(reader.golomb(*order, u32::MAX), Ok(number >> shift));
                prop_assert_eq!(reader.signed(*order), Ok(number.cast_signed() >> shift));
                prop_assert_eq!(reader.bits(32 - shift), Ok(u64::from(number >> shift)));
            }
            prop_assert_eq!(reader.end(), Ok(()));
        }
    }
}
