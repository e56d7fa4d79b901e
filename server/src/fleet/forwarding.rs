//! Joins, and questions after a session, go to the node that they are for, whichever node, or front without rooms, they reach.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use signaling::{Claims, NODE_HEADER, PlacementError, Problem, Rate, Reach, Reached};
use tracing::warn;

use super::join::Join;
use super::peers::{Answer, Caller, Handed, STANDS_BACK, STORE_PATH, caller};
use super::routing::Target;
use super::store::NodeRecord;
use super::{Fleet, LocalRooms, RENEWAL};
use crate::counters;

/// Where clients ask after their session.
const SESSION_PATH: &str = "/v1/session";

/// How long a join may be handed from node to node.
const TIMEOUT: Duration = Duration::from_secs(7);
const AGAIN: Duration = Duration::from_millis(50);

/// What hands requests on.
#[derive(Clone)]
pub(crate) struct Forwarding {
    pub(crate) fleet: Arc<Fleet>,
    /// Of this node, where it has any.
    pub(crate) rooms: Option<Arc<dyn LocalRooms>>,
    pub(crate) reach: Arc<Reach>,
    /// How often an address may have a join handed on.
    pub(crate) requests: Arc<Rate>,
    /// Seats of a room.
    pub(crate) capacity: usize,
}

/// Routes of a node of a fleet, around those of admission.
pub(crate) fn around<S: Clone + Send + Sync + 'static>(
    routes: Router<S>,
    forwarding: Forwarding,
) -> Router<S> {
    let fleet = Arc::clone(&forwarding.fleet);
    let reaches_store = get(async move || {
        if fleet.stands_back() {
            STANDS_BACK
        } else {
            StatusCode::NO_CONTENT
        }
    });
    routes
        .layer(from_fn_with_state(forwarding, forward))
        .route(STORE_PATH, reaches_store)
}

/// Hands requests on that are another node's.
async fn forward(
    State(forwarding): State<Forwarding>,
    mut request: Request,
    next: Next,
) -> Response {
    let fleet = &forwarding.fleet;
    let now = fleet.clock.unix_seconds();
    match caller(request.headers(), &fleet.tokens, now) {
        Caller::Stranger => {
            counters::refused("pass", "invalid");
            let detail = "the pass is of another `token_secret`, or too old";
            return Problem::new(StatusCode::MISDIRECTED_REQUEST, "bad-pass", detail)
                .into_response();
        }
        Caller::Named(client) => {
            let budget = forwarding.reach.budget(client);
            if let Some(reached) = request.extensions_mut().get_mut::<Reached>() {
                (reached.client, reached.budget) = (client, budget);
            }
            let over = forwarding.moved(&request);
            return match over {
                Some(over) => over,
                None => next.run(request).await,
            };
        }
        Caller::Direct => {}
    }
    let has_rooms = forwarding.rooms.is_some();
    match (request.method(), request.uri().path()) {
        (&Method::POST, "/v1/join") => forwarding.join(request, next).await,
        (&Method::GET, SESSION_PATH) => forwarding.session(request, next).await,
        (_, path) if !has_rooms && is_of_records(path) => forwarding.records(request).await,
        _ => next.run(request).await,
    }
}

/// Whether a path is of players and leaderboards, which the nodes keep.
fn is_of_records(path: &str) -> bool {
    path == "/v1/leaderboard" || path.starts_with("/v1/players/")
}

impl Forwarding {
    async fn join(&self, request: Request, next: Next) -> Response {
        let (parts, body) = request.into_parts();
        let body = match signaling::read_body(body).await {
            Ok(body) => body,
            Err(problem) => return problem.into_response(),
        };
        let Some(join) = Join::read(&body, &self.fleet.tokens, self.fleet.clock.unix_seconds())
        else {
            // The route says what is wrong with it.
            return next.run(Request::from_parts(parts, body.into())).await;
        };
        let until = self.fleet.clock.now() + TIMEOUT;
        let mut is_counted = false;
        let mut shunned: Vec<String> = Vec::new();
        let mut pointed: Option<String> = None;
        loop {
            let target = match pointed.take().and_then(|name| self.fleet.node(&name)) {
                Some(node) => Target::Node(node, join.body(None)),
                None => self.target(&join, &shunned).await,
            };
            let (response, node) = match target {
                Target::Here(body) => {
                    let request = copy(&parts, body);
                    (next.clone().run(request).await, None)
                }
                Target::Node(node, body) => {
                    if let Some(refused) = self.over_budget(&parts, &mut is_counted) {
                        return refused;
                    }
                    let response = self.hand_on(&parts, &node, body).await;
                    (response, Some(node.name))
                }
                Target::Soon => (soon(), None),
                Target::Nowhere => return no_node(),
            };
            let status = response.status();
            if self.fleet.clock.now() > until {
                // Which node has it is nothing for a client.
                let is_between_nodes = status == StatusCode::MISDIRECTED_REQUEST;
                return if is_between_nodes { soon() } else { response };
            }
            let name = response.headers().get(NODE_HEADER);
            let name = name.and_then(|name| name.to_str().ok()).map(str::to_owned);
            // A newcomer needn't wait for another node's room.
            let waits = node.is_none() || join.left_node.is_some();
            pointed = name.filter(|name| waits || !name.is_empty());
            match (status, node) {
                // It says who has the room, or that somebody will have it in a moment.
                _ if pointed.is_some() => {}
                // Its last seat was taken meanwhile.
                (StatusCode::CONFLICT, _) if join.room.is_none() => continue,
                // It is away, or takes nobody: another may.
                (StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE, Some(node))
                    if !shunned.contains(&node) =>
                {
                    shunned.push(node);
                }
                (StatusCode::BAD_GATEWAY, _) => {}
                _ => return response,
            }
            if pointed.as_ref().is_none_or(String::is_empty) {
                tokio::time::sleep(AGAIN).await;
            }
        }
    }

