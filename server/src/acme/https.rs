//! HTTPS to the authority, with deadlines and bounds; keeps of the last answer what tells how to go on.

use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use http_body_util::Limited;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};

use crate::clock::Clock;
use crate::https::{self, Scheme};

/// How long a request may take until its answer begins.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Most bytes of an answer; chains have some thousands.
const MOST_BYTES: usize = 256 * 1_024;

/// A client that trusts the system's authorities, or one.
#[derive(Clone)]
pub(super) struct Https {
    client: Client<HttpsConnector<HttpConnector>, BodyWrapper<Bytes>>,
    last: Arc<Mutex<Option<Answer>>>,
    clock: Clock,
}

/// Of an answer, what the ACME library doesn't tell.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    /// When to come again, if it said so.
    pub(super) retry_after: Option<SystemTime>,
}

impl Https {
    /// `root`: a PEM file of the one authority to trust.
    ///
    /// # Errors
    /// A file that can't be read, or a system without authorities.
    pub(super) fn new(root: Option<&Path>, clock: Clock) -> io::Result<Self> {
        let connector = https::connector(root, Scheme::Https)?;
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            last: Arc::default(),
            clock,
        })
    }

    /// The last answer; `None` when the last request got none.
    pub(super) fn last_answer(&self) -> Option<Answer> {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpClient for Https {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let this = self.clone();
        Box::pin(async move {
            let note = |answer| {
                *this.last.lock().unwrap_or_else(PoisonError::into_inner) = answer;
            };
            note(None);
            let response = tokio::time::timeout(REQUEST_TIMEOUT, this.client.request(request))
                .await
                .map_err(|late| Error::Other(late.into()))?
                .map_err(|error| Error::Other(error.into()))?;
            note(Some(Answer {
                status: response.status(),
                retry_after: retry_after(response.headers(), this.clock.system_time()),
            }));
            let bounded = response.map(|body| Limited::new(body, MOST_BYTES));
            Ok(BytesResponse::from(bounded))
        })
    }
}

/// Seconds, or a date (RFC 9110 §10.2.3).
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<SystemTime> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    match text.parse() {
        Ok(seconds) => now.checked_add(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_may_ask_for_patience_in_seconds_or_until_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let read = |text: &str| {
            let headers = [(RETRY_AFTER, text.parse().unwrap())].into_iter().collect();
            retry_after(&headers, now)
        };
        assert_eq!(read("120"), Some(now + Duration::from_secs(120)));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(now));
        assert_eq!(read("soon"), None);
        assert_eq!(read(&u64::MAX.to_string()), None);
    }
}
