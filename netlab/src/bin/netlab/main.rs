//! `netlab`: the server and real browsers at the two ends of an emulated lossy path, and what they make of it in
//! figures and a verdict.

mod compare;
mod connect;
mod profiles;
mod relay;
mod report;
mod run;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Measures the game's connections on an emulated lossy path
///
/// It needs root, /dev/net/tun, iproute2, Node.js, Chromium and the server's release build.
#[derive(Parser)]
#[command(version)]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Time many connects, from the click to the first snapshot
    Connect(connect::Options),
    /// Tell whether a change made it worse, from two reports; exits with 1 if it did
    Compare(compare::Options),
    /// List the bad networks there are to play on
    Profiles(profiles::Options),
    /// Put a bad network before a server, without root
    Relay(relay::Options),
    /// Show again what `netlab run` wrote, as tables, a page or JUnit
    Report(report::Options),
    /// Play on bad networks and judge: exit code 0 passed, 1 failed, 2 could not be played
    Run(run::Options),
}

fn main() -> ExitCode {
    let done = |outcome: anyhow::Result<()>| outcome.map(|()| ExitCode::SUCCESS);
    let outcome = match Options::parse().command {
        Command::Compare(options) => compare::run(&options),
        Command::Connect(options) => done(connect::run(&options)),
        Command::Profiles(options) => done(profiles::run(&options)),
        Command::Relay(options) => done(relay::run(&options)),
        Command::Report(options) => done(report::run(&options)),
        Command::Run(options) => run::run(&options),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("netlab: {error:#}");
        ExitCode::from(2)
    })
}
