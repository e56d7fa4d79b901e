//! One direction of a bad network as a seeded state machine: it decides the fate of packets, and neither moves their
//! bytes nor reads a clock.
//!
//! Hand [`PathModel::send`] the time and a packet's length, and it says when the packet comes out, or why it doesn't.
//! The same seed, configuration and packet sequence give the same fates. Whoever holds the bytes keeps them until then,
//! for example in a [`DelayLine`].
//!
//! A packet passes these stations in order: the UDP blackhole, the bandwidth's queue, the handover gaps, the recorded
//! trace and the loss model (all judged at the moment the packet leaves the queue, as a radio would), duplication,
//! corruption, then delay and jitter.

mod config;
mod delay_line;
mod gaps;
mod loss_model;
mod nat;
mod packet_fate;
mod pair;
mod queue;
mod random;
mod ranges;
mod schedule;

use std::time::Duration;

pub use config::{
    Bandwidth, DropPolicy, Gap, Jitter, Loss, NatRebinding, Order, PathConfig, ScheduleStep,
};
pub use delay_line::DelayLine;
use loss_model::LossModel;
pub use nat::NatEpochs;
use nat::Rebindings;
pub use packet_fate::{Corruption, Departure, DropCause, Packet, PacketFate};
pub(crate) use pair::reconfigure_both;
pub use pair::{PathPair, PathPairError};
use queue::Queue;
use random::{JitterDraws, LossStreams, Streams};
pub use ranges::PathConfigError;
use schedule::Conditions;

/// One direction of an emulated path.
#[derive(Debug)]
pub struct PathModel {
    config: PathConfig,
    conditions: Conditions,
    /// When `config` was set: its gaps and schedule count from here.
    since: Duration,
    /// How many steps of the schedule have been taken.
    steps_taken: usize,
    /// The newest time seen; time never runs backwards.
    now: Duration,
    queue: Queue,
    rebindings: Rebindings,
    loss_model: LossModel,
    loss_streams: LossStreams,
    random: Streams,
    last_departure: Duration,
}

impl PathModel {
    /// A path whose time starts at zero.
    ///
    /// # Errors
    /// When a figure of `config` is out of range; the error names its key.
    pub fn new(config: PathConfig, seed: u64) -> Result<Self, PathConfigError> {
        Self::with_fade_seed(config, seed, seed)
    }

    /// A path whose fades come from `fade_seed`, and all other random draws from `seed`. Paths with the same fade seed
    /// and the same loss model, set at the same time, fade at the same moments, whatever passes through them.
    ///
    /// # Errors
    /// When a figure of `config` is out of range; the error names its key.
    pub fn with_fade_seed(
        config: PathConfig,
        seed: u64,
        fade_seed: u64,
    ) -> Result<Self, PathConfigError> {
        config.validate()?;
        let conditions = Conditions::of(&config);
        let mut loss_streams = LossStreams::new(fade_seed);
        Ok(Self {
            loss_model: LossModel::new(&conditions.loss, Duration::ZERO, loss_streams.next()),
            config,
            conditions,
            since: Duration::ZERO,
            steps_taken: 0,
            now: Duration::ZERO,
            queue: Queue::default(),
            rebindings: Rebindings::default(),
            loss_streams,
            random: Streams::new(seed),
            last_departure: Duration::ZERO,
        })
    }

    /// The configuration in force, with its whole schedule.
    pub fn config(&self) -> &PathConfig {
        &self.config
    }

    /// Puts `config` in force from `now` on. All that hangs on time counts from here: gaps, schedule and fades come
    /// when they would in a path made now with the same fade seed, so that the same fades can be had again and again.
    /// Packets already on their way keep their fate.
    ///
    /// # Errors
    /// When a figure of `config` is out of range; the old configuration then stays.
    pub fn reconfigure(
        &mut self,
        now: Duration,
        config: PathConfig,
    ) -> Result<(), PathConfigError> {
        config.validate()?;
        self.advance(now);
        self.since = self.now;
        self.rebindings.restart();
        self.steps_taken = 0;
        self.conditions = Conditions::of(&config);
        self.config = config;
        self.loss_streams.restart();
        self.loss_model =
            LossModel::new(&self.conditions.loss, self.since, self.loss_streams.next());
        Ok(())
    }

    /// Draws at random from other seeds from the next [`PathModel::reconfigure`] on, as [`PathModel::with_fade_seed`]
    /// would.
    pub(crate) fn reseed(&mut self, seed: u64, fade_seed: u64) {
        self.random = Streams::new(seed);
        self.loss_streams = LossStreams::new(fade_seed);
    }

