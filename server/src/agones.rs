//! Agones: the sidecar beside this server is told that players may come, that the server lives, whether anybody plays, and
//! that it ends. Its REST interface is spoken, over plain HTTP on this very machine.

use std::sync::Arc;
use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, Request, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::config::Config;
use crate::rooms::Rooms;

/// Where Agones tells the sidecar's port, and which one it is else.
const PORT_VARIABLE: &str = "AGONES_SDK_HTTP_PORT";
const DEFAULT_PORT: u16 = 9358;

/// Most bytes of an answer; that of a game server's state has some thousands.
const MOST_BYTES: usize = 256 * 1_024;

/// How often the sidecar is told, and how long it may take.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// From one sign of life to the next; Agones is set to miss several of them.
    every: Duration,
    /// Until the first repetition of what failed; twice as long until the next, up to `every`.
    first_pause: Duration,
    /// For one answer.
    timeout: Duration,
}

const PACE: Pace = Pace {
    every: Duration::from_secs(2),
    first_pause: Duration::from_millis(125),
    timeout: Duration::from_secs(2),
};

/// Whom the server is for at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    /// For nobody: Agones may take it away.
    Empty,
    /// For players: Agones leaves it alone.
    Played,
    /// For nobody new: it ends, and Agones knows enough.
    Leaving,
}

/// Settings whose port is the one that Agones has given, where they leave it to Agones; nothing where the end comes first. It
/// is the port of a `public_origin` without one, too.
pub(crate) async fn with_given_port(
    mut config: Config,
    shutdown: impl Future<Output = ()>,
) -> Option<Config> {
    if config.agones && config.port == 0 {
        let mut sidecar = Sidecar::of_environment();
        tokio::select! {
            port = sidecar.given_port() => config.port = port,
            () = shutdown => return None,
        }
        let origin = config.public_origin.take();
        config.public_origin = origin.map(|origin| with_port(origin, config.port));
        let address = config.fleet_address.take();
        config.fleet_address = address.map(|address| with_port(address, config.port));
    }
    Some(config)
}

/// An origin with this port, unless it has one.
fn with_port(origin: String, port: u16) -> String {
    let has_port = origin
        .parse::<Uri>()
        .is_ok_and(|origin| origin.port().is_some());
    if has_port {
        return origin;
    }
    format!("{}:{port}", origin.trim_end_matches('/'))
}

/// Tells the sidecar, if there is one, how this node stands, from now until `stop`.
pub(crate) fn tell(
    config: &Config,
    rooms: &Arc<Rooms>,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) {
    if config.agones {
        let (rooms, stop) = (Arc::clone(rooms), stop.clone());
        let presence = move || rooms.presence();
        tasks.spawn(Sidecar::of_environment().keep_told(presence, stop));
    }
}

/// Agones' sidecar.
#[derive(Debug)]
pub(crate) struct Sidecar {
    client: Client<HttpConnector, Full<Bytes>>,
    port: u16,
    pace: Pace,
    /// Whether it was there when it was last asked; a change is logged.
    is_there: bool,
}

/// What the sidecar says of this game server, as far as it is read.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct GameServer {
    status: GameServerStatus,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct GameServerStatus {
    ports: Vec<GameServerPort>,
}

#[derive(Debug, Deserialize)]
struct GameServerPort {
    port: u16,
}

impl Sidecar {
    /// Where Agones says that it is.
    pub(crate) fn of_environment() -> Self {
        let port = std::env::var(PORT_VARIABLE);
        let port = port.ok().and_then(|port| port.parse().ok());
        Self::new(port.unwrap_or(DEFAULT_PORT), PACE)
    }

    fn new(port: u16, pace: Pace) -> Self {
        Self {
            client: Client::builder(TokioExecutor::new()).build_http(),
            port,
            pace,
            is_there: true,
        }
    }

    /// The port by which players reach this server, TCP and UDP, once Agones has given it one (`Passthrough`).
    pub(crate) async fn given_port(&mut self) -> u16 {
        let mut pause = self.pace.first_pause;
        loop {
            let state = self.ask(Method::GET, "gameserver").await;
            let state = state.and_then(|body| serde_json::from_slice(&body).ok());
            let state: GameServer = state.unwrap_or_default();
            if let Some(given) = state.status.ports.first() {
                info!(port = given.port, "Agones has given this port");
                return given.port;
            }
            pause = self.rest(pause).await;
        }
    }

    /// Tells it all until `stop`, and the end then. `presence` is asked for each time.
    pub(crate) async fn keep_told(
        mut self,
        presence: impl Fn() -> Presence,
        stop: CancellationToken,
    ) {
        let _ = stop.run_until_cancelled(self.tell_on(presence)).await;
        let _ = self.ask(Method::POST, "shutdown").await;
    }

