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

/// Ours against whom, and the most of theirs that it may cost.
const CLAIMS: [(Rung, &str, f64); 4] = [
    (Rung::WebSocket, "ws", 0.75),
    (Rung::WebSocket, "colyseus", 0.5),
    (Rung::WebSocket, "socket.io", 0.3),
    (Rung::WebTransport, "socket.io", 0.45),
];

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
        set: Vec::new(),
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
    let kinds = Rung::ALL
        .into_iter()
        .flat_map(|rung| [(rung, false), (rung, true)]);
    let kinds: Vec<(Rung, bool)> = kinds.collect();
    let servers = kinds.iter().map(|(rung, only)| name(*rung, *only));
    let servers = servers.chain(PEERS.map(str::to_owned));
    let mut costs: Vec<Costs> = servers
        .map(|server| Costs {
            server,
            cpu_us: Vec::new(),
        })
        .collect();
    for _ in 0..arguments.repeats.max(1) {
        for (at, costs) in costs.iter_mut().enumerate() {
            let cost = match kinds.get(at) {
                Some((rung, only)) => ours(&arguments, *rung, *only),
                None => peer::cpu_us(&costs.server, arguments.players, arguments.seconds),
            };
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
    for (rung, peer, most) in CLAIMS {
        if let (Some(ours), Some(theirs)) = (of(&name(rung, false)), of(peer)) {
            let pairs = ours.cpu_us.iter().zip(&theirs.cpu_us);
            let ratios: Vec<f64> = pairs.map(|(ours, theirs)| ours / theirs).collect();
            let [low, median, high] = spread(&ratios);
            println!(
                "  {rung} / {peer}: {median:.2} ({low:.2} to {high:.2}); wanted {most} at most"
            );
        }
    }
    if let Some(file) = &arguments.json {
        let json = serde_json::to_string_pretty(&costs)?;
        std::fs::write(file, json).with_context(|| file.display().to_string())?;
    }
    Ok(())
}
