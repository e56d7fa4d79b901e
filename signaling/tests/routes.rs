//! The routes of admission, asked over HTTP with a stand-in for rooms and WebRTC.

use std::num::NonZeroU32;
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use protocol::PROTOCOL_VERSION;
use serde_json::json;
use signaling::{
    AllowedOrigins, Claims, Health, IceServer, Offer, Peer, Placed, PlacementError, Placing, Rate,
    Reach, Readiness, RoomDirectory, RoomId, RoomSummary, RungOffer, SdpError, SdpExchange,
    SessionId, SessionStatus, Signaling, TokenKey, router,
};
use tower::ServiceExt;

struct Stub;

/// Joins of one address at once.
const BURST: NonZeroU32 = NonZeroU32::new(3).unwrap();

/// A session that has no seat.
const OVER: SessionId = SessionId(404);

/// One whose seat went to another.
const HANDED_OVER: SessionId = SessionId(405);

#[async_trait]
impl RoomDirectory for Stub {
    async fn place(&self, placing: Placing) -> Result<Placed, PlacementError> {
        let room = match placing.room {
            _ if placing
                .resume
                .as_ref()
                .is_some_and(|seat| seat.session == OVER) =>
            {
                return Err(PlacementError::SeatGone);
            }
            Some(room) if room.as_str() == "full" => return Err(PlacementError::RoomFull(room)),
            Some(room) => room,
            None => signaling::random_room(),
        };
        Ok(Placed {
            room,
            visibility: placing.visibility,
            player: placing.player,
            is_resumed: placing.resume.is_some(),
            takes_over: None,
        })
    }

    fn session_status(&self, session: SessionId) -> SessionStatus {
        match session {
            OVER => SessionStatus::Over,
            HANDED_OVER => SessionStatus::Superseded,
            _ => SessionStatus::Placed,
        }
    }

    async fn rooms(&self) -> Vec<RoomSummary> {
        Vec::new()
    }
}

#[async_trait]
impl SdpExchange for Stub {
    async fn answer(&self, offer: Offer) -> Result<String, SdpError> {
        Err(SdpError::NotADataChannelOffer(offer.sdp))
    }
}

impl Health for Stub {
    fn readiness(&self) -> Readiness {
        Readiness::NotReady
    }

    fn unix_seconds(&self) -> u64 {
        1_000
    }
}

fn signaling() -> Signaling {
    Signaling {
        tokens: TokenKey::new(b"secret"),
        token_lifetime: 60,
        node: String::new(),
        logins: None,
        tick_rate: 60,
        snapshot_rate: 20,
        records: None,
        directory: Arc::new(Stub),
        sdp: Arc::new(Stub),
        health: Arc::new(Stub),
        rungs: Arc::new(|to| {
            let relay = IceServer {
                urls: vec!["turn:turn.example".to_owned()],
                username: Some("until".to_owned()),
                credential: Some("secret".to_owned()),
            };
            vec![
                RungOffer::WebSocket {
                    url: format!("ws://{}", to.host),
                },
                RungOffer::WebRtc {
                    url: format!("http://{}/v1/webrtc", to.host),
                    ice_servers: vec![relay],
                },
            ]
        }),
        reach: Arc::default(),
        requests: Arc::new(Rate::new(NonZeroU32::MIN, BURST)),
    }
}

async fn ask(request: Request<Body>) -> (StatusCode, String, serde_json::Value) {
    let response = router(signaling()).oneshot(request).await.unwrap();
    let status = response.status();
    let kind = response.headers()[header::CONTENT_TYPE]
        .to_str()
        .unwrap()
        .to_owned();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (
        status,
        kind,
        serde_json::from_slice(&body).unwrap_or_default(),
    )
}

fn post_to(path: &str, body: impl Into<Body>) -> Request<Body> {
    Request::post(path)
        .header("host", "localhost:8080")
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap()
}

