//! A fleet: three nodes on hosts of their own, and a front and Redis on this one. Each node can be cut off from the store, or
//! from everybody.

#![expect(
    clippy::missing_panics_doc,
    reason = "a test's harness fails by panicking"
)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use netlab::clock::Stopwatch;
use netlab::lab::Hosts;
use netlab::prerequisites::available;
use netlab::sdk_page::{JournalEntry, Visitor};
use netlab::server_process::{Log, ServerOptions, ServerProcess};
use protocol::ids::RoomId;
use server::fleet::{Address, FleetStore, RedisStore};

use crate::redis::Redis;
use crate::returns;

/// Nodes of a fleet; there is a host for one more.
pub const NODES: usize = 3;

/// How long the fleet may take to have settled.
pub const PATIENCE: Duration = Duration::from_secs(15);

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The port of each node, on its own host.
const PORT: u16 = 8080;

/// A fleet.
pub struct Fleet {
    /// Their store.
    pub redis: Redis,
    /// The nodes that run, by number.
    pub nodes: Vec<Option<ServerProcess>>,
    /// Without rooms.
    pub front: ServerProcess,
    /// For what tests ask in their own name.
    pub runtime: tokio::runtime::Runtime,
    store: RedisStore,
    /// Between the nodes, and between them and this host. The store is at the second address.
    pub hosts: Hosts,
    logs: Vec<Arc<Log>>,
}

/// Starts a server without rooms.
pub fn start_front(redis: &Redis) -> Option<ServerProcess> {
    let options = ServerOptions {
        config: Some(format!(
            "redis = \"{}\"\ntoken_secret = \"{SECRET}\"",
            redis.url()
        )),
        arguments: vec!["signaling".to_owned()],
        ..ServerOptions::default()
    };
    available(ServerProcess::start(options, None))
}

impl Fleet {
    /// Three nodes of so many rooms, and a front; nothing where one can't be had.
    pub fn start(max_rooms: usize) -> Option<Self> {
        let hosts = available(Hosts::new(NODES as u8 + 1))?;
        let redis = available(Redis::single_at(&[hosts.second_address()]))?;
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let address = Address::parse(redis.url()).unwrap();
        let store = runtime.block_on(RedisStore::open(&address)).unwrap();
        let mut fleet = Self {
            nodes: Vec::new(),
            front: start_front(&redis)?,
            logs: Vec::new(),
            hosts,
            redis,
            runtime,
            store,
        };
        for number in 0..NODES {
            let node = fleet.start_node(number, max_rooms)?;
            fleet.nodes.push(Some(node));
        }
        fleet.wait_until_ready(NODES);
        Some(fleet)
    }

    /// How a node of so many rooms is started, on a host.
    pub fn node_options(&self, number: usize, max_rooms: usize) -> ServerOptions {
        let host = self.hosts.host(number);
        let config = format!(
            "node = \"node-{number}\"\npublic_origin = \"http://{}:{PORT}\"\nredis = \"redis://{}:{}\"\n\
             token_secret = \"{SECRET}\"\nallowed_origins = [\"*\"]\ndatabase = \"off\"\nmax_rooms = {max_rooms}\n\
             log = \"info,server::fleet=debug\"",
            host.address(),
            self.hosts.second_address(),
            self.redis.port(),
        );
        ServerOptions {
            config: Some(config),
            port: Some(PORT),
            host: Some(host),
            ..ServerOptions::default()
        }
    }

    /// Starts a node, which isn't one of [`Self::nodes`] yet.
    pub fn start_node(&mut self, number: usize, max_rooms: usize) -> Option<ServerProcess> {
        let options = self.node_options(number, max_rooms);
        let node = available(ServerProcess::start(options, None))?;
        self.logs.push(node.log());
        Some(node)
    }

    /// Waits until the front knows so many nodes.
    pub fn wait_until_ready(&self, nodes: usize) {
        let clock = Stopwatch::start();
        let known = || {
            let metrics = self.front.metrics(None).unwrap();
            metrics.sum("game_server_fleet_nodes", &[])
        };
        while known() != nodes as f64 {
            assert!(clock.remaining(PATIENCE).is_some(), "{} nodes", known());
            std::thread::sleep(Duration::from_millis(50));
        }
        let is_ready = |node: &ServerProcess| node.get("/readyz", None).unwrap().status == 200;
        while !self.nodes.iter().flatten().all(is_ready) {
            assert!(clock.remaining(PATIENCE).is_some(), "not ready");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What all nodes have said of a room, or of the store.
    pub fn logs_of(&self, room: &str) -> String {
        let logs = self.logs.iter().enumerate().flat_map(|(number, log)| {
            let lines = [log.lines_with(room), log.lines_with("store")].concat();
            lines
                .into_iter()
                .map(move |line| format!("process {number}: {line}"))
        });
        logs.collect::<Vec<_>>().join("\n")
    }

    /// Waits until players of those rooms have come back since a moment.
    pub fn wait_until_back(
        &self,
        visitors: &[Visitor],
        room_of: returns::RoomOf,
        since: f64,
        concerns: impl Fn(&str) -> bool,
    ) -> Vec<(String, Vec<JournalEntry>)> {
        let back = returns::wait_until_those_back(visitors, room_of, since, concerns);
        back.unwrap_or_else(|fault| panic!("{fault}\n{}", self.refusals()))
    }

    /// What the nodes have turned away, by their own account.
    fn refusals(&self) -> String {
        let nodes = self.nodes.iter().flatten();
        let of = |node: &ServerProcess| {
            let metrics = node.get("/metrics", None).unwrap().body;
            let refused = metrics.lines();
            let refused = refused.filter(|line| line.starts_with("game_server_refused_total"));
            format!("{}: {:?}", node.origin(), refused.collect::<Vec<_>>())
        };
        nodes.map(of).collect::<Vec<_>>().join("\n")
    }

    /// Which node has a room, as the store says.
    pub fn holder(&self, room: &str) -> Option<usize> {
        let room = RoomId::parse(room).unwrap();
        let ask = || self.runtime.block_on(self.store.holder(&room));
        // A machine that stops for a moment makes an answer late.
        let holder = ask().or_else(|_| ask()).unwrap();
        holder.map(|name| name.trim_start_matches("node-").parse().unwrap())
    }

    /// A node that runs.
    pub fn node(&self, number: usize) -> &ServerProcess {
        self.nodes[number].as_ref().unwrap()
    }

    /// Rooms of each node, as it counts them itself.
    pub fn rooms(&self) -> Vec<f64> {
        let nodes = self.nodes.iter().flatten();
        let count = |node: &ServerProcess| {
            let metrics = node.metrics(None).unwrap();
            metrics.sum("game_server_rooms", &[])
        };
        nodes.map(count).collect()
    }

    /// These rooms by the node that has them. A machine that stops for longer than a lease leaves rooms to nobody for a
    /// moment.
    pub fn spread(&self, rooms: impl Iterator<Item = String>) -> BTreeMap<usize, Vec<String>> {
        let mut spread = BTreeMap::<usize, Vec<String>>::new();
        for room in rooms {
            let clock = Stopwatch::start();
            let holder = loop {
                if let Some(holder) = self.holder(&room) {
                    break holder;
                }
                let is_late = clock.remaining(PATIENCE).is_none();
                assert!(!is_late, "{room} is nobody's: {}", self.logs_of(&room));
                std::thread::sleep(Duration::from_millis(50));
            };
            spread.entry(holder).or_default().push(room);
        }
        spread
    }
}
