//! The fleet's store in Redis. What is decided is decided there, by scripts, on its clock alone; the keys of a room lie in one
//! slot of a cluster, and those of the fleet in another.

use async_trait::async_trait;
use futures_util::future::try_join_all;
use protocol::ids::RoomId;
use redis::{FromRedisValue, RedisError, Script, ScriptInvocation};

use super::connection::{Address, Connection};
use super::store::{
    Claim, FleetStore, HeldRoom, LEASE_LIFETIME, NODE_LIFETIME, NodeRecord, ON_THE_WAY,
    OPENING_LIFETIME, ROOM_LIFETIME, SETTLING, Spot, StoreError,
};

/// How long what a dead node said of itself is kept, in milliseconds.
const MEMORY_MS: u64 = 60_000;

impl From<RedisError> for StoreError {
    fn from(error: RedisError) -> Self {
        if error.is_timeout() {
            Self::Late
        } else {
            Self::Away(error.to_string())
        }
    }
}

struct Scripts {
    age: Script,
    announce: Script,
    withdraw: Script,
    nodes: Script,
    find_spot: Script,
    claim: Script,
    renew: Script,
    save: Script,
    release: Script,
}

/// The store.
pub struct RedisStore {
    connection: Connection,
    scripts: Scripts,
}

impl std::fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The way there may hold a password.
        f.write_str("RedisStore")
    }
}

fn nodes_key() -> &'static str {
    "game:{fleet}:nodes"
}

/// What the keys of nodes' open rooms begin with.
const ROOMS_OF: &str = "game:{fleet}:rooms-of:";

const BEGAN_KEY: &str = "game:{fleet}:began";

fn free_key(region: &str) -> String {
    format!("game:{{fleet}}:free:{region}")
}

fn open_key(region: &str) -> String {
    format!("game:{{fleet}}:open:{region}")
}

fn known_key() -> &'static str {
    "game:{fleet}:rooms"
}

fn lease_key(room: &RoomId) -> String {
    format!("game:{{{room}}}:lease")
}

fn state_key(room: &RoomId) -> String {
    format!("game:{{{room}}}:state")
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl RedisStore {
    /// The store behind an address.
    ///
    /// # Errors
    /// It can't be reached now, where a cluster has to be.
    pub async fn open(address: &Address) -> Result<Self, StoreError> {
        Ok(Self {
            connection: address.open().await?,
            scripts: Scripts {
                age: Script::new(include_str!("scripts/age.lua")),
                announce: Script::new(include_str!("scripts/announce.lua")),
                withdraw: Script::new(include_str!("scripts/withdraw.lua")),
                nodes: Script::new(include_str!("scripts/nodes.lua")),
                find_spot: Script::new(include_str!("scripts/find_spot.lua")),
                claim: Script::new(include_str!("scripts/claim.lua")),
                renew: Script::new(include_str!("scripts/renew.lua")),
                save: Script::new(include_str!("scripts/save.lua")),
                release: Script::new(include_str!("scripts/release.lua")),
            },
        })
    }

    async fn run<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, StoreError> {
        Ok(script.invoke_async(&mut self.connection.clone()).await?)
    }

    /// A script over the keys of one room.
    fn of_room<'a>(&self, script: &'a Script, room: &RoomId, node: &str) -> ScriptInvocation<'a> {
        let mut invocation = script.prepare_invoke();
        invocation
            .key(lease_key(room))
            .key(state_key(room))
            .arg(node);
        invocation
    }
}

#[async_trait]
impl FleetStore for RedisStore {
    async fn announce(&self, node: &NodeRecord) -> Result<bool, StoreError> {
        let record =
            serde_json::to_string(node).map_err(|error| StoreError::Away(error.to_string()))?;
        let free = if node.is_draining {
            -1
        } else {
            i64::from(node.free_rooms)
        };
        let mut script = self.scripts.announce.prepare_invoke();
        script
            .key(nodes_key())
            .key(free_key(&node.region))
            .key(open_key(&node.region))
            .key(known_key())
            .key(format!("{ROOMS_OF}{}", node.name))
            .key(BEGAN_KEY);
        script
            .arg(&node.name)
            .arg(node.process)
            .arg(record)
            .arg(millis(NODE_LIFETIME))
            .arg(free)
            .arg(millis(OPENING_LIFETIME))
            .arg(millis(ON_THE_WAY));
        for room in &node.rooms {
            script
                .arg(room.room.as_str())
                .arg(room.players)
                .arg(room.capacity);
        }
        self.run(&script).await
    }

