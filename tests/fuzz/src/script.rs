//! A script of events in bytes: each event takes what it needs from the front.

/// The rest of a script.
pub(crate) struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next byte, until there are none.
    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.0.split_off_first().copied()
    }

    /// The next number, little-endian.
    pub(crate) fn short(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    /// The next bytes, behind how many they are; as many as there are, if they are fewer.
    pub(crate) fn chunk(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.short()?).min(self.0.len());
        self.0.split_off(..length)
    }

    /// All that is left.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.0
    }
}
