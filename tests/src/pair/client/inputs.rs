//! The client's own ticks and what it sends of them: an input for each, aligned to the server's ticks and repeated
//! until acknowledged.

use std::collections::VecDeque;
use std::time::Duration;

use game::wire::GameInput;
use protocol::codec::{encode, encode_into};
use protocol::input::{InputBatch, MAX_INPUTS};
use protocol::session::Session;
use protocol::tick::Tick;

use super::super::steering::steering;

/// Input datagrams a second.
const RATE: u32 = 30;

/// Even with no new tick to tell of, acknowledgements go out this often.
const IDLE: Duration = Duration::from_millis(100);

/// Snapshots looked back on: one and a half seconds at 20 a second.
const LOOKED_BACK: usize = 30;

/// Ticks by which inputs should be early nine times in ten.
const WANTED_LEAD: f64 = 1.0;

/// Ticks that an input may be ahead of the newest snapshot, in seconds: only a clock that is wrong leads further.
const FARTHEST: f64 = 3.0;

/// A lead that is this much larger than wanted is given up again, a tick at a time.
const TOO_EARLY: f64 = 3.0;

/// Sends one player's inputs.
#[derive(Debug)]
pub(super) struct Inputs {
    player: u64,
    tick_rate: f64,
    send_every: u32,
    /// By how many ticks the server's count was ahead of ours when the last snapshots came.
    offsets: VecDeque<f64>,
    /// Leads that the server reported since `ahead` was last changed.
    leads: VecDeque<i8>,
    /// Ticks to be ahead of the newest snapshot; none while the round trip isn't known.
    ahead: Option<f64>,
    /// When `ahead` was last changed, and how long after that reports say nothing of it.
    changed: (Duration, Duration),
    /// The newest snapshot's.
    shown: Tick,
    newest: Tick,
    sent: Option<(Tick, Duration)>,
}

impl Inputs {
    pub(super) fn new(player: u64, tick_rate: u16) -> Self {
        Self {
            player,
            tick_rate: f64::from(tick_rate),
            send_every: (u32::from(tick_rate) / RATE).max(1),
            offsets: VecDeque::new(),
            leads: VecDeque::new(),
            ahead: None,
            changed: (Duration::ZERO, Duration::ZERO),
            shown: Tick(0),
            newest: Tick(0),
            sent: None,
        }
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
        push(&mut self.offsets, offset);
        self.shown = tick;
        let Some(round_trip) = round_trip else {
            return;
        };
        let change = match self.ahead {
            None => self.own(round_trip) + WANTED_LEAD + 2.0,
            Some(_) if now.abs_diff(self.changed.0) < self.changed.1 => return,
            Some(_) => {
                push(&mut self.leads, lead);
                self.wanted_change()
            }
        };
        if change != 0.0 {
            let ahead = self.ahead.unwrap_or(0.0) + change;
            self.ahead = Some(ahead.clamp(0.0, self.tick_rate));
            self.leads.clear();
            self.changed = (now, round_trip + IDLE);
        }
    }

    /// The datagram that is due, if one is.
    pub(super) fn due(&mut self, now: Duration, session: &mut Session) -> Option<Vec<u8>> {
        let offset = self.offsets.iter().copied().reduce(f64::max)?;
        let tick = self.own(now) + offset + self.ahead.unwrap_or(0.0);
        let farthest = f64::from(self.shown.0) + FARTHEST * self.tick_rate;
        self.newest = self.newest.max(Tick(tick.clamp(0.0, farthest) as u32));
        let is_due = self.sent.is_none_or(|(tick, at)| {
            self.newest.since(tick) >= i64::from(self.send_every) || now.abs_diff(at) >= IDLE
        });
        if !is_due {
            return None;
        }
        self.sent = Some((self.newest, now));
        let oldest = session.acked_tick().map_or(Tick(0), |acked| acked.plus(1));
        let header = session.send_datagram(now, self.newest);
        let mut datagram = encode(&header);
        encode_into(&self.batch(oldest), &mut datagram);
        Some(datagram)
    }

    /// All inputs from `oldest` on that fit.
    fn batch(&self, oldest: Tick) -> InputBatch<GameInput> {
        let unacknowledged = self.newest.since(oldest) + 1;
        let count = unacknowledged.clamp(0, MAX_INPUTS as i64) as u32;
        InputBatch {
            newest: self.newest,
            inputs: (0..count)
                .map(|back| steering(self.player, self.newest.minus(back)))
                .collect(),
        }
    }

    /// How much further ahead to go: one time in ten an input may come too late.
    fn wanted_change(&self) -> f64 {
        let mut leads: Vec<i8> = self.leads.iter().copied().collect();
        leads.sort_unstable();
        let Some(low) = leads.get(leads.len() / 10).copied().map(f64::from) else {
            return 0.0;
        };
        if leads.len() >= LOOKED_BACK / 4 && low < WANTED_LEAD {
            WANTED_LEAD - low
        } else if leads.len() == LOOKED_BACK && low > WANTED_LEAD + TOO_EARLY {
            -1.0
        } else {
            0.0
        }
    }

    /// A time in our own ticks.
    fn own(&self, time: Duration) -> f64 {
        time.as_secs_f64() * self.tick_rate
    }
}

fn push<T>(window: &mut VecDeque<T>, item: T) {
    if window.len() == LOOKED_BACK {
        window.pop_front();
    }
    window.push_back(item);
}
