//! One socket, which its reader, its writer and the room share.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use protocol::control::CloseReason;
use protocol::rung::Rung;
use protocol::send_queue::{Outgoing, QueueFull};
use tungstenite::protocol::CloseFrame;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Error, Message, Utf8Bytes};

use super::wire::Wire;
use crate::link::{LinkSender, Tagged};
use crate::tcp::SocketHandle;
use crate::transport::shared_queue::SharedQueue;

/// How often we look whether the kernel has sent what it held back, while a datagram waits.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

pub(super) struct Socket {
    /// Nothing once the link is over, whoever holds its sender still.
    wire: Mutex<Option<Wire>>,
    /// Whether the wire holds bytes that the kernel didn't take: the writer has it send them.
    is_blocked: AtomicBool,
    pub(super) queue: SharedQueue,
    pub(super) handle: SocketHandle,
}

/// Closes the socket when its task ends, however that is: the room may hold the sender for longer.
pub(super) struct EndOnDrop(pub(super) Arc<Socket>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        let wire = self.0.wire().take();
        drop(wire);
    }
}

impl Socket {
    pub(super) fn new(wire: Wire, handle: SocketHandle) -> Self {
        Self {
            wire: Mutex::new(Some(wire)),
            is_blocked: AtomicBool::new(false),
            queue: SharedQueue::new(Rung::WebSocket),
            handle,
        }
    }

    /// The next message.
    pub(super) async fn read(&self) -> Result<Message, Error> {
        poll_fn(|context| match &mut *self.wire() {
            Some(wire) => wire.poll_read(context),
            None => Poll::Ready(Err(Error::ConnectionClosed)),
        })
        .await
    }

    /// Writes what has had to wait, until the peer goes.
    pub(super) async fn write(&self) {
        loop {
            self.wait().await;
            if self.flush().await.is_err() {
                return;
            }
            // Behind what the kernel hasn't sent a datagram would go stale; here a newer one replaces it.
            while self.queue.has_state() && self.handle.has_unsent() {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            let written = match self.queue.take_next() {
                Outgoing::Message(message) => self.send(Message::Binary(message.with_lane())).await,
                Outgoing::Idle => Ok(()),
                Outgoing::Close => {
                    // The peer may be gone already; else its own goodbye ends the reader.
                    let _ = self.send(goodbye()).await;
                    return std::future::pending().await;
                }
            };
            if written.is_err() {
                return;
            }
        }
    }

    /// Returns when something waits, here or in the queue.
    async fn wait(&self) {
        poll_fn(|context| {
            let is_idle = self.queue.poll_wait(context).is_pending();
            if is_idle && !self.is_blocked.load(Ordering::Acquire) {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }

    async fn send(&self, message: Message) -> Result<(), Error> {
        let mut message = Some(message);
        poll_fn(|context| Poll::Ready(message.take().map_or(Ok(()), |it| self.put(context, it))))
            .await?;
        self.flush().await
    }

    /// Has the kernel take what the wire holds.
    async fn flush(&self) -> Result<(), Error> {
        poll_fn(|context| {
            let mut wire = self.wire();
            let Some(wire) = wire.as_mut().filter(|wire| wire.is_blocked()) else {
                return Poll::Ready(Ok(()));
            };
            let flushed = wire.poll_flush(context);
            self.is_blocked.store(wire.is_blocked(), Ordering::Release);
            flushed
        })
        .await
    }

    /// Hands a message to the wire.
    fn put(&self, context: &mut Context<'_>, message: Message) -> Result<(), Error> {
        let mut wire = self.wire();
        let Some(wire) = wire.as_mut() else {
            return Ok(());
        };
        let written = wire.write(context, message);
        self.is_blocked.store(wire.is_blocked(), Ordering::Release);
        written
    }

    /// Writes a datagram if nothing is before it, here or in the kernel; says whether it did.
    fn send_now(&self, datagram: &[u8]) -> bool {
        let is_free = self.queue.is_idle() && !self.is_blocked.load(Ordering::Acquire);
        if !is_free || self.handle.has_unsent() {
            return false;
        }
        let mut context = Context::from_waker(Waker::noop());
        // The reader notices when the connection is over.
        let _ = self.put(&mut context, Message::Binary(tagged(datagram)));
        if self.is_blocked.load(Ordering::Acquire) {
            self.queue.wake();
        }
        true
    }

    fn wire(&self) -> MutexGuard<'_, Option<Wire>> {
        self.wire.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tagged(datagram: &[u8]) -> Bytes {
    let mut message = BytesMut::with_capacity(datagram.len() + 1);
    message.put_u8(Tagged::STATE);
    message.put_slice(datagram);
    message.freeze()
}

/// RFC 6455 §7.4.1's "policy violation", with our reason in words.
fn goodbye() -> Message {
    Message::Close(Some(CloseFrame {
        code: CloseCode::Policy,
        reason: Utf8Bytes::from_static("see the Close frame on the Control lane"),
    }))
}

impl LinkSender for Socket {
    fn rung(&self) -> Rung {
        Rung::WebSocket
    }

    fn is_backlogged(&self) -> bool {
        self.queue.has_state()
    }

    fn send_state(&self, datagram: &[u8]) {
        if !self.send_now(datagram) {
            self.queue.put_state(Tagged::state(datagram));
        }
    }

    fn send_control(&self, frame: Tagged) -> Result<(), QueueFull> {
        self.queue.put_control(frame)
    }

    fn close(&self, reason: CloseReason) {
        self.queue.close(reason);
    }
}
