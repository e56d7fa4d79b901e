//! Which node a join goes to: the one that has its room, as the store says, or the view while the store is away; else one with
//! place. It hands nothing on.

use axum::body::Bytes;
use protocol::ids::RoomId;
use signaling::random_room;

use super::forwarding::Forwarding;
use super::join::Join;
use super::store::NodeRecord;

/// Where a join goes next.
pub(super) enum Target {
    /// To this node.
    Here(Bytes),
    /// To another.
    Node(NodeRecord, Bytes),
    /// The room's node has just died, or come: it can't be told yet.
    Soon,
    /// Nobody takes it.
    Nowhere,
}

impl Forwarding {
    /// The node that a join goes to next, none of `shunned`.
    pub(super) async fn target(&self, join: &Join, shunned: &[String]) -> Target {
        let Some(room) = &join.room else {
            // Strangers are sent to public rooms alone.
            return if join.is_private() {
                self.roomiest(join.body(Some(&random_room())), shunned)
            } else {
                self.any(join, shunned).await
            };
        };
        let has_it = self.has(room);
        if has_it && !self.fleet.has_lapsed(room) {
            return Target::Here(join.body(None));
        }
        let held = self.fleet.store.holder(room).await;
        let (name, is_lost) = match held {
            Ok(name) => (name, false),
            // It may be listed.
            Err(_) => {
                let view = self.fleet.view();
                let holder = view.holder(room).map(|node| node.name.clone());
                let left = join.left_node.clone();
                let left = left.filter(|left| !shunned.contains(left));
                (holder.or(left), true)
            }
        };
        match name {
            Some(name) if name == self.fleet.own.name => Target::Here(join.body(None)),
            Some(name) => match self.fleet.node(&name) {
                Some(node) => Target::Node(node, join.body(None)),
                None => Target::Soon,
            },
            None if is_lost && self.rooms.is_none() => Target::Nowhere,
            // It stands still here; another node can tell whose it is.
            None if is_lost && has_it => self.elsewhere(join.body(None), shunned),
            None => self.roomiest(join.body(None), shunned),
        }
    }

    pub(super) fn has(&self, room: &RoomId) -> bool {
        self.rooms.as_ref().is_some_and(|rooms| rooms.has(room))
    }

    /// A place in any public room.
    async fn any(&self, join: &Join, shunned: &[String]) -> Target {
        let region = &self.fleet.own.region;
        let store = &self.fleet.store;
        match store.find_spot(region, &random_room(), self.capacity).await {
            Ok(Some(spot)) if !shunned.contains(&spot.node) => {
                let body = join.body(Some(&spot.room));
                if spot.node == self.fleet.own.name {
                    return Target::Here(body);
                }
                let node = self.fleet.node(&spot.node);
                node.map_or(Target::Soon, |node| Target::Node(node, body))
            }
            // The region is full, the store is away, or it knows none but those who don't answer: whoever has place.
            _ => match self.open_room(shunned) {
                Some((node, room)) => Target::Node(node, join.body(Some(&room))),
                None => self.roomiest(join.body(None), shunned),
            },
        }
    }

    fn open_room(&self, shunned: &[String]) -> Option<(NodeRecord, RoomId)> {
        self.fleet.view().open_room(shunned)
    }

    /// The node with place for most rooms; this one where it is as good.
    fn roomiest(&self, body: Bytes, shunned: &[String]) -> Target {
        let node = self.fleet.view().roomiest(&self.fleet.own, shunned);
        match (node, &self.rooms) {
            (None, Some(_)) => Target::Here(body),
            // It says itself that it is full, or has place in a moment.
            (None, None) => match self.fleet.view().any(shunned) {
                Some(node) => Target::Node(node, body),
                None => Target::Nowhere,
            },
            (Some(node), Some(rooms))
                if !rooms.is_draining() && self.fleet.free(&**rooms) >= node.free_rooms =>
            {
                Target::Here(body)
            }
            (Some(node), _) => Target::Node(node, body),
        }
    }

    /// Any node but this one.
    fn elsewhere(&self, body: Bytes, shunned: &[String]) -> Target {
        let node = self.fleet.view().roomiest(&self.fleet.own, shunned);
        node.map_or(Target::Soon, |node| Target::Node(node, body))
    }
}
