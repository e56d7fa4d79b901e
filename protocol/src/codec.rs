//! Postcard with the project's bounds: the one place where bytes become values and back.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why bytes from a peer were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DecodeError {
    /// More bytes than any message of this kind may have.
    #[error("message of {length} bytes is over the limit of {limit}")]
    Oversized {
        /// Bytes received.
        length: usize,
        /// Most bytes allowed.
        limit: usize,
    },
    /// Not an encoding of the expected type.
    #[error("malformed message")]
    Malformed,
    /// A well-formed message with bytes behind its end.
    #[error("{0} bytes behind the end of the message")]
    Trailing(usize),
}

/// Decodes a value which must fill `bytes` exactly.
///
/// # Errors
/// [`DecodeError`], when the bytes are too many, malformed, or go on behind the value.
pub fn decode<'a, T: Deserialize<'a>>(bytes: &'a [u8], limit: usize) -> Result<T, DecodeError> {
    let (value, rest) = decode_prefix(bytes, limit)?;
    if rest.is_empty() {
        Ok(value)
    } else {
        Err(DecodeError::Trailing(rest.len()))
    }
}

/// Decodes a value at the start of `bytes` and gives back what follows it.
///
/// # Errors
/// [`DecodeError`], when the bytes are too many or malformed.
pub fn decode_prefix<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
    limit: usize,
) -> Result<(T, &'a [u8]), DecodeError> {
    if bytes.len() > limit {
        return Err(DecodeError::Oversized {
            length: bytes.len(),
            limit,
        });
    }
    postcard::take_from_bytes(bytes).map_err(|_| DecodeError::Malformed)
}

/// Appends the encoding of `value` to `out`.
///
/// # Panics
/// Never for this crate's types: postcard can fail only on types that don't know their own length
/// or on a full fixed buffer, and neither occurs here.
pub fn encode_into<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) {
    let buffer = core::mem::take(out);
    *out = match postcard::to_extend(value, buffer) {
        Ok(buffer) => buffer,
        Err(error) => unreachable!("wire types always encode: {error}"),
    };
}

/// The encoding of `value`.
#[must_use]
pub fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    encode_into(value, &mut out);
    out
}
