//! The first frame of a link: it must be an `Attach`, and come soon.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use protocol::codec::decode;
use protocol::control::{ClientFrame, CloseReason, MAX_TOKEN};
use signaling::{AddressPrefix, Held, Holdings};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;
use crate::counters;
use crate::link::LinkSender;
use crate::room::Port;
use crate::rooms::Rooms;
use protocol::rung::Rung;

/// How long a link may stay open without holding a seat. A page opens links while its player
/// still types a name, and opens them again when they were closed.
pub(crate) const ATTACH_TIMEOUT: Duration = Duration::from_secs(30);

/// Links of one rung that may be open without holding a seat. Each rung has its own, so that a flood
/// on one shuts no other.
const MOST_WAITING: usize = 512;

/// Of these, those of one address. A page opens two or three before its player has typed a name.
const MOST_WAITING_OF_ADDRESS: usize = 96;

/// A place to wait in, given back when dropped.
pub(crate) struct Waiting {
    _place: OwnedSemaphorePermit,
    _held: Held,
}

/// Lets links into rooms, bounds those that wait outside, and knows all that there are.
#[derive(Clone)]
pub(crate) struct Gate {
    rooms: Arc<Rooms>,
    waiting: [Arc<Semaphore>; Rung::ALL.len()],
    of_address: Arc<Holdings>,
    links: TaskTracker,
    stop: CancellationToken,
}

impl Gate {
    /// The gate to these rooms, until `stop`.
    pub(crate) fn new(rooms: Arc<Rooms>, stop: CancellationToken) -> Self {
        Self {
            rooms,
            waiting: Rung::ALL.map(|_| Arc::new(Semaphore::new(MOST_WAITING))),
            of_address: Holdings::new(MOST_WAITING_OF_ADDRESS),
            links: TaskTracker::new(),
            stop,
        }
    }

    /// A place to wait in, or nothing when too many wait, here or of the same address. Drop it once attached.
    pub(crate) fn wait(&self, rung: Rung, budget: Option<AddressPrefix>) -> Option<Waiting> {
        counters::link_begun(rung);
        let Some(held) = self.of_address.take(budget) else {
            counters::refused("link", "too-many-waiting-of-address");
            return None;
        };
        let place = Rung::ALL.iter().position(|other| *other == rung)?;
        let waiting = self.waiting.get(place)?;
        // Whoever has many places leaves the last ones to others.
        let is_fair = waiting.available_permits() >= self.of_address.held_by(budget);
        let place = Arc::clone(waiting).try_acquire_owned().ok();
        let place = place.filter(|_| is_fair);
        if place.is_none() {
            counters::refused("link", "too-many-waiting");
        }
        Some(Waiting {
            _place: place?,
            _held: held,
        })
    }

    /// Runs a link there, wherever it came in; [`Self::emptied`] waits for it.
    pub(crate) fn spawn_on(&self, core: &Handle, link: impl Future<Output = ()> + Send + 'static) {
        self.links.spawn_on(link, core);
    }

    /// Returns when the server shuts down: a link that holds no seat yet is to end.
    pub(crate) async fn closed(&self) {
        self.stop.cancelled().await;
    }

    /// Returns when the gate has closed and the last link has ended.
    pub(crate) async fn emptied(&self) {
        self.closed().await;
        self.links.close();
        self.links.wait().await;
    }

    /// Takes the first frame of a link.
    ///
    /// # Errors
    /// Why the link is to be closed.
    pub(crate) fn attach(
        &self,
        frame: &[u8],
        sender: Arc<dyn LinkSender>,
    ) -> Result<Port, CloseReason> {
        match decode::<ClientFrame<'_>>(frame, MAX_TOKEN + 16) {
            Ok(ClientFrame::Attach(attach)) => self.rooms.attach(&attach, sender),
            _ => {
                counters::refused("frame", "not-an-attach");
                Err(CloseReason::ProtocolViolation)
            }
        }
    }

    /// The clock of the rooms behind it.
    pub(crate) fn clock(&self) -> Clock {
        self.rooms.clock()
    }

    /// The rooms behind the gate.
    pub(crate) fn rooms(&self) -> &Arc<Rooms> {
        &self.rooms
    }
}
