//! A room's queues, and the ends of them that links and the rooms' list hold. Not the room itself.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use protocol::control::CloseReason;
use protocol::ids::SessionId;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use super::share::{Permit, Share};
use super::{Inbound, InboundLane, ReturnSchedule, SeatClaim, SocketId};
use crate::clock::Clock;
use crate::counters;
use crate::game::Listing;
use crate::link::LinkSender;

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
    /// Asks how long nothing has come from a player; no answer where it has no links or says itself that it goes.
    Silence {
        session: SessionId,
        answer: oneshot::Sender<Duration>,
    },
    /// The server is about to shut down: the room ends with its match, or at this time.
    Drain {
        deadline: Duration,
        returns: Arc<ReturnSchedule>,
    },
    /// The server shuts down.
    ShutDown(Arc<ReturnSchedule>),
}

/// What came in, with its permit of its player's share, which bounds the queue.
pub(super) struct Queued {
    pub(super) inbound: Inbound,
    _permit: Permit,
}

/// What others hold of a room.
#[derive(Clone)]
pub(crate) struct RoomHandle {
    /// Where it runs.
    core: Handle,
    lifecycle: mpsc::UnboundedSender<Lifecycle>,
    data: mpsc::UnboundedSender<Queued>,
    listing: Arc<Mutex<Listing>>,
}

/// The room's own ends of its queues.
pub(crate) struct RoomQueues {
    pub(super) lifecycle: mpsc::UnboundedReceiver<Lifecycle>,
    pub(super) data: mpsc::UnboundedReceiver<Queued>,
    listing: Arc<Mutex<Listing>>,
}

impl RoomQueues {
    /// What [`RoomHandle::listing`] tells from now on.
    pub(super) fn list(&self, mut listing: Listing) {
        let end = listing.label.floor_char_boundary(Listing::MAX_LABEL);
        listing.label.truncate(end);
        *self.listing.lock().unwrap_or_else(PoisonError::into_inner) = listing;
    }

    /// Closes the links that are in the queue, and lets no more in: there is no room for them.
    pub(crate) fn turn_away(mut self, mut reason: impl FnMut() -> CloseReason) {
        self.lifecycle.close();
        while let Ok(lifecycle) = self.lifecycle.try_recv() {
            if let Lifecycle::Attach { sender, .. } = lifecycle {
                sender.close(reason());
            }
        }
    }
}

/// The queues of a room that is about to run.
pub(crate) fn queues(core: &Handle) -> (RoomHandle, RoomQueues) {
    let (lifecycle, lifecycle_end) = mpsc::unbounded_channel();
    let (data, data_end) = mpsc::unbounded_channel();
    let listing = Arc::default();
    let handle = RoomHandle {
        core: core.clone(),
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

    /// How long nothing has come from a player who is there; nothing where the seat is left.
    pub(crate) async fn silence(&self, session: SessionId) -> Option<Duration> {
        let (answer, silence) = oneshot::channel();
        self.lifecycle
            .send(Lifecycle::Silence { session, answer })
            .ok()?;
        silence.await.ok()
    }

    /// Lets the room's match end, and then the room, at `deadline` at the latest.
    pub(crate) fn drain(&self, deadline: Duration, returns: Arc<ReturnSchedule>) {
        let _ = self.lifecycle.send(Lifecycle::Drain { deadline, returns });
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
    share: Share,
}

/// The room has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RoomGone;

/// Why a Control frame was not handed on.
#[derive(Clone, Debug)]
pub(crate) enum NotTaken {
    /// Too many of this player's wait for the next tick; this one may be tried again.
    Full(Bytes),
    RoomGone,
}

impl Port {
    /// Attaches a link. The room answers through `sender`: an `Attached` frame or a `Close`.
    pub(crate) fn attach(
        room: RoomHandle,
        clock: Clock,
        (claim, share): (SeatClaim, Share),
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
            share,
        })
    }

    /// Hands on a State datagram; drops it when too many of this player's wait for the next tick.
    pub(crate) fn state(&self, bytes: Bytes) {
        match self.share.try_take(InboundLane::State) {
            // One for a room that has ended is lost with it.
            Some(permit) => drop(self.send(InboundLane::State, bytes, permit)),
            None => counters::refused("datagram", "share-full"),
        }
    }

    /// Hands on a Control frame, waiting while too many of this player's wait for the next tick.
    pub(crate) async fn control(&self, bytes: Bytes) -> Result<(), RoomGone> {
        let permit = self.share.take(InboundLane::Control).await;
        self.send(InboundLane::Control, bytes, permit.ok_or(RoomGone)?)
    }

    /// As [`Self::control`], for callers that can't wait.
    pub(crate) fn try_control(&self, bytes: Bytes) -> Result<(), NotTaken> {
        let Some(permit) = self.share.try_take(InboundLane::Control) else {
            return Err(NotTaken::Full(bytes));
        };
        let sent = self.send(InboundLane::Control, bytes, permit);
        sent.map_err(|RoomGone| NotTaken::RoomGone)
    }

    /// Returns when the room has ended. To be awaited once for as long as the link lives: it is looked at with all that comes
    /// in, and costs little then.
    pub(crate) async fn room_ended(&self) {
        let mut closed = pin!(self.room.data.closed());
        let mut is_registered = false;
        poll_fn(|context| {
            if is_registered && !self.is_room_gone() {
                return Poll::Pending;
            }
            is_registered = true;
            closed.as_mut().poll(context)
        })
        .await;
    }

    /// Whether the room has ended.
    pub(crate) fn is_room_gone(&self) -> bool {
        self.room.data.is_closed()
    }

    /// Where the room runs.
    pub(crate) fn core(&self) -> &Handle {
        &self.room.core
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

    fn send(&self, lane: InboundLane, bytes: Bytes, permit: Permit) -> Result<(), RoomGone> {
        let inbound = Inbound {
            session: self.session,
            socket: self.socket,
            lane,
            bytes,
            at: self.clock.now(),
        };
        let queued = Queued {
            inbound,
            _permit: permit,
        };
        self.room.data.send(queued).map_err(|_| RoomGone)
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
