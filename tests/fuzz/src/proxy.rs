//! The PROXY header that a trusted proxy writes before a connection's bytes.

use server::fuzzing::proxy_header;

use crate::allocation::within;

/// The first bytes of a connection.
pub fn proxy(bytes: &[u8]) {
    let Some((length, source)) = within(bytes.len(), || proxy_header(bytes)) else {
        return;
    };
    assert!((1..=bytes.len()).contains(&length));
    // What follows is the client's, and says nothing of where it is.
    assert_eq!(proxy_header(&bytes[..length]), Some((length, source)));
    // Nothing is made of a header that has come only in part.
    assert_eq!(proxy_header(&bytes[..length - 1]), None);
}
