//! The body of a join, through the routes of admission.

use std::net::Ipv4Addr;
use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use protocol::ids::RoomId;
use protocol::name::{MAX_NAME_BYTES, MAX_NAME_CHARACTERS};
use signaling::{
    BODY_LIMIT, Health, MAX_OPTIONS, Offer, Peer, Placed, PlacementError, Placing, Rate, Reach,
    Readiness, RoomDirectory, RoomSummary, SdpError, SdpExchange, SessionId, SessionStatus,
    Signaling, TokenKey, router,
};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

use crate::allocation::within;

/// Bytes for a request, and for each byte of its body: JSON becomes a tree.
const MOST_OF_A_REQUEST: usize = 128 * 1024;
const PER_BYTE: usize = 256;

/// Bytes of an answer.
const MOST_OF_AN_ANSWER: usize = 2 * BODY_LIMIT;

/// Rooms of which all have a place, for whoever comes as a player may.
struct Rooms;

#[async_trait]
impl RoomDirectory for Rooms {
    async fn place(&self, placing: Placing) -> Result<Placed, PlacementError> {
        let name = placing.name.as_str();
        assert!((1..=MAX_NAME_CHARACTERS).contains(&name.chars().count()));
        assert!(name.len() <= MAX_NAME_BYTES && name == name.trim());
        assert!(!name.contains(char::is_control));
        let room = placing.room.unwrap_or_else(signaling::random_room);
        assert_eq!(RoomId::parse(room.as_str()).as_ref(), Some(&room));
        if let Some(options) = &placing.options {
            assert!(options.is_object() && options.to_string().len() <= MAX_OPTIONS);
        }
        assert_eq!(placing.resume, None, "nobody has a token of this server's");
        Ok(Placed {
            room,
            visibility: placing.visibility,
            player: placing.player,
            is_resumed: false,
            takes_over: None,
        })
    }

    fn session_status(&self, _: SessionId) -> SessionStatus {
        SessionStatus::Over
    }

    async fn rooms(&self) -> Vec<RoomSummary> {
        Vec::new()
    }
}

#[async_trait]
impl SdpExchange for Rooms {
    async fn answer(&self, _: Offer) -> Result<String, SdpError> {
        Err(SdpError::Busy)
    }
}

impl Health for Rooms {
    fn readiness(&self) -> Readiness {
        Readiness::Ready
    }

    fn unix_seconds(&self) -> u64 {
        0
    }
}

static ROUTER: LazyLock<Router> = LazyLock::new(|| {
    // Who comes from a trusted machine has no budget to use up.
    let reach = Reach {
        trusted_proxies: vec!["127.0.0.0/8".parse().expect("a network")],
        ..Reach::default()
    };
    router(Signaling {
        tokens: TokenKey::random(),
        logins: None,
        token_lifetime: 60,
        node: String::new(),
        tick_rate: 60,
        snapshot_rate: 20,
        records: None,
        directory: Arc::new(Rooms),
        sdp: Arc::new(Rooms),
        health: Arc::new(Rooms),
        rungs: Arc::new(|_| Vec::new()),
        reach: Arc::new(reach),
        requests: Arc::new(Rate::new(NonZeroU32::MIN, NonZeroU32::MIN)),
    })
});

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = Builder::new_current_thread();
    runtime.enable_time().build().expect("a runtime")
});

/// The body.
pub fn join(bytes: &[u8]) {
    let (runtime, router) = (&*RUNTIME, &*ROUTER);
    let request = Request::post("/v1/join")
        .header("host", "play.example")
        .header("content-type", "application/json")
        .extension(Peer::direct((Ipv4Addr::LOCALHOST, 9).into()))
        .body(Body::from(bytes.to_vec()))
        .expect("a request");
    let (status, answer) = within(MOST_OF_A_REQUEST + PER_BYTE * bytes.len(), || {
        runtime.block_on(async {
            let Ok(response) = router.clone().oneshot(request).await;
            let (parts, body) = response.into_parts();
            (parts.status, to_bytes(body, MOST_OF_AN_ANSWER).await)
        })
    });
    let answer = answer.expect("a short answer");
    assert!(
        status == StatusCode::OK || status.is_client_error(),
        "{status}"
    );
    let answer: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
    assert!(answer.is_object());
}
