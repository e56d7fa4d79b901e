//! What operators ask for: metrics and health, on a listener of their own; without one, metrics are for this machine alone.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use metrics_process::Collector;
use signaling::{Health, Peer, Problem, Reach};
use tokio::runtime::RuntimeMetrics;

use crate::config::Config;
use crate::{counters, headers};

/// Names by which operators may ask, beside addresses and `localhost`. A page of another's whose name was made to lead here
/// (DNS rebinding) asks by its own.
#[derive(Clone, Debug)]
pub(crate) struct Names(Arc<[String]>);

impl Names {
    /// Those of the settings.
    pub(crate) fn of(config: &Config) -> Self {
        let acme = config.acme.iter().flat_map(|acme| acme.domains.iter());
        let public = config.public_origin.as_deref();
        let public = public.and_then(|origin| origin.parse::<axum::http::Uri>().ok());
        let public = public.as_ref().and_then(|origin| origin.host());
        let names = config
            .names
            .iter()
            .chain(acme)
            .chain(&config.public_address);
        let names = names.map(String::as_str).chain(public);
        Self(names.map(str::to_ascii_lowercase).collect())
    }

    fn admit(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
        host.is_some_and(|host| self.has(host.host()))
    }

    fn has(&self, host: &str) -> bool {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_named = || self.0.iter().any(|name| name.eq_ignore_ascii_case(host));
        bare.parse::<IpAddr>().is_ok() || host.eq_ignore_ascii_case("localhost") || is_named()
    }
}

/// What metrics are taken from.
#[derive(Clone)]
pub(crate) struct Sources {
    pub(crate) recorder: PrometheusHandle,
    /// Of each runtime.
    pub(crate) runtimes: Arc<[RuntimeMetrics]>,
}

/// The routes for operators, where they have a listener of their own.
pub(crate) fn router(metrics: Sources, health: Arc<dyn Health>, names: Names) -> Router {
    let router = Router::new()
        .route("/metrics", get(render).with_state(metrics))
        .merge(signaling::health(health))
        .method_not_allowed_fallback(signaling::method_not_allowed)
        .fallback(signaling::not_found)
        .layer(from_fn_with_state(names, of_our_name));
    headers::closed(router)
}

/// Metrics among the routes for players: for those who ask from this machine, and not through a proxy.
pub(crate) fn local_metrics(metrics: Sources, names: Names, reach: Arc<Reach>) -> Router {
    Router::new()
        .route("/metrics", get(render).with_state(metrics))
        .method_not_allowed_fallback(signaling::method_not_allowed)
        .layer(from_fn_with_state((names, reach), of_this_machine))
}

async fn of_our_name(State(names): State<Names>, request: Request, next: Next) -> Response {
    if names.admit(request.headers()) {
        return next.run(request).await;
    }
    let detail = "the Host is no address, not localhost and none of this server's names; the setting `names` has more";
    Problem::new(StatusCode::BAD_REQUEST, "bad-host", detail).into_response()
}

async fn of_this_machine(
    State((names, reach)): State<(Names, Arc<Reach>)>,
    request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<Peer>();
    let is_local = peer.is_some_and(|peer| reach.is_local(*peer, request.headers()));
    if is_local && names.admit(request.headers()) {
        next.run(request).await
    } else {
        signaling::not_found(request.uri().clone())
            .await
            .into_response()
    }
}

async fn render(State(sources): State<Sources>) -> String {
    // The process's own figures, such as `process_open_fds` and `process_resident_memory_bytes`.
    Collector::default().collect();
    let tasks = sources.runtimes.iter().map(RuntimeMetrics::num_alive_tasks);
    counters::tasks().set(tasks.sum::<usize>() as f64);
    sources.recorder.render()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::of(&Config {
            names: vec!["game".to_owned()],
            public_origin: Some("https://Play.example:8443".to_owned()),
            ..Config::default()
        })
    }

    #[test]
    fn operators_ask_by_address_or_by_a_name_of_ours() {
        let admits = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            names().admit(&headers)
        };
        for host in [
            "127.0.0.1:9090",
            "[::1]:9090",
            "localhost",
            "LOCALHOST:9",
            "game:9090",
            "play.example",
        ] {
            assert!(admits(host), "{host}");
        }
        for host in [
            "evil.example",
            "evil.example:9090",
            "localhost.evil.example",
            "play.example.evil.example",
            "",
            "a b",
        ] {
            assert!(!admits(host), "{host}");
        }
        assert!(!names().admit(&HeaderMap::new()));
    }
}
