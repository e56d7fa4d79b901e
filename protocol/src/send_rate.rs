//! How much State may go down a path, as the queue in front of its bottleneck tells: all that is wanted while none stands,
//! and less than came through as soon as one does. One sender's pure judgement, beside [`crate::weather`]: that asks for
//! more where datagrams are lost, this for less where they wait.
//!
//! A queue that is not ours, such as that of a download beside the game, doesn't go when we send less. Then we hold what we
//! have, and let losses decide.

use core::time::Duration;
use std::collections::VecDeque;

use crate::MAX_DATAGRAM;
use crate::queueing::Queueing;
use crate::sequence::Sequence;

/// What one sender may send, and what it learns that from.
#[derive(Clone, Debug, Default)]
pub struct SendRate {
    queueing: Queueing,
    in_flight: VecDeque<(Sequence, f32)>,
    /// When bytes were acknowledged, oldest first.
    delivered: VecDeque<(Duration, f32)>,
    /// In bytes a second; none while no queue has stood.
    limit: Option<f32>,
    /// What came through when a queue of ours last stood, in bytes a second: what the path has, for all that is known.
    ceiling: Option<f32>,
    phase: Phase,
    /// When a queue last stood.
    congested_at: Option<Duration>,
    /// When the limit last changed.
    changed_at: Duration,
    /// Bytes saved up for the next datagram, as of when they were counted.
    credit: (f32, Duration),
    last_sent: Duration,
    /// Datagrams from the beginning.
    sent: u64,
    /// Whether the limit has held anything back since it last changed.
    is_felt: bool,
}

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Nothing is known yet; since when something has been acknowledged.
    Starting { since: Option<Duration> },
    /// No queue stands.
    Clear,
    /// One stood, and we send half of what we may until it is gone.
    Draining(Draining),
    /// It stands whatever we do.
    Shared { since: Duration, delay: Duration },
}

/// How far a queue has gone.
#[derive(Clone, Copy, Debug)]
struct Draining {
    since: Duration,
    /// The round trip when it last was clearly shorter than before, and when that was.
    mark: (Duration, Duration),
}

impl Default for Phase {
    fn default() -> Self {
        Self::Starting { since: None }
    }
}

impl SendRate {
    /// A queue that delays by so much stands.
    pub const HIGH: Duration = Duration::from_millis(60);

    /// And by so much, once one has stood.
    pub const HIGH_AGAIN: Duration = Duration::from_millis(40);

    /// One that delays by less is none.
    pub const LOW: Duration = Duration::from_millis(30);

    /// While one delays by more, the limit doesn't grow.
    pub const RISING: Duration = Duration::from_millis(15);

    /// So long after a queue stood, what is lost is taken to be lost in it.
    pub const MEMORY: Duration = Duration::from_secs(10);

    /// What a datagram takes of the path beside its own bytes: headers of IP and UDP, of DTLS and SCTP or of QUIC.
    const OVERHEAD: f32 = 80.0;

    /// A limit from which on there is none: twenty full datagrams a second.
    const UNLIMITED: f32 = 20.0 * (MAX_DATAGRAM as f32 + Self::OVERHEAD);

    /// The least limit: five datagrams a second that tell where oneself is.
    const LEAST: f32 = 750.0;

    /// The least beside others: over ten small ones.
    const LEAST_SHARED: f32 = 1_600.0;

    /// Of what came through while a queue stood, we send so much from then on, so that the queue goes and stays away.
    const KEPT: f32 = 0.8;

    /// And so much of that until it is gone, but ten small datagrams a second where we may send so many.
    const DRAIN: f32 = 0.5;
    const LEAST_DRAIN: f32 = 1_250.0;

    /// The limit grows by this factor at each step, where it is felt.
    const GROWTH: f32 = 1.05;

    /// And by this one near the ceiling, so that what stands when it is passed is small.
    const CAREFUL_GROWTH: f32 = 1.005;

    /// Near the ceiling: from the first share of it to the second. Beyond, the path has become wider.
    const NEAR: (f32, f32) = (0.75, 1.15);

    /// Time from step to step, and over which what comes through is measured.
    const STEP: Duration = Duration::from_millis(500);

    /// How long it must be clear before the limit grows.
    const CALM: Duration = Duration::from_secs(1);

    /// Datagrams that go in any case at the beginning.
    const FIRST: u64 = 2;

    /// After a longer round trip than this, half as much is sent at the beginning.
    const SHORT: Duration = Duration::from_millis(200);

    /// How long that beginning lasts, at most.
    const START: Duration = Duration::from_millis(1_500);

    /// How long a queue of our own may take to begin to go, beyond a round trip.
    const PATIENCE: Duration = Duration::from_secs(1);

    /// Bytes that every datagram may have, so that it tells where oneself is.
    const LEAST_DATAGRAM: usize = 64;

    /// After so long we try again whether it goes.
    const DOUBT: Duration = Duration::from_secs(30);

