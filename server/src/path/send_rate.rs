//! How often State may go down a path, as the queue in front of its bottleneck tells: less as soon as one of ours stands.
//! One sender's pure judgement, beside [`super::quality`]: that asks for more where datagrams are lost, this for less where
//! they wait.
//!
//! A queue that is not ours, such as that of a download beside the game, doesn't go when we send less. Then holding back
//! would only leave the path to the others, and the quality decides alone.

use std::time::Duration;

use super::queueing::Queueing;
use protocol::MAX_DATAGRAM;

/// What one sender may send, and what it learns that from.
#[derive(Clone, Debug, Default)]
pub(super) struct SendRate {
    queueing: Queueing,
    level: Level,
    /// When the level last changed, and what the queue's delay was then.
    changed: (Duration, Duration),
    /// When a queue last stood.
    congested_at: Option<Duration>,
    /// When one last stood or began to.
    filling_at: Option<Duration>,
    /// For how long after that no more is sent than usual.
    extras_hold: Duration,
    /// Since when none has.
    calm_since: Option<Duration>,
    /// How long none may stand before more is sent again.
    hold: Duration,
    /// Whether sending less has not shortened the round trip: then it is the path's.
    is_long: bool,
    /// Until when the queue is taken for that of others.
    shared_until: Duration,
    /// Until when the peer is taken to be slow itself.
    busy_until: Duration,
    last_sent: Duration,
    sent: u32,
    is_acked: bool,
}

/// How much is held back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Level {
    /// Nothing.
    #[default]
    Full,
    /// Ten smaller datagrams a second.
    Half,
    /// Five small ones.
    Quarter,
}

impl Level {
    /// Least time between two datagrams, less a tick's unevenness, and their most bytes.
    fn bounds(self) -> (Duration, usize) {
        match self {
            Self::Full => (Duration::ZERO, MAX_DATAGRAM),
            Self::Half => (Duration::from_millis(90), 300),
            Self::Quarter => (Duration::from_millis(190), 150),
        }
    }

    fn more(self) -> Self {
        match self {
            Self::Quarter => Self::Half,
            Self::Half | Self::Full => Self::Full,
        }
    }
}

impl SendRate {
    /// A queue that delays by so much stands.
    pub(super) const HIGH: Duration = Duration::from_millis(60);

    /// One that delays by less is none.
    pub(super) const LOW: Duration = Duration::from_millis(30);

    /// A longer round trip is taken for a queue until sending less has not shortened it: one that stood from the beginning
    /// looks like a long path. Few paths are as long.
    pub(super) const LONG: Duration = Duration::from_millis(250);

    /// So long after a queue of ours stood, what is lost is taken to be lost in it.
    pub(super) const MEMORY: Duration = Duration::from_secs(10);

    /// How long a lower level may take, beyond a round trip, to show.
    const REACTION: Duration = Duration::from_secs(1);

    /// And how long, beyond two round trips, until a queue that has not become shorter by then is taken for that of others.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// How long after a standstill a peer's acknowledgements tell nothing.
    const BUSY: Duration = Duration::from_secs(2);

    /// For how long a queue is taken for that of others. Then we try again whether it goes.
    const DOUBT: Duration = Duration::from_secs(30);

    /// How long none may stand at first before more is sent again, and at most; four times as long after each relapse.
    const HOLD: Duration = Duration::from_secs(2);
    const LONGEST_HOLD: Duration = Duration::from_secs(32);

    /// Datagrams that go at once at the beginning, and time between further ones while nothing has been acknowledged: each
    /// is a whole view then, and what set up the link may stand in a queue.
    const FIRST: u32 = 4;
    const UNACKED_INTERVAL: Duration = Duration::from_millis(90);

    /// Most bytes of a datagram at `now`; none when it is too soon for one.
    #[must_use]
    pub(super) fn grant(&self, now: Duration) -> Option<usize> {
        let (interval, bytes) = self.level.bounds();
        let interval = if self.is_acked || self.sent < Self::FIRST {
            interval
        } else {
            interval.max(Self::UNACKED_INTERVAL)
        };
        let is_due = self.sent == 0 || now.saturating_sub(self.last_sent) >= interval;
        is_due.then_some(bytes)
    }

    /// Most bytes of a datagram that must go at once.
    #[must_use]
    pub(super) fn least_grant(&self) -> usize {
        self.level.bounds().1
    }

    /// A datagram goes out.
    pub(super) fn on_sent(&mut self, now: Duration) {
        self.sent = self.sent.saturating_add(1);
        self.last_sent = now;
    }

