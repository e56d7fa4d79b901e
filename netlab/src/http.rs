//! As much of an HTTP client as tests need: one request on one connection, its answer read to the end. No TLS, and no
//! opinion on statuses.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a peer may take for any one read or write.
const PATIENCE: Duration = Duration::from_secs(10);

/// Most bytes of an answer; a longer one is cut off.
const MOST_BYTES: u64 = 16 << 20;

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Status line and header lines as they came.
    pub head: String,
    /// Its body.
    pub body: String,
}

impl Answer {
    /// A header's value, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Sends a request to `address`, as host `localhost`. `headers` are whole lines without their ends.
///
/// # Errors
/// When there is no connection, or the answer is no HTTP. A peer that answers before it has read the whole body, and
/// then cuts the connection, has answered.
pub fn request(
    address: SocketAddr,
    method: &str,
    target: &str,
    headers: &[&str],
    body: &[u8],
) -> io::Result<Answer> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let port = address.port();
    let length = body.len();
    let mut head = format!(
        "{method} {target} HTTP/1.1\r\nhost: localhost:{port}\r\ncontent-length: {length}\r\n"
    );
    if !headers.iter().any(|line| line.starts_with("connection:")) {
        head.push_str("connection: close\r\n");
    }
    for line in headers {
        head.push_str(line);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    let sent = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body));
    let mut bytes = Vec::new();
    let received = stream.take(MOST_BYTES).read_to_end(&mut bytes);
    parse(&bytes).ok_or_else(|| {
        sent.and(received.map(drop))
            .err()
            .unwrap_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no HTTP answer"))
    })
}

/// Asks for `target`.
///
/// # Errors
/// As [`request`].
pub fn get(address: SocketAddr, target: &str) -> io::Result<Answer> {
    request(address, "GET", target, &[], &[])
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
    Some(Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_taken_apart() {
        let answer =
            parse(b"HTTP/1.1 413 Too Large\r\nContent-Type: a/b\r\n\r\nno\r\n\r\nmore").unwrap();
        assert_eq!(answer.status, 413);
        assert_eq!(answer.header("content-type"), Some("a/b"));
        assert_eq!(answer.header("etag"), None);
        assert_eq!(answer.body, "no\r\n\r\nmore");
    }

    #[test]
    fn what_is_no_http_is_no_answer() {
        for bytes in [
            &b""[..],
            b"HTTP/1.1 200 OK\r\n",
            b"SSH-2.0-x\r\n\r\n",
            b"HTTP/1.1 2\r\n\r\n",
        ] {
            assert_eq!(parse(bytes), None);
        }
    }
}
