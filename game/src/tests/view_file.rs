//! View files: they hold what there was to see of a match, and bytes that are none do no harm.

use std::path::PathBuf;
use std::sync::OnceLock;

use super::replay::{hectic_match, match_by_hand, usual_match};
use super::*;
use crate::digest::digest;
use crate::replay::{Frame, Recording, ViewFile, ViewFileError};
use crate::visibility;
use proptest::prelude::*;
use protocol::ids::RoomId;
use serde_json::{Value, json};

fn pond() -> Option<RoomId> {
    RoomId::parse("pond")
}

/// The view file of a hectic match.
fn hectic_view() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        let recording = Recording::parse(&hectic_match(3)).unwrap();
        recording.to_view_file(pond().as_ref())
    })
}

/// Gives bytes that were tampered with the digest that they need.
fn seal(covered: &[u8]) -> Vec<u8> {
    let sum = digest(covered) as u32;
    [covered, &sum.to_le_bytes()[..]].concat()
}

fn frames(bytes: &[u8]) -> Result<Vec<Frame>, ViewFileError> {
    ViewFile::parse(bytes)?.frames().collect()
}

#[test]
fn each_third_tick_is_in_it_as_the_game_has_it_and_every_event_at_its_tick() {
    let recording = Recording::parse(&hectic_match(3)).unwrap();
    let file = ViewFile::parse(hectic_view()).unwrap();
    assert_eq!(file.room(), pond());
    assert_eq!(file.ticks(), recording.ticks());
    let mut replay = recording.replay();
    let start = replay.tick();
    let mut happened = Vec::new();
    let mut read = file.frames();
    let first = read.next().unwrap().unwrap();
    assert!(first.is_key && first.tick == start);
    assert!(matches!(first.events[0].1, GameEvent::Roster(_)));
    while let Some(commands) = replay.step() {
        for command in commands {
            if let Command::Tell { tick, event, .. } = command {
                happened.push((tick, event));
            }
        }
        let made = replay.tick().0 - start.0;
        if made.is_multiple_of(3) || made == recording.ticks() {
            let frame = read.next().unwrap().unwrap();
            assert_eq!(frame.tick, replay.tick());
            assert_eq!(
                frame.view,
                visibility::everything(&replay.game().arena),
                "{made}"
            );
            assert_eq!(frame.events, std::mem::take(&mut happened));
        }
    }
    assert!(read.next().is_none());
}

#[test]
fn one_can_begin_to_read_every_five_seconds() {
    let keys: Vec<u32> = frames(hectic_view())
        .unwrap()
        .iter()
        .filter(|frame| frame.is_key)
        .map(|frame| frame.tick.0)
        .collect();
    assert!(keys.len() > 1);
    assert!(keys.windows(2).all(|pair| pair[1] - pair[0] == 5 * 60));
}

#[test]
fn three_minutes_of_twelve_take_under_two_hundred_kilobytes() {
    let recording = Recording::parse(&match_by_hand()).unwrap();
    let bytes = recording.to_view_file(None).len();
    println!("the view file of three minutes of twelve players: {bytes} B");
    assert!(bytes <= 200 * 1_024, "{bytes}");
}

#[test]
fn a_view_file_that_is_none_is_refused_for_what_it_is() {
    let whole = hectic_view();
    let refused = |bytes: &[u8]| ViewFile::parse(bytes).unwrap_err();
    assert_eq!(refused(b""), ViewFileError::Foreign);
    assert_eq!(refused(&hectic_match(3)), ViewFileError::Foreign);
    let mut newer = whole.to_vec();
    newer[8] = 2;
    assert_eq!(refused(&newer), ViewFileError::Version(2));
    for length in [10, 11, 14, whole.len() / 2, whole.len() - 1] {
        assert_eq!(refused(&whole[..length]), ViewFileError::Damaged);
    }
    for index in (10..whole.len()).step_by(7) {
        let mut damaged = whole.to_vec();
        damaged[index] ^= 4;
        assert_eq!(refused(&damaged), ViewFileError::Damaged);
    }
    let cut = |end: usize| frames(&seal(&whole[..end])).unwrap_err();
    assert!(matches!(
        cut(whole.len() - 4 - 30),
        ViewFileError::Malformed(_) | ViewFileError::Impossible(_)
    ));
}

proptest! {
    #[test]
    fn a_view_file_that_was_tampered_with_is_refused_or_read(
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..3usize, prop::collection::vec(any::<u8>(), 0..4)),
            1..4,
        ),
    ) {
        let whole = hectic_view();
        let mut covered = whole[..whole.len() - 4].to_vec();
        for (place, taken, put) in edits {
            let at = 10 + place.index(covered.len() - 10);
            let end = covered.len().min(at + taken);
            covered.splice(at..end, put);
        }
        drop(frames(&seal(&covered)));
    }

    #[test]
    fn noise_is_no_view_file(noise in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(ViewFile::parse(&noise).is_err());
        let headed = [&b"BCVIEWS\0\x01\0"[..], &noise].concat();
        prop_assert!(frames(&seal(&headed)).is_err());
    }
}

/// FNV-1a in 32 bits over numbers, as in `docs/protocol-game.md`.
fn mix(sum: u32, number: i32) -> u32 {
    (sum ^ number.cast_unsigned()).wrapping_mul(16_777_619)
}

fn numbers(frame: &Frame) -> Vec<i32> {
    let mut all = vec![frame.tick.0 as i32];
    for circle in &frame.view.circles {
        let numbers = [
            circle.seat.0.into(),
            circle.x.into(),
            circle.y.into(),
            circle.radius.into(),
        ];
        all.extend::<[i32; 4]>(numbers);
    }
    for knibble in &frame.view.knibbles {
        all.extend::<[i32; 3]>([knibble.slot.into(), knibble.x.into(), knibble.y.into()]);
    }
    all
}

/// What is in a view file, in few words, for the page's reader to be held against.
fn summary(bytes: &[u8]) -> Value {
    let file = ViewFile::parse(bytes).unwrap();
    let frames: Vec<Frame> = file.frames().collect::<Result<_, _>>().unwrap();
    let events = || frames.iter().flat_map(|frame| &frame.events);
    let eaten = events().filter_map(|(tick, event)| match event {
        GameEvent::Eaten { victim, eater } => {
            Some(json!([tick.0, victim.0, eater.map(|eater| eater.0)]))
        }
        _ => None,
    });
    let digest = frames.iter().flat_map(numbers).fold(2_166_136_261, mix);
    json!({
        "room": file.room().map(|room| room.to_string()),
        "start": frames[0].tick.0,
        "ticks": file.ticks(),
        "frames": frames.len(),
        "keys": frames.iter().filter(|frame| frame.is_key).count(),
        "events": events().count(),
        "eaten": eaten.collect::<Vec<_>>(),
        "digest": digest,
    })
}

/// What the page must read from the golden match. Where the format is meant to change, write both
/// anew: `UPDATE_GOLDEN=1 cargo nextest run --release -p game golden`.
#[test]
fn the_golden_match_has_the_golden_view() {
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/golden");
    let recording = Recording::parse(&usual_match()).unwrap();
    let file = recording.to_view_file(pond().as_ref());
    let sum = serde_json::to_string_pretty(&summary(&file)).unwrap() + "\n";
    let (view, json) = (golden.join("match.bcview"), golden.join("match-view.json"));
    if std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1") {
        std::fs::write(&view, &file).unwrap();
        std::fs::write(&json, &sum).unwrap();
    }
    assert!(std::fs::read(&view).unwrap() == file, "other bytes");
    assert_eq!(std::fs::read_to_string(&json).unwrap(), sum);
}
