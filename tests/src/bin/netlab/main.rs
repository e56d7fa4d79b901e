//! `netlab`: the server and real browsers at the two ends of an emulated lossy link, and what they make of it in
//! figures. It passes no verdict of its own; the tests do.

mod connect;
mod profiles;
mod report;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Measures the game's connections on an emulated lossy link
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
    /// List the bad networks there are to play on
    Profiles(profiles::Options),
    /// Show again what `netlab run` wrote, as tables, a page or JUnit
    Report(report::Options),
}

fn main() -> ExitCode {
    let outcome = match Options::parse().command {
        Command::Connect(options) => connect::run(&options),
        Command::Profiles(options) => profiles::run(&options),
        Command::Report(options) => report::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("netlab: {error:#}");
            ExitCode::from(2)
        }
    }
}
