//! Snapshots from datagrams: finds each one's baseline, applies the delta, keeps the view as a baseline for later ones.
//! A datagram is acknowledged only when its view is kept.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use protocol::acks::Freshness;
use protocol::datagram::{DatagramHeader, split, split_snapshot};
use protocol::sequence::Sequence;
use protocol::state_lane::StateLane;
use protocol::tick::Tick;

use super::codec::GameCodec;

/// Views kept: as many as the server remembers datagrams, so that it can name none that is gone.
const KEPT: usize = 128;

/// A view that is kept as a baseline, and may be kept longer by whoever shows it.
pub type StoredView<G> = Arc<<G as GameCodec>::View>;

/// What became of datagrams.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SnapshotTally {
    /// Decoded, newer than all before.
    pub newest: u64,
    /// Decoded, but overtaken by a newer one.
    pub late: u64,
    /// Come before, or too old to tell.
    pub duplicate: u64,
    /// Against a baseline that isn't kept, or one that the delta doesn't fit.
    pub undecodable: u64,
    /// No datagram at all.
    pub malformed: u64,
    /// Datagrams that the server sent, as their numbers tell, from the first to the newest that was decoded.
    pub sent: u64,
}

impl SnapshotTally {
    /// Datagrams that never came, or are still on their way.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.sent
            .saturating_sub(self.newest + self.late + self.undecodable)
    }
}

/// A datagram that could be read.
pub(super) struct Taken {
    pub(super) sequence: Sequence,
    pub(super) tick: Tick,
    pub(super) input_lead: i8,
    pub(super) freshness: Freshness,
}

/// The views that a client keeps.
pub(super) struct Snapshots<G: GameCodec> {
    /// In the order in which they came.
    views: VecDeque<(Tick, StoredView<G>)>,
    newest: Option<(Sequence, Tick)>,
    empty: G::View,
    tally: SnapshotTally,
}

impl<G: GameCodec> Default for Snapshots<G> {
    fn default() -> Self {
        Self {
            views: VecDeque::new(),
            newest: None,
            empty: G::View::default(),
            tally: SnapshotTally::default(),
        }
    }
}

impl<G: GameCodec> Snapshots<G> {
    /// Takes a datagram; nothing when it told nothing.
    pub(super) fn take(
        &mut self,
        now: Duration,
        datagram: &[u8],
        state: &mut StateLane,
    ) -> Option<Taken> {
        let parts = split(datagram).and_then(|(header, body)| {
            split_snapshot(body).map(|(about, delta)| (header, about, delta))
        });
        let Ok((header, about, delta)) = parts else {
            self.tally.malformed += 1;
            return None;
        };
        let mut taken = Taken {
            sequence: header.sequence,
            tick: about.tick,
            input_lead: about.input_lead,
            freshness: state.judge(header),
        };
        if taken.freshness == Freshness::Duplicate {
            self.tally.duplicate += 1;
            return Some(taken);
        }
        let Some(view) = self.decode(about.tick, about.baseline_age, delta) else {
            self.tally.undecodable += 1;
            return None;
        };
        taken.freshness = state.receive(now, header, |_| {});
        self.count(header, about.tick, taken.freshness);
        self.keep(about.tick, view);
        Some(taken)
    }

    pub(super) fn view(&self, tick: Tick) -> Option<&StoredView<G>> {
        let (_, view) = self.views.iter().rev().find(|(kept, _)| *kept == tick)?;
        Some(view)
    }

    pub(super) fn newest(&self) -> Option<Tick> {
        self.newest.map(|(_, tick)| tick)
    }

    pub(super) fn tally(&self) -> SnapshotTally {
        self.tally
    }

    fn count(&mut self, header: DatagramHeader, tick: Tick, freshness: Freshness) {
        if freshness != Freshness::Newest {
            self.tally.late += 1;
            return;
        }
        let step = self
            .newest
            .map_or(1, |(newest, _)| header.sequence.distance(newest));
        self.tally.newest += 1;
        self.tally.sent += u64::try_from(step).unwrap_or(0);
        self.newest = Some((header.sequence, tick));
    }

    fn keep(&mut self, tick: Tick, view: G::View) {
        if self.views.len() == KEPT {
            self.views.pop_front();
        }
        self.views.push_back((tick, Arc::new(view)));
    }

    fn decode(&self, tick: Tick, baseline_age: u16, delta: &[u8]) -> Option<G::View> {
        let baseline = match baseline_age {
            0 => &self.empty,
            age => self.view(Tick(tick.0.checked_sub(age.into())?))?,
        };
        G::decode_delta(baseline, baseline_age, delta).ok()
    }
}
