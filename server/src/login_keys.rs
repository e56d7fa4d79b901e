//! Where the keys that judge logins come from, and how they are kept fresh: a file, or a URL of the login service.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::http::Uri;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::{Deserialize, Serialize};
use signaling::{LoginRules, Logins};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::counters;
use crate::https::{self, Scheme, causes};

/// How often a file is looked at, and how soon what failed is tried again.
const SOON: Duration = Duration::from_secs(5);

/// However many logins name unknown keys, the service is asked no more often.
const LEAST_PAUSE: Duration = Duration::from_secs(10);

/// How long the service may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Most bytes of a key set.
const MOST_BYTES: usize = 256 * 1_024;

/// Logins of the game's own service: JSON Web Tokens that players bring to the join.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginSettings {
    /// Where the service publishes its keys (JWK Set): an `https` URL, or a file, which is read again when it changes.
    pub keys: String,
    /// What `iss` must say. Default: anything.
    pub issuer: Option<String>,
    /// What `aud` must say, or have among others. Default: anything.
    pub audience: Option<String>,
    /// Whether players must log in. Default `true`.
    #[serde(default = "is_required")]
    pub required: bool,
    /// Seconds after which a URL is asked again. Default 300; sooner when a login names a key that isn't known.
    #[serde(default = "refresh")]
    pub refresh: u64,
    /// PEM file of the authority that the URL's certificate is from. Default: those that the system trusts.
    pub root: Option<PathBuf>,
}

fn is_required() -> bool {
    true
}

fn refresh() -> u64 {
    300
}

impl LoginSettings {
    /// The judge of logins, who has no keys yet.
    pub(crate) fn judge(&self) -> Arc<Logins> {
        Arc::new(Logins::new(LoginRules {
            issuer: self.issuer.clone(),
            audience: self.audience.clone(),
            is_required: self.required,
        }))
    }

    /// What is wrong with it: a key, and the reason.
    pub(crate) fn fault(&self) -> Option<(&'static str, String)> {
        let reason = self.source().err()?;
        Some(("login.keys", reason))
    }

    /// Where the keys are.
    ///
    /// # Errors
    /// In words, when that makes no sense.
    pub(crate) fn source(&self) -> Result<Source, String> {
        if self.keys.trim().is_empty() {
            return Err("a URL or a file with the login service's public keys".to_owned());
        }
        if !self.keys.contains("://") {
            return Ok(Source::File(self.keys.clone().into()));
        }
        let url: Uri = self.keys.parse().map_err(|_| "no such URL".to_owned())?;
        let is_local = url.host().is_some_and(|host| {
            let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
            address.is_ok_and(|address| address.is_loopback())
        });
        match url.scheme_str() {
            Some("https") => {}
            Some("http") if is_local => {}
            _ => {
                let reason = "must be an https URL, http on an address of this machine (127.0.0.1, [::1]), or a file";
                return Err(reason.to_owned());
            }
        }
        let connector = https::connector(self.root.as_deref(), Scheme::Either)
            .map_err(|error| format!("login.root: {error}"))?;
        let client = Box::new(Client::builder(TokioExecutor::new()).build(connector));
        let every = Duration::from_secs(self.refresh.max(1));
        Ok(Source::Url { url, client, every })
    }
}

/// Where keys come from.
pub(crate) enum Source {
    File(PathBuf),
    Url {
        url: Uri,
        client: Box<Client<HttpsConnector<HttpConnector>, Empty<Bytes>>>,
        every: Duration,
    },
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Url { url, .. } => url.fmt(f),
        }
    }
}

impl Source {
    /// The JWK Set.
    ///
    /// # Errors
    /// In words, with the file or URL and all causes.
    pub(crate) async fn read(&self) -> Result<Bytes, String> {
        match self {
            Self::File(path) => read_file(path).await,
            Self::Url { url, client, .. } => {
                let asked = async {
                    let response = client.get(url.clone()).await;
                    let response = response
                        .map_err(|error| format!("{url}: {}", causes(&error, "login.root")))?;
                    let status = response.status();
                    if !status.is_success() {
                        return Err(format!("{url}: HTTP {status}"));
                    }
                    let body = Limited::new(response.into_body(), MOST_BYTES)
                        .collect()
                        .await;
                    body.map(http_body_util::Collected::to_bytes)
                        .map_err(|error| format!("{url}: {error}"))
                };
                let answer = tokio::time::timeout(TIMEOUT, asked).await;
                answer.unwrap_or_else(|_| Err(format!("{url}: no answer in time")))
            }
        }
    }
}

async fn read_file(path: &Path) -> Result<Bytes, String> {
    let read = tokio::fs::read(path).await;
    read.map(Bytes::from)
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// Keeps the keys fresh until `stop`. A fault is logged when it newly appears; the keys before stay.
pub(crate) async fn keep_fresh(logins: Arc<Logins>, source: Source, stop: CancellationToken) {
    let mut taken = Bytes::new();
    let mut fault = None;
    loop {
        let outcome = match source.read().await {
            Ok(bytes) if bytes == taken => Ok(()),
            Ok(bytes) => logins
                .set_keys(&bytes)
                .map(|count| {
                    info!(count, "keys for logins");
                    taken = bytes;
                })
                .map_err(|error| format!("{source}: {error}")),
            Err(error) => Err(error),
        };
        let now = outcome.err();
        counters::login_keys_fault().set(if now.is_some() { 1.0 } else { 0.0 });
        if let Some(error) = now.as_ref().filter(|_| now != fault) {
            if taken.is_empty() {
                warn!(
                    error,
                    "the keys for logins can't be read; none can be judged"
                );
            } else {
                warn!(
                    error,
                    "the keys for logins can't be read; those before stay"
                );
            }
        }
        fault = now;
        let pause = match &source {
            Source::Url { every, .. } if fault.is_none() => *every,
            _ => SOON,
        };
        let unknown = async {
            tokio::time::sleep(LEAST_PAUSE).await;
            logins.unknown_key().await;
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = unknown => {}
            () = stop.cancelled() => return,
        }
    }
}
