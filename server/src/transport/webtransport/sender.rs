//! The sending half of a WebTransport link.

use std::sync::Arc;
use std::time::Duration;

use protocol::control::CloseReason;
use wtransport::Connection;
use wtransport::error::SendDatagramError;

use crate::counters;
use crate::link::{LinkSender, Tagged};
use crate::transport::shared_queue::SharedQueue;
use protocol::rung::Rung;
use protocol::send_queue::Outgoing;
use protocol::send_queue::QueueFull;

/// How often we look whether quinn has sent what it held back, while something newer waits.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// Sends State at once; while quinn holds a datagram back, for its window is full, the newest waits here.
pub(super) struct StateSender {
    connection: Arc<Connection>,
    /// What quinn's buffer has room for when nothing is in it.
    room: usize,
    waiting: SharedQueue,
}

impl StateSender {
    pub(super) fn new(connection: Arc<Connection>) -> Self {
        Self {
            room: connection.quic_connection().datagram_send_buffer_space(),
            connection,
            waiting: SharedQueue::new(Rung::WebTransport),
        }
    }

    fn send(&self, datagram: &[u8]) {
        if self.is_held_back() || self.waiting.has_state() {
            self.waiting.put_state(Tagged::state(datagram));
        } else {
            self.write(datagram);
        }
    }

    /// Sends what has waited as soon as quinn sends again.
    pub(super) async fn write_late(&self) {
        loop {
            self.waiting.wait().await;
            while self.is_held_back() {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            if let Outgoing::Message(datagram) = self.waiting.take_next() {
                self.write(&datagram.message());
            }
        }
    }

    fn is_held_back(&self) -> bool {
        self.connection
            .quic_connection()
            .datagram_send_buffer_space()
            < self.room
    }

    fn write(&self, datagram: &[u8]) {
        match self.connection.send_datagram(datagram) {
            Ok(()) => {}
            Err(SendDatagramError::TooLarge) => counters::refused("snapshot", "too-large-for-path"),
            // The reader notices that the connection is over.
            Err(_) => {}
        }
    }
}

/// What a room holds of a link.
pub(super) struct WebTransportLink {
    pub(super) state: Arc<StateSender>,
    pub(super) queue: Arc<SharedQueue>,
}

impl LinkSender for WebTransportLink {
    fn rung(&self) -> Rung {
        Rung::WebTransport
    }

    fn is_backlogged(&self) -> bool {
        self.state.waiting.has_state()
    }

    fn send_state(&self, datagram: &[u8]) {
        self.state.send(datagram);
    }

    fn send_control(&self, frame: Tagged) -> Result<(), QueueFull> {
        self.queue.put_control(frame)
    }

    fn close(&self, reason: CloseReason) {
        self.queue.close(reason);
    }
}
