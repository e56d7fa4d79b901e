//! One run through time: who comes when, when the path changes, and when the clock starts.
//!
//! 1. On a perfect path: a fresh server, a witness on its host, and the players' pages are loaded.
//! 2. The profile's path is put in force, without what happens at its own moments (gaps, rebindings, schedule). The
//!    players click, so that the first snapshot is timed on the path as it is. Some settle longer than others.
//! 3. The profile's path is put in force anew, whole: now the measurement's clock starts, and gaps, schedule, trace and
//!    fades count from here. The same seed gives every way the same network conditions in time.
//! 4. After the span is over, what was sent in it may still come in for a while.

use std::time::Duration;

use super::assemble::Observed;
use super::competitor::Competitor;
use super::crowd::{Crowd, CrowdError};
use super::error::{CampaignError, SharedLinkError};
use super::ground::Ground;
use super::interrupt::{Interrupt, Interrupted};
use super::witness::Witness;
use crate::clock::unix_ms;
use crate::judge::longest_own_delay_ms;
use crate::lab::LabError;
use crate::path::{PathConfig, PathPair};
use crate::profile::CompetingTcp;
use crate::report::Failure;
use crate::server_process::{ServerError, ServerProcess};

/// How long players may take to get in.
const PATIENCE: Duration = Duration::from_secs(25);
/// From when everybody plays to the measurement's start: the ladder makes up its mind, estimates settle. On a slow path
/// as much longer as its queue takes to empty, for links are set up with larger packets than the game's.
const SETTLING: Duration = Duration::from_millis(1_000);
/// Beyond the path's own delay, what comes in so much later after the end still counts.
const GRACE_MS: f64 = 300.0;
const LONGEST_GRACE_MS: f64 = 2_500.0;
/// Ticks from one snapshot to the next, at the rates that the server comes with.
const SNAPSHOT_EVERY: u32 = 3;
/// Lines of the server's log, and of what players said, that a failure shows.
const LOG_LINES: usize = 20;
const WORDS: usize = 10;

/// What became of a run.
pub(super) struct Played {
    pub(super) observed: Observed,
    pub(super) failure: Option<Failure>,
    /// What the network did to one player, as a trace in CSV.
    pub(super) recording: Option<String>,
}

/// Why a run has no result.
pub(super) enum NoResult {
    /// The user has had enough.
    Interrupted,
    /// Nothing can be played here at all.
    Hopeless(CampaignError),
    /// This run can't be played.
    Failed(Failure),
}

/// What a run is played on.
pub(super) struct Setting<'a> {
    pub(super) paths: &'a PathPair,
    /// How long is measured.
    pub(super) span: Duration,
    pub(super) competing_tcp: Option<CompetingTcp>,
}

/// Plays one run with whom `come` brings.
pub(super) fn play<'a>(
    ground: &Ground,
    setting: &Setting<'_>,
    interrupt: &Interrupt,
    come: impl FnOnce() -> Result<Box<dyn Crowd + 'a>, CrowdError>,
) -> Result<Played, NoResult> {
    ground.set_path(&PathPair::default())?;
    let mut server = ground.start_server()?;
    let witness = enter_witness(ground, &server)?;
    let mut crowd = come().map_err(|error| failed(error.to_string(), &server, &[]))?;
    let mut run = Running {
        ground,
        server: &mut server,
        witness: &witness,
        crowd: &mut *crowd,
        interrupt,
    };
    let measured = run.measure(setting);
    let words = crowd.last_words();
    let times = witness.stop();
    let measured = measured?;
    let mut observed = measured.observed;
    observed.times = times;
    let failure = measured.fault.map(|reason| Failure {
        reason,
        log: log(&server, &words),
    });
    Ok(Played {
        observed,
        failure,
        recording: measured.recording,
    })
}

struct Running<'a> {
    ground: &'a Ground,
    server: &'a mut ServerProcess,
    witness: &'a Witness,
    crowd: &'a mut dyn Crowd,
    interrupt: &'a Interrupt,
}

struct Measured {
    /// Without the witness's times.
    observed: Observed,
    /// Why it is no measurement, if it isn't.
    fault: Option<String>,
    recording: Option<String>,
}

