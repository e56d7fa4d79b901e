//! A WebSocket's bytes, from the end of the upgrade on.

use std::io::{Cursor, Read, Result, Write};

use protocol::MAX_CONTROL_FRAME;
use server::fuzzing::{WEBSOCKET_LIMITS, by_lane};
use tungstenite::protocol::{Role, WebSocket, WebSocketConfig};

use crate::allocation::within;

/// Bytes that a socket may allocate: its buffers, and for each byte that came the message in which it is handed on. A
/// frame's length is believed before its bytes come, once.
const MOST_OF_A_SOCKET: usize = 64 * 1024;

/// Bytes that come in as fast as they are read, and whatever is answered is taken.
struct Peer<'a>(Cursor<&'a [u8]>);

impl Read for Peer<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Peer<'_> {
    fn write(&mut self, buffer: &[u8]) -> Result<usize> {
        Ok(buffer.len())
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

/// Frames of a client.
pub fn websocket(bytes: &[u8]) {
    let (read_buffer, most) = WEBSOCKET_LIMITS;
    let config = WebSocketConfig::default()
        .read_buffer_size(read_buffer)
        .write_buffer_size(0)
        .max_message_size(Some(most))
        .max_frame_size(Some(most));
    within(MOST_OF_A_SOCKET + 8 * bytes.len(), || {
        let peer = Peer(Cursor::new(bytes));
        let mut socket = WebSocket::from_raw_socket(peer, Role::Server, Some(config));
        // As the engine reads on after its goodbye, so does this: until the stream ends.
        while let Ok(message) = socket.read() {
            if let Some((_, rest)) = by_lane(message) {
                assert!(rest.len() <= MAX_CONTROL_FRAME);
            }
        }
    });
}
