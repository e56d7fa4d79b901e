//! `netlab run` without its command line: every profile, player, way and repeat that was asked for, played one after
//! the other on an emulated path, measured and judged. How figures come about is in [`crate::judge`].

mod assemble;
mod competitor;
mod connection;
mod crowd;
mod error;
mod feel;
mod ground;
mod interrupt;
mod plan;
mod probe;
mod recorded;
mod retransmits;
mod sent;
mod session;
mod stage;
mod witness;

use std::time::Duration;

pub use error::CampaignError;
use ground::Ground;
pub use interrupt::{Interrupt, Interrupted};
pub use plan::{Plan, PlayerKind};
pub use recorded::{profile_of_trace, with_trace};
use session::{NoResult, Setting};
use stage::Stage;

use crate::clock::unix_ms;
use crate::judge::verdict;
use crate::profile::Profile;
use crate::report::progress::Progress;
use crate::report::{Failure, ProfileNote, REPORT_VERSION, Report, Run, Verdict};

/// A campaign, as far as it came.
#[derive(Debug)]
pub struct Campaign {
    /// What was found out.
    pub report: Report,
    /// Whether the user ended it before its time.
    pub interrupted: bool,
    /// What the network did to one player of the first run that was recorded, as [`crate::trace`] reads it.
    pub recording: Option<String>,
}

/// Plays the whole plan.
///
/// # Errors
/// When nothing can be played on this machine, or not as asked. What goes wrong within a run is that run's failure.
pub fn play(
    plan: &Plan,
    progress: &mut Progress,
    interrupt: &Interrupt,
) -> Result<Campaign, CampaignError> {
    let mut report = Report {
        version: REPORT_VERSION,
        began_unix_ms: unix_ms(),
        command: plan.command.clone(),
        place: plan.place,
        remarks: plan.remarks(),
        profiles: plan.profiles.iter().map(note).collect(),
        runs: Vec::new(),
        verdict: Verdict::default(),
    };
    let ground = Ground::set_up(plan.place)?;
    let mut interrupted = false;
    let mut recording = None;
    'players: for player in &plan.players {
        let mut stage = Stage::new(&ground, *player, plan)?;
        for step in plan.steps_of(*player) {
            progress.step(&step.to_string(), step.seconds());
            match run(&ground, &mut stage, plan, &step, interrupt) {
                Ok((run, recorded)) => {
                    report.runs.push(run);
                    recording = recording.or(recorded);
                }
                Err(NoResult::Interrupted) => {
                    interrupted = true;
                    break 'players;
                }
                // What is finished is worth more than an early end.
                Err(NoResult::Hopeless(error)) if report.runs.is_empty() => return Err(error),
                Err(NoResult::Hopeless(error)) => {
                    let failure = Failure {
                        reason: error.to_string(),
                        log: Vec::new(),
                    };
                    report.runs.push(step.blank_run(Some(failure)));
                }
                Err(NoResult::Failed(failure)) => {
                    report.runs.push(step.blank_run(Some(failure)));
                }
            }
            if let Some(failure) = report.runs.last().and_then(|run| run.failure.as_ref()) {
                progress.say(&format!("no measurement: {}", failure.reason));
            }
        }
    }
    for profile in &plan.profiles {
        report.verdict.checks.extend(verdict(profile, &report.runs));
    }
    Ok(Campaign {
        report,
        interrupted,
        recording,
    })
}

fn run(
    ground: &Ground,
    stage: &mut Stage<'_>,
    plan: &Plan,
    step: &plan::Step<'_>,
    interrupt: &Interrupt,
) -> Result<(Run, Option<String>), NoResult> {
    let paths = step.profile.paths(step.seed);
    let span = Duration::from_secs_f64(step.seconds());
    let setting = Setting {
        paths: &paths,
        span,
        competing_tcp: step.profile.competing_tcp,
    };
    let played = session::play(ground, &setting, interrupt, || {
        stage.crowd(step.way, plan.size)
    });
    let is_failure = match &played {
        Ok(played) => played.failure.is_some(),
        Err(_) => true,
    };
    if is_failure {
        stage.renew();
    }
    let played = played?;
    let mut outcome = played.observed.outcome();
    if step.profile.competing_tcp.is_some() && played.failure.is_none() {
        (outcome.floor, outcome.floor_series) = probe::floor(ground, &setting, interrupt)?;
    }
    let run = Run {
        seconds: played.observed.span_ms / 1e3,
        figures: outcome.figures,
        floor: outcome.floor,
        connection: outcome.connection,
        feel: outcome.feel,
        series: outcome.series,
        other_series: outcome.other_series,
        floor_series: outcome.floor_series,
        ..step.blank_run(played.failure)
    };
    Ok((run, played.recording))
}

fn note(profile: &Profile) -> ProfileNote {
    ProfileNote {
        name: profile.name.clone(),
        summary: profile.summary.clone(),
        source: profile.source.clone(),
    }
}
