//! What Debian's Pebble lacks: a front that says when certificates are to be renewed (ARI, RFC 9773), and passes on all else.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::{Value, json};

use crate::https;
use crate::pebble::PebbleHome;

/// When a certificate is to be renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suggestion {
    /// Years from now.
    Later,
    /// It should have been.
    Now,
}

/// A front that listens until its process ends.
pub struct RenewalFront {
    port: u16,
    said: Arc<Mutex<Said>>,
}

/// What it says and was told.
struct Said {
    suggestion: Suggestion,
    inquiries: usize,
    replaced: Vec<String>,
}

impl RenewalFront {
    /// Puts itself before an authority.
    ///
    /// # Panics
    /// When the system gives no port or no thread.
    #[must_use]
    pub fn start(home: &PebbleHome) -> Self {
        let pem = |name: &str| fs::read(home.own_root().with_file_name(name)).unwrap();
        let certificate = CertificateDer::from_pem_slice(&pem("own.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_slice(&pem("own.key")).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key)
            .unwrap();
        let (tls, behind) = (Arc::new(tls), home.port());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let said = Arc::new(Mutex::new(Said {
            suggestion: Suggestion::Later,
            inquiries: 0,
            replaced: Vec::new(),
        }));
        let shared = Arc::clone(&said);
        std::thread::spawn(move || {
            let client = https::Client::new(&[certificate], rustls::ALL_VERSIONS, &[]);
            for stream in listener.incoming().map_while(Result::ok) {
                // Who hangs up has no answer to miss.
                let _ = answer(stream, &tls, &client, behind, &shared);
            }
        });
        Self { port, said }
    }

    /// The URL of the authority's directory, by this front.
    #[must_use]
    pub fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.port)
    }

    /// Says this from now on.
    pub fn suggest(&self, suggestion: Suggestion) {
        lock(&self.said).suggestion = suggestion;
    }

    /// How often it was asked.
    #[must_use]
    pub fn inquiries(&self) -> usize {
        lock(&self.said).inquiries
    }

    /// The certificates that new orders said they replace.
    #[must_use]
    pub fn replaced(&self) -> Vec<String> {
        lock(&self.said).replaced.clone()
    }
}

fn lock(said: &Mutex<Said>) -> std::sync::MutexGuard<'_, Said> {
    said.lock().unwrap_or_else(PoisonError::into_inner)
}

fn answer(
    stream: TcpStream,
    tls: &Arc<ServerConfig>,
    client: &https::Client,
    behind: u16,
    said: &Mutex<Said>,
) -> io::Result<()> {
    let tls = ServerConnection::new(Arc::clone(tls)).map_err(io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(tls, stream));
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let mut body = vec![
        0;
        header(&head, "content-length")
            .and_then(|n| n.parse().ok())
            .unwrap_or(0)
    ];
    stream.read_exact(&mut body)?;
    let text = if head.starts_with("GET /renewal-info/") {
        let mut said = lock(said);
        said.inquiries += 1;
        renewal_info(said.suggestion)
    } else {
        // One request each, so that its answer has an end.
        let request = format!("{}connection: close\r\n\r\n", &head[..head.len() - 2]);
        let request = [request.as_bytes(), &body].concat();
        changed(&client.exchange(behind, &request)?.text, &head, &body, said)
    };
    stream.get_mut().write_all(text.as_bytes())?;
    stream.get_mut().conn.send_close_notify();
    stream.get_mut().flush()
}

fn renewal_info(suggestion: Suggestion) -> String {
    let year = match suggestion {
        Suggestion::Later => 2999,
        Suggestion::Now => 1999,
    };
    let window = json!({ "suggestedWindow": {
        "start": format!("{year}-01-01T00:00:00Z"), "end": format!("{year}-01-02T00:00:00Z"),
    }});
    with_body("HTTP/1.1 200 OK\r\nretry-after: 21600", &window.to_string())
}

/// The authority's answer, as one that knows of renewals would give it.
fn changed(answer: &str, head: &str, body: &[u8], said: &Mutex<Said>) -> String {
    let host = header(head, "host").unwrap_or_default();
    let Some((answer_head, content)) = answer.split_once("\r\n\r\n") else {
        return answer.to_owned();
    };
    let Ok(mut content) = serde_json::from_str::<Value>(content) else {
        return answer.to_owned();
    };
    if content.get("newOrder").is_some() {
        content["renewalInfo"] = format!("https://{host}/renewal-info").into();
    }
    if content.get("finalize").is_some()
        && let Some(replaced) = replaced(body)
    {
        content["replaces"] = replaced.clone().into();
        lock(said).replaced.push(replaced);
    }
    with_body(answer_head, &content.to_string())
}

/// What an order says that it replaces (RFC 9773 §5).
fn replaced(body: &[u8]) -> Option<String> {
    let signed: Value = serde_json::from_slice(body).ok()?;
    let payload = URL_SAFE_NO_PAD
        .decode(signed.get("payload")?.as_str()?)
        .ok()?;
    let payload: Value = serde_json::from_slice(&payload).ok()?;
    Some(payload.get("replaces")?.as_str()?.to_owned())
}

fn with_body(head: &str, body: &str) -> String {
    let lines = head.lines().filter(|line| {
        let name = line.split(':').next().unwrap_or_default();
        !["content-length", "transfer-encoding", "connection"]
            .iter()
            .any(|own| name.eq_ignore_ascii_case(own))
    });
    let lines: Vec<&str> = lines.collect();
    let length = body.len();
    format!(
        "{}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}",
        lines.join("\r\n")
    )
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}