#[tokio::test]
async fn a_join_answers_with_a_token_for_the_room_and_the_rungs() {
    let body = json!({ "name": "Ada", "room": "lobby", "protocol": PROTOCOL_VERSION });
    let (status, _, answer) = ask(post_to("/v1/join", body.to_string())).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer["room"], "lobby");
    assert_eq!(answer["rungs"][0]["kind"], "websocket");
    assert_eq!(answer["rungs"][0]["url"], "ws://localhost");
    let claims = TokenKey::new(b"secret").verify(answer["token"].as_str().unwrap(), 1_059);
    assert_eq!(claims.unwrap().room.as_str(), "lobby");
}

#[tokio::test]
async fn credentials_of_relays_are_for_those_who_have_joined() {
    let body = json!({ "name": "Ada", "protocol": PROTOCOL_VERSION });
    let (_, _, joined) = ask(post_to("/v1/join", body.to_string())).await;
    let relay =
        json!([{ "urls": ["turn:turn.example"], "username": "until", "credential": "secret" }]);
    assert_eq!(joined["rungs"][1]["ice_servers"], relay);

    let get = Request::get("/v1/rungs").header("host", "localhost:8080");
    let (status, _, before) = ask(get.body(Body::empty()).unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    let bare = json!({ "kind": "webrtc", "url": "http://localhost/v1/webrtc", "ice_servers": [] });
    assert_eq!(before["rungs"][1], bare);
}

#[test]
fn the_documented_join_is_of_the_present_version() {
    let text = include_str!("../../docs/protocol.md");
    let example = text.lines().find(|line| line.starts_with("{\"name\":"));
    let example: serde_json::Value = serde_json::from_str(example.unwrap()).unwrap();
    assert_eq!(example["protocol"], PROTOCOL_VERSION);
    for said in [
        "The version is VERSION.",
        "| `protocol` | needed | VERSION |",
    ] {
        let said = said.replace("VERSION", &PROTOCOL_VERSION.to_string());
        assert!(text.contains(&said), "{said}");
    }
}

#[tokio::test]
async fn a_named_room_is_private_unless_the_join_says_otherwise() {
    for (room, visibility, expected) in [
        (json!("lobby"), json!(null), "private"),
        (json!("lobby"), json!("public"), "public"),
        (json!(null), json!(null), "public"),
    ] {
        let body = json!({ "name": "Ada", "room": room, "visibility": visibility, "protocol": PROTOCOL_VERSION });
        let (_, _, answer) = ask(post_to("/v1/join", body.to_string())).await;
        assert_eq!(answer["visibility"], expected, "{answer}");
        assert_eq!(answer["resumed"], false);
    }
}

fn token(secret: &[u8], session: SessionId, expires: u64) -> String {
    TokenKey::new(secret).sign(&Claims {
        session,
        room: RoomId::parse("lobby").unwrap(),
        node: String::new(),
        expires,
        takes_over: None,
    })
}

#[tokio::test]
async fn a_session_is_told_how_it_stands() {
    for (token, expected) in [
        (token(b"secret", SessionId(7), 2_000), None),
        (token(b"secret", OVER, 2_000), Some("expired-session")),
        (token(b"secret", HANDED_OVER, 2_000), Some("superseded")),
        (token(b"secret", SessionId(7), 900), Some("expired-token")),
        (token(b"another", SessionId(7), 2_000), Some("bad-token")),
    ] {
        let request =
            Request::get("/v1/session").header("authorization", format!("Bearer {token}"));
        let response = router(signaling())
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let Some(expected) = expected else {
            assert_eq!(response.status(), StatusCode::NO_CONTENT);
            continue;
        };
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let problem: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(problem["type"], format!("/problems/{expected}"));
    }
}

#[tokio::test]
async fn a_seat_is_resumed_by_its_token_or_gone() {
    for (token, expected) in [
        (token(b"secret", SessionId(7), 2_000), StatusCode::OK),
        (token(b"secret", OVER, 2_000), StatusCode::GONE),
        (token(b"secret", SessionId(7), 900), StatusCode::GONE),
        (token(b"another", SessionId(7), 2_000), StatusCode::GONE),
        ("nonsense".to_owned(), StatusCode::GONE),
    ] {
        let body = json!({ "name": "Ada", "resume": token, "protocol": PROTOCOL_VERSION });
        let (status, _, answer) = ask(post_to("/v1/join", body.to_string())).await;
        assert_eq!(status, expected, "{answer}");
        if status == StatusCode::OK {
            assert_eq!(answer["resumed"], true);
        } else {
            assert_eq!(answer["type"], "/problems/seat-gone");
        }
    }
}

#[tokio::test]
async fn bad_joins_are_refused_with_a_reason() {
    let join = |name: &str, room: &str, protocol: u16| {
        json!({ "name": name, "room": room, "protocol": protocol }).to_string()
    };
    let named = |name: &str| join(name, "lobby", PROTOCOL_VERSION);
    let to_room = |room: &str| join("Ada", room, PROTOCOL_VERSION);
    let admin = json!({ "name": "Ada", "protocol": PROTOCOL_VERSION, "admin": true });
    let newer = json!({ "name": "Ada", "protocol": 99, "skin": "plaid" });
    for (body, status, kind) in [
        ("nonsense".to_owned(), 400, "bad-request"),
        (admin.to_string(), 400, "bad-request"),
        (join("Ada", "lobby", 99), 426, "unknown-protocol-version"),
        (newer.to_string(), 426, "unknown-protocol-version"),
        (named("a\u{7}"), 400, "bad-name"),
        (named(&"x".repeat(10_000)), 400, "bad-name"),
        (named(&"x".repeat(100_000)), 413, "body-too-large"),
        (to_room("../etc"), 400, "bad-room"),
        (to_room("full"), 409, "room-full"),
    ] {
        let (got, content_type, problem) = ask(post_to("/v1/join", body)).await;
        assert_eq!(
            (got.as_u16(), content_type.as_str()),
            (status, "application/problem+json")
        );
        assert_eq!(problem["type"], format!("/problems/{kind}"));
    }
}

#[tokio::test]
async fn a_method_that_a_route_does_not_take_is_a_problem() {
    let request = Request::get("/v1/join").body(Body::empty()).unwrap();
    let (status, kind, problem) = ask(request).await;
    assert_eq!(
        (status.as_u16(), kind.as_str()),
        (405, "application/problem+json")
    );
    assert_eq!(problem["type"], "/problems/method-not-allowed");
}

#[tokio::test]
async fn the_schemes_case_says_nothing() {
    let request = Request::get("/v1/session")
        .header("authorization", "bearer nonsense")
        .body(Body::empty())
        .unwrap();
    let (_, _, problem) = ask(request).await;
    assert_eq!(problem["type"], "/problems/bad-token");
}

#[tokio::test]
async fn an_offer_needs_a_token_a_link_and_sdp() {
    let token = TokenKey::new(b"secret").sign(&Claims {
        session: SessionId(1),
        room: signaling::random_room(),
        node: String::new(),
        expires: 1_001,
        takes_over: None,
    });
    let offer = |path: &str, kind: &str, token: &str| {
        Request::post(path)
            .header("content-type", kind)
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from("v=0"))
            .unwrap()
    };
    for (request, status, kind) in [
        (
            offer("/v1/webrtc", "application/sdp", &token),
            400,
            "bad-link",
        ),
        (
            offer("/v1/webrtc?link=1", "text/plain", &token),
            415,
            "unsupported-media-type",
        ),
        (
            offer("/v1/webrtc?link=1", "application/sdp", "x"),
            401,
            "bad-token",
        ),
        (
            offer("/v1/webrtc?link=1", "application/sdp", &token),
            400,
            "bad-offer",
        ),
    ] {
        let (got, _, problem) = ask(request).await;
        assert_eq!(got.as_u16(), status);
        assert_eq!(problem["type"], format!("/problems/{kind}"));
    }
}

