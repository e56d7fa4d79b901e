//! The State lane: one header, then a body that runs to the end of the datagram.
//!
//! ```text
//! both ways   sequence u16le · ack u16le · ack bits u32le · ack delay u8
//! server      tick · baseline age · input lead · view delta …
//! client      input batch …
//! ```

use core::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::MAX_DATAGRAM;
use crate::codec::{DecodeError, decode_prefix};
use crate::sequence::Sequence;
use crate::tick::Tick;

/// The 32 datagrams before the acked one, newest in the lowest bit; four bytes, little-endian.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AckBits(pub u32);

impl Serialize for AckBits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.to_le_bytes().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for AckBits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <[u8; 4]>::deserialize(deserializer).map(|bytes| Self(u32::from_le_bytes(bytes)))
    }
}

/// What every State datagram begins with; nine bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatagramHeader {
    /// This datagram's number, counted per session and direction over all links.
    pub sequence: Sequence,
    /// Newest number received from the peer. While none has come in, [`Self::NOTHING_RECEIVED`]
    /// in `ack_delay` says so.
    pub ack: Sequence,
    /// Which of the 32 before it came in.
    pub ack_bits: AckBits,
    /// Milliseconds between receiving `ack` and sending this, at most 254;
    /// [`Self::NOTHING_RECEIVED`] when nothing has come in yet.
    pub ack_delay: u8,
}

impl DatagramHeader {
    /// Value of `ack_delay` that marks `ack` as void.
    pub const NOTHING_RECEIVED: u8 = 255;

    /// Longest delay that `ack_delay` can tell; a longer one is told as this and gives no sample.
    pub const LONGEST_DELAY: u8 = 254;

    /// `ack_delay` for an ack held back this long.
    #[must_use]
    pub fn delay(held: Duration) -> u8 {
        u8::try_from(held.as_millis())
            .unwrap_or(u8::MAX)
            .min(Self::LONGEST_DELAY)
    }
}

/// What stands before the view's delta in a server's datagram.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotHeader {
    /// The tick that the snapshot shows.
    pub tick: Tick,
    /// Ticks between the baseline's snapshot and this one; 0 means there is no baseline and the
    /// delta is against an empty view.
    pub baseline_age: u16,
    /// Ticks by which the newest input received is ahead of `tick`, −127 to 127; negative when inputs
    /// come too late. The client steers its clock by it. [`Self::NO_INPUT`] while none has been taken.
    pub input_lead: i8,
}

impl SnapshotHeader {
    /// Value of `input_lead` while the server has taken no input of this client.
    pub const NO_INPUT: i8 = i8::MIN;
}

/// Splits a datagram into its header and body.
///
/// # Errors
/// [`DecodeError`], when it is over [`MAX_DATAGRAM`] or shorter than a header.
pub fn split(bytes: &[u8]) -> Result<(DatagramHeader, &[u8]), DecodeError> {
    decode_prefix(bytes, MAX_DATAGRAM)
}

/// Splits a server datagram's body into snapshot header and view delta.
///
/// # Errors
/// [`DecodeError`], when the header is cut off or malformed.
pub fn split_snapshot(body: &[u8]) -> Result<(SnapshotHeader, &[u8]), DecodeError> {
    decode_prefix(body, MAX_DATAGRAM)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::encode;

    #[test]
    fn the_header_is_nine_bytes() {
        let header = DatagramHeader {
            sequence: Sequence(0xffff),
            ack: Sequence(0x0102),
            ack_bits: AckBits(0x8000_0001),
            ack_delay: 7,
        };
        let bytes = encode(&header);
        assert_eq!(bytes, [0xff, 0xff, 0x02, 0x01, 0x01, 0, 0, 0x80, 7]);
        assert_eq!(split(&bytes).unwrap(), (header, &[][..]));
    }

    #[test]
    fn an_oversized_or_short_datagram_is_refused() {
        assert!(matches!(
            split(&[0; 1_001]),
            Err(DecodeError::Oversized { .. })
        ));
        assert_eq!(split(&[0; 8]), Err(DecodeError::Malformed));
    }
}
