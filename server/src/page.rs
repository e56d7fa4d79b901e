//! The page that the server gives out beside its interfaces: files built into the program, a folder, or none.
//!
//! Files below `assets/` bear a hash of their content in their names, as Vite gives them, so browsers may keep them for
//! ever; all others are asked for anew with their ETag. Beside `NAME` there may be `NAME.br` and `NAME.gz`: who takes that
//! encoding gets it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use signaling::Problem;

/// The files of the page.
#[derive(Clone, Default)]
pub struct Page(Arc<HashMap<String, File>>);

struct File {
    content: Bytes,
    kind: HeaderValue,
    tag: HeaderValue,
}

/// Encodings that a file may lie in, the best first, and the ends of their names.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// Scripts of our own alone; links to wherever the rungs are; no frame, plugin or form elsewhere.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; worker-src 'self' blob:; connect-src 'self' blob: data: http: https: ws: wss:; \
    object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

/// How deep a folder may be.
const MOST_LEVELS: usize = 16;

impl Page {
    /// No page: the interfaces alone.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Files built into the program.
    #[must_use]
    pub fn embedded<E: RustEmbed>() -> Self {
        let files = E::iter().filter_map(|path| {
            let content = match E::get(&path)?.data {
                Cow::Borrowed(content) => Bytes::from_static(content),
                Cow::Owned(content) => content.into(),
            };
            Some((path.to_string(), content))
        });
        Self::new(files)
    }

    /// All files of a folder, read once, now.
    ///
    /// # Errors
    /// When it, or something in it, can't be read.
    pub fn folder(folder: &Path) -> std::io::Result<Self> {
        let mut files = Vec::new();
        collect(folder, "", MOST_LEVELS, &mut files)?;
        Ok(Self::new(files))
    }

    fn new(files: impl IntoIterator<Item = (String, Bytes)>) -> Self {
        let files = files.into_iter().map(|(path, content)| {
            let kind = mime_guess::from_path(&path).first_or_octet_stream();
            let kind = HeaderValue::from_str(kind.essence_str());
            let hash = Sha256::digest(&content);
            let hex: String = hash[..16]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let tag = HeaderValue::from_str(&format!("\"{hex}\""));
            let file = File {
                content,
                kind: kind.unwrap_or(HeaderValue::from_static("application/octet-stream")),
                tag: tag.unwrap_or(HeaderValue::from_static("\"\"")),
            };
            (path, file)
        });
        Self(Arc::new(files.collect()))
    }

    /// Answers whatever no other route does.
    pub(crate) fn router(self) -> Router {
        let answer = async move |method: Method, uri: Uri, headers: HeaderMap| {
            self.answer(&method, uri.path(), &headers)
        };
        Router::new().fallback(answer)
    }

    fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response {
        let name = match path.trim_start_matches('/') {
            "" => "index.html",
            name => name,
        };
        let Some(plain) = self.0.get(name) else {
            let detail = format!("nothing is at {path}");
            return Problem::new(StatusCode::NOT_FOUND, "not-found", detail).into_response();
        };
        if ![Method::GET, Method::HEAD].contains(method) {
            let detail = format!("{path} takes no {method}");
            let status = StatusCode::METHOD_NOT_ALLOWED;
            let problem = Problem::new(status, "method-not-allowed", detail);
            return ([(header::ALLOW, "GET,HEAD")], problem).into_response();
        }
        let encoded = ENCODINGS.iter().find_map(|(encoding, end)| {
            let file = self.0.get(&format!("{name}{end}"))?;
            accepts(headers, encoding).then_some((file, *encoding))
        });
        let cache = if name.starts_with("assets/") {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let file = encoded.map_or(plain, |(file, _)| file);
        let mut answer = HeaderMap::from_iter([
            (header::CONTENT_TYPE, plain.kind.clone()),
            (header::ETAG, file.tag.clone()),
            (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
            (header::VARY, HeaderValue::from_static("accept-encoding")),
            (
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static(CONTENT_SECURITY_POLICY),
            ),
        ]);
        if let Some((_, encoding)) = encoded {
            answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        let known = headers.get(header::IF_NONE_MATCH);
        if known.is_some_and(|known| is_listed(known, &file.tag)) {
            return (StatusCode::NOT_MODIFIED, answer).into_response();
        }
        (answer, file.content.clone()).into_response()
    }
}

fn collect(
    folder: &Path,
    prefix: &str,
    levels: usize,
    files: &mut Vec<(String, Bytes)>,
) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let kind = entry.file_type()?;
        if kind.is_file() {
            files.push((path, std::fs::read(entry.path())?.into()));
        } else if kind.is_dir() && levels > 0 {
            collect(&entry.path(), &format!("{path}/"), levels - 1, files)?;
        }
    }
    Ok(())
}

/// Whether an `If-None-Match` names this tag (RFC 9110 §13.1.2, compared weakly).
fn is_listed(known: &HeaderValue, tag: &HeaderValue) -> bool {
    let mut tags = known.to_str().unwrap_or_default().split(',').map(str::trim);
    tags.any(|known| known == "*" || known.trim_start_matches("W/") == *tag)
}

/// Whether an `Accept-Encoding` allows this coding (RFC 9110 §12.5.3); one with `q=0` is refused.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    let lists = headers.get_all(header::ACCEPT_ENCODING).into_iter();
    let mut codings = lists.flat_map(|list| list.to_str().unwrap_or_default().split(','));
    codings.any(|entry| {
        let (name, weight) = entry.split_once(';').unwrap_or((entry, "q=1"));
        let weight = weight.trim().trim_start_matches("q=");
        name.trim().eq_ignore_ascii_case(coding) && weight.parse::<f32>().is_ok_and(|q| q > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(path: &str, headers: &[(header::HeaderName, &str)]) -> Response {
        let page = Page::new([
            ("index.html".into(), Bytes::from_static(b"page")),
            ("assets/a.js".into(), Bytes::from_static(b"code")),
            ("assets/a.js.br".into(), Bytes::from_static(b"small")),
        ]);
        let headers = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()));
        page.answer(&Method::GET, path, &headers.collect())
    }

    fn told(response: &Response, name: header::HeaderName) -> &str {
        response
            .headers()
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn what_a_browser_has_already_is_not_sent_again() {
        let first = get("/", &[]);
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(told(&first, header::CACHE_CONTROL), "no-cache");
        let again = get("/", &[(header::IF_NONE_MATCH, told(&first, header::ETAG))]);
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        let other = get("/", &[(header::IF_NONE_MATCH, "\"0\"")]);
        assert_eq!(other.status(), StatusCode::OK);
    }

    #[test]
    fn it_comes_compressed_to_those_who_take_that() {
        let compressed = get(
            "/assets/a.js",
            &[(header::ACCEPT_ENCODING, "gzip, br;q=0.5")],
        );
        assert_eq!(told(&compressed, header::CONTENT_ENCODING), "br");
        assert_eq!(told(&compressed, header::CONTENT_TYPE), "text/javascript");
        assert!(told(&compressed, header::CACHE_CONTROL).contains("immutable"));
        let plain = get("/assets/a.js", &[(header::ACCEPT_ENCODING, "gzip, br;q=0")]);
        assert_eq!(told(&plain, header::CONTENT_ENCODING), "");
        assert_ne!(told(&plain, header::ETAG), told(&compressed, header::ETAG));
    }

    #[test]
    fn what_is_not_there_is_a_problem() {
        let response = get("/nowhere", &[]);
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(
            told(&response, header::CONTENT_TYPE),
            "application/problem+json"
        );
    }

    #[test]
    fn a_file_is_only_read() {
        let page = Page::new([("index.html".into(), Bytes::from_static(b"page"))]);
        let response = page.answer(&Method::DELETE, "/", &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(told(&response, header::ALLOW), "GET,HEAD");
        let nowhere = page.answer(&Method::DELETE, "/nowhere", &HeaderMap::new());
        assert_eq!(nowhere.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn a_folder_is_read_with_what_is_in_it_and_nothing_beside() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("assets")).unwrap();
        std::fs::write(folder.path().join("index.html"), "page").unwrap();
        std::fs::write(folder.path().join("assets/a.css"), "style").unwrap();
        let page = Page::folder(folder.path()).unwrap();
        let style = page.answer(&Method::GET, "/assets/a.css", &HeaderMap::new());
        assert_eq!(told(&style, header::CONTENT_TYPE), "text/css");
        let beside = page.answer(&Method::GET, "/assets/../../etc/passwd", &HeaderMap::new());
        assert_eq!(beside.status(), StatusCode::NOT_FOUND);
        assert!(Page::folder(&folder.path().join("nowhere")).is_err());
    }
}
