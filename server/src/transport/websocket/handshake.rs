//! A request that asks to change over to a WebSocket, and what it is answered (RFC 6455 §4.2).

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::upgrade::OnUpgrade;
use signaling::Problem;
use tungstenite::handshake::server::create_response_with_body;

/// The subprotocol that clients ask for.
const SUBPROTOCOL: &str = "game-session.v1";

/// The answer, and what comes of it.
///
/// # Errors
/// What is wrong with the request.
pub(super) fn accept(request: &mut Request) -> Result<(Response, OnUpgrade), Problem> {
    let refuse = |detail: String| Problem::new(StatusCode::BAD_REQUEST, "not-a-websocket", detail);
    let response = create_response_with_body(request, Body::empty);
    let mut response = response.map_err(|error| refuse(error.to_string()))?;
    if !has_key(request.headers()) {
        return Err(refuse("Sec-WebSocket-Key is no 16 bytes in base64".into()));
    }
    if !offers_subprotocol(request.headers()) {
        let detail = format!("the WebSocket's subprotocol is {SUBPROTOCOL}");
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "bad-subprotocol",
            detail,
        ));
    }
    let upgrade = request.extensions_mut().remove::<OnUpgrade>();
    let upgrade = upgrade.ok_or_else(|| refuse("the connection can't change over".into()))?;
    response.headers_mut().insert(
        header::SEC_WEBSOCKET_PROTOCOL,
        HeaderValue::from_static(SUBPROTOCOL),
    );
    Ok((response, upgrade))
}

/// Whether the key is one, which the library doesn't look at.
fn has_key(headers: &HeaderMap) -> bool {
    let key = headers.get(header::SEC_WEBSOCKET_KEY);
    key.and_then(|key| STANDARD.decode(key).ok())
        .is_some_and(|key| key.len() == 16)
}

fn offers_subprotocol(headers: &HeaderMap) -> bool {
    let offered = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).into_iter();
    let mut offered = offered.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    offered.any(|protocol| protocol.trim_ascii() == SUBPROTOCOL.as_bytes())
}
