//! Many nodes as one server. Each room is run by one node, which holds it by a lease in a store that all share, and saves it
//! there; when the node dies, drains or is cut off, another takes the room up where a player comes back to it. Nodes hand joins
//! on to the node that the store names.
//!
//! Who may run a room is decided thrice: the store gives each room to one node at a time; a node stops a room when it has not
//! heard from the store for as long as a lease lasts; and one that comes back finds a higher number there than its own. Where the
//! store itself is away nothing can be taken from anybody, so rooms go on, unless another node says that it reaches the store.

mod connection;
mod directory;
mod forwarding;
mod join;
mod keeper;
mod leases;
mod memory_store;
mod peers;
mod redis_store;
mod routing;
mod store;
mod view;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::ids::RoomId;
use signaling::{RoomSummary, TokenKey};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, error, info, warn};

use crate::clock::Clock;
use crate::counters;
use crate::storage::{SavedRoom, decode_room};
pub use connection::Address;
pub(crate) use connection::Connection;
pub(crate) use directory::FleetDirectory;
pub(crate) use forwarding::{Forwarding, around};
use keeper::Keeper;
pub use memory_store::MemoryStore;
use peers::Peers;
pub use redis_store::RedisStore;
pub use store::{Claim, FleetStore, HeldRoom, NodeRecord, Spot, StoreError};
pub use store::{LEASE_LIFETIME, NODE_LIFETIME, SETTLING};
use view::View;

/// How often rooms are kept, and how often the others are told and looked up.
const RENEWAL: Duration = Duration::from_millis(500);

/// How long a claim waits for a room that is about to be given up, or for the store to be of use.
const CLAIM_TIMEOUT: Duration = Duration::from_secs(6);
const CLAIM_AGAIN: Duration = Duration::from_millis(40);

/// How long a room stands still before its players are sent on: a store that is slow for a moment moves nobody.
const LAPSE: Duration = LEASE_LIFETIME;

/// A lease whose room has not come to be, or has ended without a word, is given back after so long.
const UNUSED: Duration = Duration::from_secs(8);

/// What this node is called, and where it is found.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    /// Its name, in tokens and leases.
    pub(crate) name: String,
    /// Where other nodes reach it: an origin.
    pub(crate) address: String,
    /// Where it is, in the operator's words.
    pub(crate) region: String,
    /// Whether it runs rooms; else it only hands joins on.
    pub(crate) has_rooms: bool,
}

/// The rooms of a node, as the fleet sees them.
pub(crate) trait LocalRooms: Send + Sync {
    /// Whether a room is here, or is about to be.
    fn has(&self, room: &RoomId) -> bool;
    /// How many more there may be.
    fn free(&self) -> usize;
    /// Whether nobody new comes in any more.
    fn is_draining(&self) -> bool;
    /// The public ones that run.
    fn listed(&self) -> Vec<RoomSummary>;
    /// Goes on with one that another node has left.
    fn take_up(&self, room: SavedRoom);
    /// Ends one that is another node's now; its players come back there.
    fn lose(&self, room: &RoomId);
}

/// What a claim has brought.
pub(crate) enum Taken {
    /// The room is ours, and this is how another node left it.
    Ours(Option<SavedRoom>),
    /// It is here already.
    Here,
    /// It is on another node.
    Theirs(String),
}

/// One node's part in a fleet.
pub(crate) struct Fleet {
    own: Member,
    process: u64,
    clock: Clock,
    tokens: TokenKey,
    store: Arc<dyn FleetStore>,
    keeper: Arc<Keeper>,
    peers: Peers,
    view: Mutex<View>,
    /// Another process has taken the node's name.
    deposed: CancellationToken,
}

impl Fleet {
    /// Takes the node's name, for which it waits where an earlier process has just had it.
    ///
    /// # Errors
    /// Another process has the name, another node has another secret, or the system has no certificates to trust.
    pub(crate) async fn join(
        own: Member,
        clock: Clock,
        tokens: TokenKey,
        store: Arc<dyn FleetStore>,
    ) -> Result<Arc<Self>, String> {
        let peers = Peers::new().map_err(|error| error.to_string())?;
        let keeper = Keeper::new(own.name.clone(), clock, Arc::clone(&store));
        let fleet = Arc::new(Self {
            own,
            process: rand::random::<u64>() >> 12,
            clock,
            tokens,
            store,
            keeper: Arc::new(keeper),
            peers,
            view: Mutex::default(),
            deposed: CancellationToken::new(),
        });
        if fleet.own.has_rooms {
            fleet.take_name().await?;
        }
        // A front needs no store to start.
        let nodes = fleet.store.nodes().await.unwrap_or_default();
        if let Some(other) = fleet.stranger_among(&nodes) {
            let fault = format!("token_secret: node {other:?} has another one; a fleet shares one");
            if fleet.own.has_rooms {
                // Else its record ends by itself.
                let _ = fleet.store.withdraw(&fleet.record(None)).await;
            }
            return Err(fault);
        }
        Ok(fleet)
    }

