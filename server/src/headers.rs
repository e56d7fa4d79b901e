//! What every answer says beside its content: what a browser may do with it, and from where it may be framed.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;

/// How long a browser that has been here over TLS comes by nothing else: two years.
const HSTS: &str = "max-age=63072000";

/// Nobody else's page may show ours in a frame of its own. The page has a policy of its own beside.
const NOT_FRAMED: &str = "frame-ancestors 'self'";

/// Adds them to all answers; a route's own stand. `is_secure`: whether players come over TLS.
pub(crate) fn guarded(router: Router, is_secure: bool) -> Router {
    let add = |router: Router, name: HeaderName, value| {
        let value = HeaderValue::from_static(value);
        router.layer(SetResponseHeaderLayer::if_not_present(name, value))
    };
    let router = add(router, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    let router = add(router, header::REFERRER_POLICY, "no-referrer");
    let router = add(router, header::CONTENT_SECURITY_POLICY, NOT_FRAMED);
    if is_secure {
        add(router, header::STRICT_TRANSPORT_SECURITY, HSTS)
    } else {
        router
    }
}