    /// An acknowledgement took so long.
    pub(super) fn on_round_trip(&mut self, now: Duration, sample: Duration) {
        self.is_acked = true;
        self.queueing.on_round_trip(now, sample);
        let newest = self.queueing.newest_delay();
        if newest.is_some_and(|delay| delay > Self::LOW) {
            self.on_filling(now);
        }
    }

    /// The path is another one from now on, or may be.
    pub(super) fn on_new_path(&mut self) {
        self.queueing.forget();
        self.calm_since = None;
        self.is_long = false;
        self.shared_until = Duration::ZERO;
    }

    /// The peer stands still now and then: what it takes long to acknowledge need not stand in a queue.
    pub(super) fn excuse(&mut self, now: Duration) {
        self.queueing.excuse();
        self.busy_until = now + Self::BUSY;
        self.congested_at = None;
        self.filling_at = None;
        if self.level != Level::Full {
            self.set(now, Level::Full, Duration::ZERO);
        }
    }

    /// How long what we send waits in queues on its way, where that is known.
    #[must_use]
    pub(super) fn queueing(&self, now: Duration) -> Option<Duration> {
        let round_trip = self.queueing.round_trip(now)?;
        let beyond = round_trip.saturating_sub(Self::LONG);
        let delay = self.queueing.delay(now)?;
        Some(if self.is_long {
            delay
        } else {
            delay.max(beyond)
        })
    }

    /// Whether a queue of ours has stood lately: what is lost then is lost in it, and more would stand in it, too.
    #[must_use]
    pub(super) fn is_congested(&self, now: Duration) -> bool {
        let is_recent = |at: Duration| now.saturating_sub(at) <= Self::MEMORY;
        !self.is_shared(now) && self.congested_at.is_some_and(is_recent)
    }

    /// Whether the path has room for more than usual: no queue of ours stands or begins to, or has lately.
    #[must_use]
    pub(super) fn has_room(&self, now: Duration) -> bool {
        let is_held = |at: Duration| now.saturating_sub(at) <= self.extras_hold;
        let is_filling = !self.is_shared(now) && self.filling_at.is_some_and(is_held);
        !is_filling && !self.is_congested(now)
    }

    /// Judges anew; to be called about as often as something is sent.
    pub(super) fn judge(&mut self, now: Duration) {
        if now < self.busy_until {
            return;
        }
        let Some(delay) = self.queueing(now) else {
            return;
        };
        if delay < Self::LOW {
            self.relax(now);
            return;
        }
        self.calm_since = None;
        self.on_filling(now);
        if delay > Self::HIGH && !self.is_shared(now) {
            self.congested_at = Some(now);
            self.back_off(now, delay);
        }
    }

    fn on_filling(&mut self, now: Duration) {
        let since = self.filling_at.map(|at| now.saturating_sub(at));
        if since.is_none_or(|since| since > self.extras_hold) {
            let is_relapse = since.is_some_and(|since| since < 2 * self.extras_hold + Self::MEMORY);
            self.extras_hold = longer(self.extras_hold, is_relapse);
        }
        self.filling_at = Some(now);
    }

    fn back_off(&mut self, now: Duration, delay: Duration) {
        let (changed_at, delay_then) = self.changed;
        let since = now.saturating_sub(changed_at);
        let round_trip = self.queueing.round_trip(now).unwrap_or_default();
        let is_shrinking = delay < delay_then * 3 / 4;
        if self.level == Level::Full {
            let is_relapse = changed_at > Duration::ZERO && since < 2 * self.hold + Self::MEMORY;
            self.hold = longer(self.hold, is_relapse);
            self.set(now, Level::Half, delay);
        } else if is_shrinking {
            // It goes; the next look counts from here.
            self.changed = (now, delay);
        } else if self.level == Level::Half && since >= Self::REACTION + round_trip {
            self.set(now, Level::Quarter, delay.max(delay_then));
        } else if since >= Self::PATIENCE + 2 * round_trip {
            self.is_long = true;
            self.shared_until = now + Self::DOUBT;
            self.set(now, Level::Full, delay);
        }
    }

    fn relax(&mut self, now: Duration) {
        let calm_since = *self.calm_since.get_or_insert(now);
        let hold = match self.level {
            Level::Full => return,
            Level::Half => self.hold,
            Level::Quarter => Self::HOLD,
        };
        if now.saturating_sub(calm_since) >= hold {
            self.set(now, self.level.more(), Duration::ZERO);
            self.calm_since = Some(now);
        }
    }

    fn set(&mut self, now: Duration, level: Level, delay: Duration) {
        self.level = level;
        self.changed = (now, delay);
    }

