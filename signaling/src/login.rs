//! Logins: tokens that the game's own login service mints (JWT, RFC 7519), judged with the public keys that it publishes
//! (JWK Set, RFC 7517). Keys rotate while the server runs; only signatures with key pairs count, and time is an argument.

use std::sync::{PoisonError, RwLock};

use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, Validation, decode, decode_header};
use protocol::ids::PlayerId;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use thiserror::Error;
use tokio::sync::Notify;

use crate::identity::uuid_of;

/// Most bytes of a login.
pub const MAX_LOGIN: usize = 8 * 1_024;

/// By so much the clock of the login service may differ from ours, in seconds.
const LEEWAY: u64 = 30;

/// Who a player is, as the game's login service says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The claim `sub`: the same for each login of this player.
    pub subject: String,
    /// All claims.
    pub claims: Map<String, Value>,
}

impl Login {
    /// The player's id: the same for each login of the same subject with the same issuer.
    #[must_use]
    pub fn player(&self) -> PlayerId {
        let issuer = self.claims.get("iss").and_then(Value::as_str);
        let mut hash = Sha256::new();
        for part in [issuer.unwrap_or_default(), &self.subject] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        PlayerId(uuid_of(hash))
    }
}

/// Why a login was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LoginError {
    /// There is none, and players must have one.
    #[error("players of this server log in first: the join needs a member login")]
    Missing,
    /// None is taken here.
    #[error("this server takes no logins")]
    NotTaken,
    /// Not a token that could be judged.
    #[error("the login is malformed: {0}")]
    Malformed(String),
    /// No keys have been had yet to judge any with.
    #[error("logins can't be judged yet; try again in a moment")]
    NoKeys,
    /// No published key has signed it.
    #[error("the login is not signed by a key that this server knows")]
    UnknownKey,
    /// A claim is missing, or isn't what it must be.
    #[error("the login's claims are not for this server: {0}")]
    Claims(String),
    /// Its time is over, or hasn't come.
    #[error("the login has expired, or is not valid yet; log in again")]
    Expired,
}

/// What a login must say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoginRules {
    /// The claim `iss`; any when left out.
    pub issuer: Option<String>,
    /// The claim `aud`, or one of them; any when left out.
    pub audience: Option<String>,
    /// Whether players without a login are turned away.
    pub is_required: bool,
}

/// The judge of logins, and the keys of the moment.
#[derive(Debug)]
pub struct Logins {
    rules: LoginRules,
    keys: RwLock<JwkSet>,
    unknown: Notify,
}

impl Logins {
    /// One without keys yet.
    #[must_use]
    pub fn new(rules: LoginRules) -> Self {
        Self {
            rules,
            keys: RwLock::new(JwkSet { keys: Vec::new() }),
            unknown: Notify::new(),
        }
    }

    /// Takes the keys of a JSON Web Key Set in place of those before. Gives how many of them can be used.
    ///
    /// # Errors
    /// When it is none, or none of its keys can be used; those before stay.
    pub fn set_keys(&self, json: &[u8]) -> Result<usize, String> {
        let mut set: JwkSet = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        set.keys
            .retain(|key| algorithms(key).next().is_some() && DecodingKey::from_jwk(key).is_ok());
        let count = set.keys.len();
        if count == 0 {
            return Err("no public key for signatures is in it".to_owned());
        }
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = set;
        Ok(count)
    }

    /// Returns when a login named a key that isn't known: there may be newer ones.
    pub async fn unknown_key(&self) {
        self.unknown.notified().await;
    }

    /// Judges what a join brings, at `now` in seconds since 1970. Nothing where a player may come without.
    ///
    /// # Errors
    /// [`LoginError`].
    pub fn judge(&self, login: Option<&str>, now: u64) -> Result<Option<Login>, LoginError> {
        match login {
            Some(login) => self.verify(login, now).map(Some),
            None if self.rules.is_required => Err(LoginError::Missing),
            None => Ok(None),
        }
    }

    fn verify(&self, login: &str, now: u64) -> Result<Login, LoginError> {
        if login.len() > MAX_LOGIN {
            return Err(LoginError::Malformed("it is too long".to_owned()));
        }
        let malformed =
            |error: jsonwebtoken::errors::Error| LoginError::Malformed(error.to_string());
        let header = decode_header(login).map_err(malformed)?;
        let claims = {
            let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
            if keys.keys.is_empty() {
                return Err(LoginError::NoKeys);
            }
            let mut fitting = keys.keys.iter().filter(|key| {
                let is_named = header.kid.is_none() || key.common.key_id == header.kid;
                is_named && algorithms(key).any(|known| known == header.alg)
            });
            fitting.find_map(|key| open(login, key, header.alg))
        };
        let Some(claims) = claims else {
            self.unknown.notify_one();
            return Err(LoginError::UnknownKey);
        };
        self.check(&claims, now)?;
        let subject = text(&claims, "sub")?.to_owned();
        Ok(Login { subject, claims })
    }

    fn check(&self, claims: &Map<String, Value>, now: u64) -> Result<(), LoginError> {
        let number = |name: &str| match claims.get(name) {
            None => Ok(None),
            Some(value) => value
                .as_f64()
                .map(Some)
                .ok_or_else(|| LoginError::Claims(format!("{name} is no number"))),
        };
        let (now, leeway) = (now as f64, LEEWAY as f64);
        let expires = number("exp")?.ok_or_else(|| LoginError::Claims("exp is missing".into()))?;
        let begins = number("nbf")?.unwrap_or(0.0);
        if now >= expires + leeway || now + leeway < begins {
            return Err(LoginError::Expired);
        }
        if let Some(issuer) = &self.rules.issuer
            && text(claims, "iss")? != issuer
        {
            return Err(LoginError::Claims("iss is another".to_owned()));
        }
        if let Some(audience) = &self.rules.audience
            && !is_for(claims.get("aud"), audience)
        {
            return Err(LoginError::Claims("aud is another".to_owned()));
        }
        Ok(())
    }
}

/// The algorithms that a key may have signed with: the one it names, else those of its kind. None with shared secrets.
fn algorithms(key: &Jwk) -> impl Iterator<Item = Algorithm> {
    const ALL: [Algorithm; 9] = [
        Algorithm::RS256,
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
        Algorithm::ES256,
        Algorithm::ES384,
        Algorithm::EdDSA,
    ];
    let named = key.common.key_algorithm.map(|named| named.to_string());
    let family = DecodingKey::from_jwk(key).ok().map(|key| key.family());
    ALL.into_iter().filter(move |algorithm| {
        let is_family = family.is_some_and(|family: AlgorithmFamily| family == algorithm.family());
        let is_named = named
            .as_ref()
            .is_none_or(|named| *named == format!("{algorithm:?}"));
        is_family && is_named
    })
}

/// The claims of a token that a key has signed. Claims are judged by us: with the time that we are told.
fn open(login: &str, key: &Jwk, algorithm: Algorithm) -> Option<Map<String, Value>> {
    let mut validation = Validation::new(algorithm);
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    let key = DecodingKey::from_jwk(key).ok()?;
    let opened = decode::<Map<String, Value>>(login, &key, &validation);
    opened.ok().map(|token| token.claims)
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Result<&'a str, LoginError> {
    let value = claims.get(name).and_then(Value::as_str);
    value.ok_or_else(|| LoginError::Claims(format!("{name} is missing")))
}

fn is_for(aud: Option<&Value>, audience: &str) -> bool {
    match aud {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(some)) => some.iter().any(|one| one == audience),
        _ => false,
    }
}
