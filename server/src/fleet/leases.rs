//! Which rooms this node may run, and until when, by its own clock. A node that was stopped, or cut off, finds its time over
//! and stands still until it knows better.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::ids::RoomId;

use super::store::{HeldRoom, LEASE_LIFETIME};

#[derive(Clone, Copy, Debug)]
struct Lease {
    fence: u64,
    since: Duration,
    good_until: Duration,
    /// Whether the room is over, and the store has yet to hear of it: till then nobody else takes up what was saved.
    is_over: bool,
}

/// The leases of one node. Times are since the server's start.
#[derive(Debug, Default)]
pub(crate) struct Leases(Mutex<HashMap<RoomId, Lease>>);

impl Leases {
    /// A room that was asked for at `asked` is ours.
    pub(crate) fn take(&self, asked: Duration, held: HeldRoom) {
        let lease = Lease {
            fence: held.fence,
            since: asked,
            good_until: asked + LEASE_LIFETIME,
            is_over: false,
        };
        self.lock().insert(held.room, lease);
    }

    /// Those that were asked for at `asked` are ours for a while more.
    pub(crate) fn renew<'a>(&self, asked: Duration, held: impl Iterator<Item = &'a HeldRoom>) {
        let mut leases = self.lock();
        for held in held {
            if let Some(lease) = leases.get_mut(&held.room)
                && lease.fence == held.fence
            {
                lease.good_until = lease.good_until.max(asked + LEASE_LIFETIME);
            }
        }
    }

    /// A room is ours no more; what it was.
    pub(crate) fn give_up(&self, room: &RoomId) -> Option<HeldRoom> {
        let lease = self.lock().remove(room)?;
        Some(held(room, lease))
    }

    /// A room is over; what it was, unless that was known. The lease is kept until [`Self::drop_ended`].
    pub(crate) fn end(&self, room: &RoomId) -> Option<HeldRoom> {
        let mut leases = self.lock();
        let lease = leases.get_mut(room).filter(|lease| !lease.is_over)?;
        lease.is_over = true;
        Some(held(room, *lease))
    }

    /// The store has heard that a room is over.
    pub(crate) fn drop_ended(&self, ended: &HeldRoom) {
        let is_it = |lease: &Lease| lease.is_over && lease.fence == ended.fence;
        let mut leases = self.lock();
        if leases.get(&ended.room).is_some_and(is_it) {
            leases.remove(&ended.room);
        }
    }

    /// Whether a room may run now.
    pub(crate) fn is_good(&self, now: Duration, room: &RoomId) -> bool {
        let lease = self.lock().get(room).copied();
        lease.is_some_and(|lease| !lease.is_over && now < lease.good_until)
    }

    /// The lease of a room.
    pub(crate) fn of(&self, room: &RoomId) -> Option<HeldRoom> {
        let lease = self.lock().get(room).copied();
        lease
            .filter(|lease| !lease.is_over)
            .map(|lease| held(room, lease))
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<HeldRoom> {
        let leases = self.lock();
        leases
            .iter()
            .map(|(room, lease)| held(room, *lease))
            .collect()
    }

    /// Those that were taken before `since`.
    pub(crate) fn older_than(&self, since: Duration) -> Vec<HeldRoom> {
        let leases = self.lock();
        let old = leases
            .iter()
            .filter(|(_, lease)| !lease.is_over && lease.since < since);
        old.map(|(room, lease)| held(room, *lease)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RoomId, Lease>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn held(room: &RoomId, lease: Lease) -> HeldRoom {
    HeldRoom {
        room: room.clone(),
        fence: lease.fence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room() -> RoomId {
        RoomId::parse("lobby").unwrap()
    }

    fn held(fence: u64) -> HeldRoom {
        HeldRoom {
            room: room(),
            fence,
        }
    }

    #[test]
    fn a_room_runs_as_long_as_its_lease_counted_from_the_question() {
        let leases = Leases::default();
        let second = Duration::from_secs;
        leases.take(second(1), held(4));
        assert!(leases.is_good(second(2), &room()));
        assert!(!leases.is_good(second(1) + LEASE_LIFETIME, &room()));
        leases.renew(second(2), [held(4)].iter());
        assert!(leases.is_good(second(1) + LEASE_LIFETIME, &room()));
        // An answer that comes late says nothing of a later lease.
        leases.renew(second(60), [held(3)].iter());
        assert!(!leases.is_good(second(60), &room()));
        assert_eq!(leases.give_up(&room()), Some(held(4)));
        assert!(!leases.is_good(second(2), &room()));
    }

    #[test]
    fn a_room_that_is_over_is_held_until_the_store_has_heard_so() {
        let leases = Leases::default();
        leases.take(Duration::ZERO, held(4));
        assert_eq!(leases.end(&room()), Some(held(4)));
        assert_eq!(leases.end(&room()), None);
        assert!(!leases.is_good(Duration::ZERO, &room()) && leases.of(&room()).is_none());
        assert_eq!(leases.all(), [held(4)]);
        leases.drop_ended(&held(3));
        assert_eq!(leases.all(), [held(4)]);
        leases.drop_ended(&held(4));
        assert!(leases.all().is_empty());
    }
}
