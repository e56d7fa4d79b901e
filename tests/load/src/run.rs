//! One run: a server is started, players come in, and a span is measured.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, ensure};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use netlab::clock::Stopwatch;
use netlab::player::CirclesCodec;
use netlab::programs;
use netlab::server_process::{ServerOptions, ServerProcess};
use protocol::rung::Rung;

use crate::cores;
use crate::crowd::{Crowd, Steer, Wish};
use crate::figures::{Figures, Players};
use crate::fixed::FixedSizeCodec;
use crate::served::Look;

/// Players of a room.
const SEATS: usize = 12;

/// Rooms that a server may have as its README starts it.
const ROOMS: usize = 50;

/// How long after the last join the span begins: path estimates and allocators have settled.
pub const SETTLING: Duration = Duration::from_secs(3);

/// What is to be run.
#[derive(Args, Clone, Debug)]
pub struct Run {
    /// How players connect: webtransport, webrtc or websocket.
    #[arg(long, value_parser = rung)]
    pub rung: Rung,
    /// How many.
    #[arg(long, default_value_t = 200)]
    pub players: usize,
    /// How long to measure, in seconds, once all are in.
    #[arg(long, default_value_t = 20)]
    pub seconds: u64,
    /// Fixed snapshots of 256 bytes, without a game.
    #[arg(long)]
    pub transport_only: bool,
    /// Sockets of a WebSocket link.
    #[arg(long, default_value_t = 3)]
    pub sockets: u8,
    /// Joins at once.
    #[arg(long, default_value_t = 16)]
    pub abreast: usize,
    /// Threads that all players share.
    #[arg(long, default_value_t = 2)]
    pub threads: usize,
    /// Another build of the server.
    #[arg(long, value_name = "PROGRAM")]
    pub server: Option<PathBuf>,
    /// A further line of the server's configuration, as `database = "off"`.
    #[arg(long, value_name = "LINE")]
    pub set: Vec<String>,
    /// Cores that the server keeps to, as `0` or `0,1`. Default all.
    #[arg(long, value_delimiter = ',')]
    pub server_cores: Vec<usize>,
    /// Cores that the players keep to. Default all.
    #[arg(long, value_delimiter = ',')]
    pub load_cores: Vec<usize>,
}

fn rung(text: &str) -> Result<Rung, String> {
    let found = Rung::ALL.into_iter().find(|rung| rung.name() == text);
    found.ok_or_else(|| "webtransport, webrtc or websocket".to_owned())
}

impl Run {
    /// Runs it.
    ///
    /// # Errors
    /// When the server doesn't start, or nobody comes in.
    pub fn measure(&self) -> anyhow::Result<Figures> {
        ensure!(self.players > 0, "there is nobody to measure");
        ensure!(self.seconds > 0, "there is no time to measure in");
        let server = self.start()?;
        let before = cores::keep_to(&self.load_cores).context("cores of the players")?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(self.threads)
            .enable_all()
            .build()?;
        let figures = if self.transport_only {
            runtime.block_on(self.play::<FixedSizeCodec>(&server))
        } else {
            runtime.block_on(self.play::<CirclesCodec>(&server))
        };
        cores::go_back_to(&before)?;
        figures
    }

    /// The server as its README starts it, but for as many rooms as it takes.
    fn start(&self) -> anyhow::Result<ServerProcess> {
        let fixed = self.transport_only.then(|| programs::release("fixed_size"));
        let rooms = self.players.div_ceil(SEATS).max(ROOMS);
        // It runs in a folder of its own.
        let other = self
            .server
            .as_deref()
            .map(std::path::absolute)
            .transpose()?;
        let options = ServerOptions {
            binary: other.or(fixed),
            config: Some(format!("max_rooms = {rooms}\n{}", self.set.join("\n"))),
            ..ServerOptions::default()
        };
        let before = cores::keep_to(&self.server_cores).context("cores of the server")?;
        let server = ServerProcess::start(options, None);
        cores::go_back_to(&before)?;
        Ok(server?)
    }

    async fn play<G>(&self, server: &ServerProcess) -> anyhow::Result<Figures>
    where
        G: Steer + 'static,
        G::View: Send + Sync,
        G::Input: Send + Default + 'static,
    {
        let wish = Wish {
            origin: server.origin(),
            rung: self.rung,
            players: self.players,
            sockets: self.sockets,
            abreast: self.abreast,
        };
        let empty = Look::at(server)?;
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}")?;
        let joining = ProgressBar::new(wish.players as u64).with_style(style.clone());
        joining.set_message("joining");
        let crowd = Crowd::<G>::enter(&wish, || joining.inc(1)).await?;
        joining.finish_and_clear();
        if let Some(fault) = crowd.failed.first() {
            eprintln!("{} joins failed, the first: {fault}", crowd.failed.len());
        }
        ensure!(!crowd.is_empty(), "nobody came in");
        tokio::time::sleep(SETTLING).await;
        let begun = crowd.begin();
        let (before, clock) = (Look::at(server)?, Stopwatch::start());
        let measuring = ProgressBar::new(self.seconds).with_style(style);
        measuring.set_message("measuring");
        for _ in 0..self.seconds {
            tokio::time::sleep(Duration::from_secs(1)).await;
            measuring.inc(1);
        }
        let (seen, span) = (crowd.seen_since(&begun), clock.elapsed());
        let after = Look::at(server)?;
        measuring.finish_and_clear();
        let players = Players {
            rung: self.rung,
            transport_only: self.transport_only,
            joined: crowd.len(),
            failed: crowd.failed.len(),
            joined_in: crowd.joined_in,
            empty_memory: empty.memory,
        };
        crowd.leave().await;
        Ok(Figures::of(&players, &seen, span, &before, &after))
    }
}
