//! A game as bytes, so that another process goes on with it to the bit. What doesn't change in a
//! game is not in it: the rules, and what clients hold of its snapshots.
//!
//! ```text
//! version    2 bytes: of this layout and of the types in it
//! settings   8 bytes: the digest of the rules and the tick rate
//! state      postcard
//! digest     8 bytes: of all before
//! ```
//!
//! Numbers of a fixed size have their lowest byte first. A game of 12 circles and 200 knibbles
//! takes some 1,600 bytes, one of 16 and 256 no more than [`MAX_CHECKPOINT`]. All ticks are
//! counted from the room's first, so that the room has to go on counting where it was.

use std::borrow::Cow;

use crate::wire::{MAX_SEATS, Phase, ResultRow};
use protocol::bounded::BoundedVec;
use protocol::codec::{DecodeError, decode, encode, encode_into};
use protocol::seat::Seat;
use protocol::tick::Tick;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::BattleCircles;
use super::arena::{Arena, Circles};
use super::boundary::Boundary;
use super::digest::digest;
use super::knibbles::Knibbles;
use super::phases::PhaseClock;
use super::random::Random;
use super::respawn::Departed;
use super::results::Records;
use super::rules::Rules;
use super::seats::Seats;

/// Most bytes of a checkpoint: what any game takes, with some to spare.
pub(super) const MAX_CHECKPOINT: usize = 8_192;

/// Grows with every change of the layout, of a type in [`State`] and of what one of its values
/// means.
const VERSION: u16 = 2;

/// Why a checkpoint was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum CheckpointError {
    #[error("the checkpoint is of version {0}, and this program reads version {VERSION}")]
    Version(u16),
    #[error("the checkpoint is of a game with other settings or another tick rate")]
    Settings,
    #[error("the checkpoint is damaged")]
    Damaged,
    #[error("the checkpoint is malformed: {0}")]
    Malformed(#[from] DecodeError),
    #[error("the checkpoint holds {0} that no game comes to")]
    Impossible(&'static str),
}

/// All that decides what comes next, beside the rules.
#[derive(Serialize, Deserialize)]
struct State<'a> {
    random: Cow<'a, Random>,
    tick: Tick,
    phase: PhaseClock,
    seats: Cow<'a, Seats>,
    circles: Cow<'a, Circles>,
    knibbles: Cow<'a, Knibbles>,
    /// From when on the boundary follows its course, where there is one yet.
    boundary: Option<Tick>,
    records: Cow<'a, Records>,
    results: BoundedVec<ResultRow, MAX_SEATS>,
    departed: Cow<'a, Departed>,
    is_roster_stale: bool,
}

impl BattleCircles {
    /// The game as it is between two ticks.
    pub(super) fn to_checkpoint(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(MAX_CHECKPOINT / 2);
        out.extend(VERSION.to_le_bytes());
        out.extend(settings_digest(&self.rules).to_le_bytes());
        encode_into(&self.state(), &mut out);
        out.extend(digest(&out).to_le_bytes());
        out
    }

    /// Becomes the game that a checkpoint was made of. After an error this one is as before.
    pub(super) fn go_on_from(&mut self, checkpoint: &[u8]) -> Result<(), CheckpointError> {
        let state = State::parse(checkpoint, &self.rules)?;
        self.random = state.random.into_owned();
        self.tick = state.tick;
        self.phase = state.phase;
        self.seats = state.seats.into_owned();
        self.arena = Arena {
            circles: state.circles.into_owned(),
            knibbles: state.knibbles.into_owned(),
            boundary: state
                .boundary
                .map_or_else(Boundary::default, |start| Boundary::new(&self.rules, start)),
        };
        self.records = state.records.into_owned();
        self.results = state.results.into_vec();
        self.departed = state.departed.into_owned();
        self.is_roster_stale = state.is_roster_stale;
        self.events.clear();
        Ok(())
    }

