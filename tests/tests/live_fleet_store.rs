//! The fleet's store in memory, and in Redis: one server, a cluster of three, and one that Sentinel watches, all through the same
//! suite.

use std::future::Future;
use std::time::Duration;

use netlab::clock::Stopwatch;
use netlab::prerequisites::available;
use protocol::ids::{RoomId, Visibility};
use server::clock::Clock;
use server::fleet::{
    Address, Claim, FleetStore, HeldRoom, LEASE_LIFETIME, MemoryStore, NODE_LIFETIME, NodeRecord,
    RedisStore, SETTLING, Spot,
};
use signaling::RoomSummary;
use tests::redis::Redis;

/// How long a failover may take, with Sentinels that take a server for gone after a second.
const MOST_FAILOVER: Duration = Duration::from_secs(20);

fn room(name: &str) -> RoomId {
    RoomId::parse(name).unwrap()
}

fn node(name: &str, process: u64, free_rooms: u32, players: &[(&str, usize)]) -> NodeRecord {
    let rooms = players.iter().map(|(name, players)| RoomSummary {
        room: room(name),
        players: *players,
        bots: 0,
        capacity: 4,
        visibility: Visibility::Public,
        label: String::new(),
    });
    NodeRecord {
        name: name.to_owned(),
        process,
        address: format!("http://{name}.example"),
        secret: String::new(),
        region: "eu".to_owned(),
        free_rooms,
        is_draining: false,
        rooms: rooms.collect(),
    }
}

