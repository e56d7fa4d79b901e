//! What stands in for a server of another's to which ours speaks HTTP: it takes all that comes, and answers each the same.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// A stand-in, at a port of its own.
#[derive(Debug)]
pub struct HttpStandIn {
    /// Where it is.
    pub address: SocketAddr,
    /// What has come: the request's line and its body.
    pub requests: Receiver<(String, Vec<u8>)>,
}

impl HttpStandIn {
    /// Answers 200 with this content.
    ///
    /// # Errors
    /// When there is no port.
    pub fn start(content_type: &str, content: &str) -> io::Result<Self> {
        let answer: Arc<str> = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n{content}",
            content.len()
        )
        .into();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let (sender, requests) = channel();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (sender, answer) = (sender.clone(), Arc::clone(&answer));
                thread::spawn(move || serve(stream, &answer, &sender));
            }
        });
        Ok(Self { address, requests })
    }
}

/// Answers each request of a connection, until it ends.
fn serve(stream: TcpStream, answer: &str, sender: &Sender<(String, Vec<u8>)>) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    loop {
        let mut request = String::new();
        if reader.read_line(&mut request)? == 0 {
            return Ok(());
        }
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header)?;
            let header = header.trim().to_lowercase();
            if header.is_empty() {
                break;
            }
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        // Nobody listens any more at the end of a test.
        let _ = sender.send((request.trim().to_owned(), body));
        reader.get_mut().write_all(answer.as_bytes())?;
    }
}
