//! A server of somebody else's, and players by its own client, as `tests/peers` has them; or a floor, which says the same.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, ensure};
use netlab::clock::Stopwatch;
use serde::Deserialize;

use crate::run::SETTLING;
use crate::served::Used;

/// A program that serves or plays, which ends when this is dropped.
struct Script {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What the players say of a span.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Seen {
    snapshots: u64,
}

/// Where the scripts are.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../peers")
}

impl Script {
    /// One of `tests/peers`.
    fn of_peer(script: &str, arguments: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new("node");
        command.arg(script).args(arguments).current_dir(folder());
        Self::start(command)
    }

    /// `floor`, beside this program.
    fn of_floor(arguments: &[&str]) -> anyhow::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?.with_file_name("floor"));
        command.args(arguments);
        Self::start(command)
    }

    fn start(mut command: Command) -> anyhow::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command.spawn().context(program)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        Ok(Self {
            input: input.context("its input")?,
            output: BufReader::new(output.context("its output")?),
            child,
        })
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        ensure!(!line.is_empty(), "it has ended");
        Ok(line)
    }

    fn seen(&mut self) -> anyhow::Result<Seen> {
        self.input.write_all(b"\n")?;
        Ok(serde_json::from_str(&self.line()?)?)
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Has a peer do the work for so many players and seconds; gives processor time of its server in microseconds a snapshot.
///
/// # Errors
/// When its packages aren't installed, or players don't come in.
pub fn cpu_us(peer: &str, players: usize, seconds: u64) -> anyhow::Result<f64> {
    let installed = folder().join("node_modules");
    ensure!(
        installed.is_dir(),
        "the peers' packages are missing: npm install --prefix tests/peers"
    );
    let port = free_port()?;
    let mut server = Script::of_peer("serve.mjs", &[peer, &port])?;
    server.line().with_context(|| format!("{peer}'s server"))?;
    let crowd = Script::of_peer("play.mjs", &[peer, &port, &players.to_string()])?;
    measure(peer, server, crowd, (players, seconds))
}

/// The same of a floor, `udp` or `quic`.
///
/// # Errors
/// When it isn't built, or players don't come in.
pub fn floor_us(floor: &str, players: usize, seconds: u64) -> anyhow::Result<f64> {
    let port = free_port()?;
    let mut server = Script::of_floor(&["serve", floor, &port])?;
    let said = server.line().with_context(|| format!("{floor}'s server"))?;
    let secret = said.split_whitespace().nth(1).unwrap_or_default();
    let crowd = Script::of_floor(&["play", floor, &port, &players.to_string(), secret])?;
    measure(floor, server, crowd, (players, seconds))
}

fn free_port() -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    Ok(listener.local_addr()?.port().to_string())
}

fn measure(
    peer: &str,
    server: Script,
    mut crowd: Script,
    (players, seconds): (usize, u64),
) -> anyhow::Result<f64> {
    crowd.line().with_context(|| format!("players of {peer}"))?;
    sleep(SETTLING);
    crowd.seen()?;
    let (before, clock) = (Used::by(server.child.id())?, Stopwatch::start());
    sleep(Duration::from_secs(seconds));
    let used = Used::by(server.child.id())?.since(before);
    let seen = crowd.seen()?;
    let wanted = clock.elapsed().as_secs_f64() * 20.0 * players as f64;
    ensure!(
        seen.snapshots as f64 > 0.9 * wanted,
        "{peer} has sent {} of {wanted:.0} snapshots",
        seen.snapshots
    );
    Ok((used.user + used.system).as_secs_f64() * 1e6 / seen.snapshots as f64)
}
