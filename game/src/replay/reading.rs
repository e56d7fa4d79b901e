//! Recordings as bytes, and what is refused of them.

use core::fmt;

use crate::config::{GameConfig, GameConfigError};
use crate::digest::digest;
use crate::wire::{GameInput, MAX_SEATS, Phase};
use crate::{BattleCircles, Rules};
use protocol::bounded::BoundedVec;
use protocol::codec::{DecodeError, decode, decode_prefix};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::call::Call;
use super::mark::Mark;
use super::track::read_track;
use super::{MAGIC, MAX_RECORDING, VERSION};

/// Most seconds of a match by any settings: a minute of countdown and an hour of play.
const MAX_SECONDS: usize = 60 + 3_600;

/// Why bytes are no recording that this program can play.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RecordingError {
    /// It doesn't begin as one does.
    #[error("this is no recording of a match")]
    Foreign,
    /// Of another version of the format.
    #[error("the recording is of version {0}, and this program reads version {VERSION}")]
    Version(u16),
    /// Cut off, or changed since it was made.
    #[error("the recording is damaged")]
    Damaged,
    /// Undamaged, but made by no recorder.
    #[error("the recording is malformed: {0}")]
    Malformed(#[from] DecodeError),
    /// Its game can't be played.
    #[error("the recording's settings: {0}")]
    Settings(#[from] GameConfigError),
    /// Its first state is none that this program goes on from.
    #[error("the recording's start: {0}")]
    Start(String),
    /// A call or an input after the end, or a name that no player has.
    #[error("the recording has {0} that no match has")]
    Impossible(&'static str),
}

/// What stands between a recording's version and its digest.
#[derive(Serialize, Deserialize)]
pub(super) struct Body<'a> {
    pub(super) tick_rate: u16,
    pub(super) settings: GameConfig,
    pub(super) start: &'a [u8],
    pub(super) ticks: u32,
    pub(super) calls: &'a [u8],
    #[serde(borrow)]
    pub(super) tracks: [&'a [u8]; MAX_SEATS],
    pub(super) marks: BoundedVec<Mark, MAX_SECONDS>,
    pub(super) end: u64,
}

/// A match that was recorded. It takes up to thirty times the memory that its bytes do.
#[derive(Clone)]
pub struct Recording {
    /// As it was when the countdown had begun.
    pub(super) start: BattleCircles,
    pub(super) ticks: u32,
    /// By rising number of ticks made before.
    pub(super) calls: Vec<(u32, Call)>,
    /// By seat, each by rising tick from 0.
    pub(crate) tracks: [Vec<(u32, GameInput)>; MAX_SEATS],
    pub(super) marks: Vec<Mark>,
    pub(crate) end: u64,
}

impl Recording {
    /// Reads the bytes of [`super::Outcome::Whole`], wherever they have been. What is taken has no
    /// more ticks than a match by its settings.
    ///
    /// # Errors
    /// [`RecordingError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordingError> {
        let body = parse_body(bytes)?;
        let rules = Rules::new(body.settings, body.tick_rate)?;
        let most = rules.ticks(rules.config().countdown_seconds + rules.config().playing_seconds);
        if body.ticks > most.saturating_add(1) {
            return Err(RecordingError::Impossible("more ticks"));
        }
        let mut start = BattleCircles::new(rules, 0);
        start
            .go_on_from(body.start)
            .map_err(|error| RecordingError::Start(error.to_string()))?;
        if start.phase.phase != Phase::Countdown {
            return Err(RecordingError::Impossible("a start"));
        }
        let mut tracks = <[Vec<_>; MAX_SEATS]>::default();
        for (track, bytes) in tracks.iter_mut().zip(body.tracks) {
            *track = read_track(bytes)?;
            if track.last().is_some_and(|(tick, _)| *tick >= body.ticks) {
                return Err(RecordingError::Impossible("an input after the end"));
            }
        }
        Ok(Self {
            start,
            ticks: body.ticks,
            calls: read_calls(body.calls, body.ticks)?,
            tracks,
            marks: body.marks.into_vec(),
            end: body.end,
        })
    }

    /// The rules that the match was played by.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.start.rules
    }

    /// Ticks from the start of the countdown to the results.
    #[must_use]
    pub fn ticks(&self) -> u32 {
        self.ticks
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("ticks", &self.ticks)
            .finish_non_exhaustive()
    }
}

fn parse_body(bytes: &[u8]) -> Result<Body<'_>, RecordingError> {
    let rest = bytes.strip_prefix(&MAGIC);
    let rest = rest.ok_or(RecordingError::Foreign)?;
    let (version, rest) = rest
        .split_first_chunk::<2>()
        .ok_or(RecordingError::Damaged)?;
    let version = u16::from_le_bytes(*version);
    if version != VERSION {
        return Err(RecordingError::Version(version));
    }
    let (body, sum) = rest
        .split_last_chunk::<8>()
        .ok_or(RecordingError::Damaged)?;
    let covered = &bytes[..bytes.len() - sum.len()];
    if bytes.len() > MAX_RECORDING || u64::from_le_bytes(*sum) != digest(covered) {
        return Err(RecordingError::Damaged);
    }
    Ok(decode(body, MAX_RECORDING)?)
}

fn read_calls(mut bytes: &[u8], ticks: u32) -> Result<Vec<(u32, Call)>, RecordingError> {
    let mut calls = Vec::new();
    let mut made = 0u32;
    while !bytes.is_empty() {
        let ((gap, call), rest): ((u32, Call), _) = decode_prefix(bytes, MAX_RECORDING)?;
        made = made.checked_add(gap).ok_or(DecodeError::Malformed)?;
        if made >= ticks {
            return Err(RecordingError::Impossible("a call after the end"));
        }
        if !call.is_possible() {
            return Err(RecordingError::Impossible("a name"));
        }
        calls.push((made, call));
        bytes = rest;
    }
    Ok(calls)
}
