//! What a node knows of its fleet: who is there, with which public rooms, and whether the store has answered of late. Looked up
//! twice a second; it is all there is to go by while the store is away. No clock and no store in it.

use std::time::Duration;

use protocol::ids::RoomId;
use signaling::RoomSummary;

use super::Member;
use super::store::{NodeRecord, StoreError};

/// How long the store must have answered without a fault before this node takes rooms: whoever was cut off together with it
/// has said what is theirs by then.
const CALM: Duration = Duration::from_secs(3);

/// A store that has not answered for so long is away, as far as this node can tell. It is asked each half second.
const LATELY: Duration = Duration::from_millis(800);

/// The fleet, as this node knows it. Times are since the server's start.
#[derive(Debug, Default)]
pub(super) struct View {
    nodes: Vec<NodeRecord>,
    /// When the store answered last.
    answered_at: Option<Duration>,
    /// Since when it has answered without a fault; nothing while it doesn't.
    calm_since: Option<Duration>,
    /// Whether the last answer was late.
    is_late: bool,
    /// Whether it is away, as [`Self::failed`] has told.
    is_lost: bool,
    /// Whether it has done so for [`CALM`] once.
    has_begun: bool,
}

impl View {
    /// The store has answered with the nodes that are there; gives whether it had been away.
    pub(super) fn answered(&mut self, now: Duration, nodes: Vec<NodeRecord>) -> bool {
        let was_away = self.calm_since.is_none();
        // Where none can say that it is there, the store takes no writes: those who were there may well be.
        if !nodes.is_empty() {
            self.nodes = nodes;
        }
        self.is_lost = false;
        self.answered_at = Some(now);
        self.is_late = false;
        self.calm_since.get_or_insert(now);
        self.has_begun |= self.is_calm(now);
        was_away
    }

    /// The store has not answered, or with a fault; gives whether it is away since now. One late answer is none of a store
    /// that was away: it has lost nothing, and whoever it kept waiting for longer asks [`Self::stands_back`].
    pub(super) fn failed(&mut self, fault: &StoreError) -> bool {
        let is_first = !std::mem::replace(&mut self.is_late, true);
        if is_first && *fault == StoreError::Late {
            return false;
        }
        self.calm_since = None;
        !std::mem::replace(&mut self.is_lost, true)
    }

    /// Whether rooms may be taken.
    pub(super) fn is_calm(&self, now: Duration) -> bool {
        let since = self.calm_since;
        since.is_some_and(|since| now.saturating_sub(since) >= CALM)
    }

    /// Whether the store has ever answered.
    pub(super) fn has_been_reached(&self) -> bool {
        self.answered_at.is_some()
    }

    /// Whether the store is away, and not just slow.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Whether rooms could be taken once.
    pub(super) fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Whether the store is away. Then this node takes no room for [`CALM`] from now on, which is what whoever asks relies on.
    pub(super) fn stands_back(&mut self, now: Duration) -> bool {
        let answered = self.answered_at;
        let is_away = answered.is_none_or(|at| now.saturating_sub(at) > LATELY);
        if is_away {
            self.calm_since = None;
        }
        is_away
    }

    /// The nodes that are there.
    pub(super) fn nodes(&self) -> &[NodeRecord] {
        &self.nodes
    }

    /// A node by its name.
    pub(super) fn node(&self, name: &str) -> Option<&NodeRecord> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// The node that lists a room; public ones alone are listed.
    pub(super) fn holder(&self, room: &RoomId) -> Option<&NodeRecord> {
        let has_it = |node: &&NodeRecord| node.rooms.iter().any(|listed| listed.room == *room);
        self.nodes.iter().find(has_it)
    }

    /// Of the public rooms that aren't full, the fullest.
    pub(super) fn open_room(&self, shunned: &[String]) -> Option<(NodeRecord, RoomId)> {
        let able = self.nodes.iter();
        let able = able.filter(|node| !node.is_draining && !shunned.contains(&node.name));
        let rooms = able.flat_map(|node| node.rooms.iter().map(move |room| (node, room)));
        let open = rooms.filter(|(_, room)| room.players < room.capacity);
        let (node, room) = open.max_by_key(|(_, room)| room.players)?;
        Some((node.clone(), room.room.clone()))
    }

    /// The node beside `own` with place for most rooms, of its region where any is.
    pub(super) fn roomiest(&self, own: &Member, shunned: &[String]) -> Option<NodeRecord> {
        let able = self.nodes.iter().filter(|node| {
            let is_able = !node.is_draining && node.free_rooms > 0;
            is_able && node.name != own.name && !shunned.contains(&node.name)
        });
        let roomiest = able.max_by_key(|node| (node.region == own.region, node.free_rooms));
        roomiest.cloned()
    }

    /// Any node that takes newcomers, if only once it has begun.
    pub(super) fn any(&self, shunned: &[String]) -> Option<NodeRecord> {
        let is_able = |node: &&NodeRecord| !node.is_draining && !shunned.contains(&node.name);
        self.nodes.iter().find(is_able).cloned()
    }

    /// The public rooms of all nodes; `rooms` are those of `own`, as they are now.
    pub(super) fn all_rooms(&self, own: &Member, mut rooms: Vec<RoomSummary>) -> Vec<RoomSummary> {
        let others = self.nodes.iter().filter(|node| node.name != own.name);
        rooms.extend(others.flat_map(|node| node.rooms.iter().cloned()));
        rooms.sort_by(|a, b| a.room.cmp(&b.room));
        rooms.dedup_by(|a, b| a.room == b.room);
        rooms
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_says_that_the_store_is_away_takes_no_room_for_longer_than_a_lease() {
        let mut view = View::default();
        let at = Duration::from_millis;
        assert!(view.answered(at(0), Vec::new()));
        assert!(!view.is_calm(at(2_999)));
        for beat in 1..=8 {
            assert!(!view.answered(at(500 * beat), Vec::new()));
        }
        assert!(view.is_calm(at(4_000)) && view.has_begun());
        assert!(!view.stands_back(at(4_700)) && view.is_calm(at(4_700)));
        assert!(view.stands_back(at(4_900)));
        assert!(!view.is_calm(at(4_900)));
        assert!(view.answered(at(5_000), Vec::new()));
        let lease = super::super::store::LEASE_LIFETIME;
        assert!(!view.is_calm(at(4_900) + lease));
        assert!(view.is_calm(at(8_000)));
    }

    #[test]
    fn a_store_that_was_never_reached_is_told_of_once() {
        let mut view = View::default();
        let away = StoreError::Away("refused".to_owned());
        assert!(view.failed(&away) && !view.failed(&away));
        view.answered(Duration::ZERO, Vec::new());
        assert!(view.failed(&away));
    }

    #[test]
    fn one_late_answer_is_forgiven_and_two_in_a_row_are_not() {
        let mut view = View::default();
        let at = Duration::from_millis;
        view.answered(at(0), Vec::new());
        assert!(!view.failed(&StoreError::Late) && view.is_calm(at(4_000)));
        view.answered(at(4_000), Vec::new());
        assert!(!view.failed(&StoreError::Late) && view.failed(&StoreError::Late));
        assert!(!view.is_calm(at(5_000)));
        view.answered(at(5_000), Vec::new());
        assert!(view.failed(&StoreError::Away("refused".to_owned())));
        assert!(!view.is_calm(at(9_000)));
    }
}
