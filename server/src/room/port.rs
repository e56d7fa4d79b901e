//! A room's queues, and the ends of them that links and the rooms' list hold. Not the room itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use protocol::ids::SessionId;
use tokio::sync::mpsc;

use super::{Inbound, InboundLane, ReturnSchedule, SeatClaim, SocketId};
use crate::clock::Clock;
use crate::counters;
use crate::game::Listing;
use crate::link::LinkSender;

/// Datagrams and frames that may wait for a room's next tick. A full queue drops State and holds
/// back Control.
const DATA_CAPACITY: usize = 4_096;

/// A link that comes or goes. Not bounded by a queue: bounded by the links there are.
pub(super) enum Lifecycle {
    Attach {
        claim: SeatClaim,
        socket: SocketId,
        sender: Arc<dyn LinkSender>,
        at: Duration,
    },
    Detach {
        session: SessionId,
        socket: SocketId,
    },
    /// The peer of a socket doesn't keep to the protocol.
    Violated {
        session: SessionId,
        socket: SocketId,
    },
    /// The server shuts down.
    ShutDown(Arc<ReturnSchedule>),
}

/// What others hold of a room.
#[derive(Clone)]
pub(crate) struct RoomHandle {
    lifecycle: mpsc::UnboundedSender<Lifecycle>,
    data: mpsc::Sender<Inbound>,
    listing: Arc<Mutex<Listing>>,
}

/// The room's own ends of its queues.
pub(crate) struct RoomQueues {
    pub(super) lifecycle: mpsc::UnboundedReceiver<Lifecycle>,
    pub(super) data: mpsc::Receiver<Inbound>,
    listing: Arc<Mutex<Listing>>,
}

impl RoomQueues {
    /// What [`RoomHandle::listing`] tells from now on.
    pub(super) fn list(&self, mut listing: Listing) {
        let end = listing.label.floor_char_boundary(Listing::MAX_LABEL);
        listing.label.truncate(end);
        *self.listing.lock().unwrap_or_else(PoisonError::into_inner) = listing;
    }
}

/// The queues of a room that is about to run.
pub(crate) fn queues() -> (RoomHandle, RoomQueues) {
    let (lifecycle, lifecycle_end) = mpsc::unbounded_channel();
    let (data, data_end) = mpsc::channel(DATA_CAPACITY);
    let listing = Arc::default();
    let handle = RoomHandle {
        lifecycle,
        data,
        listing: Arc::clone(&listing),
    };
    (
        handle,
        RoomQueues {
            lifecycle: lifecycle_end,
            data: data_end,
            listing,
        },
    )
}

impl RoomHandle {
    /// What the room's game says of it, as of late.
    pub(crate) fn listing(&self) -> Listing {
        self.listing
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Ends the room because the server shuts down.
    pub(crate) fn shut_down(&self, returns: Arc<ReturnSchedule>) {
        // A room that has ended already needs no ending.
        let _ = self.lifecycle.send(Lifecycle::ShutDown(returns));
    }
}

/// A link's way into its room. Dropping it detaches the link.
pub(crate) struct Port {
    room: RoomHandle,
    clock: Clock,
    session: SessionId,
    socket: SocketId,
}

/// The room has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RoomGone;

impl Port {
    /// Attaches a link. The room answers through `sender`: an `Attached` frame or a `Close`.
    pub(crate) fn attach(
        room: RoomHandle,
        clock: Clock,
        claim: SeatClaim,
        socket: SocketId,
        sender: Arc<dyn LinkSender>,
    ) -> Result<Self, RoomGone> {
        let session = claim.session;
        let attach = Lifecycle::Attach {
            claim,
            socket,
            sender,
            at: clock.now(),
        };
        room.lifecycle.send(attach).map_err(|_| RoomGone)?;
        Ok(Self {
            room,
            clock,
            session,
            socket,
        })
    }

    /// Hands on a State datagram; drops it when the room is behind.
    pub(crate) fn state(&self, bytes: Bytes) {
        if self
            .room
            .data
            .try_send(self.inbound(InboundLane::State, bytes))
            .is_err()
        {
            counters::refused("datagram", "room-behind");
        }
    }

    /// Hands on a Control frame, waiting while the room is behind.
    pub(crate) async fn control(&self, bytes: Bytes) -> Result<(), RoomGone> {
        self.room
            .data
            .send(self.inbound(InboundLane::Control, bytes))
            .await
            .map_err(|_| RoomGone)
    }

    /// As [`Self::control`], for callers that can't wait; a full queue counts as gone.
    pub(crate) fn try_control(&self, bytes: Bytes) -> Result<(), RoomGone> {
        self.room
            .data
            .try_send(self.inbound(InboundLane::Control, bytes))
            .map_err(|_| RoomGone)
    }

    /// Has the room close the link, with all its sockets: what came in is against the protocol.
    pub(crate) fn violated(&self) {
        let violated = Lifecycle::Violated {
            session: self.session,
            socket: self.socket,
        };
        // A room that has ended closes its links itself.
        let _ = self.room.lifecycle.send(violated);
    }

    /// Returns when the room has ended.
    pub(crate) async fn room_ended(&self) {
        self.room.data.closed().await;
    }

    /// Whether the room has ended.
    pub(crate) fn is_room_gone(&self) -> bool {
        self.room.data.is_closed()
    }

    fn inbound(&self, lane: InboundLane, bytes: Bytes) -> Inbound {
        Inbound {
            session: self.session,
            socket: self.socket,
            lane,
            bytes,
            at: self.clock.now(),
        }
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        let detach = Lifecycle::Detach {
            session: self.session,
            socket: self.socket,
        };
        // A room that has ended has forgotten the link already.
        let _ = self.room.lifecycle.send(detach);
    }
}