impl Running<'_> {
    fn measure(&mut self, setting: &Setting<'_>) -> Result<Measured, NoResult> {
        let Setting { paths, span, .. } = *setting;
        self.ground.set_path(&without_events(paths))?;
        let came_in = self.crowd.join(ROOM, PATIENCE);
        let _competitor = Competitor::start(self.ground, setting.competing_tcp)?;
        self.interrupt.wait(settling(paths), || false)?;
        let began = came_in.and_then(|()| self.crowd.begin());
        let before = self.ground.count()?;
        let began_ms = self.ground.set_path(paths)?;
        let mut observed = Observed {
            began_ms,
            span_ms: span.as_secs_f64() * 1e3,
            paths: paths.clone(),
            every: SNAPSHOT_EVERY,
            times: Default::default(),
            players: Vec::new(),
            counts: None,
        };
        if let Err(error) = began {
            observed.span_ms = 0.0;
            let fault = self.fault().unwrap_or_else(|| error.to_string());
            return Ok(Measured {
                observed,
                fault: Some(fault),
                recording: None,
            });
        }
        let interrupt = self.interrupt;
        interrupt.wait(span, || self.fault().is_some())?;
        let after = self.ground.count()?;
        observed.counts = Some((before, after));
        let mut fault = self.fault();
        if fault.is_some() {
            observed.span_ms = (unix_ms() - began_ms).min(observed.span_ms);
        }
        let told = self.crowd.end().and_then(|()| {
            if fault.is_none() {
                let grace_ms = longest_own_delay_ms(&paths.down) + GRACE_MS;
                let grace = Duration::from_secs_f64(grace_ms.min(LONGEST_GRACE_MS) / 1e3);
                std::thread::sleep(grace);
            }
            let recording = self.crowd.recording()?;
            Ok((recording, self.crowd.tell()?))
        });
        let mut recording = None;
        match told {
            Ok((recorded, players)) => (recording, observed.players) = (recorded, players),
            Err(error) => fault = fault.or(Some(error.to_string())),
        }
        Ok(Measured {
            observed,
            fault,
            recording,
        })
    }

    /// What has gone wrong at the server's end, if anything.
    fn fault(&mut self) -> Option<String> {
        if let Some(status) = self.server.exit_status() {
            return Some(format!("the server ended by itself ({status})"));
        }
        let gone = "the server threw the witness out, so nobody saw what it sent";
        self.witness.is_gone().then(|| gone.to_owned())
    }
}

/// How long a path takes to settle.
pub(super) fn settling(paths: &PathPair) -> Duration {
    const LONGEST_QUEUE_S: f64 = 3.0;
    let queue_s = |config: &PathConfig| {
        config.bandwidth.queue_bytes as f64 * 8.0 / (config.bandwidth.kbit_per_s * 1e3)
    };
    let longest_s = queue_s(&paths.up).max(queue_s(&paths.down));
    SETTLING + Duration::from_secs_f64(longest_s.min(LONGEST_QUEUE_S))
}

/// The path without what comes at moments of its own, which count from the measurement's start.
pub(super) fn without_events(paths: &PathPair) -> PathPair {
    let calm = |config: &PathConfig| PathConfig {
        gaps: Vec::new(),
        nat_rebindings: Vec::new(),
        schedule: Vec::new(),
        ..config.clone()
    };
    PathPair {
        up: calm(&paths.up),
        down: calm(&paths.down),
        ..paths.clone()
    }
}

fn enter_witness(ground: &Ground, server: &ServerProcess) -> Result<Witness, NoResult> {
    let entered = ground.at_server(|| {
        Witness::enter(ground.server_from_within(), ROOM).map_err(|error| error.to_string())
    })?;
    entered.map_err(|error| failed(format!("the witness can't get in: {error}"), server, &[]))
}

fn failed(reason: String, server: &ServerProcess, words: &[String]) -> NoResult {
    NoResult::Failed(Failure {
        reason,
        log: log(server, words),
    })
}

fn log(server: &ServerProcess, words: &[String]) -> Vec<String> {
    let tail = server.log_tail(LOG_LINES);
    let said = words.iter().rev().take(WORDS).rev();
    tail.lines()
        .map(str::to_owned)
        .chain(said.map(|word| format!("player: {word}")))
        .collect()
}

const ROOM: &str = "lab";

impl From<Interrupted> for NoResult {
    fn from(_: Interrupted) -> Self {
        Self::Interrupted
    }
}

impl From<CampaignError> for NoResult {
    fn from(error: CampaignError) -> Self {
        Self::Hopeless(error)
    }
}

impl From<SharedLinkError> for NoResult {
    fn from(error: SharedLinkError) -> Self {
        Self::Failed(Failure {
            reason: error.to_string(),
            log: Vec::new(),
        })
    }
}

impl From<LabError> for NoResult {
    fn from(error: LabError) -> Self {
        Self::Hopeless(error.into())
    }
}

impl From<ServerError> for NoResult {
    fn from(error: ServerError) -> Self {
        match error {
            ServerError::Ended { .. } | ServerError::TooLate { .. } => {
                let text = error.to_string();
                let mut lines = text.lines().map(str::to_owned);
                Self::Failed(Failure {
                    reason: lines.next().unwrap_or_default(),
                    log: lines.collect(),
                })
            }
            other => Self::Hopeless(other.into()),
        }
    }
}
