//! What one end of a virtual socket has to send, by the queue of the real ones. It is
//! what a room holds as a link, and a client likewise; when and whether anything passes is the pipe's matter.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use protocol::control::CloseReason;
use protocol::rung::Rung;
use protocol::send_queue::{self, QueueFull};
use server::link::{CONTROL_CAPACITY, LinkSender, Tagged};

/// What goes over a virtual socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SocketMessage {
    /// A State datagram.
    State(Bytes),
    /// A Control frame.
    Control(Bytes),
    /// The sender has hung up.
    End,
}

/// One end's outgoing messages.
#[derive(Debug)]
pub(super) struct SendQueue {
    rung: Rung,
    end: Mutex<End>,
}

#[derive(Debug)]
struct End {
    queue: send_queue::SendQueue<Tagged>,
    /// Whether the other end has been told that nothing more comes.
    has_ended: bool,
}

impl SendQueue {
    /// An empty queue of a socket with datagrams, or of one that is a stream alone.
    pub(super) fn new(is_datagram: bool) -> Arc<Self> {
        let rung = if is_datagram {
            Rung::WebTransport
        } else {
            Rung::WebSocket
        };
        Arc::new(Self {
            rung,
            end: Mutex::new(End {
                queue: send_queue::SendQueue::new(CONTROL_CAPACITY),
                has_ended: false,
            }),
        })
    }

    /// Puts a client's datagram in the place of one that still waits.
    pub(super) fn put_state(&self, datagram: Bytes) {
        self.lock()
            .queue
            .put_state(Tagged::state(datagram.as_ref()));
    }

    /// Queues a client's frame.
    pub(super) fn put_control(&self, frame: Bytes) -> Result<(), QueueFull> {
        self.lock().queue.put_control(Tagged::control(&frame))
    }

    /// Hangs up after what is queued, with a last word if there is one.
    pub(super) fn hang_up(&self, farewell: Option<Bytes>) {
        let farewell = farewell.map(|frame| Tagged::control(&frame));
        self.lock().queue.hang_up(farewell);
    }

    /// Whether this end has hung up.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().queue.is_closing()
    }

    /// Whether a datagram waits.
    pub(super) fn has_state(&self) -> bool {
        self.lock().queue.has_state()
    }

    /// The next message that must arrive.
    pub(super) fn take_reliable(&self) -> Option<SocketMessage> {
        let mut end = self.lock();
        if let Some(frame) = end.queue.take_control() {
            return Some(SocketMessage::Control(frame.message()));
        }
        let ends = end.queue.is_closing() && !end.has_ended;
        end.has_ended |= ends;
        ends.then_some(SocketMessage::End)
    }

    /// The datagram that waits.
    pub(super) fn take_state(&self) -> Option<Bytes> {
        self.lock()
            .queue
            .take_state()
            .map(|datagram| datagram.message())
    }

    fn lock(&self) -> MutexGuard<'_, End> {
        self.end.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LinkSender for SendQueue {
    fn rung(&self) -> Rung {
        self.rung
    }

    fn is_backlogged(&self) -> bool {
        self.has_state()
    }

    fn send_state(&self, datagram: &[u8]) {
        self.lock().queue.put_state(Tagged::state(datagram));
    }

    fn send_control(&self, frame: Tagged) -> Result<(), QueueFull> {
        self.lock().queue.put_control(frame)
    }

    fn close(&self, reason: CloseReason) {
        self.lock().queue.hang_up(Some(Tagged::goodbye(reason)));
    }
}
