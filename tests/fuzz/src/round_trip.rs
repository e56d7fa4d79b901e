//! What was decoded once is encoded and decoded the same ever after.

/// Decodes the bytes as a wire type; if they are one, its own encoding must be no longer and decode to the same value.
macro_rules! round_trip {
    ($type:ty, $bytes:expr) => {{
        let bytes: &[u8] = $bytes;
        let decoded = protocol::codec::decode::<$type>(bytes, bytes.len());
        if let Ok(value) = &decoded {
            let again = protocol::codec::encode(value);
            assert!(again.len() <= bytes.len(), "{value:?} grew");
            let same = protocol::codec::decode::<$type>(&again, again.len());
            assert_eq!(same.as_ref(), Ok(value));
        }
        decoded
    }};
}
pub(crate) use round_trip;