    /// A node whose secret isn't this one's.
    fn stranger_among(&self, nodes: &[NodeRecord]) -> Option<String> {
        let own = self.tokens.fingerprint();
        let is_other = |node: &&NodeRecord| !node.secret.is_empty() && node.secret != own;
        nodes.iter().find(is_other).map(|node| node.name.clone())
    }

    /// Returns when another process has taken the node's name: its tokens lead there from now on.
    pub(crate) async fn deposed(&self) {
        self.deposed.cancelled().await;
    }

    async fn take_name(&self) -> Result<(), String> {
        let record = self.record(None);
        let until = self.clock.now() + store::NODE_LIFETIME + RENEWAL;
        loop {
            match self.store.announce(&record).await {
                Ok(true) => return Ok(()),
                Ok(false) if self.clock.now() > until => {
                    let name = &self.own.name;
                    return Err(format!(
                        "node: another server of the fleet is called {name:?}"
                    ));
                }
                Ok(false) => tokio::time::sleep(RENEWAL).await,
                Err(fault) => return Err(format!("redis: {fault}")),
            }
        }
    }

    /// Where rooms are kept.
    pub(crate) fn keeper(&self) -> Arc<Keeper> {
        Arc::clone(&self.keeper)
    }

    /// Keeps rooms, and tells and looks who is there, until `closing`; then saves what is left, and gives all rooms up.
    pub(crate) fn run(
        self: &Arc<Self>,
        rooms: Option<Arc<dyn LocalRooms>>,
        closing: &CancellationToken,
        tasks: &TaskTracker,
    ) {
        let (this, until) = (Arc::clone(self), closing.clone());
        tasks.spawn(async move {
            let mut pulse = tokio::time::interval(RENEWAL);
            pulse.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    () = until.cancelled() => return,
                    _ = pulse.tick() => this.beat(rooms.as_deref()).await,
                }
            }
        });
        let (this, until) = (Arc::clone(self), closing.clone());
        tasks.spawn(async move {
            this.keeper.run(until).await;
            if this.own.has_rooms {
                // Else its record ends by itself.
                let _ = this.store.withdraw(&this.record(None)).await;
            }
        });
    }

    async fn beat(&self, rooms: Option<&dyn LocalRooms>) {
        let met = match rooms {
            Some(rooms) => {
                let (kept, told) = tokio::join!(self.keep(rooms), self.tell(Some(rooms)));
                kept.and(told)
            }
            None => Ok(()),
        };
        let met = match met {
            Ok(()) => self.store.nodes().await,
            Err(fault) => Err(fault),
        };
        let now = self.clock.now();
        counters::fleet_store_up().set(f64::from(u8::from(met.is_ok())));
        match met {
            Ok(nodes) => {
                counters::fleet_nodes().set(nodes.len() as f64);
                if self.view().answered(now, nodes) {
                    info!("the fleet's store is reached");
                }
            }
            Err(fault) => {
                if self.view().failed(&fault) {
                    warn!(%fault, "the fleet's store is lost");
                }
            }
        }
    }

    async fn tell(&self, rooms: Option<&dyn LocalRooms>) -> Result<(), StoreError> {
        if self.store.announce(&self.record(rooms)).await? {
            return Ok(());
        }
        if !self.deposed.is_cancelled() {
            let name = &self.own.name;
            error!(%name, "another server of the fleet has taken this node's name");
            self.deposed.cancel();
        }
        Ok(())
    }

    /// Keeps all rooms that are this node's, and ends those that are not any more.
    async fn keep(&self, rooms: &dyn LocalRooms) -> Result<(), StoreError> {
        let asked = self.clock.now();
        for held in self.keeper.leases.older_than(asked.saturating_sub(UNUSED)) {
            if !rooms.has(&held.room) {
                crate::rooms::RoomKeeper::forget(&*self.keeper, &held.room);
            }
        }
        let held = self.keeper.leases.all();
        let renewed = self.store.renew(&self.own.name, &held).await;
        let took = self.clock.now().saturating_sub(asked);
        if took > RENEWAL {
            debug!(?took, is_renewed = renewed.is_ok(), "the store is slow");
        }
        match renewed {
            Ok(kept) => {
                let (ours, lost): (Vec<_>, Vec<_>) =
                    held.iter().zip(kept).partition(|(_, is_ours)| *is_ours);
                let leases = &self.keeper.leases;
                leases.renew(asked, ours.into_iter().map(|(held, _)| held));
                for (HeldRoom { room, .. }, _) in lost {
                    warn!(%room, "the room is another node's");
                    leases.give_up(room);
                    rooms.lose(room);
                }
                Ok(())
            }
            Err(fault) => {
                if !held.is_empty() && self.is_store_away().await {
                    // From now on, for so long the others take nothing: see [`View::stands_back`].
                    let now = self.clock.now();
                    self.keeper.leases.renew(now, held.iter());
                }
                Err(fault)
            }
        }
    }

    /// Whether the store is away for all others, who then take no room for longer than a lease lasts. One that says nothing might
    /// reach it: rather stand still than run a room twice.
    async fn is_store_away(&self) -> bool {
        let nodes = self.view().nodes().to_vec();
        let others = nodes.iter().filter(|node| node.name != self.own.name);
        let asked = others.map(|node| self.peers.reaches_store(&node.address));
        let said = futures_util::future::join_all(asked).await;
        said.iter().all(|reaches| matches!(reaches, Ok(false)))
    }

    fn record(&self, rooms: Option<&dyn LocalRooms>) -> NodeRecord {
        let own = self.own.clone();
        NodeRecord {
            name: own.name,
            process: self.process,
            address: own.address,
            region: own.region,
            secret: self.tokens.fingerprint(),
            free_rooms: rooms.map_or(0, |rooms| self.free(rooms)),
            is_draining: rooms.is_none_or(LocalRooms::is_draining),
            rooms: rooms.map_or_else(Vec::new, LocalRooms::listed),
        }
    }

    /// How many more rooms may be here now.
    fn free(&self, rooms: &dyn LocalRooms) -> u32 {
        if self.view().is_calm(self.clock.now()) {
            u32::try_from(rooms.free()).unwrap_or(u32::MAX)
        } else {
            0
        }
    }

    /// Tells at once how the node stands, such as that it takes nobody any more.
    pub(crate) async fn tell_now(&self, rooms: &dyn LocalRooms) {
        // Else the next beat does.
        let _ = self.tell(Some(rooms)).await;
    }

    /// Asks for a room; waits a while for one that is about to be given up.
    ///
    /// # Errors
    /// The store can't be reached, or gives nothing away yet.
    pub(crate) async fn take(
        &self,
        room: &RoomId,
        rooms: &dyn LocalRooms,
    ) -> Result<Taken, StoreError> {
        let until = self.clock.now() + CLAIM_TIMEOUT;
        loop {
            let asked = self.clock.now();
            if rooms.has(room) {
                let fault = || StoreError::Away("the room may be another node's".to_owned());
                return (!self.has_lapsed(room))
                    .then_some(Taken::Here)
                    .ok_or_else(fault);
            }
            if self.view().is_calm(asked) {
                match self.store.claim(room, &self.own.name).await {
                    Ok(Claim::Ours { fence, saved }) => {
                        let held = HeldRoom {
                            room: room.clone(),
                            fence,
                        };
                        self.keeper.leases.take(asked, held);
                        // It has stood back meanwhile, for somebody who may have the room.
                        if !self.view().is_calm(self.clock.now()) {
                            self.give_back(room).await;
                            continue;
                        }
                        debug!(%room, fence, is_saved = saved.is_some(), "a room is taken");
                        let saved = saved.as_deref().and_then(decode_room);
                        return Ok(Taken::Ours(saved));
                    }
                    Ok(Claim::Theirs(node)) if self.is_known(&node) => {
                        return Ok(Taken::Theirs(node));
                    }
                    // Of a node that is gone, or of this one's earlier process, or an answer was late: it ends in a moment.
                    Ok(Claim::Theirs(_)) | Err(StoreError::Late) => {}
                    Ok(Claim::Settling) => tokio::time::sleep(SETTLING / 10).await,
                    Err(fault) => return Err(fault),
                }
            }
            if self.view().is_lost() {
                return Err(StoreError::Away("it doesn't answer".to_owned()));
            }
            if self.clock.now() > until {
                return Err(StoreError::Away("it gives no rooms away yet".to_owned()));
            }
            tokio::time::sleep(CLAIM_AGAIN).await;
        }
    }

    /// Whether it takes part: it has reached the store once, and for long enough to take rooms where it has any.
    pub(crate) fn has_begun(&self) -> bool {
        let view = self.view();
        view.has_begun() || (!self.own.has_rooms && view.has_been_reached())
    }

    /// Whether a room that is here stands still for good, as far as can be told: its players had better ask elsewhere. One
    /// whose lease has ended a moment ago goes on if the store was only slow.
    fn has_lapsed(&self, room: &RoomId) -> bool {
        let then = self.clock.now().saturating_sub(LAPSE);
        !self.keeper.leases.is_good(then, room)
    }

    /// Whether another node is there.
    fn is_known(&self, name: &str) -> bool {
        name != self.own.name && self.node(name).is_some()
    }

    fn node(&self, name: &str) -> Option<NodeRecord> {
        self.view().node(name).cloned()
    }

    /// Whether the store is away, in which case this node takes no room for a while.
    fn stands_back(&self) -> bool {
        self.view().stands_back(self.clock.now())
    }

    /// Gives a room back that can't be run here, for another node to take.
    async fn give_back(&self, room: &RoomId) {
        if let Some(held) = self.keeper.leases.give_up(room) {
            // Else the lease ends by itself.
            let released = self.store.release(&self.own.name, &held, false).await;
            debug!(%room, ?released, "a room is given back");
        }
    }

    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The nodes behind a URL.
///
/// # Errors
/// It can't be reached.
pub(crate) async fn nodes(url: &str) -> Result<Vec<NodeRecord>, String> {
    let store = RedisStore::open(&Address::parse(url)?).await;
    let nodes = match store {
        Ok(store) => store.nodes().await,
        Err(fault) => Err(fault),
    };
    nodes.map_err(|fault| fault.to_string())
}
