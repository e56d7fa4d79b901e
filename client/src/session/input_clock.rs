//! The player's own ticks: how far ahead of the newest snapshot they run, so that inputs reach the server in time for
//! the ticks that they are for.

use std::collections::VecDeque;
use std::time::Duration;

use protocol::tick::Tick;

/// Snapshots are looked back on for so long, however often they come, and at most so many.
const LOOK_BACK: Duration = Duration::from_millis(1_500);
const MOST_LOOKED_BACK: usize = 512;

/// Ticks by which inputs should be early nine times in ten, unless told otherwise.
const DEFAULT_LEAD: f64 = 1.0;

/// Ticks on top of the round trip to begin with.
const FIRST_MARGIN: f64 = 2.0;

/// Seconds that an input may be ahead of the newest snapshot: only a clock that is wrong leads further.
const FARTHEST: f64 = 3.0;

/// A lead that is this many ticks larger than wanted is given up again, a tick at a time.
const TOO_EARLY: f64 = 3.0;

/// Beside a round trip, the time for a change to show: acknowledgements may be held so long.
const SHOWS_AFTER: Duration = Duration::from_millis(100);

/// The player's count of ticks.
#[derive(Debug)]
pub(super) struct InputClock {
    tick_rate: f64,
    /// Ticks by which inputs should be early nine times in ten.
    wanted_lead: f64,
    /// By how many ticks the server's count was ahead of ours when the last snapshots came.
    offsets: RecentReports<f64>,
    /// Leads that the server reported since `ahead` was last changed.
    leads: RecentReports<i8>,
    /// Ticks to be ahead of the newest snapshot; none while the round trip isn't known.
    ahead: Option<f64>,
    /// When `ahead` was last changed, and how long after that reports say nothing of it.
    changed: (Duration, Duration),
    /// The newest snapshot's.
    shown: Tick,
    newest: Tick,
}

impl InputClock {
    pub(super) fn new(tick_rate: u16) -> Self {
        Self {
            tick_rate: f64::from(tick_rate),
            wanted_lead: DEFAULT_LEAD,
            offsets: RecentReports::default(),
            leads: RecentReports::default(),
            ahead: None,
            changed: (Duration::ZERO, Duration::ZERO),
            shown: Tick(0),
            newest: Tick(0),
        }
    }

    pub(super) fn set_lead(&mut self, ticks: u16) {
        self.wanted_lead = f64::from(ticks);
    }

    /// Takes what a new snapshot tells of time.
    pub(super) fn on_snapshot(
        &mut self,
        now: Duration,
        tick: Tick,
        lead: i8,
        round_trip: Option<Duration>,
    ) {
        let offset = f64::from(tick.0) - self.own(now);
        self.offsets.push(now, offset);
        self.shown = tick;
        let Some(round_trip) = round_trip else {
            return;
        };
        let change = match self.ahead {
            None => self.own(round_trip) + self.wanted_lead + FIRST_MARGIN,
            Some(_) if now.abs_diff(self.changed.0) < self.changed.1 => return,
            Some(_) => {
                self.leads.push(now, lead);
                self.wanted_change(now)
            }
        };
        if change != 0.0 {
            let ahead = self.ahead.unwrap_or(0.0) + change;
            self.ahead = Some(ahead.clamp(0.0, self.tick_rate));
            self.leads = RecentReports::default();
            self.changed = (now, round_trip + SHOWS_AFTER);
        }
    }

    /// The tick that the player is in; none before the first snapshot. It never runs backwards.
    pub(super) fn tick(&mut self, now: Duration) -> Option<Tick> {
        let tick = self.own(now) + self.lead()?;
        self.newest = self
            .newest
            .max(Tick(tick.clamp(0.0, self.farthest()) as u32));
        Some(self.newest)
    }

    /// Whether a snapshot has told the time.
    pub(super) fn has_begun(&self) -> bool {
        !self.offsets.0.is_empty()
    }

    /// When [`Self::tick`] will be `tick`; none when the newest snapshot doesn't let it get there.
    pub(super) fn time_of(&self, tick: Tick) -> Option<Duration> {
        if f64::from(tick.0) > self.farthest() {
            return None;
        }
        let seconds = (f64::from(tick.0) - self.lead()?) / self.tick_rate;
        // Rounded up, so that the tick has begun by then.
        Some(Duration::from_secs_f64(seconds.max(0.0)) + Duration::from_micros(1))
    }

    /// Ticks by which the player's count is ahead of its own time.
    fn lead(&self) -> Option<f64> {
        let offset = self.offsets.values().reduce(f64::max)?;
        Some(offset + self.ahead.unwrap_or(0.0))
    }

    fn farthest(&self) -> f64 {
        f64::from(self.shown.0) + FARTHEST * self.tick_rate
    }

    /// How much further ahead to go: one time in ten an input may come too late.
    fn wanted_change(&self, now: Duration) -> f64 {
        let mut leads: Vec<i8> = self.leads.values().collect();
        leads.sort_unstable();
        let Some(low) = leads.get(leads.len() / 10).copied().map(f64::from) else {
            return 0.0;
        };
        let span = self.leads.span(now);
        if span >= LOOK_BACK / 4 && low < self.wanted_lead {
            self.wanted_lead - low
        } else if span >= LOOK_BACK * 9 / 10 && low > self.wanted_lead + TOO_EARLY {
            -1.0
        } else {
            0.0
        }
    }

    /// A time in ticks.
    fn own(&self, time: Duration) -> f64 {
        time.as_secs_f64() * self.tick_rate
    }
}

/// What came lately, and when.
#[derive(Debug)]
struct RecentReports<T>(VecDeque<(Duration, T)>);

impl<T> Default for RecentReports<T> {
    fn default() -> Self {
        Self(VecDeque::new())
    }
}

impl<T: Copy> RecentReports<T> {
    fn push(&mut self, now: Duration, item: T) {
        // A clock may have been set back as well.
        let is_old = |(at, _): &mut (Duration, T)| now.abs_diff(*at) > LOOK_BACK;
        while self.0.len() == MOST_LOOKED_BACK || self.0.front_mut().is_some_and(is_old) {
            self.0.pop_front();
        }
        self.0.push_back((now, item));
    }

    fn values(&self) -> impl Iterator<Item = T> {
        self.0.iter().map(|(_, item)| *item)
    }

    /// How long ago the oldest came.
    fn span(&self, now: Duration) -> Duration {
        let oldest = self.0.front();
        oldest.map_or(Duration::ZERO, |(at, _)| now.saturating_sub(*at))
    }
}