    fn state(&self) -> State<'_> {
        // Each field by its name: a new one is either kept, or left out for a reason.
        let Self {
            rules: _,
            random,
            tick,
            phase,
            seats,
            arena:
                Arena {
                    circles,
                    knibbles,
                    boundary,
                },
            records,
            results,
            // The tick that announces an event also emits it.
            events,
            departed,
            is_roster_stale,
        } = self;
        debug_assert!(events.is_empty(), "a checkpoint within a tick");
        State {
            random: Cow::Borrowed(random),
            tick: *tick,
            phase: *phase,
            seats: Cow::Borrowed(seats),
            circles: Cow::Borrowed(circles),
            knibbles: Cow::Borrowed(knibbles),
            boundary: boundary.start(),
            records: Cow::Borrowed(records),
            results: results.iter().copied().collect(),
            departed: Cow::Borrowed(departed),
            is_roster_stale: *is_roster_stale,
        }
    }
}

impl State<'_> {
    fn parse(bytes: &[u8], rules: &Rules) -> Result<Self, CheckpointError> {
        let (covered, sum) = bytes
            .split_last_chunk::<8>()
            .ok_or(CheckpointError::Damaged)?;
        let (version, rest) = covered
            .split_first_chunk::<2>()
            .ok_or(CheckpointError::Damaged)?;
        let (settings, state) = rest
            .split_first_chunk::<8>()
            .ok_or(CheckpointError::Damaged)?;
        let version = u16::from_le_bytes(*version);
        if version != VERSION {
            return Err(CheckpointError::Version(version));
        }
        if bytes.len() > MAX_CHECKPOINT || u64::from_le_bytes(*sum) != digest(covered) {
            return Err(CheckpointError::Damaged);
        }
        if u64::from_le_bytes(*settings) != settings_digest(rules) {
            return Err(CheckpointError::Settings);
        }
        let state: Self = decode(state, MAX_CHECKPOINT)?;
        state.check(rules)?;
        Ok(state)
    }

    /// Refuses numbers that a tick could fail on, and states that a room would never leave.
    fn check(&self, rules: &Rules) -> Result<(), CheckpointError> {
        let is_lobby = self.phase.phase == Phase::Lobby;
        let knibbles = match is_lobby {
            true => 0,
            false => rules.config().knibbles as usize,
        };
        let is_seated = |row: &ResultRow| self.seats.occupant(row.seat).is_some();
        possible(self.phase.is_possible(self.tick, rules), "a phase")?;
        possible(self.boundary.is_none() == is_lobby, "a boundary")?;
        possible(
            self.knibbles.count() == knibbles && self.knibbles.are_possible(self.tick, rules),
            "knibbles",
        )?;
        for seat in 0..MAX_SEATS as u8 {
            self.check_seat(Seat(seat), rules)?;
        }
        possible(
            self.results.iter().all(is_seated)
                && self
                    .results
                    .is_sorted_by(|row, next| row.place < next.place),
            "results",
        )
    }

    /// Whoever has a circle has a record, and whoever has a record has a seat.
    fn check_seat(&self, seat: Seat, rules: &Rules) -> Result<(), CheckpointError> {
        let index = usize::from(seat.0);
        let occupant = self.seats.occupant(seat);
        let record = self.records.get(index).copied().flatten();
        let circle = self.circles.get(index).and_then(Option::as_ref);
        let has_seat = u32::from(seat.0) < rules.config().seats;
        possible(
            occupant.is_none_or(|one| has_seat && one.is_possible(self.tick, rules)),
            "a player or bot",
        )?;
        possible(
            record.is_none_or(|one| occupant.is_some() && one.is_possible(&self.seats)),
            "a record",
        )?;
        possible(
            circle.is_none_or(|one| record.is_some() && one.is_possible(self.tick, rules)),
            "a circle",
        )
    }
}

fn possible(is_possible: bool, what: &'static str) -> Result<(), CheckpointError> {
    match is_possible {
        true => Ok(()),
        false => Err(CheckpointError::Impossible(what)),
    }
}

fn settings_digest(rules: &Rules) -> u64 {
    digest(&encode(&(rules.config(), rules.tick_rate())))
}

/// Makes a checkpoint of bytes that were tampered with, as whoever does so would.
#[cfg(test)]
pub(super) fn seal(covered: &[u8]) -> Vec<u8> {
    [covered, &digest(covered).to_le_bytes()].concat()
}
