//! Joins a fleet, as the settings say, and leaves it behind the rooms.

use std::sync::Arc;
use std::time::Duration;

use signaling::{Rate, Reach, RoomDirectory, TokenKey};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

use super::ServeError;
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::fleet::{Address, Fleet, FleetDirectory, Forwarding, LocalRooms, Member, RedisStore};
use crate::rooms::{RoomKeeper, Rooms};

/// How long rooms that were closed may take to reach the store.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// This server's part in a fleet.
pub(super) struct OpenFleet {
    fleet: Arc<Fleet>,
    closing: CancellationToken,
    tasks: TaskTracker,
}

/// Where `redis` says that Redis is.
pub(super) fn redis_address(url: &str) -> Result<Address, ConfigError> {
    Address::parse(url).map_err(|reason| ConfigError::Value {
        key: "redis",
        reason,
    })
}

impl OpenFleet {
    /// As a node with rooms; nothing where the server stands alone.
    ///
    /// # Errors
    /// A setting is missing, the store can't be reached, or another node has the name.
    pub(super) async fn join(
        config: &Config,
        clock: Clock,
        tokens: &TokenKey,
    ) -> Result<Option<Self>, ServeError> {
        let Some(url) = &config.redis else {
            return Ok(None);
        };
        let missing = |key| ConfigError::Value {
            key,
            reason: "a node of a fleet needs one, and `redis` is set".to_owned(),
        };
        if config.node.is_empty() {
            return Err(missing("node").into());
        }
        let origin = config.public_origin.as_ref();
        let origin = origin.ok_or_else(|| missing("public_origin"))?;
        let address = config.fleet_address.as_ref().unwrap_or(origin);
        let own = Member {
            name: config.node.clone(),
            address: address.trim_end_matches('/').to_owned(),
            region: config.region.clone(),
            has_rooms: true,
        };
        Self::open(own, url, clock, tokens).await.map(Some)
    }

    /// As a front that has no rooms.
    ///
    /// # Errors
    /// As of [`Self::join`].
    pub(super) async fn front(
        config: &Config,
        clock: Clock,
        tokens: &TokenKey,
    ) -> Result<Self, ServeError> {
        let url = config.redis.as_ref().ok_or_else(|| ConfigError::Value {
            key: "redis",
            reason: "without it there are no nodes to hand joins on to".to_owned(),
        })?;
        let own = Member {
            name: String::new(),
            address: String::new(),
            region: config.region.clone(),
            has_rooms: false,
        };
        let front = Self::open(own, url, clock, tokens).await?;
        front.fleet.run(None, &front.closing, &front.tasks);
        Ok(front)
    }

    async fn open(
        own: Member,
        url: &str,
        clock: Clock,
        tokens: &TokenKey,
    ) -> Result<Self, ServeError> {
        let address = redis_address(url)?;
        let store = RedisStore::open(&address).await;
        let store = store.map_err(|fault| ServeError::Fleet(format!("redis: {fault}")))?;
        let fleet = Fleet::join(own, clock, tokens.clone(), Arc::new(store)).await;
        Ok(Self {
            fleet: fleet.map_err(ServeError::Fleet)?,
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }

    /// The fleet that this is a part of.
    pub(super) fn part(&self) -> Arc<Fleet> {
        Arc::clone(&self.fleet)
    }

    /// Where rooms are kept.
    pub(super) fn keeper(&self) -> Arc<dyn RoomKeeper> {
        self.fleet.keeper()
    }

    /// Keeps these rooms in the fleet from now on.
    pub(super) fn run(&self, rooms: &Arc<Rooms>) -> Arc<dyn RoomDirectory> {
        let local = Arc::clone(rooms) as Arc<dyn LocalRooms>;
        self.fleet.run(Some(local), &self.closing, &self.tasks);
        Arc::new(FleetDirectory {
            fleet: Arc::clone(&self.fleet),
            rooms: Arc::clone(rooms),
        })
    }

    /// The rooms of all nodes.
    pub(super) fn directory(&self) -> Arc<dyn RoomDirectory> {
        Arc::clone(&self.fleet) as Arc<dyn RoomDirectory>
    }

    /// What hands on what is another node's.
    pub(super) fn forwarding(
        &self,
        rooms: Option<&Arc<Rooms>>,
        (reach, requests): (&Arc<Reach>, &Arc<Rate>),
        capacity: usize,
    ) -> Forwarding {
        Forwarding {
            fleet: Arc::clone(&self.fleet),
            rooms: rooms.map(|rooms| Arc::clone(rooms) as Arc<dyn LocalRooms>),
            reach: Arc::clone(reach),
            requests: Arc::clone(requests),
            capacity,
        }
    }

    /// Closes the rooms, which go on at other nodes at once, and leaves.
    pub(super) async fn close(self, rooms: &Arc<Rooms>) {
        tokio::join!(rooms.close(true), self.fleet.tell_now(&**rooms));
        self.leave().await;
    }

    /// Leaves, once all that the rooms have handed over is in the store.
    pub(super) async fn leave(self) {
        self.closing.cancel();
        self.tasks.close();
        let left = tokio::time::timeout(CLOSE_TIMEOUT, self.tasks.wait());
        if left.await.is_err() {
            warn!("the fleet's store takes too long; rooms go on from how they were saved last");
        }
    }
}
