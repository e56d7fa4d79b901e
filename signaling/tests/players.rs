//! The routes of players and leaderboards, asked over HTTP with a stand-in for the database.

use std::num::NonZeroU32;
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use signaling::{
    Health, Identity, Leaderboard, LeaderboardWish, Offer, Placed, PlacementError, Placing,
    PlayerId, PlayerName, PlayerRecord, PlayerRecords, Rate, Readiness, RecordsError,
    RoomDirectory, RoomSummary, SdpError, SdpExchange, SessionId, SessionStatus, Signaling,
    TokenKey, router,
};
use tower::ServiceExt;

/// Whoever has finished a game, and whoever has not.
const ADA: &str = "AAECAwQFBgcICQoLDA0ODw";
const BOB: &str = "AAECAwQFBgcICQoLDA0OEA";

/// Requests of one address at once.
const BURST: NonZeroU32 = NonZeroU32::new(30).unwrap();

struct Stub;

#[async_trait]
impl PlayerRecords for Stub {
    async fn player(&self, id: PlayerId) -> Result<Option<PlayerRecord>, RecordsError> {
        Ok((id == of(ADA)).then(|| record("Ada")))
    }

    async fn rename(
        &self,
        id: PlayerId,
        name: &PlayerName,
    ) -> Result<Option<PlayerRecord>, RecordsError> {
        Ok((id == of(ADA)).then(|| record(name.as_str())))
    }

    async fn delete(&self, _: PlayerId) -> Result<(), RecordsError> {
        Ok(())
    }

    async fn leaderboard(&self, wish: &LeaderboardWish) -> Result<Leaderboard, RecordsError> {
        if wish
            .room
            .as_ref()
            .is_some_and(|room| room.as_str() == "down")
        {
            return Err(RecordsError::Unavailable);
        }
        Ok(Leaderboard {
            window: wish.window,
            room: wish.room.as_ref().map(ToString::to_string),
            entries: Vec::new(),
            own: None,
            next: wish.after.map(|after| after.to_string()),
        })
    }
}

#[async_trait]
impl RoomDirectory for Stub {
    async fn place(&self, placing: Placing) -> Result<Placed, PlacementError> {
        if placing.resume.is_some() {
            return Err(PlacementError::SeatGone);
        }
        Ok(Placed {
            room: placing.room.unwrap_or_else(signaling::random_room),
            visibility: placing.visibility,
            player: placing.player,
            is_resumed: placing.resume.is_some(),
            takes_over: None,
        })
    }

    fn session_status(&self, _: SessionId) -> SessionStatus {
        SessionStatus::Waiting
    }

    async fn rooms(&self) -> Vec<RoomSummary> {
        Vec::new()
    }
}

#[async_trait]
impl SdpExchange for Stub {
    async fn answer(&self, _: Offer) -> Result<String, SdpError> {
        Err(SdpError::NotOffered)
    }
}

impl Health for Stub {
    fn readiness(&self) -> Readiness {
        Readiness::WithoutDatabase
    }

    fn unix_seconds(&self) -> u64 {
        1_000
    }
}

fn of(identity: &str) -> PlayerId {
    Identity::parse(identity).unwrap().player()
}

fn record(name: &str) -> PlayerRecord {
    PlayerRecord {
        id: of(ADA).to_string(),
        name: name.to_owned(),
        games_played: 1,
        games_won: 0,
        total_score: 5,
        first_seen: "2026-11-29T12:00:00Z".to_owned(),
        last_seen: "2026-11-29T12:00:00Z".to_owned(),
    }
}

fn signaling(keeps: bool) -> Signaling {
    Signaling {
        tokens: TokenKey::new(b"secret"),
        token_lifetime: 60,
        node: String::new(),
        logins: None,
        tick_rate: 60,
        snapshot_rate: 20,
        records: keeps.then(|| Arc::new(Stub) as Arc<dyn PlayerRecords>),
        directory: Arc::new(Stub),
        sdp: Arc::new(Stub),
        health: Arc::new(Stub),
        rungs: Arc::new(|_| Vec::new()),
        reach: Arc::default(),
        requests: Arc::new(Rate::new(NonZeroU32::MIN, BURST)),
    }
}

