//! What a session must know of the game: how it writes views and inputs. Its rules are the game's own matter.

use protocol::codec::DecodeError;
use serde::Serialize;

/// The client's half of a game's wire.
pub trait GameCodec {
    /// What a client remembers of a snapshot, to decode the next one by. Its default is what every client has from the
    /// start: the empty view.
    type View: Default;

    /// What a player does in one tick; its encoding is postcard's.
    type Input: Clone + Serialize;

    /// The view that `delta` makes of `baseline`, which is `age` ticks older; `age` 0 means the empty view.
    ///
    /// # Errors
    /// [`DecodeError`] when the delta is malformed or doesn't fit the baseline: the datagram is then counted as
    /// undecodable and not acknowledged.
    fn decode_delta(
        baseline: &Self::View,
        age: u16,
        delta: &[u8],
    ) -> Result<Self::View, DecodeError>;
}