    /// Time whose unused bytes are saved up, at most. After so long without a datagram one may go in any case.
    const LONGEST_CREDIT: Duration = Duration::from_millis(200);

    /// Beside others, the limit shrinks above such a share of losses, and grows below the other.
    const LOSSY: f32 = 0.25;
    const LOSSLESS: f32 = 0.05;

    const MOST_IN_FLIGHT: usize = 128;

    /// Bytes that a datagram at `now` may have; none when it is too soon for one that says enough.
    pub fn grant(&mut self, now: Duration) -> Option<usize> {
        if let Phase::Starting { since } = self.phase {
            return self.may_start(now, since).then_some(MAX_DATAGRAM);
        }
        let Some(limit) = self.limit else {
            return Some(MAX_DATAGRAM);
        };
        let rate = match self.phase {
            Phase::Draining(_) => (limit * Self::DRAIN).max(limit.min(Self::LEAST_DRAIN)),
            _ => limit,
        };
        let (saved, counted_at) = self.credit;
        let elapsed = now.saturating_sub(counted_at).as_secs_f32();
        let most = rate * Self::LONGEST_CREDIT.as_secs_f32();
        self.credit = ((saved + rate * elapsed).min(most), now);
        let bytes = (self.credit.0 - Self::OVERHEAD) as usize;
        let since = now.saturating_sub(self.last_sent);
        let is_enough = bytes >= least_worth(since) || since >= Self::LONGEST_CREDIT;
        self.is_felt |= !is_enough;
        is_enough.then(|| bytes.clamp(Self::LEAST_DATAGRAM, MAX_DATAGRAM))
    }

    /// Bytes for a datagram that must go at once.
    #[must_use]
    pub fn least_grant(&self) -> usize {
        let limit = self.limit.unwrap_or(Self::UNLIMITED);
        let bytes = limit * Self::LONGEST_CREDIT.as_secs_f32() - Self::OVERHEAD;
        (bytes as usize).clamp(Self::LEAST_DATAGRAM, MAX_DATAGRAM)
    }

    /// A datagram of so many bytes goes out; `granted` could have.
    pub fn on_sent(&mut self, now: Duration, sequence: Sequence, bytes: usize, granted: usize) {
        if self.in_flight.len() == Self::MOST_IN_FLIGHT {
            self.in_flight.pop_front();
        }
        let on_the_path = bytes as f32 + Self::OVERHEAD;
        self.in_flight.push_back((sequence, on_the_path));
        self.sent += 1;
        self.credit.0 = (self.credit.0 - on_the_path).max(0.0);
        self.last_sent = now;
        self.is_felt |= bytes * 5 >= granted * 4;
    }

    /// The peer vouches for a datagram.
    pub fn on_acked(&mut self, now: Duration, sequence: Sequence) {
        let found = self
            .in_flight
            .iter()
            .position(|(sent, _)| *sent == sequence);
        if let Some((_, bytes)) = found.and_then(|index| self.in_flight.remove(index)) {
            self.delivered.push_back((now, bytes));
        }
        let is_old = |at: Duration| now.saturating_sub(at) > Self::STEP;
        while self.delivered.front().is_some_and(|(at, _)| is_old(*at)) {
            self.delivered.pop_front();
        }
    }

    /// An acknowledgement took so long.
    pub fn on_round_trip(&mut self, now: Duration, sample: Duration) {
        self.queueing.on_round_trip(now, sample);
        if let Phase::Starting { since } = self.phase {
            let since = since.unwrap_or(now);
            // A round trip that is short has no queue in it. One that is long may be the path.
            let is_over = sample < Self::SHORT || now.saturating_sub(since) >= Self::START;
            self.phase = if is_over {
                Phase::Clear
            } else {
                Phase::Starting { since: Some(since) }
            };
        }
    }

    /// The links are others from now on, and with them the path, perhaps.
    pub fn on_new_path(&mut self) {
        self.queueing.forget();
    }

    /// The peer itself stood still, which says nothing of the path.
    pub fn excuse(&mut self) {
        self.queueing.excuse();
    }

    /// Judges anew, where this share of datagrams is lost; to be called about as often as something is sent.
    pub fn judge(&mut self, now: Duration, loss: f32) {
        let Some(delay) = self.queueing.delay(now) else {
            return;
        };
        let high = self.limit.map_or(Self::HIGH, |_| Self::HIGH_AGAIN);
        if delay > high {
            self.congested_at = Some(now);
        }
        match self.phase {
            Phase::Starting { .. } | Phase::Clear if delay > high => self.back_off(now),
            Phase::Starting { .. } => {}
            Phase::Clear => self.grow_when_calm(now, delay, loss),
            Phase::Draining(draining) => self.go_on_draining(now, draining, delay),
            Phase::Shared { .. } if delay < Self::LOW => self.clear(now),
            Phase::Shared { since, .. } if now.saturating_sub(since) > Self::DOUBT => {
                self.drain(now);
            }
            Phase::Shared { delay: before, .. } => {
                self.share(now, loss, delay > before + Self::HIGH);
            }
        }
    }

