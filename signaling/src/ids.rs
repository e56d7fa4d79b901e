//! Names drawn at random.

use protocol::ids::{PlayerId, RoomId, SessionId};
use rand::Rng;
use uuid::Uuid;

/// A new session's number.
pub(crate) fn random_session() -> SessionId {
    SessionId(rand::random())
}

/// A new guest's id.
pub(crate) fn random_player() -> PlayerId {
    PlayerId(Uuid::new_v4())
}

/// A new room's name that is easy to read out: six letters and digits without look-alikes.
#[must_use]
pub fn random_room() -> RoomId {
    const ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut random = rand::rng();
    loop {
        let letters: String = (0..6)
            .map(|_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]))
            .collect();
        if let Some(room) = RoomId::parse(&letters) {
            return room;
        }
    }
}
