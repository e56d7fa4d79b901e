//! What every answer says beside its content: what a browser may do with it, and from where it may be framed. A request for
//! two hosts gets none.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use signaling::Problem;
use tower_http::set_header::SetResponseHeaderLayer;

/// How long a browser that has been here over TLS comes by nothing else: two years.
const HSTS: &str = "max-age=63072000";

/// Nobody else's page may show ours in a frame of its own. The page has a policy of its own beside.
const NOT_FRAMED: &str = "frame-ancestors 'self'";

/// What is no page loads nothing and is framed by nobody.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// Guards answers to players; a route's own headers stand.
pub(crate) fn guarded(router: Router) -> Router {
    with(bounded(router), header::CONTENT_SECURITY_POLICY, NOT_FRAMED)
}

/// Guards answers that are no page and of this moment: to operators, and where all is at HTTPS.
pub(crate) fn closed(router: Router) -> Router {
    let router = with(bounded(router), header::CACHE_CONTROL, "no-store");
    with(router, header::CONTENT_SECURITY_POLICY, NOTHING)
}

/// Tells browsers to come over TLS from now on. Not for answers over plain HTTP (RFC 6797 §7.2).
pub(crate) fn strict_transport(router: Router) -> Router {
    with(router, header::STRICT_TRANSPORT_SECURITY, HSTS)
}

fn bounded(router: Router) -> Router {
    let router = router.layer(from_fn(of_one_host));
    let router = with(router, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    with(router, header::REFERRER_POLICY, "no-referrer")
}

fn with(router: Router, name: HeaderName, value: &'static str) -> Router {
    let value = HeaderValue::from_static(value);
    router.layer(SetResponseHeaderLayer::if_not_present(name, value))
}

/// What stands before this server may have judged by the other one (RFC 9112 §3.2).
async fn of_one_host(request: Request, next: Next) -> Response {
    if request.headers().get_all(header::HOST).iter().count() > 1 {
        let detail = "a request has one Host header";
        return Problem::new(StatusCode::BAD_REQUEST, "bad-host", detail).into_response();
    }
    next.run(request).await
}