    async fn tell_on(&mut self, presence: impl Fn() -> Presence) {
        let mut told = None;
        let mut pause = self.pace.first_pause;
        loop {
            // A server that was never ready is none that anybody could have come to.
            let wanted = match (told, presence()) {
                (None, _) => Some(Presence::Empty),
                (Some(_), Presence::Leaving) => None,
                (Some(before), now) => (before != now).then_some(now),
            };
            let mut is_told = true;
            if let Some(wanted) = wanted {
                let path = match wanted {
                    Presence::Played => "allocate",
                    Presence::Empty | Presence::Leaving => "ready",
                };
                is_told = self.ask(Method::POST, path).await.is_some();
                told = if is_told { Some(wanted) } else { told };
            }
            is_told &= self.ask(Method::POST, "health").await.is_some();
            if is_told {
                pause = self.pace.first_pause;
                tokio::time::sleep(self.pace.every).await;
            } else {
                pause = self.rest(pause).await;
            }
        }
    }

    /// Waits for what failed to be tried again; gives how long the next time.
    async fn rest(&self, pause: Duration) -> Duration {
        tokio::time::sleep(pause).await;
        (2 * pause).min(self.pace.every)
    }

    /// The answer's body, where it is a good one. That there is none is logged once, until there is one again.
    async fn ask(&mut self, method: Method, path: &str) -> Option<Bytes> {
        let answer = tokio::time::timeout(self.pace.timeout, self.request(method, path)).await;
        let answer = answer.unwrap_or_else(|_| Err("no answer in time".to_owned()));
        match &answer {
            Ok(_) if !self.is_there => info!("the sidecar of Agones answers"),
            Err(error) if self.is_there => {
                let port = self.port;
                warn!(
                    port,
                    path, error, "the sidecar of Agones is asked again and again"
                );
            }
            _ => {}
        }
        self.is_there = answer.is_ok();
        answer.ok()
    }

