//! The first frame of a link: it must be an `Attach`, and come soon.

use std::sync::Arc;
use std::time::Duration;

use protocol::codec::decode;
use protocol::control::{ClientFrame, CloseReason, MAX_TOKEN};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Link, Rung};
use crate::counters;
use crate::room::Port;
use crate::rooms::Rooms;

/// How long a link may stay open without holding a seat. A page opens links while its player
/// still types a name, and opens them again when they were closed.
pub(crate) const ATTACH_TIMEOUT: Duration = Duration::from_secs(30);

/// Links that may be open without holding a seat, over all rungs.
const MOST_WAITING: usize = 512;

/// Lets links into rooms, and bounds those that wait outside.
#[derive(Clone)]
pub(crate) struct Gate {
    rooms: Arc<Rooms>,
    waiting: Arc<Semaphore>,
}

impl Gate {
    /// The gate to these rooms.
    pub(crate) fn new(rooms: Arc<Rooms>) -> Self {
        Self {
            rooms,
            waiting: Arc::new(Semaphore::new(MOST_WAITING)),
        }
    }

    /// A place to wait in, or nothing when too many wait. Drop it once attached.
    pub(crate) fn wait(&self, rung: Rung) -> Option<OwnedSemaphorePermit> {
        let permit = Arc::clone(&self.waiting).try_acquire_owned().ok();
        if permit.is_none() {
            counters::refused("link", "too-many-waiting");
            tracing::debug!(rung = rung.label(), "too many links wait to be attached");
        }
        permit
    }

    /// Takes the first frame of a link.
    ///
    /// # Errors
    /// Why the link is to be closed.
    pub(crate) fn attach(&self, frame: &[u8], sender: Arc<dyn Link>) -> Result<Port, CloseReason> {
        match decode::<ClientFrame<'_>>(frame, MAX_TOKEN + 16) {
            Ok(ClientFrame::Attach(attach)) => self.rooms.attach(&attach, sender),
            _ => {
                counters::refused("frame", "not-an-attach");
                Err(CloseReason::ProtocolViolation)
            }
        }
    }

    /// The rooms behind the gate.
    pub(crate) fn rooms(&self) -> &Arc<Rooms> {
        &self.rooms
    }
}
