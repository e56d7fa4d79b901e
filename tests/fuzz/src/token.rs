//! Tokens that a link shows.

use std::sync::LazyLock;

use protocol::codec::decode_prefix;
use protocol::control::MAX_TOKEN;
use signaling::{Claims, TokenError, TokenKey};

use crate::allocation::within;

/// Signs nothing: the fuzzer learns from comparisons what tokens the other has signed.
static SILENT_KEY: LazyLock<TokenKey> = LazyLock::new(|| TokenKey::new(b"another secret"));

static KEY: LazyLock<TokenKey> = LazyLock::new(|| TokenKey::new(b"a secret of the fuzzer's own"));

/// A text that is none; and claims, whose token is good until a byte of it is changed.
pub fn token(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let forged = within(4 * MAX_TOKEN, || SILENT_KEY.verify(&text, 0));
    assert_eq!(forged, Err(TokenError::Invalid));

    let Ok((claims, rest)) = decode_prefix::<Claims>(bytes, bytes.len()) else {
        return;
    };
    let token = KEY.sign(&claims);
    let verified = within(4 * MAX_TOKEN, || KEY.verify(&token, 0));
    if token.len() > MAX_TOKEN {
        assert_eq!(verified, Err(TokenError::Invalid));
        return;
    }
    let expected = if claims.expires > 0 {
        Ok(claims)
    } else {
        Err(TokenError::Expired)
    };
    assert_eq!(verified, expected);

    let [position, byte, ..] = rest else { return };
    let mut tampered = token.clone().into_bytes();
    let position = usize::from(*position) % tampered.len();
    tampered[position] = byte & 0x7f;
    let tampered = String::from_utf8(tampered).expect("ASCII");
    if tampered != token {
        assert_eq!(KEY.verify(&tampered, 0), Err(TokenError::Invalid));
    }
}
