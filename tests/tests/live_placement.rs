//! Placement at 1,000 nodes, on a real store: newcomers are placed one by one as fronts do, nodes tell of themselves as they do,
//! and a share of them dies. `PLACEMENTS` in the environment sets how many newcomers; 1,000,000 is the scale that is meant.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::iter;
use netlab::clock::Stopwatch;
use netlab::prerequisites::available;
use protocol::ids::{RoomId, Visibility};
use server::fleet::{Address, FleetStore, NodeRecord, RedisStore};
use signaling::RoomSummary;
use tests::redis::Redis;

const NODES: usize = 1_000;
const ROOMS_OF_NODE: u32 = 84;
const SEATS: usize = 12;

/// Newcomers; another number by `PLACEMENTS`.
const PLACEMENTS: usize = 20_000;

/// Newcomers at once.
const ABREAST: usize = 64;

/// Newcomers between one time that nodes tell of themselves and the next.
const BATCH: usize = 5_000;

/// Nodes that die.
const LOST: usize = 10;

/// Who is where: players of each room, and the rooms of each node.
#[derive(Default)]
struct World {
    players: HashMap<RoomId, usize>,
    rooms: HashMap<String, Vec<RoomId>>,
}

impl World {
    fn record(&self, number: usize) -> NodeRecord {
        let name = format!("node-{number}");
        let rooms: &[RoomId] = self.rooms.get(&name).map_or(&[], Vec::as_slice);
        let listed = rooms.iter().map(|room| RoomSummary {
            room: room.clone(),
            players: self.players[room],
            bots: 0,
            capacity: SEATS,
            visibility: Visibility::Public,
            label: String::new(),
        });
        NodeRecord {
            process: number as u64,
            address: format!("http://10.0.{}.{}:8080", number / 256, number % 256),
            region: String::new(),
            secret: String::new(),
            free_rooms: ROOMS_OF_NODE - u32::try_from(rooms.len()).unwrap(),
            is_draining: false,
            rooms: listed.collect(),
            name,
        }
    }

    /// A newcomer has come; false where there was no place.
    fn take(&mut self, room: RoomId, node: String) -> bool {
        if !self.players.contains_key(&room) {
            self.rooms.entry(node).or_default().push(room.clone());
        }
        let players = self.players.entry(room).or_default();
        *players += 1;
        *players <= SEATS
    }
}

async fn tell(store: &RedisStore, world: &Mutex<World>, nodes: impl Iterator<Item = usize>) {
    let records: Vec<NodeRecord> = nodes
        .map(|number| world.lock().unwrap().record(number))
        .collect();
    iter(records)
        .for_each_concurrent(ABREAST, |record| async move {
            assert_eq!(store.announce(&record).await, Ok(true));
        })
        .await;
}

/// Places so many; gives how long each took, in order.
async fn place(
    store: &RedisStore,
    world: &Mutex<World>,
    count: usize,
    what: &str,
) -> Vec<Duration> {
    let took = Mutex::new(Vec::new());
    iter(0..count)
        .for_each_concurrent(ABREAST, |number| {
            let (took, fresh) = (&took, RoomId::parse(&format!("{what}-{number}")).unwrap());
            async move {
                let clock = Stopwatch::start();
                loop {
                    let spot = store.find_spot("", &fresh, SEATS).await.unwrap();
                    let spot = spot.expect("there is place for all");
                    // The last seat may have gone to somebody of whom the node had not told: it says so, and one asks again.
                    if world.lock().unwrap().take(spot.room, spot.node) {
                        break;
                    }
                }
                took.lock().unwrap().push(clock.elapsed());
            }
        })
        .await;
    let mut took = took.into_inner().unwrap();
    took.sort();
    took
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_nodes_are_filled_room_by_room() {
    let Some(redis) = available(Redis::single()) else {
        return;
    };
    let placements = std::env::var("PLACEMENTS").ok();
    let placements = placements.map_or(PLACEMENTS, |text| {
        text.parse().expect("PLACEMENTS: a number")
    });
    let store = RedisStore::open(&Address::parse(redis.url()).unwrap()).await;
    let store = store.unwrap();
    let world = Mutex::new(World::default());
    let clock = Stopwatch::start();
    tell(&store, &world, 0..NODES).await;
    println!("{NODES} nodes told in {:?}", clock.elapsed());
    let (mut took, mut placing, mut telling, mut tellings) =
        (Vec::new(), Duration::ZERO, Duration::ZERO, 0);
    // Nodes that say nothing for two seconds are gone.
    let batches = placements.div_ceil(BATCH);
    for batch in 0..batches {
        let clock = Stopwatch::start();
        took.extend(
            place(
                &store,
                &world,
                placements / batches,
                &format!("room-{batch}"),
            )
            .await,
        );
        placing += clock.elapsed();
        let clock = Stopwatch::start();
        tell(&store, &world, 0..NODES).await;
        telling += clock.elapsed();
        tellings += NODES;
    }
    took.sort();
    let (rooms, full, most) = {
        let world = world.lock().unwrap();
        let full = world
            .players
            .values()
            .filter(|players| **players == SEATS)
            .count();
        let most = world.rooms.values().map(Vec::len).max().unwrap_or(0);
        (world.players.len(), full, most)
    };
    println!(
        "{} placed in {rooms} rooms, {full} of them full, on a node {most} at most; {:.0} a second, {:?} in the median, {:?} \
         at the 99th percentile, {ABREAST} at once; a node tells of itself in {:.0} µs",
        took.len(),
        took.len() as f64 / placing.as_secs_f64(),
        took[took.len() / 2],
        took[took.len() * 99 / 100],
        telling.as_secs_f64() * 1e6 / f64::from(u32::try_from(tellings).unwrap())
    );
    assert!(
        full as f64 >= 0.9 * rooms as f64 - 20.0,
        "{full} of {rooms} are full"
    );
    assert!(most <= ROOMS_OF_NODE as usize, "{most} rooms on a node");
    println!(
        "{}",
        redis
            .ask(&["INFO", "memory"])
            .unwrap()
            .lines()
            .find(|line| line.starts_with("used_memory_human"))
            .unwrap_or("")
    );

    // Some die: their rooms are open no more, and whoever played there is a newcomer to the rest.
    let gone: Vec<String> = (0..LOST).map(|number| format!("node-{number}")).collect();
    let moved = {
        let mut world = world.lock().unwrap();
        let rooms: Vec<RoomId> = gone
            .iter()
            .flat_map(|node| world.rooms.remove(node).unwrap_or_default())
            .collect();
        rooms
            .iter()
            .filter_map(|room| world.players.remove(room))
            .sum::<usize>()
    };
    tokio::time::sleep(server::fleet::NODE_LIFETIME).await;
    tell(&store, &world, LOST..NODES).await;
    let clock = Stopwatch::start();
    place(&store, &world, moved, "moved").await;
    println!(
        "{LOST} nodes lost: {moved} players placed again in {:?}",
        clock.elapsed()
    );
    let world = world.lock().unwrap();
    assert!(gone.iter().all(|node| !world.rooms.contains_key(node)));
}