struct Ask {
    method: Method,
    path: String,
    identity: Option<&'static str>,
    body: Value,
}

impl Ask {
    fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            identity: None,
            body: Value::Null,
        }
    }

    fn to(method: Method, path: impl Into<String>, identity: &'static str) -> Self {
        Self {
            method,
            identity: Some(identity),
            ..Self::get(path)
        }
    }

    fn with(self, body: Value) -> Self {
        Self { body, ..self }
    }

    async fn of(self, signaling: Signaling) -> (u16, Value) {
        let mut request = Request::builder()
            .method(self.method)
            .uri(self.path)
            .header("host", "localhost:8080")
            .header("content-type", "application/json");
        if let Some(identity) = self.identity {
            request = request.header("authorization", format!("Bearer {identity}"));
        }
        let request = request.body(Body::from(self.body.to_string())).unwrap();
        let response = router(signaling).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        let text = String::from_utf8_lossy(&body).into_owned();
        (
            status,
            serde_json::from_slice(&body).unwrap_or(Value::String(text)),
        )
    }

    async fn answer(self) -> (u16, Value) {
        self.of(signaling(true)).await
    }
}

fn kind(answer: &Value) -> &str {
    answer["type"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_join_with_an_identity_is_the_same_player_each_time_and_one_without_is_another() {
    let join = |identity: Option<&str>| {
        let body = json!({
            "name": "Ada", "identity": identity, "protocol": protocol::PROTOCOL_VERSION
        });
        let ask = Ask {
            method: Method::POST,
            ..Ask::get("/v1/join")
        };
        ask.with(body).answer()
    };
    let (_, first) = join(Some(ADA)).await;
    assert_eq!(first["player"], of(ADA).to_string());
    let (_, guest) = join(None).await;
    let (_, other) = join(None).await;
    assert_ne!(guest["player"], other["player"]);
    let (status, refused) = join(Some("short")).await;
    assert_eq!((status, kind(&refused)), (400, "/problems/bad-identity"));
}

#[tokio::test]
async fn a_join_whose_seat_is_gone_takes_another_where_it_says_so() {
    let claims = signaling::Claims {
        session: SessionId(1),
        room: signaling::RoomId::parse("pond").unwrap(),
        node: String::new(),
        expires: 2_000,
        takes_over: None,
    };
    let good = TokenKey::new(b"secret").sign(&claims);
    for token in [good.as_str(), "forged"] {
        let join = |or_new: bool| {
            let body = json!({
                "name": "Ada", "room": "pond", "resume": token, "or_new": or_new,
                "protocol": protocol::PROTOCOL_VERSION
            });
            let ask = Ask {
                method: Method::POST,
                ..Ask::get("/v1/join")
            };
            ask.with(body).answer()
        };
        assert_eq!(join(false).await.0, 410);
        let (status, answer) = join(true).await;
        assert_eq!((status, &answer["resumed"]), (200, &json!(false)));
    }
}

#[tokio::test]
async fn a_player_is_read_by_anybody_and_changed_by_its_identity_alone() {
    let ada = format!("/v1/players/{}", of(ADA));
    let (status, read) = Ask::get(&ada).answer().await;
    assert_eq!((status, &read["name"]), (200, &json!("Ada")));
    let renamed = json!({ "name": "Lin" });
    for path in [ada.as_str(), "/v1/players/me"] {
        let rename = Ask::to(Method::PATCH, path, ADA).with(renamed.clone());
        let (status, answer) = rename.answer().await;
        assert_eq!((status, &answer["name"]), (200, &json!("Lin")));
        assert_eq!(Ask::to(Method::DELETE, path, ADA).answer().await.0, 204);
    }
    for method in [Method::PATCH, Method::DELETE] {
        let other = Ask::to(method.clone(), &ada, BOB).with(renamed.clone());
        let (status, answer) = other.answer().await;
        assert_eq!((status, kind(&answer)), (403, "/problems/other-player"));
        let nobody = Ask {
            method,
            ..Ask::get(&ada)
        };
        let (status, answer) = nobody.with(renamed.clone()).answer().await;
        assert_eq!((status, kind(&answer)), (401, "/problems/no-identity"));
    }
    let bad = Ask::to(Method::PATCH, &ada, ADA).with(json!({ "name": "" }));
    assert_eq!(kind(&bad.answer().await.1), "/problems/bad-name");
}

#[tokio::test]
async fn a_player_who_has_finished_no_game_has_no_record_and_may_be_deleted_all_the_same() {
    let ids = [of(BOB).to_string(), "nobody".to_owned(), "%ff".to_owned()];
    for id in ids {
        let (status, answer) = Ask::get(format!("/v1/players/{id}")).answer().await;
        assert_eq!((status, kind(&answer)), (404, "/problems/no-such-player"));
    }
    let (status, _) = Ask::to(Method::DELETE, "/v1/players/me", BOB)
        .answer()
        .await;
    assert_eq!(status, 204);
    assert_eq!(Ask::get("/v1/players/me").answer().await.0, 401);
}

#[tokio::test]
async fn a_leaderboard_is_asked_in_its_own_words_and_no_others() {
    let cursor = format!("20_7_{}", of(ADA));
    let good = [
        "".to_owned(),
        "?window=day&limit=100".to_owned(),
        format!("?room=Pond&after={cursor}&player={}", of(ADA)),
    ];
    for query in good {
        let (status, answer) = Ask::get(format!("/v1/leaderboard{query}")).answer().await;
        assert_eq!(status, 200, "{query}: {answer}");
    }
    for query in [
        "window=month",
        "limit=0",
        "limit=101",
        "after=20",
        "player=me",
        "room=a%20b",
        "x=1",
    ] {
        let (status, answer) = Ask::get(format!("/v1/leaderboard?{query}")).answer().await;
        assert_eq!(status, 400, "{query}: {answer}");
    }
    let (status, answer) = Ask::get("/v1/leaderboard?room=down").answer().await;
    assert_eq!(
        (status, kind(&answer)),
        (503, "/problems/records-unavailable")
    );
}

#[tokio::test]
async fn a_server_that_keeps_nothing_says_so_on_every_route() {
    let asks = [
        Ask::get("/v1/leaderboard"),
        Ask::get(format!("/v1/players/{}", of(ADA))),
        Ask::to(Method::DELETE, "/v1/players/me", ADA),
    ];
    for ask in asks {
        let (status, answer) = ask.of(signaling(false)).await;
        assert_eq!((status, kind(&answer)), (404, "/problems/no-storage"));
    }
}

#[tokio::test]
async fn a_seat_that_waits_after_a_restart_is_to_be_resumed() {
    let claims = signaling::Claims {
        session: SessionId(1),
        room: signaling::RoomId::parse("pond").unwrap(),
        node: String::new(),
        expires: 2_000,
        takes_over: None,
    };
    let token: &'static str = TokenKey::new(b"secret").sign(&claims).leak();
    let (status, answer) = Ask::to(Method::GET, "/v1/session", token).answer().await;
    assert_eq!(
        StatusCode::from_u16(status).unwrap(),
        StatusCode::UNAUTHORIZED
    );
    assert!(answer["detail"].as_str().unwrap().contains("resume"));
    let (status, answer) = Ask::get("/readyz").answer().await;
    assert_eq!(status, 200);
    assert!(answer.as_str().unwrap().contains("without the database"));
}
