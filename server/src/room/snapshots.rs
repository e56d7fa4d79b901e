//! What goes down to a player as State: when, how large, and on which links. What stands in it is the game's business.

use std::time::Duration;

use protocol::MAX_DATAGRAM;
use protocol::codec::encode_into;
use protocol::datagram::SnapshotHeader;
use protocol::tick::Tick;

use super::faults::{Fault, Faults};
use super::links::Link;
use super::session::Session;
use crate::counters::RoomCounters;
use crate::game::{Game, SnapshotBasis};
use crate::path::PathQuality;

/// Time between two snapshots for a player who is away, half a second but for ticks' unevenness. Not forever: the way down may be fine, and then these tell the
/// client that it is only not heard.
const AWAY_INTERVAL: Duration = Duration::from_millis(490);

/// What sending needs of the room.
pub(super) struct Sending<'a, G> {
    pub(super) now: Duration,
    pub(super) tick: Tick,
    pub(super) game: &'a mut G,
    pub(super) counters: &'a RoomCounters,
    pub(super) faults: &'a Faults,
    /// What is being written.
    pub(super) datagram: &'a mut Vec<u8>,
    /// What has been sent.
    pub(super) sent: Sent,
}

impl<G> Sending<'_, G> {
    /// Counts what has been sent.
    pub(super) fn finish(self) {
        self.counters.snapshots.increment(self.sent.snapshots);
        self.counters.snapshot_bytes.increment(self.sent.bytes);
    }
}

/// Snapshots, and how large they were.
#[derive(Default)]
pub(super) struct Sent {
    snapshots: u64,
    bytes: u64,
}

impl<G: Game> Session<G> {
    /// What becomes of snapshots on their way.
    pub(super) fn path_quality(&self, now: Duration) -> PathQuality {
        self.path.quality(now)
    }

    /// Whether snapshots stall on their way, and more of them would stall more: one behind a lost one makes its recovery
    /// slower.
    pub(super) fn stalls(&self) -> bool {
        self.path.is_lossy() && !self.links.active().any(Link::gains_from_extra)
    }

    /// Sends what the player sees now between two snapshots that are due, because the path loses some;
    /// on those links that gain from it, and if the path has room for it.
    pub(super) fn send_extra_snapshot(&mut self, sending: &mut Sending<'_, G>) {
        let now = sending.now;
        let gains = self.links.active().any(Link::gains_from_extra);
        if !gains || self.is_hidden || self.is_away(now) {
            return;
        }
        if let Some(granted) = self.path.grant(now) {
            self.card.extra += 1;
            sending.counters.extra_snapshots.increment(1);
            self.send(sending, granted, Link::gains_from_extra);
        }
    }

    /// Sends what the player sees now, as the difference from the newest view it is known to hold; if it is not too soon
    /// for the path, or for a player who is away.
    pub(super) fn send_snapshot(&mut self, sending: &mut Sending<'_, G>) {
        let now = sending.now;
        let is_wanted = std::mem::take(&mut self.wants_snapshot);
        self.path.judge(now);
        if !self.takes_state() {
            return;
        }
        let is_early = now.saturating_sub(self.sent_at) < AWAY_INTERVAL;
        if self.is_away(now) && is_early && !is_wanted {
            return;
        }
        let at_once = is_wanted.then(|| self.path.least_grant());
        if let Some(granted) = self.path.grant(now).or(at_once) {
            self.send(sending, granted, |_| true);
        }
    }

    fn is_away(&self, now: Duration) -> bool {
        self.is_silent(now) || self.unloaded_at.is_some()
    }

    fn takes_state(&self) -> bool {
        !self.is_hidden && self.links.active().next().is_some()
    }

    /// Sends a snapshot of at most the bytes that are granted.
    fn send(
        &mut self,
        sending: &mut Sending<'_, G>,
        granted: usize,
        takes: impl Fn(&Link) -> bool,
    ) {
        let Sending { now, tick, .. } = *sending;
        let nothing = G::View::default();
        let acked = self.path.lane().acked_tick();
        let baseline = acked.and_then(|acked| self.baselines.before(tick, acked));
        let (baseline_age, baseline) =
            baseline.map_or((0, &nothing), |(age, view)| (age.get(), view));

        let header = self.path.send(now, tick);
        let snapshot = SnapshotHeader {
            tick,
            baseline_age,
            input_lead: self.inputs.lead(tick),
        };
        let bytes = &mut *sending.datagram;
        bytes.clear();
        encode_into(&header, bytes);
        encode_into(&snapshot, bytes);
        let basis = SnapshotBasis {
            tick,
            baseline,
            baseline_age,
            budget: granted.saturating_sub(bytes.len()),
        };
        let view = sending.game.write_snapshot(self.seat, basis, bytes);
        if bytes.len() > MAX_DATAGRAM {
            let measure = format_args!("{} bytes over", bytes.len() - MAX_DATAGRAM);
            sending.faults.note(Fault::SnapshotOverBudget, measure);
            return;
        }
        self.baselines.remember(tick, view);
        self.sent_at = now;

        self.card.snapshots += 1;
        self.card.snapshot_bytes += bytes.len() as u64;
        sending.sent.snapshots += 1;
        sending.sent.bytes += bytes.len() as u64;
        let sent = (&self.path, header.sequence);
        self.links.send_state(now, sent, bytes, takes);
    }
}
