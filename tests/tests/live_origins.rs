//! A page of another origin in Chromium: it plays on no rung, unless the operator has named it.

use netlab::browser::{Browser, BrowserKind, BrowserOptions};
use netlab::prerequisites::available;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::PROTOCOL_VERSION;
use serde::Deserialize;
use serde_json::{Value, json};

/// By which name the page comes.
const ELSEWHERE: &str = "elsewhere.example";

/// What a page could do.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Could {
    join: bool,
    websocket: bool,
    webtransport: bool,
}

/// Tries all that a page can try, with a join that needs no preflight.
const TRY: &str = r#"(async ({ join, websocket, webtransport, hash, body }) => {
    const within = (promise) => Promise.race([promise, new Promise((done) => setTimeout(done, 5000, false))]);
    const opened = (socket) => new Promise((done) => { socket.onopen = () => done(true); socket.onerror = () => done(false); });
    const value = Uint8Array.from(atob(hash), (byte) => byte.charCodeAt(0));
    const session = new WebTransport(webtransport, { serverCertificateHashes: [{ algorithm: "sha-256", value }] });
    session.closed.catch(() => {});
    return {
        join: await fetch(join, { method: "POST", headers: { "content-type": "application/json" }, body }).then((answer) => answer.ok, () => false),
        websocket: await within(opened(new WebSocket(websocket, "game-session.v1"))),
        webtransport: await within(session.ready.then(() => true, () => false)),
    };
})"#;

/// What a page at another origin can do with a server of these settings.
fn could(toml: impl FnOnce(&str) -> String) -> Option<Could> {
    let elsewhere = available(ServerProcess::start(ServerOptions::default(), None))?;
    let origin = format!("http://{ELSEWHERE}:{}", elsewhere.port());
    let options = ServerOptions {
        config: Some(toml(&origin)),
        ..ServerOptions::default()
    };
    let server = available(ServerProcess::start(options, None))?;
    let options = BrowserOptions {
        arguments: vec![format!("--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1")],
        secure_origins: vec![origin.clone()],
        ..BrowserOptions::new(BrowserKind::Chromium)
    };
    let browser = available(Browser::launch(options, None))?;
    let page = browser.new_page().unwrap();
    page.goto(&format!("{origin}/healthz")).unwrap();
    let rungs: Value = serde_json::from_str(&server.get("/v1/rungs", None).unwrap().body).unwrap();
    let request = json!({
        "join": format!("{}/v1/join", server.origin()),
        "websocket": format!("ws://localhost:{}/v1/websocket", server.port()),
        "webtransport": format!("https://127.0.0.1:{}/v1/webtransport", server.port()),
        "hash": rungs["rungs"][0]["certificate_hashes"][0],
        "body": json!({ "name": "Mallory", "protocol": PROTOCOL_VERSION }).to_string(),
    });
    Some(page.evaluate(&format!("{TRY}({request})")).unwrap())
}

#[test]
fn a_page_of_another_origin_plays_on_no_rung() {
    let Some(could) = could(|_| String::new()) else {
        return;
    };
    let nothing = Could {
        join: false,
        websocket: false,
        webtransport: false,
    };
    assert_eq!(could, nothing);
}

#[test]
fn a_page_that_the_operator_has_named_plays_on_all() {
    let Some(could) = could(|origin| format!("allowed_origins = [{origin:?}]")) else {
        return;
    };
    let all = Could {
        join: true,
        websocket: true,
        webtransport: true,
    };
    assert_eq!(could, all);
}
