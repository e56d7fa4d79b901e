//! A WebSocket link: one socket of a bundle.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use tungstenite::client::IntoClientRequest;
use tungstenite::http::HeaderValue;
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, WebSocket};

use super::{PlayerLink, Received};

const STATE: u8 = 0;
const CONTROL: u8 = 1;

/// How long the upgrade may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// One open socket.
#[derive(Debug)]
pub struct SocketLink(WebSocket<TcpStream>);

impl SocketLink {
    /// Opens one; it holds no seat yet.
    ///
    /// # Errors
    /// When there is no connection or no upgrade.
    pub fn open(server: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&server, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut request = format!("ws://{server}/v1/websocket")
            .into_client_request()
            .map_err(io::Error::other)?;
        request.headers_mut().insert(
            "sec-websocket-protocol",
            HeaderValue::from_static("game-session.v1"),
        );
        // Its own bounds are no part of a test; the server's are.
        let config = WebSocketConfig::default().write_buffer_size(0);
        let (socket, _) = tungstenite::client::client_with_config(request, stream, Some(config))
            .map_err(|error| io::Error::other(error.to_string()))?;
        Ok(Self(socket))
    }

    /// Sends any message.
    ///
    /// # Errors
    /// When the socket can't take it.
    pub fn send(&mut self, message: Message) -> io::Result<()> {
        self.0.send(message).map_err(|error| match error {
            Error::Io(error) => error,
            other => io::Error::other(other),
        })
    }

    /// The stream below, for bytes that are no WebSocket's.
    pub fn stream(&self) -> &TcpStream {
        self.0.get_ref()
    }

    fn send_tagged(&mut self, lane: u8, payload: &[u8]) -> io::Result<()> {
        let mut message = Vec::with_capacity(payload.len() + 1);
        message.push(lane);
        message.extend_from_slice(payload);
        self.send(Message::binary(message))
    }
}

impl PlayerLink for SocketLink {
    fn send_state(&mut self, datagram: &[u8]) -> io::Result<()> {
        self.send_tagged(STATE, datagram)
    }

    fn send_control(&mut self, frame: &[u8]) -> io::Result<()> {
        self.send_tagged(CONTROL, frame)
    }

    fn receive(&mut self, limit: Duration) -> Option<Received> {
        let limit = limit.max(Duration::from_millis(1));
        if self.stream().set_read_timeout(Some(limit)).is_err() {
            return Some(Received::Gone);
        }
        loop {
            match self.0.read() {
                Ok(Message::Binary(bytes)) => match bytes.split_first() {
                    Some((&STATE, datagram)) => return Some(Received::State(datagram.to_vec())),
                    Some((&CONTROL, frame)) => return Some(Received::Control(frame.to_vec())),
                    _ => return Some(Received::Gone),
                },
                Ok(Message::Close(_)) => return Some(Received::Gone),
                Ok(_) => {}
                Err(Error::Io(error))
                    if matches!(
                        error.kind(),
                        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                    ) =>
                {
                    return None;
                }
                Err(_) => return Some(Received::Gone),
            }
        }
    }
}
