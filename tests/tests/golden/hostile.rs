//! Bytes that no honest peer sends: golden ones that were tampered with, and noise. Whatever is decoded from them holds no
//! more than the bytes did, and the rest is refused; nothing panics.

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use game::wire::{GameAction, GameEvent, GameInput, GameWelcome};
use proptest::prelude::*;
use proptest::sample::Index;
use protocol::codec::{decode, decode_prefix, encode};
use protocol::control::{ClientFrame, ServerFrame};
use protocol::datagram::{DatagramHeader, SnapshotHeader};
use protocol::input::InputBatch;
use protocol::{MAX_CONTROL_FRAME, MAX_DATAGRAM};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The bytes of every golden vector.
static HONEST: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden");
    let files = ["game.json", "protocol.json"].map(|name| {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        serde_json::from_str::<serde_json::Map<String, Value>>(&text).unwrap()
    });
    let lists = files.iter().flat_map(serde_json::Map::values);
    let vectors = lists.flat_map(|list| list.as_array().unwrap());
    vectors
        .map(|vector| from_hex(vector["hex"].as_str().unwrap()))
        .collect()
});

fn from_hex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

/// Reads the bytes as everything that comes from a peer.
fn assert_harmless(bytes: &[u8]) {
    assert_no_more::<ClientFrame<'_>>(bytes, MAX_CONTROL_FRAME);
    assert_no_more::<ServerFrame<'_>>(bytes, MAX_CONTROL_FRAME);
    assert_no_more::<InputBatch<GameInput>>(bytes, MAX_DATAGRAM);
    assert_no_more::<GameWelcome>(bytes, MAX_CONTROL_FRAME);
    assert_no_more::<GameEvent>(bytes, MAX_CONTROL_FRAME);
    assert_no_more::<GameAction>(bytes, MAX_CONTROL_FRAME);
    let split = decode_prefix::<DatagramHeader>(bytes, MAX_DATAGRAM);
    if let Ok((_, body)) = split {
        let about = decode_prefix::<SnapshotHeader>(body, MAX_DATAGRAM);
        assert!(about.is_err() || about.is_ok_and(|(_, delta)| delta.len() < body.len()));
    }
}

fn assert_no_more<'a, T: Deserialize<'a> + Serialize>(bytes: &'a [u8], limit: usize) {
    if let Ok(value) = decode::<T>(bytes, limit) {
        assert!(encode(&value).len() <= bytes.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn tampered_bytes_are_refused_or_hold_no_more_than_they_say(
        honest in any::<Index>(),
        changes in prop::collection::vec((0..5, any::<Index>(), any::<u8>()), 1..5),
    ) {
        let mut bytes = honest.get(&HONEST).clone();
        for (how, place, value) in changes {
            let place = place.index(bytes.len() + 1);
            match (how, bytes.get_mut(place)) {
                (0, _) => bytes.truncate(place),
                (1, _) => bytes.insert(place, value),
                (_, Some(byte)) => *byte ^= value,
                (_, None) => {}
            }
        }
        assert_harmless(&bytes);
    }

    #[test]
    fn noise_is_refused_or_holds_no_more_than_it_says(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        assert_harmless(&bytes);
    }
}

#[test]
fn lengths_that_promise_more_than_comes_are_refused_before_anything_is_kept_for_them() {
    for tag in 0..8 {
        let bytes = [tag, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3];
        assert_harmless(&bytes);
        assert!(decode::<GameEvent>(&bytes, MAX_CONTROL_FRAME).is_err());
    }
}