    fn is_shared(&self, now: Duration) -> bool {
        now < self.shared_until
    }
}

/// How long to hold back after another queue, having held back so long after the last one.
fn longer(hold: Duration, is_relapse: bool) -> Duration {
    if is_relapse {
        (4 * hold).clamp(SendRate::HOLD, SendRate::LONGEST_HOLD)
    } else {
        SendRate::HOLD
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND_TRIP: u64 = 100;

    fn at(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    /// Offers a datagram at each tick of twenty a second, from `from` for so many milliseconds; `queue` says how long one
    /// waits, given how many went in the last second. Gives how many went a second.
    fn play(
        rate: &mut SendRate,
        from: u64,
        millis: u64,
        mut queue: impl FnMut(u64, usize) -> u64,
    ) -> f64 {
        let mut sent = Vec::new();
        for now in (from..from + millis).step_by(50) {
            rate.judge(at(now));
            if rate.grant(at(now)).is_some() {
                rate.on_sent(at(now));
                sent.push(now);
                let lately = sent.iter().filter(|time| now - **time < 1_000).count();
                rate.on_round_trip(at(now), at(ROUND_TRIP + queue(now, lately)));
            }
        }
        sent.len() as f64 * 1_000.0 / millis as f64
    }

    #[test]
    fn nothing_is_held_back_where_no_queue_stands() {
        let mut rate = SendRate::default();
        let jitter = |now: u64, _| (now * 7) % 31;
        assert_eq!(play(&mut rate, 0, 60_000, jitter), 20.0);
        // Nor by a stream that stalls now and then.
        let stalls = |now: u64, _| if now % 2_000 < 250 { 300 } else { 0 };
        assert_eq!(play(&mut rate, 60_000, 60_000, stalls), 20.0);
        assert!(!rate.is_congested(at(120_000)));
    }

    #[test]
    fn a_queue_of_ours_is_drained_and_kept_away() {
        let mut rate = SendRate::default();
        play(&mut rate, 0, 5_000, |_, _| 0);
        // The path takes fifteen a second; what is more, waits.
        let mut waiting = 0.0f64;
        let mut worst = 0;
        let sent = play(&mut rate, 5_000, 120_000, |now, lately| {
            waiting = (waiting + (lately as f64 - 15.0) * 3.0).clamp(0.0, 1_000.0);
            if now > 40_000 {
                worst = worst.max(waiting as u64);
            }
            waiting as u64
        });
        assert!((8.0..15.0).contains(&sent), "{sent}");
        assert!(worst <= 250, "{worst}");
        assert!(rate.is_congested(at(5_000)) || rate.hold > SendRate::HOLD);
    }

    #[test]
    fn a_queue_of_others_takes_nothing_from_us() {
        let mut rate = SendRate::default();
        play(&mut rate, 0, 5_000, |_, _| 0);
        play(&mut rate, 5_000, 9_000, |_, _| 500);
        let sent = play(&mut rate, 14_000, 20_000, |_, _| 500);
        assert_eq!(sent, 20.0);
        assert!(!rate.is_congested(at(34_000)));
    }

    #[test]
    fn a_peer_that_stands_still_again_and_again_is_not_behind_a_queue() {
        let mut rate = SendRate::default();
        play(&mut rate, 0, 5_000, |_, _| 0);
        for second in 5..30 {
            rate.excuse(at(1_000 * second));
            assert_eq!(play(&mut rate, 1_000 * second, 1_000, |_, _| 100), 20.0);
        }
        assert!(!rate.is_congested(at(30_000)));
    }

    #[test]
    fn a_queue_that_stood_from_the_beginning_is_no_long_path_and_a_long_path_no_queue() {
        let mut rate = SendRate::default();
        let mut waiting = 2_000.0f64;
        play(&mut rate, 0, 30_000, |_, lately| {
            waiting = (waiting + (lately as f64 - 15.0) * 3.0).clamp(0.0, 2_000.0);
            waiting as u64
        });
        assert!(waiting < 250.0, "{waiting}");
        let mut rate = SendRate::default();
        play(&mut rate, 0, 10_000, |_, _| 500);
        assert_eq!(play(&mut rate, 10_000, 120_000, |_, _| 500), 20.0);
    }

    #[test]
    fn the_first_views_do_not_pile_up_before_anything_is_acknowledged() {
        let mut rate = SendRate::default();
        let mut sent = 0;
        for now in (0..1_000).step_by(50) {
            if rate.grant(at(now)).is_some() {
                rate.on_sent(at(now));
                sent += 1;
            }
        }
        assert!((10..=14).contains(&sent), "{sent}");
    }
}
