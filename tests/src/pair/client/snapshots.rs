//! Snapshots from datagrams: finds each one's baseline, applies the delta, keeps the view as a baseline for later ones.
//! A datagram is acknowledged only when its view is held.

use std::collections::VecDeque;
use std::time::Duration;

use game::wire::{Baseline, View, decode_delta};
use protocol::acks::Freshness;
use protocol::datagram::{split, split_snapshot};
use protocol::session::Session;
use protocol::tick::Tick;

/// Views kept: as many as the server remembers datagrams, so that it can name none that is gone.
const KEPT: usize = 128;

/// What became of datagrams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SnapshotTally {
    /// Decoded, newer than all before.
    pub newest: u64,
    /// Decoded, but overtaken by a newer one.
    pub late: u64,
    /// Come before, or too old to tell.
    pub duplicate: u64,
    /// Against a baseline that isn't held, or one that the delta doesn't fit.
    pub undecodable: u64,
    /// No datagram at all.
    pub malformed: u64,
}

/// A snapshot that was decoded.
pub(super) struct Taken {
    pub(super) tick: Tick,
    pub(super) input_lead: i8,
    pub(super) is_newest: bool,
}

/// The views that a client holds.
#[derive(Debug, Default)]
pub(super) struct Snapshots {
    /// In the order in which they came.
    views: VecDeque<(Tick, Baseline)>,
    newest: Option<Tick>,
    empty: Baseline,
    pub(super) tally: SnapshotTally,
}

impl Snapshots {
    /// Takes a datagram; nothing when it brought no view.
    pub(super) fn take(
        &mut self,
        now: Duration,
        datagram: &[u8],
        session: &mut Session,
    ) -> Option<Taken> {
        let parts = split(datagram).and_then(|(header, body)| {
            split_snapshot(body).map(|(about, delta)| (header, about, delta))
        });
        let Ok((header, about, delta)) = parts else {
            self.tally.malformed += 1;
            return None;
        };
        if session.judge(header) == Freshness::Duplicate {
            self.tally.duplicate += 1;
            return None;
        }
        let Some(view) = self.decode(about.tick, about.baseline_age, delta) else {
            self.tally.undecodable += 1;
            return None;
        };
        let is_newest = session.receive_datagram(now, header) == Freshness::Newest;
        if is_newest {
            self.tally.newest += 1;
            self.newest = Some(about.tick);
        } else {
            self.tally.late += 1;
        }
        if self.views.len() == KEPT {
            self.views.pop_front();
        }
        self.views.push_back((about.tick, view));
        Some(Taken {
            tick: about.tick,
            input_lead: about.input_lead,
            is_newest,
        })
    }

    pub(super) fn view(&self, tick: Tick) -> Option<&View> {
        self.held(tick).map(Baseline::view)
    }

    pub(super) fn newest(&self) -> Option<Tick> {
        self.newest
    }

    fn held(&self, tick: Tick) -> Option<&Baseline> {
        let (_, view) = self.views.iter().rev().find(|(held, _)| *held == tick)?;
        Some(view)
    }

    fn decode(&self, tick: Tick, baseline_age: u16, delta: &[u8]) -> Option<Baseline> {
        let baseline = match baseline_age {
            0 => &self.empty,
            age => self.held(Tick(tick.0.checked_sub(age.into())?))?,
        };
        decode_delta(baseline, baseline_age, delta).ok()
    }
}
