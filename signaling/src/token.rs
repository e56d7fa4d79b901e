//! Tokens: what a join hands out and a link must show. They carry their own claims, signed with
//! HMAC-SHA256, so that a node can judge one without asking anybody.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use thiserror::Error;

use protocol::codec::decode;
use protocol::control::MAX_TOKEN;
use protocol::ids::{RoomId, SessionId};

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Whose seat.
    pub session: SessionId,
    /// In which room.
    pub room: RoomId,
    /// On which node; empty on a server that stands alone.
    pub node: String,
    /// Until when, in seconds since 1970.
    pub expires: u64,
    /// The session whose seat it takes over. By it the seat is found where the node went with all that it knew of this
    /// one.
    pub takes_over: Option<SessionId>,
}

/// What a pass says.
#[derive(Serialize, Deserialize)]
struct Pass {
    client: IpAddr,
    expires: u64,
}

/// Seconds for which a pass is good: the nodes' clocks may be half a minute apart.
const PASS_LIFETIME: u64 = 90;

/// What is signed before a pass, so that none is a token.
const PASS_MARK: &[u8] = b"game-fleet-pass";

/// What is signed to tell secrets apart.
const SECRET_MARK: &[u8] = b"game-fleet-secret";

/// Why a token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// Not a token of this server.
    #[error("the token is malformed or not from this server")]
    Invalid,
    /// A good one, too late.
    #[error("the token has expired; join again")]
    Expired,
}

/// The secret that signs tokens.
#[derive(Clone)]
pub struct TokenKey(Hmac<Sha256>);

impl TokenKey {
    const SIGNATURE_BYTES: usize = 16;

    /// A key from the secret that nodes share; any length.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes keys of any length"))
    }

    /// A key that lasts as long as this process.
    #[must_use]
    pub fn random() -> Self {
        let mut secret = [0; 32];
        rand::rng().fill_bytes(&mut secret);
        Self::new(&secret)
    }

    /// Signs the claims: base64url of 16 bytes of signature and the claims in postcard.
    #[must_use]
    pub fn sign(&self, claims: &Claims) -> String {
        let body = protocol::codec::encode(claims);
        let mut token = self.signature(&body);
        token.extend(body);
        URL_SAFE_NO_PAD.encode(token)
    }

    /// The claims of a token that this key has signed and whose time isn't over.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn verify(&self, token: &str, now_unix: u64) -> Result<Claims, TokenError> {
        if token.len() > MAX_TOKEN {
            return Err(TokenError::Invalid);
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(token)
            .map_err(|_| TokenError::Invalid)?;
        let (signature, body) = bytes
            .split_at_checked(Self::SIGNATURE_BYTES)
            .ok_or(TokenError::Invalid)?;
        let mut mac = self.0.clone();
        mac.update(body);
        mac.verify_truncated_left(signature)
            .map_err(|_| TokenError::Invalid)?;
        let claims: Claims = decode(body, MAX_TOKEN).map_err(|_| TokenError::Invalid)?;
        if now_unix < claims.expires {
            Ok(claims)
        } else {
            Err(TokenError::Expired)
        }
    }

    /// A pass for a request that one node hands on to another: names the client.
    #[must_use]
    pub fn sign_pass(&self, client: IpAddr, now_unix: u64) -> String {
        let pass = Pass {
            client,
            expires: now_unix + PASS_LIFETIME,
        };
        let body = [PASS_MARK, &protocol::codec::encode(&pass)].concat();
        let mut signed = self.signature(&body);
        signed.extend(&body[PASS_MARK.len()..]);
        URL_SAFE_NO_PAD.encode(signed)
    }

    /// The client that a pass names; nothing where this key hasn't signed it, or its time is over.
    #[must_use]
    pub fn verify_pass(&self, pass: &str, now_unix: u64) -> Option<IpAddr> {
        let signed = URL_SAFE_NO_PAD.decode(pass).ok()?;
        let (signature, body) = signed.split_at_checked(Self::SIGNATURE_BYTES)?;
        let mut mac = self.0.clone();
        mac.update(PASS_MARK);
        mac.update(body);
        mac.verify_truncated_left(signature).ok()?;
        let pass: Pass = decode(body, MAX_TOKEN).ok()?;
        (now_unix < pass.expires).then_some(pass.client)
    }

    /// Tells the secret from others without telling it.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.signature(SECRET_MARK)[..6])
    }

    fn signature(&self, body: &[u8]) -> Vec<u8> {
        let mut mac = self.0.clone();
        mac.update(body);
        let mut signature = mac.finalize().into_bytes().to_vec();
        signature.truncate(Self::SIGNATURE_BYTES);
        signature
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims {
            session: SessionId(7),
            room: RoomId::parse("lobby").unwrap(),
            node: String::new(),
            expires: 100,
            takes_over: None,
        }
    }

    #[test]
    fn a_token_gives_its_claims_back_until_it_expires() {
        let key = TokenKey::new(b"secret");
        let token = key.sign(&claims());
        assert_eq!(key.verify(&token, 99), Ok(claims()));
        assert_eq!(key.verify(&token, 100), Err(TokenError::Expired));
    }

    #[test]
    fn a_pass_names_its_client_for_a_while_and_is_no_token() {
        let key = TokenKey::new(b"secret");
        let client = IpAddr::from([192, 0, 2, 7]);
        let pass = key.sign_pass(client, 100);
        assert_eq!(key.verify_pass(&pass, 130), Some(client));
        // Of a node whose clock goes ahead.
        assert_eq!(key.verify_pass(&pass, 70), Some(client));
        assert_eq!(key.verify_pass(&pass, 100 + PASS_LIFETIME), None);
        assert_eq!(TokenKey::new(b"other").verify_pass(&pass, 100), None);
        assert_eq!(key.verify(&pass, 0), Err(TokenError::Invalid));
        assert_eq!(key.verify_pass(&key.sign(&claims()), 0), None);
    }

    #[test]
    fn a_forged_or_mangled_token_is_refused() {
        let token = TokenKey::new(b"secret").sign(&claims());
        let other = TokenKey::new(b"other");
        assert_eq!(other.verify(&token, 0), Err(TokenError::Invalid));
        for bad in [
            "",
            "x",
            "%%%",
            &token[1..],
            &token[..10],
            &"A".repeat(10_000),
        ] {
            assert_eq!(
                TokenKey::new(b"secret").verify(bad, 0),
                Err(TokenError::Invalid)
            );
        }
        let mut flipped = token.into_bytes();
        let last = flipped.len() - 2;
        flipped[last] = if flipped[last] == b'A' { b'B' } else { b'A' };
        let flipped = String::from_utf8(flipped).unwrap();
        assert_eq!(
            TokenKey::new(b"secret").verify(&flipped, 0),
            Err(TokenError::Invalid)
        );
    }
}