    async fn request(&self, method: Method, path: &str) -> Result<Bytes, String> {
        let body: &[u8] = if method == Method::POST { b"{}" } else { b"" };
        let request = Request::builder()
            .method(method)
            .uri(format!("http://127.0.0.1:{}/{path}", self.port))
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from_static(body)));
        let request = request.map_err(|error| error.to_string())?;
        let response = self.client.request(request).await;
        let response = response.map_err(|error| error.to_string())?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MOST_BYTES)
            .collect()
            .await;
        let body = body.map_err(|error| error.to_string())?;
        if status.is_success() {
            Ok(body.to_bytes())
        } else {
            Err(format!("HTTP {status}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use axum::Router;
    use axum::extract::{Request, State};
    use axum::http::StatusCode;
    use tokio::net::TcpListener;
    use tokio::sync::mpsc;
    use tokio::task::JoinHandle;

    use super::*;

    /// Quick, so that nothing is waited for that isn't told.
    const QUICK: Pace = Pace {
        every: Duration::from_millis(2),
        first_pause: Duration::from_millis(1),
        timeout: Duration::from_secs(60),
    };

    /// What stands in for the sidecar: it tells what it is asked, and answers 503 so often first.
    struct StandIn {
        asked: mpsc::UnboundedReceiver<String>,
        refusals: Arc<Mutex<usize>>,
        state: Arc<Mutex<&'static str>>,
        port: u16,
        task: JoinHandle<()>,
    }

    #[derive(Clone)]
    struct Answers {
        tell: mpsc::UnboundedSender<String>,
        refusals: Arc<Mutex<usize>>,
        state: Arc<Mutex<&'static str>>,
    }

    async fn answer(
        State(answers): State<Answers>,
        request: Request,
    ) -> (StatusCode, &'static str) {
        let line = format!("{} {}", request.method(), request.uri().path());
        answers.tell.send(line).unwrap();
        let mut refusals = answers.refusals.lock().unwrap();
        if *refusals > 0 {
            *refusals -= 1;
            return (StatusCode::SERVICE_UNAVAILABLE, "");
        }
        (StatusCode::OK, *answers.state.lock().unwrap())
    }

    impl StandIn {
        /// Takes no request of the first `dropped` connections, then refuses so often.
        async fn start(dropped: usize, refusals: usize) -> Self {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let port = listener.local_addr().unwrap().port();
            let (tell, asked) = mpsc::unbounded_channel();
            let refusals = Arc::new(Mutex::new(refusals));
            let state = Arc::new(Mutex::new("{}"));
            let answers = Answers {
                tell: tell.clone(),
                refusals: Arc::clone(&refusals),
                state: Arc::clone(&state),
            };
            let task = tokio::spawn(async move {
                for _ in 0..dropped {
                    drop(listener.accept().await.unwrap());
                    tell.send("dropped".to_owned()).unwrap();
                }
                let router = Router::new().fallback(answer).with_state(answers);
                axum::serve(listener, router).await.unwrap();
            });
            Self {
                asked,
                refusals,
                state,
                port,
                task,
            }
        }

        async fn next(&mut self) -> String {
            self.asked.recv().await.unwrap()
        }

        /// The next that is no sign of life, and whether there was one before it.
        async fn next_word(&mut self) -> (bool, String) {
            let mut has_lived = false;
            loop {
                match self.next().await {
                    line if line == "POST /health" => has_lived = true,
                    line => return (has_lived, line),
                }
            }
        }
    }

    impl Drop for StandIn {
        fn drop(&mut self) {
            self.task.abort();
        }
    }

    fn always(presence: Presence) -> impl Fn() -> Presence {
        move || presence
    }

    #[tokio::test]
    async fn ready_is_repeated_until_the_sidecar_is_there_and_said_once_then() {
        let mut sidecar = StandIn::start(2, 0).await;
        let told = Sidecar::new(sidecar.port, QUICK);
        let told = tokio::spawn(told.keep_told(always(Presence::Empty), CancellationToken::new()));
        for _ in 0..2 {
            assert_eq!(sidecar.next().await, "dropped");
        }
        assert_eq!(sidecar.next_word().await.1, "POST /ready");
        for _ in 0..20 {
            assert_eq!(sidecar.next().await, "POST /health");
        }
        told.abort();
    }

    #[tokio::test]
    async fn what_is_refused_is_said_again() {
        let mut sidecar = StandIn::start(0, 3).await;
        let told = Sidecar::new(sidecar.port, QUICK);
        let told = tokio::spawn(told.keep_told(always(Presence::Empty), CancellationToken::new()));
        for _ in 0..2 {
            assert_eq!(sidecar.next().await, "POST /ready");
            assert_eq!(sidecar.next().await, "POST /health");
        }
        assert_eq!(*sidecar.refusals.lock().unwrap(), 0);
        assert_eq!(sidecar.next().await, "POST /ready");
        assert_eq!(sidecar.next().await, "POST /health");
        assert_eq!(sidecar.next().await, "POST /health");
        told.abort();
    }

    #[tokio::test]
    async fn a_server_with_players_is_left_alone_and_one_without_is_ready_again() {
        let mut sidecar = StandIn::start(0, 0).await;
        let presence = Arc::new(Mutex::new(Presence::Played));
        let now = Arc::clone(&presence);
        let told = Sidecar::new(sidecar.port, QUICK);
        let told =
            tokio::spawn(told.keep_told(move || *now.lock().unwrap(), CancellationToken::new()));
        assert_eq!(sidecar.next().await, "POST /ready");
        assert_eq!(sidecar.next_word().await.1, "POST /allocate");
        *presence.lock().unwrap() = Presence::Empty;
        let ready = (true, "POST /ready".to_owned());
        assert_eq!(sidecar.next_word().await, ready);
        told.abort();
    }

    #[tokio::test]
    async fn the_end_is_told_and_nothing_after_it() {
        let mut sidecar = StandIn::start(0, 0).await;
        let presence = Arc::new(Mutex::new(Presence::Played));
        let now = Arc::clone(&presence);
        let stop = CancellationToken::new();
        let told = Sidecar::new(sidecar.port, QUICK);
        let told = tokio::spawn(told.keep_told(move || *now.lock().unwrap(), stop.clone()));
        assert_eq!(sidecar.next().await, "POST /ready");
        assert_eq!(sidecar.next_word().await.1, "POST /allocate");
        // Its last player goes while it ends, which makes it no server for others.
        *presence.lock().unwrap() = Presence::Leaving;
        for _ in 0..5 {
            assert_eq!(sidecar.next().await, "POST /health");
        }
        stop.cancel();
        assert_eq!(sidecar.next_word().await.1, "POST /shutdown");
        told.await.unwrap();
        assert!(sidecar.asked.try_recv().is_err());
    }

    #[test]
    fn an_origin_without_a_port_gets_the_one_that_is_given() {
        let with = |origin: &str| with_port(origin.to_owned(), 7123);
        assert_eq!(with("https://one.example"), "https://one.example:7123");
        assert_eq!(with("https://one.example/"), "https://one.example:7123");
        assert_eq!(with("http://[2001:db8::1]"), "http://[2001:db8::1]:7123");
        assert_eq!(with("https://one.example:443"), "https://one.example:443");
    }

    #[tokio::test]
    async fn the_port_is_asked_for_until_agones_has_given_one() {
        let mut sidecar = StandIn::start(1, 1).await;
        let port = sidecar.port;
        let given = tokio::spawn(async move { Sidecar::new(port, QUICK).given_port().await });
        assert_eq!(sidecar.next().await, "dropped");
        // Refused, and without ports.
        for _ in 0..2 {
            assert_eq!(sidecar.next().await, "GET /gameserver");
        }
        *sidecar.state.lock().unwrap() = r#"{"object_meta":{"name":"game-x"},"status":{"state":"Scheduled",
            "ports":[{"name":"game-tcp","port":7123},{"name":"game-udp","port":7123}]}}"#;
        assert_eq!(given.await.unwrap(), 7123);
    }
}
