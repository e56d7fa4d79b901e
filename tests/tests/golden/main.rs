//! Golden vectors: the bytes and the movement that other languages' twins must agree with.
//!
//! `tests/golden/movement.json` is a course of movement steps. `game.json` and `protocol.json`
//! hold for each wire type a list of `{name, hex, value}`. A value is the Rust value as serde
//! writes JSON: fields by their Rust names, an enum's variant without fields as its name, another
//! as an object with its name as the only key. Bytes are hexadecimal strings. A view's delta is
//! `{name, hex, age, baseline, result}` instead, the last two being what is remembered before and
//! after. `mangled.json` says what becomes of thousands of deltas that were tampered with.

mod deltas;
mod file;
mod game;
mod hostile;
mod mangled;
mod movement;
mod protocol_types;
mod session;
