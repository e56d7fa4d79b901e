//! One player's share of its room's queue. What one player sends takes no room that another's needs, and holds up
//! nobody but that player.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::InboundLane;

/// Datagrams of one player that may wait for the next tick: what a path lets through together after a stall of three
/// seconds, on both links in use. A further one is dropped.
const STATE: usize = 192;

/// Frames of one player that may wait for the next tick. Further ones are held back at their socket.
const CONTROL: usize = 128;

/// The permits of one session, over all its sockets.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    state: Arc<Semaphore>,
    control: Arc<Semaphore>,
}

/// Lets one message wait in the queue; free again when dropped.
pub(super) type Permit = OwnedSemaphorePermit;

impl Default for Share {
    fn default() -> Self {
        Self {
            state: Arc::new(Semaphore::new(STATE)),
            control: Arc::new(Semaphore::new(CONTROL)),
        }
    }
}

impl Share {
    /// A permit for a lane, if one is free.
    pub(super) fn try_take(&self, lane: InboundLane) -> Option<Permit> {
        Arc::clone(self.of(lane)).try_acquire_owned().ok()
    }

    /// A permit for a lane, as soon as one is free.
    pub(super) async fn take(&self, lane: InboundLane) -> Option<Permit> {
        Arc::clone(self.of(lane)).acquire_owned().await.ok()
    }

    fn of(&self, lane: InboundLane) -> &Arc<Semaphore> {
        match lane {
            InboundLane::State => &self.state,
            InboundLane::Control => &self.control,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_player_fills_its_own_share_alone() {
        let (flooder, other) = (Share::default(), Share::default());
        let lane = InboundLane::Control;
        let mut taken: Vec<Permit> = (0..10_000).map_while(|_| flooder.try_take(lane)).collect();
        assert_eq!(taken.len(), CONTROL);
        assert!(flooder.try_take(InboundLane::State).is_some());
        assert!(other.try_take(lane).is_some());
        taken.pop();
        assert!(flooder.try_take(lane).is_some());
    }
}
