//! Identities: secrets that browsers keep, so that a player is the same one at each join without telling who it is.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use protocol::ids::PlayerId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Bytes of a secret; whoever has it is the player.
const SECRET_BYTES: usize = 16;

/// Sets the hash apart from others of the same bytes.
const DOMAIN: &[u8] = b"player of identity 1";

/// One player's secret. It is neither kept nor logged; only the id that follows from it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Identity([u8; SECRET_BYTES]);

impl Identity {
    /// Takes the 22 characters of base64url, without padding.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// The player's id, from which nobody finds the secret: a UUID of version 8 (RFC 9562), of the secret's SHA-256.
    #[must_use]
    pub fn player(&self) -> PlayerId {
        let hash = Sha256::new().chain_update(DOMAIN).chain_update(self.0);
        PlayerId(uuid_of(hash))
    }
}

/// The first 122 bits of a hash.
pub(crate) fn uuid_of(hash: Sha256) -> Uuid {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Uuid::new_v8(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_gives_the_same_player_each_time_and_another_secret_another_one() {
        let [one, other] = ["AAECAwQFBgcICQoLDA0ODw", "AAECAwQFBgcICQoLDA0OEA"]
            .map(|text| Identity::parse(text).unwrap().player());
        assert_eq!(one.to_string(), "8c52ffae-7314-80e0-951a-e65c62cc6b35");
        assert_ne!(one, other);
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        let bad = [
            "",
            "AAECAwQFBgcICQoLDA0O",
            "AAECAwQFBgcICQoLDA0ODxA",
            "AAECAwQFBgcICQoLDA0ODx",
            "AAECAwQFBgcICQoLDA0ODw==",
            "AAECAwQFBgcICQoL+A0ODw",
        ];
        for text in bad {
            assert!(Identity::parse(text).is_none(), "{text}");
        }
    }
}
