//! `peers`: ours and others' servers in turn, on this machine, in one run; prints what a snapshot costs each, and ratios.

use std::path::PathBuf;

use anyhow::Context;
use clap::Parser;
use load::peer;
use load::run::Run;
use protocol::rung::Rung;
use serde::Serialize;

/// Others' servers that send 256 bytes to each player and do nothing else, beside ours with its game, and without.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// How many players.
    #[arg(long, default_value_t = 200)]
    players: usize,
    /// How long each is measured, in seconds.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// How often, in turn.
    #[arg(long, default_value_t = 3)]
    repeats: usize,
    /// A file for the figures.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Servers of others.
const PEERS: [&str; 3] = ["ws", "socket.io", "colyseus"];

/// The least that it can cost, plain UDP and QUIC with nothing around it, and what they are called here.
const FLOORS: [(&str, &str); 2] = [("udp", "plain UDP, sendmmsg"), ("quic", "quinn alone")];

/// Ours, with its game or without, against whom, and the most of theirs that it may cost.
const CLAIMS: [(Rung, bool, &str, f64); 6] = [
    (Rung::WebSocket, false, "ws", 0.75),
    (Rung::WebSocket, false, "colyseus", 0.5),
    (Rung::WebSocket, false, "socket.io", 0.3),
    (Rung::WebTransport, false, "socket.io", 0.45),
    (Rung::WebTransport, true, FLOORS[0].1, 4.0),
    (Rung::WebRtc, true, FLOORS[0].1, 4.0),
];

/// One of those that are measured in turn.
#[derive(Clone, Copy, Debug)]
enum Server {
    /// Ours, without its game or with it.
    Ours(Rung, bool),
    Peer(&'static str),
    Floor(&'static str, &'static str),
}

impl Server {
    fn all() -> impl Iterator<Item = Self> {
        let rungs = Rung::ALL.into_iter();
        let ours = rungs.flat_map(|rung| [false, true].map(|only| Self::Ours(rung, only)));
        let floors = FLOORS.map(|(floor, name)| Self::Floor(floor, name));
        ours.chain(PEERS.map(Self::Peer)).chain(floors)
    }

    fn name(self) -> String {
        match self {
            Self::Ours(rung, transport_only) => name(rung, transport_only),
            Self::Peer(name) | Self::Floor(_, name) => name.to_owned(),
        }
    }

    fn cpu_us(self, arguments: &Arguments) -> anyhow::Result<f64> {
        let (players, seconds) = (arguments.players, arguments.seconds);
        match self {
            Self::Ours(rung, transport_only) => ours(arguments, rung, transport_only),
            Self::Peer(peer) => peer::cpu_us(peer, players, seconds),
            Self::Floor(floor, _) => peer::floor_us(floor, players, seconds),
        }
    }
}

/// What a snapshot cost one server, in each round, in microseconds of processor time.
#[derive(Debug, Serialize)]
struct Costs {
    server: String,
    cpu_us: Vec<f64>,
}

/// The lowest, the median and the highest.
fn spread(values: &[f64]) -> [f64; 3] {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    [
        sorted[0],
        sorted[sorted.len() / 2],
        sorted[sorted.len() - 1],
    ]
}

fn ours(arguments: &Arguments, rung: Rung, transport_only: bool) -> anyhow::Result<f64> {
    let run = Run {
        rung,
        players: arguments.players,
        seconds: arguments.seconds,
        transport_only,
        sockets: 3,
        abreast: 16,
        threads: 2,
        server: None,
        // As often as the others send.
        set: vec!["snapshot_rate = 20".to_owned()],
        server_cores: Vec::new(),
        load_cores: Vec::new(),
    };
    Ok(run.measure()?.cpu_us())
}

fn name(rung: Rung, transport_only: bool) -> String {
    let what = if transport_only {
        "without a game"
    } else {
        "whole game"
    };
    format!("{rung}, {what}")
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let new = |server: Server| Costs {
        server: server.name(),
        cpu_us: Vec::new(),
    };
    let mut costs: Vec<Costs> = Server::all().map(new).collect();
    for _ in 0..arguments.repeats.max(1) {
        for (server, costs) in Server::all().zip(&mut costs) {
            let cost = server.cpu_us(&arguments);
            costs
                .cpu_us
                .push(cost.with_context(|| costs.server.clone())?);
        }
    }
    println!(
        "µs of the server's processor time a snapshot, {} players, {} rounds of {} s: median (lowest to highest)",
        arguments.players,
        costs[0].cpu_us.len(),
        arguments.seconds
    );
    for Costs { server, cpu_us } in &costs {
        let [low, median, high] = spread(cpu_us);
        println!("  {server:32} {median:6.1} ({low:.1} to {high:.1})");
    }
    let of = |server: &str| costs.iter().find(|costs| costs.server == server);
    for (rung, transport_only, peer, most) in CLAIMS {
        let ours = name(rung, transport_only);
        if let (Some(costs), Some(theirs)) = (of(&ours), of(peer)) {
            let pairs = costs.cpu_us.iter().zip(&theirs.cpu_us);
            let ratios: Vec<f64> = pairs.map(|(ours, theirs)| ours / theirs).collect();
            let [low, median, high] = spread(&ratios);
            println!(
                "  {ours} / {peer}: {median:.2} ({low:.2} to {high:.2}); wanted {most} at most"
            );
        }
    }
    if let Some(file) = &arguments.json {
        let json = serde_json::to_string_pretty(&costs)?;
        std::fs::write(file, json).with_context(|| file.display().to_string())?;
    }
    Ok(())
}
