//! A WebSocket's frames over what carries its bytes. Nothing here waits or locks: what the carrier doesn't take stays here
//! until it is flushed.

use std::io::{self, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message};

use super::{MOST_BYTES, READ_BUFFER};
use crate::tls_accept::Stream;

/// Bytes that may wait for the carrier. The queue above holds one datagram.
const WRITE_BUFFER: usize = 64 * 1024;

/// One WebSocket, from the end of its handshake on.
pub(super) struct Wire {
    frames: WebSocketContext,
    stream: Stream,
    /// Whether bytes wait that the carrier didn't take.
    is_blocked: bool,
}

impl Wire {
    /// One whose first bytes came behind its request.
    pub(super) fn new(stream: Stream, first: Vec<u8>) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(WRITE_BUFFER)
            .max_message_size(Some(MOST_BYTES))
            .max_frame_size(Some(MOST_BYTES));
        Self {
            frames: WebSocketContext::from_partially_read(first, Role::Server, Some(config)),
            stream,
            is_blocked: false,
        }
    }

    /// Whether bytes wait that the carrier didn't take.
    pub(super) fn is_blocked(&self) -> bool {
        self.is_blocked
    }

    /// The next message. Answers to pings and goodbyes go out with it.
    pub(super) fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<Result<Message, Error>> {
        let stream = &mut self.stream;
        pending(self.frames.read(&mut Polled { stream, context }))
    }

    /// Takes a message; what the carrier doesn't take of it waits for [`Self::poll_flush`].
    pub(super) fn write(
        &mut self,
        context: &mut Context<'_>,
        message: Message,
    ) -> Result<(), Error> {
        let stream = &mut self.stream;
        match pending(self.frames.write(&mut Polled { stream, context }, message)) {
            Poll::Ready(written) => written?,
            Poll::Pending => self.is_blocked = true,
        }
        match self.poll_flush(context) {
            Poll::Ready(flushed) => flushed,
            Poll::Pending => Ok(()),
        }
    }

    /// Has the carrier take what waits.
    pub(super) fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let stream = &mut self.stream;
        let flushed = pending(self.frames.flush(&mut Polled { stream, context }));
        self.is_blocked = flushed.is_pending();
        flushed
    }
}

/// What can't go on now is done when the carrier says so.
fn pending<T>(result: Result<T, Error>) -> Poll<Result<T, Error>> {
    match result {
        Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}

/// The carrier for one call, as the frames take it: where it would wait it says so, and wakes whoever polls.
struct Polled<'a, 'b> {
    stream: &'a mut Stream,
    context: &'a mut Context<'b>,
}

fn would_block<T>(poll: Poll<io::Result<T>>) -> io::Result<T> {
    match poll {
        Poll::Ready(result) => result,
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
    }
}

impl Read for Polled<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut buffer = ReadBuf::new(buffer);
        would_block(Pin::new(&mut *self.stream).poll_read(self.context, &mut buffer))?;
        Ok(buffer.filled().len())
    }
}

impl Write for Polled<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        would_block(Pin::new(&mut *self.stream).poll_write(self.context, bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        would_block(Pin::new(&mut *self.stream).poll_flush(self.context))
    }
}
