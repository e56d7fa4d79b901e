//! The two ends of one open socket: what its task uses, and what the player's task gets from it.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::send_queue::SendQueue;
use crate::session::{Received, SocketId};

/// What comes to a player's task.
pub(super) enum Inbound {
    /// A socket is open. `token`: what its first frame is to show.
    Opened {
        id: SocketId,
        queue: Arc<SendQueue>,
        token: Option<String>,
    },
    /// Something came in on a socket.
    Received(SocketId, Message),
}

/// What came in on a socket.
pub(super) enum Message {
    State(Bytes),
    Control(Bytes),
    /// Nothing follows.
    Closed,
}

impl Message {
    pub(super) fn as_received(&self) -> Received<'_> {
        match self {
            Self::State(datagram) => Received::State(datagram),
            Self::Control(frame) => Received::Control(frame),
            Self::Closed => Received::Closed,
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::State(bytes) | Self::Control(bytes) => bytes.len(),
            Self::Closed => 0,
        }
    }
}

/// A socket's way to its player.
#[derive(Clone)]
pub(super) struct Port {
    pub(super) id: SocketId,
    pub(super) queue: Arc<SendQueue>,
    player: mpsc::Sender<Inbound>,
}

impl Port {
    /// Tells the player that a socket is open.
    pub(super) async fn open(
        id: SocketId,
        token: Option<String>,
        player: mpsc::Sender<Inbound>,
    ) -> Option<Self> {
        let queue = Arc::new(SendQueue::default());
        let opened = Inbound::Opened {
            id,
            queue: Arc::clone(&queue),
            token,
        };
        player.send(opened).await.ok()?;
        Some(Self { id, queue, player })
    }

    /// Hands on what came in, as soon as the player has room; says whether there is still a player.
    pub(super) async fn deliver(&self, message: Message) -> bool {
        self.player
            .send(Inbound::Received(self.id, message))
            .await
            .is_ok()
    }
}
