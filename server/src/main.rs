//! The `battle-circles` program: reads its settings and runs the server.

use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use server::config::Config;
use toml::{Table, Value};
use tracing_subscriber::EnvFilter;

/// Exit code of a fault in the settings or the machine that the operator can mend.
const USAGE: u8 = 2;

/// A realtime game server for browsers on lossy networks, and its game.
#[derive(Parser)]
#[command(version, about)]
struct Options {
    /// The one port number, for TCP and UDP [default: 8080]
    #[arg(long, global = true)]
    port: Option<u16>,
    /// Address to listen on [default: ::, which takes IPv4 too]
    #[arg(long, global = true)]
    listen: Option<IpAddr>,
    /// Address by which players reach this server, if it isn't its own; may be repeated
    #[arg(long, global = true)]
    public_address: Vec<IpAddr>,
    /// TOML file with further settings
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the game (the default)
    Serve,
    /// Check the settings and this machine, without serving
    Doctor,
    /// Show the certificates in use, and make the self-signed ones if there are none
    Certs,
}

impl Options {
    fn table(&self) -> Table {
        let mut table = Table::new();
        if let Some(port) = self.port {
            table.insert("port".to_owned(), Value::Integer(port.into()));
        }
        if let Some(listen) = self.listen {
            table.insert("listen".to_owned(), Value::String(listen.to_string()));
        }
        if !self.public_address.is_empty() {
            let addresses = self
                .public_address
                .iter()
                .map(|a| Value::String(a.to_string()));
            table.insert(
                "public_address".to_owned(),
                Value::Array(addresses.collect()),
            );
        }
        table
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    let config = match Config::load(options.config.as_deref(), std::env::vars(), options.table()) {
        Ok(config) => config,
        Err(error) => return fail(&error),
    };
    match options.command.unwrap_or(Command::Serve) {
        Command::Serve => serve(config),
        Command::Doctor => {
            let (lines, is_well) = server::doctor(&config);
            println!("{}", lines.join("\n"));
            if is_well {
                ExitCode::SUCCESS
            } else {
                ExitCode::from(USAGE)
            }
        }
        Command::Certs => certs(&config),
    }
}

fn serve(config: Config) -> ExitCode {
    let filter = match EnvFilter::try_new(&config.log) {
        Ok(filter) => filter,
        Err(error) => return fail(&format!("configuration: log: {error}")),
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if config.log_json {
        log.json().init();
    } else {
        log.init();
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let announce = |listening: &server::Listening| {
        let scheme = if listening.is_secure { "https" } else { "http" };
        let port = listening.address.port();
        println!("Battle Circles is at {scheme}://localhost:{port}");
    };
    match runtime.block_on(server::run(config, announce, shutdown_signal())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn certs(config: &Config) -> ExitCode {
    match server::certificates(config, server::clock::Clock::start()) {
        Ok(certificates) => {
            let identities = [Some(certificates.current()), certificates.next()];
            for identity in identities.into_iter().flatten() {
                let hash: String = identity
                    .sha256()
                    .iter()
                    .map(|b| format!("{b:02x}"))
                    .collect();
                let names: Vec<&str> = identity.names().collect();
                println!("sha256 {hash} for {}", names.join(", "));
            }
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error),
    }
}

async fn shutdown_signal() {
    let interrupt = async {
        // Without a handler the signal ends the process, which is what it is for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => tokio::select! {
                () = interrupt => {}
                _ = terminate.recv() => {}
            },
            Err(_) => interrupt.await,
        }
    }
    #[cfg(not(unix))]
    interrupt.await;
}

fn fail(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("battle-circles: {error}");
    ExitCode::from(USAGE)
}
