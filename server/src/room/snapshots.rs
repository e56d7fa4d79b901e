//! What goes down to a player as State: when, how large, and on which links. What stands in it is the simulation's business.

use std::time::Duration;

use bytes::Bytes;
use protocol::MAX_DATAGRAM;
use protocol::codec::encode_into;
use protocol::datagram::SnapshotHeader;
use protocol::weather::Condition;

use super::bundle::Bundle;
use super::faults::Fault;
use super::player::Player;
use crate::counters::RoomCounters;
use crate::simulation::Simulation;
use crate::transport::Tagged;

/// Time between two snapshots for a player who is away, half a second but for ticks' unevenness. Not forever: the way down may be fine, and then these tell the
/// client that it is only not heard.
const AWAY_INTERVAL: Duration = Duration::from_millis(490);

impl<S: Simulation> Player<S> {
    /// Whether snapshots leave holes, so that it pays to send them more often.
    pub(super) fn condition(&self, now: Duration) -> Condition {
        self.session.condition(now)
    }

    /// Sends what the player sees now between two snapshots that are due, because the path is rough;
    /// on those links that gain from it, and if the path has room for it.
    pub(super) fn send_extra_snapshot(
        &mut self,
        now: Duration,
        simulation: &mut S,
        counters: &RoomCounters,
    ) {
        if !self.takes_state() || self.is_away(now) || !self.gains_from_extra() {
            return;
        }
        if let Some(granted) = self.session.grant(now) {
            self.card.extra += 1;
            counters.extra_snapshots.increment(1);
            self.send(
                now,
                (simulation, granted),
                counters,
                Bundle::gains_from_extra,
            );
        }
    }

    /// Sends what the player sees now, as the difference from the newest view it is known to hold; if it is not too soon
    /// for the path, or for a player who is away.
    pub(super) fn send_snapshot(
        &mut self,
        now: Duration,
        simulation: &mut S,
        counters: &RoomCounters,
    ) {
        let is_wanted = std::mem::take(&mut self.wants_snapshot);
        self.session.judge_path(now);
        if !self.takes_state() {
            return;
        }
        let is_early = now.saturating_sub(self.sent_at) < AWAY_INTERVAL;
        if self.is_away(now) && is_early && !is_wanted {
            return;
        }
        let at_once = is_wanted.then(|| self.session.least_grant());
        if let Some(granted) = self.session.grant(now).or(at_once) {
            self.send(now, (simulation, granted), counters, |_| true);
        }
    }

    fn is_away(&self, now: Duration) -> bool {
        self.is_silent(now) || self.unloaded_at.is_some()
    }

    fn takes_state(&self) -> bool {
        !self.is_hidden && self.session.state_links().next().is_some()
    }

    fn gains_from_extra(&self) -> bool {
        let is_active = |bundle: &&Bundle| self.session.state_links().any(|link| link == bundle.id);
        let mut active = self.bundles.iter().filter(is_active);
        active.any(Bundle::gains_from_extra)
    }

    /// Sends a snapshot of at most the bytes that are granted.
    fn send(
        &mut self,
        now: Duration,
        (simulation, granted): (&mut S, usize),
        counters: &RoomCounters,
        takes: impl Fn(&Bundle) -> bool,
    ) {
        let tick = simulation.tick();
        let nothing = S::View::default();
        let acked = self.session.acked_tick();
        let baseline = acked.and_then(|acked| self.baselines.before(tick, acked));
        let (baseline_age, baseline) =
            baseline.map_or((0, &nothing), |(age, view)| (age.get(), view));

        let header = self.session.send_datagram(now, tick);
        let snapshot = SnapshotHeader {
            tick,
            baseline_age,
            input_lead: self.inputs.lead(tick),
        };
        let mut bytes = Vec::with_capacity(512);
        bytes.push(Tagged::STATE);
        encode_into(&header, &mut bytes);
        encode_into(&snapshot, &mut bytes);
        let budget = (granted + 1).saturating_sub(bytes.len());
        let view = simulation.write_snapshot(self.seat, baseline, budget, &mut bytes);
        if bytes.len() > MAX_DATAGRAM + 1 {
            let measure = format_args!("{} bytes over", bytes.len() - MAX_DATAGRAM - 1);
            counters.faults.note(Fault::SnapshotOverBudget, measure);
            return;
        }
        self.baselines.remember(tick, view);
        self.sent_at = now;

        self.card.snapshots += 1;
        self.card.snapshot_bytes += bytes.len() as u64;
        counters.snapshots.increment(1);
        counters.snapshot_bytes.increment(bytes.len() as u64);
        let datagram = Tagged::new(Bytes::from(bytes));
        for link in self.session.state_links() {
            let bundle = self.bundles.iter_mut().find(|bundle| bundle.id == link);
            if let Some(bundle) = bundle.filter(|bundle| takes(bundle)) {
                bundle.send_state(now, &self.session, header.sequence, datagram.clone());
            }
        }
    }
}
