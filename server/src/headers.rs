//! What every answer says beside its content: what a browser may do with it, and from where it may be framed.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;

/// How long a browser that has been here over TLS comes by nothing else: two years.
const HSTS: &str = "max-age=63072000";

/// Scripts and styles of our own alone; links to wherever the rungs are; no frame, plugin or form.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self' blob: data: http: https: ws: wss:; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

/// Adds them to all answers; a route's own stand. `is_secure`: whether players come over TLS.
pub(crate) fn guarded(router: Router, is_secure: bool) -> Router {
    let add = |router: Router, name: HeaderName, value| {
        let value = HeaderValue::from_static(value);
        router.layer(SetResponseHeaderLayer::if_not_present(name, value))
    };
    let router = add(router, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    let router = add(router, header::REFERRER_POLICY, "no-referrer");
    let router = add(
        router,
        header::CONTENT_SECURITY_POLICY,
        CONTENT_SECURITY_POLICY,
    );
    if is_secure {
        add(router, header::STRICT_TRANSPORT_SECURITY, HSTS)
    } else {
        router
    }
}
