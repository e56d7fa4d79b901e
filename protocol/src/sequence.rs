//! Sequence numbers of State datagrams: 16 bits that wrap around.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Number of a State datagram within a session and direction. It wraps after 65,536 datagrams;
/// comparison is by the shorter way around (RFC 1982), so two numbers may be compared while they
/// are less than 32,768 apart: half an hour at 20 snapshots a second.
///
/// On the wire it is two bytes, little-endian.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Sequence(pub u16);

impl Sequence {
    /// The number after this one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.wrapping_add(1))
    }

    /// How many steps `self` is after `other`, by the shorter way around; negative when before.
    #[must_use]
    pub fn distance(self, other: Self) -> i32 {
        i32::from(self.0.wrapping_sub(other.0) as i16)
    }

    /// Whether `self` is newer than `other`.
    #[must_use]
    pub fn is_newer_than(self, other: Self) -> bool {
        self.distance(other) > 0
    }
}

impl Serialize for Sequence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.to_le_bytes().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Sequence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <[u8; 2]>::deserialize(deserializer).map(|bytes| Self(u16::from_le_bytes(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_survives_the_wrap() {
        assert!(Sequence(0).is_newer_than(Sequence(65_535)));
        assert!(Sequence(5).is_newer_than(Sequence(65_000)));
        assert!(!Sequence(65_000).is_newer_than(Sequence(5)));
        assert!(!Sequence(7).is_newer_than(Sequence(7)));
        assert_eq!(Sequence(2).distance(Sequence(65_534)), 4);
    }
}
