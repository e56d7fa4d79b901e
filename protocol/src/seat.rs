//! Seats: the places of a room. A player holds one for as long as the session lives.

use serde::{Deserialize, Serialize};

/// A place in a room, 0 to [`crate::MAX_SEATS`] − 1.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Seat(pub u8);
