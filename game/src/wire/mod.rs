//! What Battle Circles says on the wire: its input, its view and the view's delta, its
//! welcome and events. The rest of the protocol carries these as opaque bytes.

mod baseline;
mod delta;
mod events;
mod knibble_delta;
mod view;

/// Most circles at once, bots included: seats are bits of a 16-bit mask on the wire.
pub const MAX_SEATS: usize = 16;

#[cfg(test)]
mod tests;

pub use baseline::Baseline;
pub use delta::{DeltaBits, DeltaError, decode_delta, encode_delta};
pub use events::{
    GameAction, GameEvent, GameWelcome, MAX_STAGES, MovementTuning, Name, Phase, ResultRow,
    RosterEntry, ShrinkStage,
};
pub use view::{
    CircleView, GameInput, KNIBBLE_SLOTS, KnibbleView, OwnCircle, UNITS_PER_PIXEL,
    UNITS_PER_QUARTER, View,
};
