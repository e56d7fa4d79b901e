//! A whole program around a game: its command line, settings, log and exit codes.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use certs::Identity;
use clap::{Arg, ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand, value_parser};
use serde::de::DeserializeOwned;
use toml::{Table, Value};
use tracing::warn;

use crate::certificate_flaw::list;
use crate::config::{Config, ConfigError, Sources};
use crate::game::{Game, Refusal, RoomInfo};
use crate::kept_certificates::{Kept, kept};
use crate::otlp::Traces;
use crate::{Diagnosis, Listening, Service, doctor, log, serve, serve_signaling};

/// Exit code of a fault in the settings or the machine that the operator can mend.
const USAGE: u8 = 2;

/// Exit code of a shutdown that was cut short.
const HURRIED: i32 = 1;

/// What the program is called.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// Its name on the command line.
    pub name: &'static str,
    /// The game's name for people.
    pub title: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// Its version.
    pub version: &'static str,
    /// How variables of the environment begin that set keys, as in [`Sources`].
    pub prefix: &'static str,
    /// Further subcommands, which need no settings.
    pub commands: &'static [FileCommand],
}

/// A subcommand of the game's own, which does something with a file.
#[derive(Clone, Copy, Debug)]
pub struct FileCommand {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it does, in a line.
    pub about: &'static str,
    /// An option that names a second file, to write to; without one there is none.
    pub output: Option<OutputOption>,
    /// Does it with the file and the output's; gives what to print, or what is wrong, which ends
    /// the program with exit code 2.
    pub run: fn(&Path, Option<&Path>) -> Result<String, String>,
}

/// The option of a [`FileCommand`] that says where to write.
#[derive(Clone, Copy, Debug)]
pub struct OutputOption {
    /// Its name on the command line, without the dashes.
    pub name: &'static str,
    /// What is written, in a line.
    pub about: &'static str,
}

/// What the argument of a [`FileCommand`] is called.
const FILE: &str = "FILE";

#[derive(Parser)]
struct Options {
    /// The one port number, for TCP and UDP [default: 8080]
    #[arg(long, global = true)]
    port: Option<u16>,
    /// Address to listen on [default: ::, which takes IPv4 too]
    #[arg(long, global = true)]
    listen: Option<IpAddr>,
    /// Address or name by which players reach this server, if it isn't its own; may be repeated
    #[arg(long, global = true)]
    public_address: Vec<String>,
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
    /// Serve the page and admission without rooms, and hand joins on to the nodes of the fleet whose store `redis` names
    Signaling,
    /// Check the settings and this machine; serves nothing and writes nothing
    Doctor {
        /// Print the findings as JSON, for scripts. The exit code is 0 where there is no fault, else 2
        #[arg(long)]
        json: bool,
    },
    /// Show the certificates that are kept; makes and replaces none
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
            let addresses = self.public_address.iter().cloned().map(Value::String);
            table.insert(
                "public_address".to_owned(),
                Value::Array(addresses.collect()),
            );
        }
        table
    }
}

impl FileCommand {
    fn command(&self) -> clap::Command {
        let file = Arg::new(FILE)
            .required(true)
            .value_parser(value_parser!(PathBuf));
        let output = self.output.map(|OutputOption { name, about }| {
            Arg::new(name)
                .long(name)
                .value_name(FILE)
                .help(about)
                .value_parser(value_parser!(PathBuf))
        });
        clap::Command::new(self.name)
            .about(self.about)
            .arg(file)
            .args(output)
    }

    /// Does what the command line asks of one of these, if it does.
    fn run_chosen(commands: &[Self], matches: &ArgMatches) -> Option<Result<String, String>> {
        let (name, matches) = matches.subcommand()?;
        let chosen = commands.iter().find(|command| command.name == name)?;
        let file: &PathBuf = matches.get_one(FILE)?;
        let output = chosen
            .output
            .and_then(|output| matches.get_one(output.name));
        Some((chosen.run)(file, output.map(PathBuf::as_path)))
    }
}

/// Runs the program to its end. `Settings` is the game's own section, `[game]`; `service` makes of it what is
/// served, or says what is wrong with it.
pub fn main<
    Settings: DeserializeOwned,
    G: Game,
    F: Fn(RoomInfo<G::Options>) -> Result<G, Refusal> + Send + Sync + 'static,
