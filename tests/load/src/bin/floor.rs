//! `floor`: the least that the work of `peers` can cost, plain UDP and QUIC with nothing around it. One process serves and
//! another plays, as the scripts of `tests/peers` do, and they say the same.

use std::io::{BufRead, Write};
use std::net::{Ipv4Addr, SocketAddr};

use clap::{Parser, Subcommand, ValueEnum};
use load::floor::{Seen, quic, udp};

#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    part: Part,
}

#[derive(Debug, Subcommand)]
enum Part {
    /// Sends to whoever has sent something, until it is ended; says `listening` once it does, and what players need.
    Serve { floor: Floor, port: u16 },
    /// Has so many players come in, and for each line that it reads says how many snapshots have come since.
    Play {
        floor: Floor,
        port: u16,
        players: usize,
        /// What the server said.
        secret: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Floor {
    Udp,
    Quic,
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().part {
        Part::Serve { floor, port } => {
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            match floor {
                Floor::Udp => udp::serve(address, || println!("listening")),
                Floor::Quic => quic::serve(address, |secret| println!("listening {secret}")),
            }
        }
        Part::Play {
            floor,
            port,
            players,
            secret,
        } => {
            let server = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            let seen = match floor {
                Floor::Udp => udp::play(server, players)?,
                Floor::Quic => quic::play(server, players, &secret.unwrap_or_default())?,
            };
            say(&seen, players)
        }
    }
}

fn say(seen: &Seen, players: usize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{{\"joined\":{players}}}")?;
    for line in std::io::stdin().lock().lines() {
        line?;
        writeln!(out, "{{\"snapshots\":{}}}", seen.take())?;
    }
    Ok(())
}
