//! `netlab relay`: a bad network before a server, without root.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use clap::Args;
use netlab::lab::{DirectionCounters, Flow};
use netlab::path::{PathConfig, PathPair};
use netlab::profile::Profiles;
use netlab::relay::{Relay, RelayCounters};
use netlab::trace::Trace;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

/// The options of `netlab relay`.
#[derive(Args)]
pub(crate) struct Options {
    /// Where it takes players in, TCP and UDP
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where the server listens, on the same port number unless one is given; it announces the relay's address
    #[arg(long, default_value = "127.0.0.2", value_parser = parse_to)]
    to: SocketAddr,
    /// The path of both directions, a TOML file: netlab/README.md has the keys
    #[arg(long, conflicts_with = "profile")]
    link: Option<PathBuf>,
    /// A named bad network: see `netlab profiles`
    #[arg(long)]
    profile: Option<String>,
    /// Read the profiles from this TOML file
    #[arg(long, requires = "profile")]
    profiles: Option<PathBuf>,
    /// Seed of the path's network conditions
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How long it runs
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    seconds: u64,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let paths = paths(options)?;
    let relay = Relay::start(options.listen, options.to, &paths).map_err(whole)?;
    println!(
        "from {} to {} for {} s\n\n{}\n",
        relay.address(),
        relay.server_address(),
        options.seconds,
        textwrap::fill(Relay::limits(), 100)
    );
    wait(Duration::from_secs(options.seconds))?;
    println!("{}", summary(&relay.counters()));
    Ok(())
}

/// An address, with or without a port; 0 is the port that the relay listens on.
fn parse_to(text: &str) -> Result<SocketAddr, String> {
    let bare = text
        .parse()
        .map(|address: IpAddr| SocketAddr::new(address, 0));
    text.parse()
        .or(bare)
        .map_err(|_| "it must be an address, such as 127.0.0.2, or one with a port".to_owned())
}

/// An error whose message has its causes in it already.
fn whole(error: impl std::error::Error) -> anyhow::Error {
    anyhow!("{error}")
}

fn paths(options: &Options) -> anyhow::Result<PathPair> {
    if let Some(path) = &options.link {
        let both_ways = read_path(path)?;
        return Ok(PathPair {
            up: both_ways.clone(),
            down: both_ways,
            seed: options.seed,
            shared_fades: false,
        });
    }
    let Some(name) = &options.profile else {
        return Ok(PathPair::default());
    };
    let profiles = match &options.profiles {
        Some(path) => Profiles::read(path).map_err(whole)?,
        None => Profiles::built_in(),
    };
    let profile = profiles.named(name)?;
    let paths = profile.paths(options.seed);
    Ok(match &profile.trace {
        Some(path) => paths.replaying(&Trace::read(path).map_err(whole)?),
        None => paths,
    })
}

fn read_path(path: &Path) -> anyhow::Result<PathConfig> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("cannot read the link in {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("the link in {}", path.display()))
}

/// Until the time is over or the user wants it to stop.
fn wait(limit: Duration) -> anyhow::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        if signals.forever().next().is_some() {
            let _ = sender.send(());
        }
    });
    match receiver.recv_timeout(limit) {
        Ok(()) | Err(RecvTimeoutError::Timeout) => Ok(()),
        Err(RecvTimeoutError::Disconnected) => bail!("nothing watches for an interrupt any more"),
    }
}

fn summary(counters: &RelayCounters) -> String {
    let mut lines = vec![
        "| | packets in | out | lost | blackholed | queue full | corrupted | copies |".to_owned(),
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |".to_owned(),
    ];
    for (name, direction) in [("up", &counters.up), ("down", &counters.down)] {
        let DirectionCounters { udp, tcp, .. } = direction;
        lines.push(row(&format!("{name} UDP"), udp));
        lines.push(row(&format!("{name} TCP"), tcp));
    }
    lines.push(format!(
        "\n{} UDP peers and {} connections; refused for want of a place: {} datagrams, {} connections. \
         Packets came out {:.2} ms after their time in the mean.",
        counters.peers,
        counters.connections,
        counters.datagrams_refused,
        counters.connections_refused,
        counters.lateness.mean().as_secs_f64() * 1e3
    ));
    lines.join("\n")
}

fn row(name: &str, flow: &Flow) -> String {
    let dropped = &flow.dropped;
    let lost = dropped.loss + dropped.fade + dropped.trace + dropped.gap;
    format!(
        "| {name} | {} | {} | {lost} | {} | {} | {} | {} |",
        flow.packets_in,
        flow.packets_out,
        dropped.blackhole,
        dropped.queue,
        flow.corrupted,
        flow.copies
    )
}