    /// Why the join's address may not ask so often; a join counts once, however often it is handed on.
    fn over_budget(&self, parts: &Parts, is_counted: &mut bool) -> Option<Response> {
        if std::mem::replace(is_counted, true) {
            return None;
        }
        let budget = parts.extensions.get::<Reached>()?.budget;
        let refused = signaling::within_budget(&self.requests, budget);
        refused.err().map(IntoResponse::into_response)
    }

    async fn hand_on(&self, parts: &Parts, node: &NodeRecord, body: Bytes) -> Response {
        let client = Self::client(parts);
        let handed = Handed {
            method: parts.method.clone(),
            target: parts.uri.path_and_query().map_or("/", PathAndQuery::as_str),
            headers: &parts.headers,
            body,
            pass: self
                .fleet
                .tokens
                .sign_pass(client, self.fleet.clock.unix_seconds()),
        };
        counters::handed_on().increment(1);
        let answer = tokio::select! {
            answer = self.fleet.peers.hand_on(&node.address, &handed) => {
                answer.map_err(|fault| fault.to_string())
            }
            () = self.until_gone(node) => Err(format!("{} is gone", node.name)),
        };
        answer.map_or_else(
            |fault| {
                warn!(%fault, "a node can't be asked");
                Problem::new(StatusCode::BAD_GATEWAY, "node-unreachable", fault).into_response()
            },
            Answer::into_response,
        )
    }

    /// A node that hangs answers nothing, and says nothing of itself either.
    async fn until_gone(&self, node: &NodeRecord) {
        while self
            .fleet
            .node(&node.name)
            .is_some_and(|known| known.process == node.process)
        {
            tokio::time::sleep(RENEWAL).await;
        }
    }

    fn client(parts: &Parts) -> IpAddr {
        let reached = parts.extensions.get::<Reached>();
        reached.map_or(Ipv4Addr::UNSPECIFIED.into(), |reached| reached.client)
    }

    /// Where a session's room stands still here: nothing moves there any more, and another node may have taken it.
    fn moved(&self, request: &Request) -> Option<Response> {
        let claims = self.session_of(request)?;
        let has_lapsed = self.has(&claims.room) && self.fleet.has_lapsed(&claims.room);
        let is_ours = claims.node == self.fleet.own.name;
        (is_ours && has_lapsed).then(moved_session)
    }

    /// The session that a question is after.
    fn session_of(&self, request: &Request) -> Option<Claims> {
        let is_question = request.method() == Method::GET && request.uri().path() == SESSION_PATH;
        let token = token(request.headers()).filter(|_| is_question)?;
        let now = self.fleet.clock.unix_seconds();
        self.fleet.tokens.verify(token, now).ok()
    }

    /// Asks any node for what all of them keep together.
    async fn records(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = match signaling::read_body(body).await {
            Ok(body) => Bytes::from(body),
            Err(problem) => return problem.into_response(),
        };
        let nodes = self.fleet.view().nodes().to_vec();
        for node in nodes {
            let response = self.hand_on(&parts, &node, body.clone()).await;
            if response.status() != StatusCode::BAD_GATEWAY {
                return response;
            }
        }
        no_node()
    }

    async fn session(&self, request: Request, next: Next) -> Response {
        if let Some(moved) = self.moved(&request) {
            return moved;
        }
        let claims = self.session_of(&request);
        let Some(claims) = claims.filter(|claims| claims.node != self.fleet.own.name) else {
            return next.run(request).await;
        };
        let Some(node) = self.fleet.node(&claims.node) else {
            return moved_session();
        };
        let (parts, _) = request.into_parts();
        let response = self.hand_on(&parts, &node, Bytes::new()).await;
        if response.status() == StatusCode::BAD_GATEWAY {
            return moved_session();
        }
        response
    }
}

fn token(headers: &HeaderMap) -> Option<&str> {
    signaling::bearer(headers.get(header::AUTHORIZATION)?.to_str().ok()?)
}

fn copy(parts: &Parts, body: Bytes) -> Request {
    let mut parts = parts.clone();
    parts.headers.remove(header::CONTENT_LENGTH);
    Request::from_parts(parts, Body::from(body))
}

/// Asks the loop for another try; nobody sees it but where the time is over.
fn soon() -> Response {
    Problem::from(PlacementError::ShuttingDown).into_response()
}

fn moved_session() -> Response {
    let detail = "its room is another node's by now; join with resume, and the seat is yours again";
    Problem::new(StatusCode::UNAUTHORIZED, "moved-session", detail).into_response()
}

fn no_node() -> Response {
    let detail = "no node of the fleet takes the join now; try again in a moment";
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "no-node", detail)
        .retry_after(1)
        .into_response()
}