    /// Decides the fate of a packet handed in at `now`. Time that runs backwards is taken as standing still.
    pub fn send(&mut self, now: Duration, packet: Packet) -> PacketFate {
        self.advance(now);
        // Every packet takes its draws, whatever becomes of it: so a change in one setting leaves the others' draws
        // as it was.
        let draws = self.random.draws();
        if packet.is_udp && self.conditions.udp_blackhole {
            return PacketFate::Dropped(DropCause::Blackhole);
        }
        let bandwidth = &self.conditions.bandwidth;
        let Some(aired) = self
            .queue
            .pass(self.now, packet.bytes, bandwidth, draws.queue)
        else {
            return PacketFate::Dropped(DropCause::Queue);
        };
        let elapsed = aired.saturating_sub(self.since);
        if gaps::any_covers(&self.config.gaps, elapsed) {
            return PacketFate::Dropped(DropCause::Gap);
        }
        let trace = self.config.trace.as_ref();
        let Some(delay) = trace.map_or(Some(Duration::ZERO), |trace| trace.delay_at(elapsed))
        else {
            return PacketFate::Dropped(DropCause::Trace);
        };
        if let Some(cause) = self.loss_model.takes(aired, draws.loss) {
            return PacketFate::Dropped(cause);
        }
        let corruption = (draws.corrupt * 100.0 < self.conditions.corrupt_percent)
            .then(|| draws.corruption(packet.bytes));
        let duplicated = draws.duplicate * 100.0 < self.conditions.duplicate_percent;
        let out = aired + delay;
        let first = self.depart(out, draws.jitter, corruption);
        let copy = duplicated.then(|| self.depart(out, draws.copy_jitter, corruption));
        PacketFate::Passed { first, copy }
    }

    /// When `bytes` of a stream handed in at `now` come out. They share the bandwidth's queue with the packets, and
    /// meet delay and jitter, but nothing that would take them: for whoever carries streams, and no packets, and can
    /// only hold them up. `None` when the queue has no room: hand them in again later.
    pub fn hold_up(&mut self, now: Duration, bytes: usize) -> Option<Duration> {
        self.advance(now);
        const NEVER_EARLY: f64 = 1.0;
        let bandwidth = &self.conditions.bandwidth;
        let aired = self.queue.pass(self.now, bytes, bandwidth, NEVER_EARLY)?;
        let elapsed = aired.saturating_sub(self.since);
        let trace = self.config.trace.as_ref();
        let delay = trace.map_or(Duration::ZERO, |trace| trace.known_delay_at(elapsed));
        let draws = self.random.draws();
        Some(self.depart(aired + delay, draws.jitter, None).at)
    }

    /// How often the NAT has forgotten its mappings by `now`, of all configurations so far. The path carries no
    /// addresses: whoever holds the packets gives them new ports.
    pub fn nat_epochs(&mut self, now: Duration) -> NatEpochs {
        self.advance(now);
        self.rebindings.epochs
    }

    fn depart(
        &mut self,
        from: Duration,
        draws: JitterDraws,
        corruption: Option<Corruption>,
    ) -> Departure {
        let Conditions {
            delay_ms, jitter, ..
        } = &self.conditions;
        let mut at = from + milliseconds(*delay_ms + jitter.stretch_ms(draws));
        if jitter.order == Order::Kept {
            at = at.max(self.last_departure);
        }
        self.last_departure = self.last_departure.max(at);
        Departure { at, corruption }
    }

    fn advance(&mut self, now: Duration) {
        self.now = self.now.max(now);
        while let Some(step) = self.config.schedule.get(self.steps_taken) {
            let at = self.since + seconds(step.at_s);
            if at > self.now {
                break;
            }
            let conditions = self.conditions.stepped(step);
            self.steps_taken += 1;
            self.adopt(conditions, at);
        }
        self.rebindings
            .advance(&self.config.nat_rebindings, self.now - self.since);
    }

    fn adopt(&mut self, conditions: Conditions, at: Duration) {
        if conditions.loss != self.conditions.loss {
            self.loss_model = LossModel::new(&conditions.loss, at, self.loss_streams.next());
        }
        self.conditions = conditions;
    }
}

fn milliseconds(value: f64) -> Duration {
    Duration::from_secs_f64(value / 1e3)
}

fn seconds(value: f64) -> Duration {
    Duration::from_secs_f64(value)
}
