//! The client's half of Battle Circles' wire, for players without a browser.

use client::session::GameCodec;
use game::wire::{Baseline, GameInput, decode_delta};
use protocol::codec::DecodeError;

/// Battle Circles, as a client reads and writes it.
#[derive(Debug, Clone, Copy)]
pub struct CirclesCodec;

impl GameCodec for CirclesCodec {
    type View = Baseline;
    type Input = GameInput;

    fn decode_delta(baseline: &Baseline, age: u16, delta: &[u8]) -> Result<Baseline, DecodeError> {
        decode_delta(baseline, age, delta).map_err(|_| DecodeError::Malformed)
    }
}
