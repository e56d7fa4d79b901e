//! The fleet's store in this process' memory: nodes of one process share it, in tests and in trials of a fleet without Redis.
//! It decides as the one in Redis does, and passes the same suite.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use protocol::ids::RoomId;

use super::store::{
    Claim, FleetStore, HeldRoom, LEASE_LIFETIME, NODE_LIFETIME, NodeRecord, ON_THE_WAY,
    OPENING_LIFETIME, SETTLING, Spot, StoreError,
};
use crate::clock::Clock;

/// The store.
#[derive(Debug)]
pub struct MemoryStore {
    clock: Clock,
    state: Mutex<State>,
}

/// Times are since the clock's start.
#[derive(Debug, Default)]
struct State {
    began: Option<Duration>,
    nodes: HashMap<String, Node>,
    rooms: HashMap<RoomId, Room>,
    open: HashMap<RoomId, OpenRoom>,
}

#[derive(Debug)]
struct Node {
    record: NodeRecord,
    /// Rooms that it can make, without those that it was chosen for since it told of itself.
    free_rooms: u32,
    until: Duration,
}

/// A room as its nodes left it.
#[derive(Debug, Default)]
struct Room {
    holder: Option<(String, Duration)>,
    fence: u64,
    released: Option<u64>,
    saved: Option<Vec<u8>>,
}

/// A public room that takes newcomers, or has had some sent there.
#[derive(Debug)]
struct OpenRoom {
    node: String,
    region: String,
    players: usize,
    capacity: usize,
    /// When somebody was sent there last.
    sent_at: Option<Duration>,
    /// Whether its node has told of it.
    is_told: bool,
}

impl Room {
    fn holder(&self, now: Duration) -> Option<&str> {
        let (node, until) = self.holder.as_ref()?;
        (*until > now).then_some(node)
    }

    fn is_held(&self, now: Duration, node: &str, fence: u64) -> bool {
        self.holder(now) == Some(node) && self.fence == fence
    }
}

impl State {
    fn begin(&mut self, now: Duration) -> Duration {
        now.saturating_sub(*self.began.get_or_insert(now))
    }

    /// Takes what a node says of its public rooms.
    fn list(&mut self, now: Duration, record: &NodeRecord) {
        let told = |room: &RoomId| record.rooms.iter().find(|listed| listed.room == *room);
        self.open.retain(|id, open| {
            let is_opening = !open.is_told && is_within(open.sent_at, now, OPENING_LIFETIME);
            let is_kept = !record.is_draining && (told(id).is_some() || is_opening);
            open.node != record.name || is_kept
        });
        for listed in record.rooms.iter().filter(|_| !record.is_draining) {
            let known = self.open.get(&listed.room);
            let sent_at = known.and_then(|open| open.sent_at);
            let on_the_way = known.filter(|_| is_within(sent_at, now, ON_THE_WAY));
            let players =
                on_the_way.map_or(listed.players, |open| open.players.max(listed.players));
            let open = OpenRoom {
                node: record.name.clone(),
                region: record.region.clone(),
                players,
                capacity: listed.capacity,
                sent_at,
                is_told: true,
            };
            self.open.insert(listed.room.clone(), open);
        }
    }
}

/// Whether something was so lately.
fn is_within(at: Option<Duration>, now: Duration, limit: Duration) -> bool {
    at.is_some_and(|at| at + limit > now)
}