#[tokio::test]
async fn the_openapi_document_names_every_route() {
    let get = Request::get("/openapi.json").body(Body::empty()).unwrap();
    let (status, _, document) = ask(get).await;
    assert_eq!(status, StatusCode::OK);
    for path in [
        "/v1/join",
        "/v1/rungs",
        "/v1/webrtc",
        "/v1/rooms",
        "/v1/session",
        "/v1/websocket",
        "/v1/webtransport",
        "/healthz",
        "/readyz",
        "/metrics",
    ] {
        assert!(document["paths"].get(path).is_some(), "{path}");
    }
    let offer = &document["paths"]["/v1/webrtc"]["post"];
    assert_eq!(offer["security"], json!([{ "token": [] }]));
}

#[tokio::test]
async fn a_server_that_drains_is_not_ready() {
    let get = Request::get("/readyz").body(Body::empty()).unwrap();
    assert_eq!(ask(get).await.0, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_trickles_is_given_up() {
    let never = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
    let request = Request::post("/v1/join")
        .header("host", "example.org")
        .header("content-type", "application/json")
        .body(Body::from_stream(never))
        .unwrap();
    let answer = router(signaling()).oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test]
async fn a_join_is_json_and_says_so() {
    let body = json!({ "name": "Ada", "protocol": PROTOCOL_VERSION }).to_string();
    for (media_type, expected) in [
        (Some("application/json"), StatusCode::OK),
        (Some("Application/JSON; charset=utf-8"), StatusCode::OK),
        (Some("text/plain"), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (
            Some("application/jsonp"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (None, StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        let mut request = post_to("/v1/join", body.clone());
        request.headers_mut().remove(header::CONTENT_TYPE);
        if let Some(media_type) = media_type {
            let media_type = media_type.parse().unwrap();
            request
                .headers_mut()
                .insert(header::CONTENT_TYPE, media_type);
        }
        let (status, _, answer) = ask(request).await;
        assert_eq!(status, expected, "{media_type:?}");
        if expected != StatusCode::OK {
            assert_eq!(answer["type"], "/problems/unsupported-media-type");
        }
    }
}

#[tokio::test]
async fn one_address_has_its_share_of_joins_and_no_more() {
    let routes = router(signaling());
    let join = async |peer: &str| {
        let body = json!({ "name": "Ada", "protocol": PROTOCOL_VERSION });
        let mut request = post_to("/v1/join", body.to_string());
        let peer = Peer::direct(format!("{peer}:1").parse().unwrap());
        request.extensions_mut().insert(peer);
        routes.clone().oneshot(request).await.unwrap()
    };
    for _ in 0..BURST.get() {
        assert_eq!(join("192.0.2.1").await.status(), StatusCode::OK);
    }
    let refused = join("192.0.2.1").await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
    assert_eq!(join("192.0.2.2").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_page_of_another_origin_neither_joins_nor_reads_an_answer() {
    let mut signaling = signaling();
    signaling.reach = Arc::new(Reach {
        allowed_origins: AllowedOrigins::parse(&["https://cdn.example".to_owned()]).unwrap(),
        ..Reach::default()
    });
    let routes = router(signaling);
    let ask = async |method: &str, origin: &str| {
        let body = json!({ "name": "Ada", "protocol": PROTOCOL_VERSION });
        let request = Request::builder()
            .method(method)
            .uri("/v1/join")
            .header("host", "play.example")
            .header("origin", origin)
            .header("content-type", "application/json")
            .header("access-control-request-method", "POST");
        let request = request.body(Body::from(body.to_string())).unwrap();
        let response = routes.clone().oneshot(request).await.unwrap();
        let allowed = response.headers().get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        (
            response.status(),
            allowed.is_some_and(|allowed| allowed == origin),
        )
    };
    for origin in ["https://evil.example", "null"] {
        assert_eq!(ask("POST", origin).await, (StatusCode::FORBIDDEN, false));
        assert!(!ask("OPTIONS", origin).await.1);
    }
    assert_eq!(
        ask("OPTIONS", "https://cdn.example").await,
        (StatusCode::OK, true)
    );
    assert_eq!(
        ask("POST", "https://cdn.example").await,
        (StatusCode::OK, true)
    );
    assert_eq!(ask("POST", "https://play.example").await.0, StatusCode::OK);
}
