//! Batches of inputs: one per tick, the last several in each datagram, so that a lost datagram
//! loses no input.

use serde::{Deserialize, Serialize};

use crate::MAX_DATAGRAM;
use crate::bounded::BoundedVec;
use crate::codec::{DecodeError, decode};
use crate::tick::Tick;

/// Most inputs in one batch; at 60 ticks a second that rides over 260 ms without a datagram.
pub const MAX_INPUTS: usize = 16;

/// Value of [`InputBatch::view_lag`] of a player who sees nothing yet.
pub const NO_VIEW: u8 = 255;

/// Inputs for consecutive ticks, the newest first. `I` is the game's own input type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(deserialize = "I: Deserialize<'de>"))]
pub struct InputBatch<I> {
    /// The tick that `inputs[0]` is meant for; `inputs[i]` is for the tick *i* before it.
    pub newest: Tick,
    /// Ticks by which the picture that the player sees lies behind the snapshot that the header's `ack`
    /// names, 254 for more; [`NO_VIEW`] while there is none.
    pub view_lag: u8,
    /// At most [`MAX_INPUTS`]; an empty batch only acknowledges.
    pub inputs: BoundedVec<I, MAX_INPUTS>,
}

impl<I> InputBatch<I> {
    /// Each input with its tick, oldest first. Inputs that would lie before tick 0 are left out.
    pub fn by_tick(&self) -> impl Iterator<Item = (Tick, &I)> {
        self.inputs
            .iter()
            .enumerate()
            .rev()
            .filter_map(|(back, input)| {
                let back = u32::try_from(back).ok()?;
                Some((Tick(self.newest.0.checked_sub(back)?), input))
            })
    }
}

/// Decodes a client datagram's body.
///
/// # Errors
/// [`DecodeError`], when it is malformed, holds too many inputs or goes on behind the batch.
pub fn decode_batch<I: for<'de> Deserialize<'de>>(
    body: &[u8],
) -> Result<InputBatch<I>, DecodeError> {
    decode(body, MAX_DATAGRAM)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::encode;

    #[test]
    fn inputs_come_back_with_their_ticks_oldest_first() {
        let batch = InputBatch {
            newest: Tick(2),
            view_lag: 3,
            inputs: [7u8, 6, 5, 4].into_iter().collect(),
        };
        let back = decode_batch::<u8>(&encode(&batch)).unwrap();
        let ticks: Vec<_> = back
            .by_tick()
            .map(|(tick, input)| (tick.0, *input))
            .collect();
        assert_eq!(ticks, [(0, 5), (1, 6), (2, 7)]);
    }

    #[test]
    fn a_batch_of_255_is_refused() {
        let mut bytes = vec![2, 3, 255, 1];
        bytes.extend([0; 255]);
        assert_eq!(decode_batch::<u8>(&bytes), Err(DecodeError::Malformed));
    }
}
