//! How nodes of a fleet ask each other over HTTP: joins that belong elsewhere are handed on, with a pass that names the client,
//! and a node that has lost the store asks whether others have, too.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, Method, Request, StatusCode, header};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use signaling::NODE_HEADER;
use thiserror::Error;

use crate::https::{self, Scheme, causes};

/// Names the client of a request that another node hands on.
pub(crate) const PASS: HeaderName = HeaderName::from_static("game-fleet-pass");

/// Where a node says whether it reaches the store.
pub(crate) const STORE_PATH: &str = "/v1/fleet/store";

/// How it says that it doesn't, and takes no room for a while. No proxy says so in its place.
pub(crate) const STANDS_BACK: StatusCode = StatusCode::FAILED_DEPENDENCY;

/// How long a node may take over what it is handed: a join waits for a seat, or for a room to be given up.
const HANDED_TIMEOUT: Duration = Duration::from_secs(8);

/// How long a node may take to say whether it reaches the store.
const WITNESS_TIMEOUT: Duration = Duration::from_millis(500);

/// Most bytes of an answer.
const MOST_BYTES: usize = 256 * 1_024;

/// A node can't be asked.
#[derive(Debug, Error)]
#[error("{address}: {reason}")]
pub(crate) struct PeerError {
    address: String,
    reason: String,
}

/// A node's answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// What is handed on.
pub(crate) struct Handed<'a> {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) target: &'a str,
    /// Of the client's.
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: Bytes,
    /// Names the client.
    pub(crate) pass: String,
}

/// Whoever asks other nodes.
#[derive(Clone)]
pub(crate) struct Peers(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Peers {
    /// # Errors
    /// The system trusts no authority.
    pub(crate) fn new() -> io::Result<Self> {
        let connector = https::connector(None, Scheme::Either)?;
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// Hands a request on; gives the answer, whatever it is.
    ///
    /// # Errors
    /// There is none.
    pub(crate) async fn hand_on(
        &self,
        address: &str,
        handed: &Handed<'_>,
    ) -> Result<Answer, PeerError> {
        let mut request = Request::builder()
            .method(handed.method.clone())
            .uri(format!("{address}{}", handed.target));
        for name in [header::CONTENT_TYPE, header::AUTHORIZATION] {
            if let Some(value) = handed.headers.get(&name) {
                request = request.header(name, value);
            }
        }
        let request = request
            .header(PASS, &handed.pass)
            .body(Full::new(handed.body.clone()));
        let answer = self.ask(address, request, HANDED_TIMEOUT).await?;
        let fault = |reason: &str| PeerError {
            address: address.to_owned(),
            reason: reason.to_owned(),
        };
        match answer.status {
            status if status.is_redirection() => Err(fault(
                "it sends on elsewhere: `fleet_address` is not where the node answers",
            )),
            StatusCode::MISDIRECTED_REQUEST if answer.node().is_none() => {
                Err(fault("it refuses the pass: its `token_secret` is another"))
            }
            _ => Ok(answer),
        }
    }

    /// Whether a node reaches the store.
    ///
    /// # Errors
    /// It doesn't say.
    pub(crate) async fn reaches_store(&self, address: &str) -> Result<bool, PeerError> {
        let request = Request::get(format!("{address}{STORE_PATH}")).body(Full::default());
        let answer = self.ask(address, request, WITNESS_TIMEOUT).await?;
        Ok(answer.status != STANDS_BACK)
    }

    async fn ask(
        &self,
        address: &str,
        request: axum::http::Result<Request<Full<Bytes>>>,
        timeout: Duration,
    ) -> Result<Answer, PeerError> {
        let fault = |reason: String| PeerError {
            address: address.to_owned(),
            reason,
        };
        let request = request.map_err(|error| fault(error.to_string()))?;
        let asked = async {
            let answer = self.0.request(request).await;
            let (parts, body) = answer
                .map_err(|error| fault(causes(&error, "the system's authorities")))?
                .into_parts();
            let body = Limited::new(body, MOST_BYTES).collect().await;
            Ok(Answer {
                status: parts.status,
                headers: parts.headers,
                body: body.map_err(|error| fault(error.to_string()))?.to_bytes(),
            })
        };
        let answer = tokio::time::timeout(timeout, asked).await;
        answer.map_err(|_| fault(format!("no answer in {} ms", timeout.as_millis())))?
    }
}

impl Answer {
    /// The node that it points to; empty where that is to be known in a moment.
    pub(crate) fn node(&self) -> Option<&str> {
        self.headers.get(NODE_HEADER)?.to_str().ok()
    }

    /// As our own answer to the client.
    pub(crate) fn into_response(self) -> axum::response::Response {
        let mut response = axum::response::Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        for name in [header::CONTENT_TYPE, header::RETRY_AFTER, NODE_HEADER] {
            if let Some(value) = self.headers.get(&name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response
    }
}

/// Whom a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// Whoever sent it: no node has handed it on.
    Direct,
    /// The client that another node's pass names.
    Named(IpAddr),
    /// Somebody whose pass isn't of this fleet, or is too old.
    Stranger,
}

/// Whom a request comes from, by its pass.
pub(crate) fn caller(headers: &HeaderMap, tokens: &signaling::TokenKey, now_unix: u64) -> Caller {
    let Some(pass) = headers.get(PASS) else {
        return Caller::Direct;
    };
    let client = pass.to_str().ok();
    let client = client.and_then(|pass| tokens.verify_pass(pass, now_unix));
    client.map_or(Caller::Stranger, Caller::Named)
}