    /// Whether a queue of ours has stood lately, so that what is lost is lost in it, and more would be.
    #[must_use]
    pub fn is_congested(&self, now: Duration) -> bool {
        let is_recent = |at| now.saturating_sub(at) < Self::MEMORY;
        !matches!(self.phase, Phase::Shared { .. }) && self.congested_at.is_some_and(is_recent)
    }

    /// How long what is sent waits on its way, where that is known.
    #[must_use]
    pub fn queueing(&self, now: Duration) -> Option<Duration> {
        self.queueing.delay(now)
    }

    /// Until the first acknowledgement each snapshot is a whole one, and those that set up the link stand in the queue too.
    fn may_start(&self, now: Duration, acknowledged: Option<Duration>) -> bool {
        let interval = if acknowledged.is_some() {
            Self::LONGEST_CREDIT / 2
        } else {
            Self::LONGEST_CREDIT
        };
        // Ticks are not even to the millisecond.
        let since = now.saturating_sub(self.last_sent) + Duration::from_millis(5);
        self.sent < Self::FIRST || since >= interval
    }

    fn back_off(&mut self, now: Duration) {
        let delivered: f32 = self.delivered.iter().map(|(_, bytes)| bytes).sum();
        let came_through = delivered / Self::STEP.as_secs_f32();
        let present = self.limit.unwrap_or(Self::UNLIMITED);
        let limit = Self::KEPT * came_through.min(present);
        self.ceiling = Some(came_through);
        self.set(now, limit.max(Self::LEAST));
        self.drain(now);
    }

    fn drain(&mut self, now: Duration) {
        let round_trip = self.queueing.round_trip(now).unwrap_or_default();
        self.phase = Phase::Draining(Draining {
            since: now,
            mark: (round_trip, now),
        });
    }

    fn clear(&mut self, now: Duration) {
        self.phase = Phase::Clear;
        self.changed_at = now;
    }

    /// To the bottom, for what was taken to be the path may be a queue that stood from the beginning: as long as round
    /// trips become shorter. It takes one until they do.
    fn go_on_draining(&mut self, now: Duration, mut draining: Draining, delay: Duration) {
        let round_trip = self.queueing.round_trip(now).unwrap_or_default();
        let patience = Self::PATIENCE + round_trip;
        let (marked, marked_at) = draining.mark;
        let drained_for = now.saturating_sub(draining.since);
        let stood_for = now.saturating_sub(marked_at);
        if round_trip < marked * 19 / 20 {
            draining.mark = (round_trip, now);
        } else if delay < Self::LOW && stood_for > Self::STEP {
            return self.clear(now);
        } else if drained_for < patience {
            draining.mark.0 = marked.max(round_trip);
        } else if stood_for.max(drained_for / 2) > patience {
            self.phase = Phase::Shared { since: now, delay };
            // What came through before: the queue was none of ours.
            let limit = self.ceiling.unwrap_or_default();
            return self.set(now, limit.max(Self::LEAST_SHARED));
        }
        self.phase = Phase::Draining(draining);
    }

    fn grow_when_calm(&mut self, now: Duration, delay: Duration, loss: f32) {
        let is_calm = self
            .congested_at
            .is_none_or(|at| now.saturating_sub(at) > Self::CALM);
        if is_calm && delay < Self::RISING && self.may_step(now) && self.is_felt {
            let of_ceiling = self.limit.zip(self.ceiling).map_or(0.0, |(a, b)| a / b);
            let is_near = loss > Self::LOSSY || (Self::NEAR.0..Self::NEAR.1).contains(&of_ceiling);
            let factor = if is_near {
                Self::CAREFUL_GROWTH
            } else {
                Self::GROWTH
            };
            self.scale(now, factor);
        }
    }

    fn share(&mut self, now: Duration, loss: f32, is_rising: bool) {
        if !self.may_step(now) {
            return;
        }
        if loss > Self::LOSSY || is_rising {
            self.scale(now, 1.0 / Self::GROWTH);
        } else if loss < Self::LOSSLESS && self.is_felt {
            self.scale(now, Self::GROWTH);
        }
        if self.limit.is_some_and(|limit| limit < Self::LEAST_SHARED) {
            self.set(now, Self::LEAST_SHARED);
        }
    }

    fn may_step(&self, now: Duration) -> bool {
        now.saturating_sub(self.changed_at) >= Self::STEP
    }

    fn scale(&mut self, now: Duration, factor: f32) {
        if let Some(limit) = self.limit {
            self.set(now, limit * factor);
        }
    }

    fn set(&mut self, now: Duration, limit: f32) {
        self.limit = (limit < Self::UNLIMITED).then_some(limit);
        self.changed_at = now;
        self.is_felt = false;
    }
}

/// Bytes that are worth a datagram so long after the last: more often than ten times a second only with room to tell more
/// than where oneself is.
fn least_worth(since: Duration) -> usize {
    match since.as_millis() {
        0..95 => 100,
        _ => SendRate::LEAST_DATAGRAM,
    }
}