impl MemoryStore {
    /// An empty one.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self {
            clock,
            state: Mutex::default(),
        }
    }

    /// Forgets all, as a store that comes back empty.
    pub fn flush(&self) {
        *self.lock() = State::default();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl FleetStore for MemoryStore {
    async fn announce(&self, node: &NodeRecord) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut state = self.lock();
        state.begin(now);
        let known = state.nodes.get(&node.name);
        if known.is_some_and(|known| known.record.process != node.process && known.until > now) {
            return Ok(false);
        }
        let told = Node {
            record: node.clone(),
            free_rooms: if node.is_draining { 0 } else { node.free_rooms },
            until: now + NODE_LIFETIME,
        };
        state.nodes.insert(node.name.clone(), told);
        state.list(now, node);
        Ok(true)
    }

    async fn withdraw(&self, node: &NodeRecord) -> Result<(), StoreError> {
        let mut state = self.lock();
        let known = state.nodes.get(&node.name);
        if known.is_some_and(|known| known.record.process == node.process) {
            state.nodes.remove(&node.name);
            state.open.retain(|_, open| open.node != node.name);
        }
        Ok(())
    }

    async fn nodes(&self) -> Result<Vec<NodeRecord>, StoreError> {
        let now = self.clock.now();
        let mut state = self.lock();
        state.nodes.retain(|_, node| node.until > now);
        Ok(state
            .nodes
            .values()
            .map(|node| node.record.clone())
            .collect())
    }

    async fn holder(&self, room: &RoomId) -> Result<Option<String>, StoreError> {
        let (now, state) = (self.clock.now(), self.lock());
        let holder = state.rooms.get(room).and_then(|room| room.holder(now));
        Ok(holder.map(str::to_owned))
    }

    async fn claim(&self, room: &RoomId, node: &str) -> Result<Claim, StoreError> {
        let now = self.clock.now();
        let mut state = self.lock();
        if state.begin(now) < SETTLING {
            return Ok(Claim::Settling);
        }
        let room = state.rooms.entry(room.clone()).or_default();
        if let Some(holder) = room.holder(now) {
            return Ok(Claim::Theirs(holder.to_owned()));
        }
        let time = u64::try_from(self.clock.unix_ms()).unwrap_or(0);
        room.fence = time.max(room.fence + 1);
        room.holder = Some((node.to_owned(), now + LEASE_LIFETIME));
        Ok(Claim::Ours {
            fence: room.fence,
            saved: room.saved.clone(),
        })
    }

    async fn renew(&self, node: &str, held: &[HeldRoom]) -> Result<Vec<bool>, StoreError> {
        let now = self.clock.now();
        let mut state = self.lock();
        let renewed = held.iter().map(|held| {
            let room = state.rooms.entry(held.room.clone()).or_default();
            let is_others = room.fence > held.fence
                || room.released == Some(held.fence)
                || (room.fence == held.fence
                    && room.holder(now).is_some_and(|other| other != node));
            if !is_others {
                room.fence = held.fence;
                room.holder = Some((node.to_owned(), now + LEASE_LIFETIME));
            }
            !is_others
        });
        Ok(renewed.collect())
    }

    async fn save(&self, node: &str, held: &HeldRoom, content: &[u8]) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut state = self.lock();
        let room = state.rooms.get_mut(&held.room);
        let Some(room) = room.filter(|room| room.is_held(now, node, held.fence)) else {
            return Ok(false);
        };
        room.saved = Some(content.to_owned());
        Ok(true)
    }

    async fn release(&self, node: &str, held: &HeldRoom, is_over: bool) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut state = self.lock();
        let room = state.rooms.get_mut(&held.room);
        let is_last = |room: &Room| room.fence == held.fence && room.holder(now).is_none();
        if let Some(room) = room.filter(|room| room.is_held(now, node, held.fence) || is_last(room))
        {
            room.holder = None;
            room.released = Some(held.fence);
            room.saved.take_if(|_| is_over);
        }
        Ok(())
    }

    async fn find_spot(
        &self,
        region: &str,
        fresh: &RoomId,
        capacity: usize,
    ) -> Result<Option<Spot>, StoreError> {
        let now = self.clock.now();
        let mut state = self.lock();
        let state = &mut *state;
        let able = state.open.iter().filter(|(_, open)| {
            let has_place = open.region == region && open.players < open.capacity;
            has_place
                && state
                    .nodes
                    .get(&open.node)
                    .is_some_and(|node| node.until > now)
        });
        let fullest = able.max_by_key(|(_, open)| open.players);
        if let Some(id) = fullest.map(|(id, _)| id.clone())
            && let Some(open) = state.open.get_mut(&id)
        {
            open.players += 1;
            open.sent_at = Some(now);
            let node = open.node.clone();
            return Ok(Some(Spot { room: id, node }));
        }
        let able = state.nodes.iter_mut().filter(|(_, node)| {
            node.free_rooms > 0 && node.until > now && node.record.region == region
        });
        let Some((name, roomiest)) = able.max_by_key(|(_, node)| node.free_rooms) else {
            return Ok(None);
        };
        roomiest.free_rooms -= 1;
        let open = OpenRoom {
            node: name.clone(),
            region: region.to_owned(),
            players: 1,
            capacity,
            sent_at: Some(now),
            is_told: false,
        };
        let spot = Spot {
            room: fresh.clone(),
            node: name.clone(),
        };
        state.open.insert(fresh.clone(), open);
        Ok(Some(spot))
    }
}
