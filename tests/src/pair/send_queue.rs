//! What one end of a virtual socket has to send: frames in order, and at most one State datagram, the newest. It is
//! what a room holds as a link, and a client likewise; when and whether anything passes is the pipe's matter.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use protocol::codec::encode;
use protocol::control::{CloseReason, ServerFrame};
use server::link::{LinkFull, LinkSender, Rung, Tagged};

/// Frames that may wait, as on the server's own links.
const CAPACITY: usize = 256;

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
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    reliable: VecDeque<SocketMessage>,
    state: Option<Bytes>,
    is_closed: bool,
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
            waiting: Mutex::default(),
        })
    }

    /// Puts a datagram in the place of one that still waits.
    pub(super) fn put_state(&self, datagram: Bytes) {
        let mut waiting = self.lock();
        if !waiting.is_closed {
            waiting.state = Some(datagram);
        }
    }

    /// Queues a frame.
    pub(super) fn put_control(&self, frame: Bytes) -> Result<(), LinkFull> {
        let mut waiting = self.lock();
        if waiting.reliable.len() >= CAPACITY {
            return Err(LinkFull);
        }
        if !waiting.is_closed {
            waiting.reliable.push_back(SocketMessage::Control(frame));
        }
        Ok(())
    }

    /// Hangs up after what is queued, with a last word if there is one.
    pub(super) fn hang_up(&self, farewell: Option<Bytes>) {
        let mut waiting = self.lock();
        if !waiting.is_closed {
            waiting.is_closed = true;
            waiting.state = None;
            let farewell = farewell.map(SocketMessage::Control);
            waiting.reliable.extend(farewell);
            waiting.reliable.push_back(SocketMessage::End);
        }
    }

    /// Whether this end has hung up.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }

    /// Whether a datagram waits.
    pub(super) fn has_state(&self) -> bool {
        self.lock().state.is_some()
    }

    /// The next message that must arrive.
    pub(super) fn take_reliable(&self) -> Option<SocketMessage> {
        self.lock().reliable.pop_front()
    }

    /// The datagram that waits.
    pub(super) fn take_state(&self) -> Option<Bytes> {
        self.lock().state.take()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LinkSender for SendQueue {
    fn rung(&self) -> Rung {
        self.rung
    }

    fn is_backlogged(&self) -> bool {
        self.has_state()
    }

    fn send_state(&self, datagram: Tagged) {
        self.put_state(datagram.message());
    }

    fn send_control(&self, frame: Tagged) -> Result<(), LinkFull> {
        self.put_control(frame.message())
    }

    fn close(&self, reason: CloseReason) {
        self.hang_up(Some(encode(&ServerFrame::Close(reason)).into()));
    }
}
