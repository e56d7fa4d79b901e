//! Golden files: compared as a whole, and written anew only when `UPDATE_GOLDEN=1` asks for it.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use protocol::codec::encode;
use serde::Serialize;
use serde_json::{Value, json};

/// Checks `tests/golden/NAME` against what the code says today.
pub(crate) fn check(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("golden")
        .join(name);
    if std::env::var("UPDATE_GOLDEN").is_ok_and(|value| value == "1") {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        return;
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    let mut pairs = stored.lines().zip(text.lines()).enumerate();
    if let Some((number, (old, new))) = pairs.find(|(_, (old, new))| !agree(old, new)) {
        panic!(
            "{name} line {}: stored\n{old}\nbut now\n{new}\nIf the format is meant to change, \
             raise PROTOCOL_VERSION and run with UPDATE_GOLDEN=1.",
            number + 1
        );
    }
    assert_eq!(
        stored.lines().count(),
        text.lines().count(),
        "{name} has another length than stored"
    );
}

/// Whether two lines say the same; the order of an object's keys says nothing.
fn agree(old: &str, new: &str) -> bool {
    let parse = |line: &str| serde_json::from_str::<Value>(line.trim().trim_end_matches(',')).ok();
    old == new || (parse(old).is_some() && parse(old) == parse(new))
}

/// One vector: what it shows, its bytes, and the value they stand for.
pub(crate) fn vector<T: Serialize>(name: &str, wire: &T, value: Value) -> Value {
    json!({ "name": name, "hex": hex(&encode(wire)), "value": value })
}

/// The whole file: one list of vectors per type, one vector a line.
pub(crate) fn lists(types: &[(&str, Vec<Value>)]) -> String {
    let mut text = String::from("{\n");
    for (index, (name, vectors)) in types.iter().enumerate() {
        writeln!(text, "  \"{name}\": [").unwrap();
        push_lines(&mut text, vectors);
        let comma = if index + 1 < types.len() { "," } else { "" };
        writeln!(text, "  ]{comma}").unwrap();
    }
    text.push_str("}\n");
    text
}

/// Appends values, one a line, with commas between.
pub(crate) fn push_lines(text: &mut String, values: &[Value]) {
    for (index, value) in values.iter().enumerate() {
        let comma = if index + 1 < values.len() { "," } else { "" };
        writeln!(text, "    {value}{comma}").unwrap();
    }
}

/// Bytes as lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
