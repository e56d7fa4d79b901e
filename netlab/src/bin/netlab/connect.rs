//! `netlab connect`: how long, and whether, a player waits for the first snapshot.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use netlab::browser::{BrowserKind, check_packages};
use netlab::campaign::with_trace;
use netlab::lab::Lab;
use netlab::path::{Jitter, Loss, PathConfig, PathPair};
use netlab::profile::Profiles;
use netlab::sdk_page::{Attempt, ConnectPlan, SdkBrowser, Tally, connects};
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::rung::Rung;
use serde::Serialize;

/// The options of `netlab connect`.
#[derive(Args)]
pub(crate) struct Options {
    /// What to connect by
    #[arg(long, value_enum, default_value = "all")]
    rung: Choice,
    /// Who connects
    #[arg(long, value_enum, default_value = "chromium")]
    browser: Browser,
    /// A named bad network, in the place of --rtt, --jitter and --loss: see `netlab profiles`
    #[arg(long, conflicts_with_all = ["rtt", "jitter", "loss"])]
    profile: Option<String>,
    /// A file with profiles of your own
    #[arg(long, value_name = "FILE", requires = "profile")]
    profiles: Option<PathBuf>,
    /// Round trip of the path in ms, half of it each way
    #[arg(long, default_value_t = 100.0)]
    rtt: f64,
    /// The most that one way varies, in ms
    #[arg(long, default_value_t = 0.0)]
    jitter: f64,
    /// Packets lost at random, in percent, each way
    #[arg(long, default_value_t = 0.0)]
    loss: f64,
    /// Connects on each rung
    #[arg(long, default_value_t = 100)]
    count: usize,
    /// Connects at once
    #[arg(long, default_value_t = 4)]
    abreast: usize,
    /// From the page's load to the click, in ms
    #[arg(long, default_value_t = 1_000)]
    typing: u64,
    /// What has brought no snapshot after so many ms has hung
    #[arg(long, default_value_t = 25_000, value_parser = clap::value_parser!(u64).range(..=25_000))]
    patience: u64,
    /// Seed of the network conditions
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write every attempt, and the figures, to this file
    #[arg(long)]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Choice {
    All,
    Ladder,
    Webtransport,
    Webrtc,
    Websocket,
}

#[derive(Clone, Copy, ValueEnum)]
enum Browser {
    Chromium,
    Firefox,
}

impl From<Browser> for BrowserKind {
    fn from(browser: Browser) -> Self {
        match browser {
            Browser::Chromium => Self::Chromium,
            Browser::Firefox => Self::Firefox,
        }
    }
}

impl Choice {
    /// `None` is the ladder.
    fn rungs(self) -> Vec<Option<Rung>> {
        match self {
            Self::All => [None]
                .into_iter()
                .chain(Rung::ALL.into_iter().map(Some))
                .collect(),
            Self::Ladder => vec![None],
            Self::Webtransport => vec![Some(Rung::WebTransport)],
            Self::Webrtc => vec![Some(Rung::WebRtc)],
            Self::Websocket => vec![Some(Rung::WebSocket)],
        }
    }
}

#[derive(Serialize)]
struct Report {
    browser: String,
    /// What the path is, in words.
    link: String,
    seed: u64,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    rung: &'static str,
    #[serde(flatten)]
    tally: Tally,
    attempts: Vec<Attempt>,
}

pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    ensure!(options.count > 0, "--count must be at least 1");
    check_packages()?;
    let (paths, link) = paths(options)?;
    let lab = Lab::with_paths(&paths)?;
    let server = ServerProcess::start(ServerOptions::default(), Some(&lab))?;
    let browser = SdkBrowser::launch_for(options.browser.into(), &server.origin(), Some(&lab))?;
    let mut report = Report {
        browser: browser.version().to_owned(),
        link,
        seed: options.seed,
        rows: Vec::new(),
    };
    println!("{}", heading(&report, options.count));
    for rung in options.rung.rungs() {
        let plan = ConnectPlan {
            rung,
            count: options.count,
            abreast: options.abreast,
            typing: Duration::from_millis(options.typing),
            patience: Duration::from_millis(options.patience),
        };
        let attempts = connects(&browser, &plan)?;
        let row = Row {
            rung: rung.map_or("ladder", Rung::name),
            tally: Tally::of(&attempts),
            attempts,
        };
        println!("{}", line(&row));
        report.rows.push(row);
    }
    if let Some(path) = &options.json {
        let text = serde_json::to_string_pretty(&report)?;
        std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// The path that is asked for, and what it is in words.
fn paths(options: &Options) -> anyhow::Result<(PathPair, String)> {
    if let Some(name) = &options.profile {
        let profiles = match &options.profiles {
            Some(path) => Profiles::read(path)?,
            None => Profiles::built_in(),
        };
        let profile = with_trace(profiles.named(name)?.clone())?;
        let words = format!("{name}: {}", profile.summary);
        return Ok((profile.paths(options.seed), words));
    }
    let Options {
        rtt, jitter, loss, ..
    } = options;
    let link = PathConfig {
        delay_ms: rtt / 2.0,
        jitter: Jitter {
            ms: *jitter,
            ..Jitter::default()
        },
        loss: Loss::Uniform { percent: *loss },
        ..PathConfig::default()
    };
    let paths = PathPair {
        up: link.clone(),
        down: link,
        seed: options.seed,
        shared_fades: false,
    };
    let words = format!("{rtt} ms round trip, 0 to {jitter} ms jitter and {loss} % loss each way");
    Ok((paths, words))
}

fn heading(report: &Report, count: usize) -> String {
    let Report { browser, link, .. } = report;
    let mut text = format!(
        "{link}; {count} connects each in {browser}, ms from the click to the first snapshot\n\n"
    );
    text.push_str(
        "| rung | came up | hung | p50 | p90 | max |\n| --- | ---: | ---: | ---: | ---: | ---: |",
    );
    text
}

fn line(row: &Row) -> String {
    let ms = |time: Option<f64>| time.map_or("–".to_owned(), |time| format!("{time:.0}"));
    let Tally {
        came_up,
        hung,
        p50,
        p90,
        max,
    } = &row.tally;
    format!(
        "| {} | {came_up} | {hung} | {} | {} | {} |",
        row.rung,
        ms(*p50),
        ms(*p90),
        ms(*max)
    )
}