    async fn withdraw(&self, node: &NodeRecord) -> Result<(), StoreError> {
        let mut script = self.scripts.withdraw.prepare_invoke();
        script
            .key(nodes_key())
            .key(free_key(&node.region))
            .key(open_key(&node.region))
            .key(known_key())
            .key(format!("{ROOMS_OF}{}", node.name));
        script.arg(&node.name).arg(node.process);
        self.run::<i64>(&script).await.map(|_| ())
    }

    async fn nodes(&self) -> Result<Vec<NodeRecord>, StoreError> {
        let mut script = self.scripts.nodes.prepare_invoke();
        script.key(nodes_key()).arg(MEMORY_MS);
        let records: Vec<String> = self.run(&script).await?;
        let records = records.iter();
        // One of another version that can't be read takes no part.
        Ok(records
            .filter_map(|record| serde_json::from_str(record).ok())
            .collect())
    }

    async fn holder(&self, room: &RoomId) -> Result<Option<String>, StoreError> {
        let mut connection = self.connection.clone();
        let lease: Option<String> = redis::cmd("GET")
            .arg(lease_key(room))
            .query_async(&mut connection)
            .await?;
        Ok(lease.and_then(|lease| Some(lease.split_once(' ')?.1.to_owned())))
    }

    async fn claim(&self, room: &RoomId, node: &str) -> Result<Claim, StoreError> {
        let mut age = self.scripts.age.prepare_invoke();
        age.key(BEGAN_KEY);
        if self.run::<u64>(&age).await? < millis(SETTLING) {
            return Ok(Claim::Settling);
        }
        let mut script = self.of_room(&self.scripts.claim, room, node);
        script
            .arg(millis(LEASE_LIFETIME))
            .arg(ROOM_LIFETIME.as_secs());
        let (fence, other): (u64, Option<Vec<u8>>) = self.run(&script).await?;
        Ok(if fence == 0 {
            let other = other.unwrap_or_default();
            Claim::Theirs(String::from_utf8_lossy(&other).into_owned())
        } else {
            Claim::Ours {
                fence,
                saved: other,
            }
        })
    }

    async fn renew(&self, node: &str, held: &[HeldRoom]) -> Result<Vec<bool>, StoreError> {
        let each = held.iter().map(|held| async move {
            let mut script = self.of_room(&self.scripts.renew, &held.room, node);
            script
                .arg(held.fence)
                .arg(millis(LEASE_LIFETIME))
                .arg(ROOM_LIFETIME.as_secs());
            self.run::<bool>(&script).await
        });
        try_join_all(each).await
    }

    async fn save(&self, node: &str, held: &HeldRoom, content: &[u8]) -> Result<bool, StoreError> {
        let mut script = self.of_room(&self.scripts.save, &held.room, node);
        script
            .arg(held.fence)
            .arg(content)
            .arg(ROOM_LIFETIME.as_secs());
        self.run(&script).await
    }

    async fn release(&self, node: &str, held: &HeldRoom, is_over: bool) -> Result<(), StoreError> {
        let mut script = self.of_room(&self.scripts.release, &held.room, node);
        script
            .arg(held.fence)
            .arg(u8::from(is_over))
            .arg(ROOM_LIFETIME.as_secs());
        self.run::<bool>(&script).await.map(|_| ())
    }

    async fn find_spot(
        &self,
        region: &str,
        fresh: &RoomId,
        capacity: usize,
    ) -> Result<Option<Spot>, StoreError> {
        let mut script = self.scripts.find_spot.prepare_invoke();
        script
            .key(nodes_key())
            .key(free_key(region))
            .key(open_key(region))
            .key(known_key());
        script.arg(fresh.as_str()).arg(ROOMS_OF).arg(capacity);
        let found: Vec<String> = self.run(&script).await?;
        let [room, node] = found.as_slice() else {
            return Ok(None);
        };
        let room = RoomId::parse(room);
        Ok(room.map(|room| Spot {
            room,
            node: node.clone(),
        }))
    }
}
