//! A login service that mints JSON Web Tokens, for tests of any crate.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::{KeyPair, PublicKeyData};
use serde_json::{Value, json};

/// A login service with one key pair.
pub(crate) struct LoginService {
    pair: KeyPair,
    id: &'static str,
}

impl LoginService {
    pub(crate) fn new(id: &'static str) -> Self {
        let pair = KeyPair::generate().unwrap();
        Self { pair, id }
    }

    /// The public key as an uncompressed point on P-256: 4, x, y (SEC 1 §2.3.3).
    pub(crate) fn public_point(&self) -> Vec<u8> {
        self.pair.der_bytes().to_vec()
    }

    pub(crate) fn jwk(&self) -> Value {
        let point = self.public_point();
        let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
            "x": part(1..33), "y": part(33..65) })
    }

    pub(crate) fn keys(&self) -> Vec<u8> {
        json!({ "keys": [self.jwk()] }).to_string().into_bytes()
    }

    pub(crate) fn mint(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.id.to_owned());
        let key = EncodingKey::from_ec_der(&self.pair.serialize_der());
        encode(&header, claims, &key).unwrap()
    }
}