async fn until<F: Future<Output = bool>>(limit: Duration, mut is_so: impl FnMut() -> F) {
    let clock = Stopwatch::start();
    while !is_so().await {
        assert!(clock.remaining(limit).is_some(), "not in {limit:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn claim(store: &dyn FleetStore, name: &str, node: &str) -> (u64, Option<Vec<u8>>) {
    match store.claim(&room(name), node).await.unwrap() {
        Claim::Ours { fence, saved } => (fence, saved),
        other => panic!("{name}: {other:?}"),
    }
}

fn held(name: &str, fence: u64) -> HeldRoom {
    HeldRoom {
        room: room(name),
        fence,
    }
}

async fn open(redis: &Redis) -> RedisStore {
    let address = Address::parse(redis.url()).unwrap();
    RedisStore::open(&address).await.unwrap()
}

/// A store that was empty gives nothing away at first, for somebody may have had it all.
async fn settles(store: &dyn FleetStore) {
    let clock = Stopwatch::start();
    assert_eq!(store.claim(&room("first"), "a").await, Ok(Claim::Settling));
    until(2 * SETTLING, async || {
        store.claim(&room("first"), "a").await != Ok(Claim::Settling)
    })
    .await;
    assert!(clock.elapsed() >= SETTLING - Duration::from_millis(100));
}

/// A room is one node's at a time, and each has a higher number than the one before.
async fn rooms_are_held_by_one(store: &dyn FleetStore) {
    let (fence, saved) = claim(store, "pond", "a").await;
    assert_eq!(saved, None);
    assert_eq!(
        store.claim(&room("pond"), "b").await,
        Ok(Claim::Theirs("a".to_owned()))
    );
    assert_eq!(store.holder(&room("pond")).await, Ok(Some("a".to_owned())));
    let ours = held("pond", fence);
    assert_eq!(store.save("a", &ours, b"\0state\xff").await, Ok(true));
    assert_eq!(store.save("b", &ours, b"forged").await, Ok(false));
    // It ends by itself when nobody keeps it.
    until(2 * LEASE_LIFETIME, async || {
        store.holder(&room("pond")).await == Ok(None)
    })
    .await;
    let (next, saved) = claim(store, "pond", "b").await;
    assert!(next > fence);
    assert_eq!(saved.as_deref(), Some(&b"\0state\xff"[..]));
    // Whoever wakes up late has nothing to say any more.
    assert_eq!(
        store.renew("a", std::slice::from_ref(&ours)).await,
        Ok(vec![false])
    );
    assert_eq!(store.save("a", &ours, b"late").await, Ok(false));
    store.release("a", &ours, true).await.unwrap();
    assert_eq!(store.holder(&room("pond")).await, Ok(Some("b".to_owned())));
    // Given up, it is the next one's at once, as it was saved last.
    let theirs = held("pond", next);
    assert_eq!(store.save("b", &theirs, b"newer").await, Ok(true));
    store.release("b", &theirs, false).await.unwrap();
    // A renewal that was on its way meanwhile changes nothing.
    assert_eq!(store.renew("b", &[theirs]).await, Ok(vec![false]));
    let (third, saved) = claim(store, "pond", "c").await;
    assert!(third > next);
    assert_eq!(saved.as_deref(), Some(&b"newer"[..]));
    // Over, nothing is left of it but its number, also where the lease has ended before.
    let last = held("pond", third);
    assert_eq!(store.save("c", &last, b"last").await, Ok(true));
    until(2 * LEASE_LIFETIME, async || {
        store.holder(&room("pond")).await == Ok(None)
    })
    .await;
    store.release("c", &last, true).await.unwrap();
    let (fourth, saved) = claim(store, "pond", "a").await;
    assert!(fourth > third);
    assert_eq!(saved, None);
}

/// Of many who claim at once one gets the room.
async fn one_of_many_gets_a_room(store: &dyn FleetStore) {
    let names: Vec<String> = (0..50).map(|number| format!("node-{number}")).collect();
    let target = room("contested");
    let claims = names.iter().map(|name| store.claim(&target, name));
    let claims = futures_util::future::join_all(claims).await;
    let winners = claims
        .iter()
        .filter(|claim| matches!(claim, Ok(Claim::Ours { .. })));
    assert_eq!(winners.count(), 1);
}

/// What the store loses is put back by whoever has it.
async fn what_is_lost_is_put_back(store: &dyn FleetStore, flush: impl Fn()) {
    let (fence, _) = claim(store, "lake", "a").await;
    let ours = held("lake", fence);
    flush();
    assert_eq!(store.claim(&room("lake"), "b").await, Ok(Claim::Settling));
    assert_eq!(
        store.renew("a", std::slice::from_ref(&ours)).await,
        Ok(vec![true])
    );
    assert_eq!(store.save("a", &ours, b"state").await, Ok(true));
    until(2 * SETTLING, async || {
        let kept = store.renew("a", std::slice::from_ref(&ours)).await;
        assert_eq!(kept, Ok(vec![true]));
        store.claim(&room("lake"), "b").await == Ok(Claim::Theirs("a".to_owned()))
    })
    .await;
}

/// A name is one process's; nodes that are gone are forgotten.
async fn nodes_come_and_go(store: &dyn FleetStore) {
    let a = node("a", 1, 3, &[]);
    assert_eq!(store.announce(&a).await, Ok(true));
    assert_eq!(store.announce(&node("a", 2, 3, &[])).await, Ok(false));
    assert_eq!(store.announce(&a).await, Ok(true));
    assert_eq!(store.announce(&node("b", 3, 1, &[])).await, Ok(true));
    let mut there = store.nodes().await.unwrap();
    there.sort_by(|one, other| one.name.cmp(&other.name));
    assert_eq!(there.len(), 2);
    assert_eq!(there[0], a);
    // One process may follow another by order at once, and by crash when its time is over.
    store.withdraw(&a).await.unwrap();
    assert_eq!(store.announce(&node("a", 2, 3, &[])).await, Ok(true));
    until(2 * NODE_LIFETIME, async || {
        store.nodes().await.unwrap().is_empty()
    })
    .await;
    assert_eq!(store.announce(&node("a", 4, 3, &[])).await, Ok(true));
    store.withdraw(&node("a", 4, 3, &[])).await.unwrap();
}

/// Newcomers fill the fullest room, then the next, and a new one is made where there is place for most.
async fn newcomers_fill_rooms(store: &dyn FleetStore) {
    let spot = |room_name: &str, node: &str| {
        Some(Spot {
            room: room(room_name),
            node: node.to_owned(),
        })
    };
    let find = async |fresh: &str| store.find_spot("eu", &room(fresh), 4).await.unwrap();
    assert_eq!(find("none").await, None);
    store
        .announce(&node(
            "a",
            1,
            1,
            &[("empty", 1), ("full", 4), ("nearly", 2)],
        ))
        .await
        .unwrap();
    store.announce(&node("b", 2, 2, &[])).await.unwrap();
    let mut found = Vec::new();
    for number in 0..11 {
        found.push(find(&format!("new-{number}")).await);
    }
    let wanted = [
        vec![spot("nearly", "a"); 2],
        vec![spot("empty", "a"); 3],
        vec![spot("new-5", "b"); 4],
    ]
    .concat();
    assert_eq!(found[..9], wanted);
    // The rest is on either, for each has one more.
    assert_eq!(found[9], found[10]);
    assert!(found[9].is_some());
    assert_eq!(store.find_spot("us", &room("new"), 4).await, Ok(None));
    // Whoever takes nobody is no place for newcomers.
    for name in ["a", "b"] {
        let leaving = NodeRecord {
            is_draining: true,
            ..node(name, if name == "a" { 1 } else { 2 }, 5, &[("empty", 1)])
        };
        store.announce(&leaving).await.unwrap();
    }
    assert_eq!(find("late").await, None);
}

async fn suite(store: &dyn FleetStore) {
    settles(store).await;
    rooms_are_held_by_one(store).await;
    one_of_many_gets_a_room(store).await;
    nodes_come_and_go(store).await;
    newcomers_fill_rooms(store).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_does_all_that_a_fleet_asks() {
    let store = MemoryStore::new(Clock::start());
    suite(&store).await;
    what_is_lost_is_put_back(&store, || store.flush()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_does_all_that_a_fleet_asks() {
    let Some(redis) = available(Redis::single()) else {
        return;
    };
    let store = open(&redis).await;
    suite(&store).await;
    what_is_lost_is_put_back(&store, || redis.flush().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_does_all_that_a_fleet_asks() {
    let Some(redis) = available(Redis::cluster()) else {
        return;
    };
    suite(&open(&redis).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sentinel_does_all_that_a_fleet_asks_after_a_failover_too() {
    let Some(mut redis) = available(Redis::sentinel()) else {
        return;
    };
    let store = open(&redis).await;
    suite(&store).await;
    let (fence, _) = claim(&store, "sea", "a").await;
    let ours = held("sea", fence);
    assert_eq!(store.save("a", &ours, b"state").await, Ok(true));
    // What the replica has not got is lost.
    redis.ask(&["WAIT", "1", "1000"]).unwrap();
    redis.kill_first();
    let clock = Stopwatch::start();
    until(MOST_FAILOVER, async || {
        store.renew("a", std::slice::from_ref(&ours)).await == Ok(vec![true])
    })
    .await;
    println!("failover in {:?}", clock.elapsed());
    assert_eq!(
        store.claim(&room("sea"), "b").await,
        Ok(Claim::Theirs("a".to_owned()))
    );
    assert_eq!(store.save("a", &ours, b"newer").await, Ok(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_hangs_is_a_fault_within_a_second() {
    let Some(redis) = available(Redis::single()) else {
        return;
    };
    let store = open(&redis).await;
    settles(&store).await;
    redis.freeze(true).unwrap();
    let clock = Stopwatch::start();
    assert!(store.nodes().await.is_err());
    let took = clock.elapsed();
    assert!(took < Duration::from_secs(2), "{took:?}");
    redis.freeze(false).unwrap();
    until(Duration::from_secs(5), async || store.nodes().await.is_ok()).await;
}
