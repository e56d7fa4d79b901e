//! Logins of a game's own service: which are believed, and for how long.

#[path = "support/login_service.rs"]
mod login_service;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use login_service::LoginService;
use serde_json::{Value, json};
use signaling::{LoginError, LoginRules, Logins, MAX_LOGIN};

const NOW: u64 = 1_000_000;

fn claims() -> Value {
    json!({ "iss": "https://login.example", "aud": ["chess", "tag"], "sub": "ada", "exp": NOW + 60, "rank": 7 })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

fn judge_of(service: &LoginService) -> Logins {
    let logins = Logins::new(LoginRules {
        issuer: Some("https://login.example".to_owned()),
        audience: Some("tag".to_owned()),
        is_required: true,
    });
    assert_eq!(logins.set_keys(&service.keys()), Ok(1));
    logins
}

#[test]
fn a_login_gives_its_claims_and_the_same_player_each_time() {
    let service = LoginService::new("one");
    let logins = judge_of(&service);
    let judge = |claims: &Value| {
        logins
            .judge(Some(&service.mint(claims)), NOW)
            .unwrap()
            .unwrap()
    };
    let login = judge(&claims());
    assert_eq!(
        (login.subject.as_str(), &login.claims["rank"]),
        ("ada", &json!(7))
    );
    assert_eq!(
        login.player(),
        judge(&with("exp", json!(NOW + 90))).player()
    );
    assert_ne!(login.player(), judge(&with("sub", json!("bob"))).player());
}

#[test]
fn a_login_that_is_not_for_us_or_not_of_now_is_refused() {
    let service = LoginService::new("one");
    let logins = judge_of(&service);
    let judge = |claims: &Value| logins.judge(Some(&service.mint(claims)), NOW).unwrap_err();
    for late in [json!(NOW - 31), json!(0)] {
        assert_eq!(judge(&with("exp", late)), LoginError::Expired);
    }
    assert_eq!(judge(&with("nbf", json!(NOW + 31))), LoginError::Expired);
    for (name, value) in [
        ("exp", json!("never")),
        ("exp", json!(null)),
        ("nbf", json!("1")),
        ("iss", json!("https://other.example")),
        ("aud", json!("chess")),
        ("aud", json!(null)),
        ("sub", json!(5)),
    ] {
        let refused = judge(&with(name, value.clone()));
        assert!(
            matches!(refused, LoginError::Claims(_)),
            "{name} {value}: {refused:?}"
        );
    }
    assert_eq!(logins.judge(None, NOW), Err(LoginError::Missing));
}

#[test]
fn a_forged_login_is_refused_whatever_its_header_says() {
    let service = LoginService::new("one");
    let logins = judge_of(&service);
    let forger = LoginService::new("one");
    let forged = forger.mint(&claims());
    let refused = |login: &str| logins.judge(Some(login), NOW).unwrap_err();
    assert_eq!(refused(&forged), LoginError::UnknownKey);
    // Signed with the public key as if it were a shared secret, and not signed at all.
    let (_, body) = forged.split_once('.').unwrap();
    let body = body.split_once('.').unwrap().0;
    for header in [r#"{"alg":"none"}"#, r#"{"alg":"HS256","kid":"one"}"#] {
        let header = URL_SAFE_NO_PAD.encode(header);
        assert!(
            logins
                .judge(Some(&format!("{header}.{body}.")), NOW)
                .is_err()
        );
    }
    let public = EncodingKey::from_secret(&service.public_point()).unwrap();
    let confused = encode(&Header::new(Algorithm::HS256), &claims(), &public).unwrap();
    assert_eq!(refused(&confused), LoginError::UnknownKey);
    for bad in ["", ".", "..", "a.b.c", &"x".repeat(MAX_LOGIN + 1)] {
        assert!(matches!(refused(bad), LoginError::Malformed(_)), "{bad}");
    }
}

#[tokio::test]
async fn keys_rotate_and_bad_ones_change_nothing() {
    let (old, new) = (LoginService::new("one"), LoginService::new("two"));
    let logins = judge_of(&old);
    let is_good =
        |service: &LoginService| logins.judge(Some(&service.mint(&claims())), NOW).is_ok();
    assert!(is_good(&old) && !is_good(&new));
    let unread = Logins::new(LoginRules::default());
    let early = unread.judge(Some(&old.mint(&claims())), NOW);
    assert_eq!(early, Err(LoginError::NoKeys));
    // Whoever keeps the keys fresh is told.
    logins.unknown_key().await;
    for bad in [
        "",
        "{}",
        r#"{"keys":[]}"#,
        r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#,
    ] {
        assert!(logins.set_keys(bad.as_bytes()).is_err(), "{bad}");
    }
    assert!(is_good(&old));
    let both = json!({ "keys": [old.jwk(), new.jwk()] }).to_string();
    assert_eq!(logins.set_keys(both.as_bytes()), Ok(2));
    assert!(is_good(&old) && is_good(&new));
    logins.set_keys(&new.keys()).unwrap();
    assert!(is_good(&new) && !is_good(&old));
}
