//! `netlab run`: plays on bad networks and says whether it was good enough.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use netlab::browser::BrowserKind;
use netlab::campaign::{self, Campaign, Interrupt, Plan, PlayerKind, profile_of_trace, with_trace};
use netlab::profile::{Profile, Profiles};
use netlab::report::progress::Progress;
use netlab::report::{self, Place};
use netlab::transport_under_test::TransportUnderTest;

/// The options of `netlab run`.
#[derive(Args)]
pub(crate) struct Options {
    /// Links to play on; `netlab profiles` lists them
    #[arg(
        long,
        value_delimiter = ',',
        required_unless_present = "trace",
        value_name = "NAMES"
    )]
    profile: Vec<String>,
    /// A file with profiles of your own, in the place of the built-in ones
    #[arg(long, value_name = "FILE")]
    profiles: Option<PathBuf>,
    /// A recorded trace to play on, as `--record-trace` or the game's page writes it
    #[arg(long, value_name = "FILE.csv")]
    trace: Vec<PathBuf>,
    /// What to play over: `all` (ladder, webtransport, webrtc, websocket), or a list, in which one-websocket and socket-io may stand
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "all",
        value_name = "WAYS"
    )]
    rung: Vec<String>,
    /// Who plays
    #[arg(long, value_enum, value_delimiter = ',', default_value = "chromium")]
    browser: Vec<Player>,
    /// Length of each run in seconds [default: the profile's]
    #[arg(long, value_parser = seconds)]
    seconds: Option<f64>,
    /// Runs of each kind, each with network conditions of its own
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    repeats: u32,
    /// Players at once in each run, up to 10 [default: 4; with --picture 1]
    #[arg(long, value_parser = clap::value_parser!(u8).range(1..=10))]
    players: Option<u8>,
    /// Play with the game's own page, which draws in software here, in the place of the game without its picture
    #[arg(long)]
    picture: bool,
    /// Seed of the first repeat's network conditions
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the path is
    #[arg(long, value_enum, default_value = "namespaces")]
    place: PlaceChoice,
    /// Write everything to this file, for machines
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write one page with plots to this file
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write JUnit's XML to this file
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write what the network did to one player of the first run in a browser to this file, for `--trace`
    #[arg(long, value_name = "FILE.csv")]
    record_trace: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Player {
    Chromium,
    Firefox,
    Native,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PlaceChoice {
    /// Two network namespaces; needs root
    Namespaces,
    /// A relay on this host; needs no root, and can't lose TCP's segments
    Relay,
}

impl From<Player> for PlayerKind {
    fn from(player: Player) -> Self {
        match player {
            Player::Chromium => Self::Browser(BrowserKind::Chromium),
            Player::Firefox => Self::Browser(BrowserKind::Firefox),
            Player::Native => Self::Native,
        }
    }
}

/// Plays, writes, prints, and judges.
pub(crate) fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let plan = plan(options)?;
    ensure!(
        plan.runs() > 0,
        "nothing to play: none of these players has any of these rungs"
    );
    check_outputs(options)?;
    let interrupt = Interrupt::on_signals().context("cannot listen to signals")?;
    let mut progress = Progress::new(plan.runs(), std::io::stderr().is_terminal());
    let played = campaign::play(&plan, &mut progress, &interrupt);
    progress.finish();
    let campaign = played?;
    print!("{}", report::table::render(&campaign.report));
    write(options, &campaign)?;
    if campaign.interrupted {
        eprintln!(
            "netlab: interrupted; {} of {} runs are finished",
            campaign.report.runs.len(),
            plan.runs()
        );
        return Ok(ExitCode::from(2));
    }
    Ok(if campaign.report.verdict.passed() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    })
}

fn plan(options: &Options) -> anyhow::Result<Plan> {
    let known = match &options.profiles {
        Some(path) => Profiles::read(path)?,
        None => Profiles::built_in(),
    };
    let named = options
        .profile
        .iter()
        .map(|name| Ok(with_trace(known.named(name)?.clone())?));
    let traced = options.trace.iter().map(|path| Ok(profile_of_trace(path)?));
    let profiles = named
        .chain(traced)
        .collect::<anyhow::Result<Vec<Profile>>>()?;
    Ok(Plan {
        profiles,
        ways: ways(&options.rung)?,
        players: options
            .browser
            .iter()
            .copied()
            .map(PlayerKind::from)
            .collect(),
        size: usize::from(
            options
                .players
                .unwrap_or(if options.picture { 1 } else { 4 }),
        ),
        has_picture: options.picture,
        seconds: options.seconds,
        repeats: options.repeats,
        seed: options.seed,
        place: match options.place {
            PlaceChoice::Namespaces => Place::Namespaces,
            PlaceChoice::Relay => Place::Relay,
        },
        command: std::env::args().skip(1).collect(),
    })
}

fn ways(names: &[String]) -> anyhow::Result<Vec<TransportUnderTest>> {
    let mut ways = Vec::new();
    for name in names {
        match name.as_str() {
            "all" => ways.extend(TransportUnderTest::ALL),
            name => ways.push(name.parse()?),
        }
    }
    let mut seen = Vec::new();
    ways.retain(|way| {
        let is_first = !seen.contains(way);
        seen.push(*way);
        is_first
    });
    Ok(ways)
}

/// What can't be written is better known before an hour of play than after it.
fn check_outputs(options: &Options) -> anyhow::Result<()> {
    let paths = [
        &options.json,
        &options.html,
        &options.junit,
        &options.record_trace,
    ];
    for path in paths.into_iter().flatten() {
        let folder = path.parent().filter(|folder| *folder != Path::new(""));
        let folder = folder.unwrap_or(Path::new("."));
        ensure!(folder.is_dir(), "there is no folder {}", folder.display());
    }
    ensure!(
        options.record_trace.is_none()
            || options
                .browser
                .iter()
                .any(|player| *player != Player::Native),
        "--record-trace needs a browser: native players record nothing"
    );
    Ok(())
}

fn write(options: &Options, campaign: &Campaign) -> anyhow::Result<()> {
    let report = &campaign.report;
    let to = |path: &Path, text: &str| {
        std::fs::write(path, text).with_context(|| format!("{} can't be written", path.display()))
    };
    if let Some(path) = &options.json {
        to(path, &serde_json::to_string(report)?)?;
    }
    if let Some(path) = &options.html {
        to(path, &report::html::render(report))?;
    }
    if let Some(path) = &options.junit {
        to(path, &report::junit::render(report))?;
    }
    if let Some(path) = &options.record_trace {
        let recording = campaign.recording.as_deref();
        to(
            path,
            recording.context("nobody recorded a trace: browsers do")?,
        )?;
    }
    Ok(())
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (1.0..=86_400.0).contains(&seconds) {
        return Ok(seconds);
    }
    Err("a run is 1 to 86400 s long".to_owned())
}
