//! Credentials for TURN servers that last a while, so that a stolen one is of no use for long. A user's name is when it
//! ends, its password the name's HMAC under a secret that the TURN server has too (draft-uberti-behave-turn-rest-00).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use signaling::IceServer;

use crate::config::Turn;

/// How long they last, in seconds: a session that loses its link may open another by them.
const LIFETIME: u64 = 12 * 60 * 60;

/// The TURN servers, with credentials from `now` on, in seconds since 1970.
pub(crate) fn ice_server(turn: &Turn, now: u64) -> IceServer {
    let username = (now + LIFETIME).to_string();
    let mut mac = Hmac::<Sha1>::new_from_slice(turn.secret.as_bytes())
        .expect("HMAC takes keys of any length");
    mac.update(username.as_bytes());
    IceServer {
        urls: turn.urls.clone(),
        credential: Some(STANDARD.encode(mac.finalize().into_bytes())),
        username: Some(username),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_the_names_hmac() {
        let turn = Turn {
            urls: vec!["turn:turn.example".to_owned()],
            secret: "north".to_owned(),
        };
        let server = ice_server(&turn, 1_433_895_918 - LIFETIME);
        // By `printf 1433895918 | openssl dgst -sha1 -hmac north -binary | base64`.
        assert_eq!(server.username.as_deref(), Some("1433895918"));
        assert_eq!(
            server.credential.as_deref(),
            Some("3dkl8uIBelQlraT8v9eCSJTyt+U=")
        );
    }
}
