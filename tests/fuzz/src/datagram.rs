//! Datagrams of the State lane, as both sides read them.

use game::wire::GameInput;
use protocol::MAX_DATAGRAM;
use protocol::codec::encode;
use protocol::datagram::{split, split_snapshot};
use protocol::input::{InputBatch, MAX_INPUTS, decode_batch};

use crate::allocation::within;
use crate::round_trip::round_trip;

/// A whole datagram: to the server a header and inputs, to the client a header, a snapshot's header and a delta.
pub fn datagram(bytes: &[u8]) {
    let parts = within(0, || split(bytes));
    let Ok((header, body)) = parts else { return };
    assert!(bytes.len() <= MAX_DATAGRAM);
    assert_eq!([&encode(&header), body].concat(), bytes);

    let batch = within(size_of::<GameInput>() * MAX_INPUTS, || {
        decode_batch::<GameInput>(body)
    });
    assert_eq!(batch, round_trip!(InputBatch<GameInput>, body));
    if let Ok(batch) = batch {
        assert!(batch.inputs.len() <= MAX_INPUTS);
        assert!(batch.by_tick().is_sorted_by_key(|(tick, _)| tick));
    }

    if let Ok((about, delta)) = within(0, || split_snapshot(body)) {
        let again = [&encode(&about), delta].concat();
        assert_eq!(split_snapshot(&again), Ok((about, delta)));
    }
}
