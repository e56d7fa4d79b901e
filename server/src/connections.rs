//! How many HTTP connections there are, in all and of one address. A WebSocket counts until it is upgraded; from then on it
//! is a link, which waits in a place of its own or holds a seat.

use std::sync::Arc;

use signaling::{AddressPrefix, Held, Holdings};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::counters;

/// Connections of one address: some for each of the players that a carrier puts behind it.
const MOST_OF_ADDRESS: usize = 1_024;

/// The connections there are.
#[derive(Clone)]
pub(crate) struct Connections {
    all: Arc<Semaphore>,
    of_address: Arc<Holdings>,
}

/// Lets one connection be there; free again when dropped.
pub(crate) type Permit = OwnedSemaphorePermit;

/// One connection's places; free again when the last copy is dropped.
#[derive(Clone)]
pub(crate) struct Counted {
    _places: Arc<(Permit, Held)>,
}

impl Connections {
    /// None yet, and at most so many.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS))),
            of_address: Holdings::new(MOST_OF_ADDRESS),
        }
    }

    /// Lets in a connection of whom nothing is known yet.
    pub(crate) fn take(&self) -> Option<Permit> {
        let permit = Arc::clone(&self.all).try_acquire_owned();
        if permit.is_err() {
            counters::refused("tcp-connection", "too-many");
        }
        permit.ok()
    }

    /// Counts it as an address's too, if that has a budget.
    pub(crate) fn count(&self, permit: Permit, budget: Option<AddressPrefix>) -> Option<Counted> {
        let held = self.of_address.take(budget);
        if held.is_none() {
            counters::refused("tcp-connection", "too-many-of-address");
        }
        Some(Counted {
            _places: Arc::new((permit, held?)),
        })
    }
}
