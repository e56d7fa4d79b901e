//! Plain HTTP where HTTPS is wanted: a redirect to the same page over TLS, never to a host that isn't ours.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::uri::{Authority, Uri};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use certs::Certificates;
use certs::acme::Challenges;
use signaling::Problem;

use crate::headers;
use crate::tls_accept::Came;

/// Where to send who comes without TLS.
#[derive(Debug)]
pub(crate) struct Redirect {
    public: Option<Authority>,
    certificates: Certificates,
    port: u16,
}

impl Redirect {
    /// To `public_origin`, if it is one of HTTPS, or to a name of the certificate's, at `port`.
    pub(crate) fn new(public_origin: Option<&str>, certificates: Certificates, port: u16) -> Self {
        let public = public_origin.and_then(|origin| origin.parse::<Uri>().ok());
        let public = public.filter(|uri| uri.scheme_str() == Some("https"));
        Self {
            public: public.and_then(|uri| uri.authority().cloned()),
            certificates,
            port,
        }
    }

    fn answer(&self, request: &Request, is_same_port: bool) -> Response {
        let host = request.headers().get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()?.parse().ok());
        let location = self.location(host.as_ref(), request.uri(), is_same_port);
        let mut answer = match location.and_then(|to| HeaderValue::try_from(to).ok()) {
            Some(location) => {
                let header = [(header::LOCATION, location)];
                (
                    StatusCode::PERMANENT_REDIRECT,
                    header,
                    "This is at https://\n",
                )
                    .into_response()
            }
            None => {
                let detail = "this server speaks HTTPS, and has no such name";
                Problem::new(StatusCode::BAD_REQUEST, "https-only", detail).into_response()
            }
        };
        let close = HeaderValue::from_static("close");
        answer.headers_mut().insert(header::CONNECTION, close);
        answer
    }

    /// The URL over TLS; `is_same_port`: of the port by which the request came.
    fn location(&self, asked: Option<&Authority>, uri: &Uri, is_same_port: bool) -> Option<String> {
        let known = asked.filter(|asked| self.is_ours(asked.host()));
        let host = known.or(self.public.as_ref())?.host();
        let here = known.filter(|_| is_same_port).and_then(Authority::port_u16);
        let public = || match &self.public {
            Some(public) => public.port_u16().unwrap_or(443),
            None => self.port,
        };
        let port = match here.unwrap_or_else(public) {
            443 => String::new(),
            port => format!(":{port}"),
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let path = if path.starts_with('/') { path } else { "/" };
        Some(format!("https://{host}{port}{path}"))
    }

    fn is_ours(&self, host: &str) -> bool {
        let public = self.public.as_ref().map(Authority::host);
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let stands_for = |name: &str| match name.strip_prefix("*.") {
            Some(parent) => bare
                .split_once('.')
                .is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(parent)),
            None => name.eq_ignore_ascii_case(bare),
        };
        public.is_some_and(|public| public.eq_ignore_ascii_case(host))
            || self.certificates.current().names().any(stands_for)
    }
}

/// What the listener of plain HTTP answers: challenges of an authority (HTTP-01), and redirects to all else.
pub(crate) fn router(redirect: Arc<Redirect>, challenges: Challenges) -> Router {
    let elsewhere = |State(redirect): State<Arc<Redirect>>, request: Request| async move {
        redirect.answer(&request, false)
    };
    let router = Router::new()
        .route(
            "/.well-known/acme-challenge/{token}",
            get(challenge).with_state(challenges),
        )
        .method_not_allowed_fallback(signaling::method_not_allowed)
        .fallback(elsewhere)
        .with_state(redirect);
    headers::closed(router)
}

/// Sends away who came as plain HTTP to the port of TLS.
pub(crate) async fn from_plain(
    State(redirect): State<Arc<Redirect>>,
    request: Request,
    next: Next,
) -> Response {
    if request.extensions().get() == Some(&Came::Plain) {
        redirect.answer(&request, true)
    } else {
        next.run(request).await
    }
}

async fn challenge(
    State(challenges): State<Challenges>,
    token: Result<Path<String>, PathRejection>,
    uri: Uri,
) -> Response {
    let text = token.ok().and_then(|Path(token)| challenges.text(&token));
    match text {
        Some(text) => text.into_response(),
        None => signaling::not_found(uri).await.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::time::{Duration, SystemTime};

    fn redirect(public_origin: Option<&str>) -> Redirect {
        let folder = tempfile::tempdir().unwrap();
        let names = ["play.example", "*.wide.example", "::1"].map(str::to_owned);
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_000_000);
        let certificates = Certificates::self_signed(folder.path(), &names, now).unwrap();
        Redirect::new(public_origin, certificates, 8443)
    }

    fn location(redirect: &Redirect, host: &str, path: &str, is_same_port: bool) -> Option<String> {
        let host = host.parse().ok();
        redirect.location(host.as_ref(), &path.parse().unwrap(), is_same_port)
    }

    #[test]
    fn a_name_of_ours_keeps_its_path_and_gets_our_port() {
        let ours = redirect(None);
        let to = |host, path| location(&ours, host, path, false);
        let sent = to("Play.example:80", "/a?room=pond").unwrap();
        assert_eq!(sent, "https://Play.example:8443/a?room=pond");
        assert_eq!(
            to("x.wide.example", "/").unwrap(),
            "https://x.wide.example:8443/"
        );
        assert_eq!(to("[::1]", "/").unwrap(), "https://[::1]:8443/");
        let same = location(&ours, "play.example:9000", "//evil.example/", true).unwrap();
        assert_eq!(same, "https://play.example:9000//evil.example/");
    }

    #[test]
    fn nobody_is_sent_to_a_stranger() {
        let ours = redirect(None);
        for host in [
            "evil.example",
            "play.example.evil.example",
            "x.y.wide.example",
            "wide.example",
            "user@evil.example",
            "",
        ] {
            assert_eq!(location(&ours, host, "/", false), None, "{host}");
            let public = redirect(Some("https://game.example"));
            let sent = location(&public, host, "http://evil.example/b", true);
            assert_eq!(sent.as_deref(), Some("https://game.example/b"), "{host}");
        }
    }

    #[test]
    fn the_public_origin_says_the_port() {
        let ours = redirect(Some("https://game.example:444"));
        let sent = location(&ours, "play.example", "/", false).unwrap();
        assert_eq!(sent, "https://play.example:444/");
        let plain = redirect(Some("http://game.example"));
        assert_eq!(location(&plain, "game.example", "/", false), None);
    }
}