>(
    program: &Program,
    service: impl FnOnce(&Config, Settings) -> Result<Service<F>, ConfigError>,
) -> ExitCode {
    let command = Options::command()
        .name(program.name)
        .about(program.about)
        .version(program.version)
        .subcommands(program.commands.iter().map(FileCommand::command));
    let fail = |error: &dyn std::fmt::Display| {
        eprintln!("{}: {error}", program.name);
        ExitCode::from(USAGE)
    };
    let matches = command.get_matches();
    if let Some(outcome) = FileCommand::run_chosen(program.commands, &matches) {
        return match outcome {
            Ok(text) => {
                println!("{text}");
                ExitCode::SUCCESS
            }
            Err(fault) => fail(&fault),
        };
    }
    let options = match Options::from_arg_matches(&matches) {
        Ok(options) => options,
        Err(error) => error.exit(),
    };
    let loaded = Config::load(Sources {
        file: options.config.as_deref(),
        prefix: program.prefix,
        variables: std::env::vars().collect(),
        options: options.table(),
    })
    .and_then(|(config, settings)| Ok((service(&config, settings)?, config)));
    let (service, config) = match (loaded, &options.command) {
        (Ok(loaded), _) => loaded,
        (Err(error), Some(Command::Doctor { json })) => {
            return tell(&Diagnosis::of_bad_settings(&error), *json);
        }
        (Err(error), _) => return fail(&error),
    };
    let outcome = match options.command.unwrap_or(Command::Serve) {
        Command::Serve => run(program, config, service, Part::Whole),
        Command::Signaling => run(program, config, service, Part::Signaling),
        Command::Doctor { json } => return tell(&doctor(&config), json),
        Command::Certs => certs(&config),
    };
    outcome.map_or_else(|error| fail(&error), |()| ExitCode::SUCCESS)
}

/// Prints what the doctor has found; gives the exit code.
fn tell(diagnosis: &Diagnosis, is_json: bool) -> ExitCode {
    let text = if is_json {
        // A struct of plain words always has a JSON form.
        serde_json::to_string_pretty(diagnosis).unwrap_or_default()
    } else {
        diagnosis.text()
    };
    println!("{text}");
    ExitCode::from(if diagnosis.is_well { 0 } else { USAGE })
}

/// What is served of a game.
#[derive(Clone, Copy)]
enum Part {
    Whole,
    Signaling,
}

fn run<G: Game>(
    program: &Program,
    config: Config,
    service: Service<impl Fn(RoomInfo<G::Options>) -> Result<G, Refusal> + Send + Sync + 'static>,
    part: Part,
) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Runtime::new()?;
    let entered = runtime.enter();
    let traces = config.otlp.as_deref().map(|collector| {
        Traces::begin(collector, program.name, &config.node)
            .map_err(|error| format!("configuration: otlp: {error}"))
    });
    let traces = traces.transpose()?;
    drop(entered);
    log::init(&config.log, config.log_json, traces.as_ref())
        .map_err(|error| format!("configuration: log: {error}"))?;
    let announce = |listening: &Listening| {
        let scheme = if listening.is_secure { "https" } else { "http" };
        let port = listening.address.port();
        println!("{} is at {scheme}://localhost:{port}", program.title);
    };
    let shutdown = async {
        shutdown_signal().await;
        tokio::spawn(async {
            shutdown_signal().await;
            warn!("a second signal: exiting at once");
            std::process::exit(HURRIED);
        });
    };
    let outcome = runtime.block_on(async {
        match part {
            Part::Whole => serve(config, service, announce, shutdown).await,
            Part::Signaling => {
                let Service { seats, page, .. } = service;
                serve_signaling(config, seats, page, announce, shutdown).await
            }
        }
    });
    if let Some(traces) = traces {
        traces.end();
    }
    // A game that is still being made must not keep the process.
    runtime.shutdown_background();
    Ok(outcome?)
}

/// Shows the certificates that are kept.
fn certs(config: &Config) -> Result<(), Box<dyn std::error::Error>> {
    let show = |what: &str, identity: &Identity| {
        let bytes = identity.sha256();
        let hash: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let ends = httpdate::fmt_http_date(identity.not_after());
        println!("sha256 {hash} until {ends} for {}, {what}", list(identity));
    };
    match kept(config)? {
        Kept::Files(identity) => show("of the files", &identity),
        Kept::Issued(identity) => show("issued", &identity),
        Kept::NoneIssued => println!("none issued yet"),
        Kept::SelfSigned(none) if none.is_empty() => {
            println!("none yet: the server makes self-signed ones at its start");
        }
        Kept::SelfSigned(identities) => {
            for identity in &identities {
                show("self-signed", identity);
            }
        }
    }
    Ok(())
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
