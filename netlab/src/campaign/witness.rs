//! When the server sent what: a player on the server's own host, to whom every tick's snapshot comes at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use game::wire::GameInput;
use protocol::codec::{decode, encode};
use protocol::control::{ClientFrame, LinkUse, ServerFrame};
use protocol::datagram::{split, split_snapshot};
use protocol::input::InputBatch;
use protocol::state_lane::StateLane;
use protocol::tick::Tick;

use crate::clock::{Stopwatch, unix_ms};
use crate::player::{Admission, PlayerLink, Received, SocketLink};
use crate::realtime_priority::take_realtime_priority;

/// How often it sends acknowledgements.
const SEND_EVERY: Duration = Duration::from_millis(33);

/// Two ticks that are further apart than this, in milliseconds, tell nothing of those between: the room stood still.
const LONGEST_BRIDGE_MS: f64 = 250.0;

/// A witness at work, on a thread of its own.
#[derive(Debug)]
pub(super) struct Witness {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<SendTimes>,
}

/// When the room sent the snapshots of each tick, in milliseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct SendTimes(BTreeMap<u32, f64>);

impl Witness {
    /// Takes a seat in `room`, which is made if it isn't there. To be called on the server's own host.
    pub(super) fn enter(
        server: std::net::SocketAddr,
        room: &str,
    ) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        let seat = Admission::ask(server, "Witness", room)?;
        let mut link = SocketLink::open(server)?;
        link.attach(&seat.token, 1, 0)?;
        let stop = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("witness".into())
            .spawn(move || {
                // What it notes late makes every age too young.
                take_realtime_priority();
                watch(link, &is_over)
            })?;
        Ok(Self { stop, thread })
    }

    /// Whether it has been thrown out.
    pub(super) fn is_gone(&self) -> bool {
        self.thread.is_finished()
    }

    /// Leaves the room, and tells.
    pub(super) fn stop(self) -> SendTimes {
        self.stop.store(true, Ordering::Relaxed);
        self.thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl SendTimes {
    /// When the snapshots of `tick` were sent. One that wasn't witnessed is taken to lie evenly between its
    /// neighbours; `None` where there are none near.
    pub(super) fn at(&self, tick: u32) -> Option<f64> {
        if let Some(at) = self.0.get(&tick) {
            return Some(*at);
        }
        let (before, earlier) = self.0.range(..tick).next_back()?;
        let (after, later) = self.0.range(tick..).next()?;
        if later - earlier > LONGEST_BRIDGE_MS {
            return None;
        }
        let share = f64::from(tick - before) / f64::from(after - before);
        Some(earlier + (later - earlier) * share)
    }

    /// The same, put right by what players received: nothing comes in sooner than the path is long, so the witness noted
    /// late what did. `came` has ticks and when each came in.
    pub(super) fn corrected(
        &self,
        came: impl IntoIterator<Item = (u32, f64)>,
        shortest_own_delay_ms: f64,
    ) -> Self {
        let mut corrected = self.0.clone();
        for (tick, at_ms) in came {
            let latest = at_ms - shortest_own_delay_ms;
            let sent = self.at(tick).map_or(latest, |noted| noted.min(latest));
            let known = corrected.entry(tick).or_insert(sent);
            *known = known.min(sent);
        }
        Self(corrected)
    }

    /// The ticks witnessed from one moment on and before another.
    pub(super) fn ticks_between(&self, from_ms: f64, to_ms: f64) -> impl Iterator<Item = u32> {
        let sent = self.0.iter();
        sent.filter(move |(_, at)| (from_ms..to_ms).contains(*at))
            .map(|(tick, _)| *tick)
    }

    fn note(&mut self, tick: u32, at_ms: f64) {
        self.0.entry(tick).or_insert(at_ms);
    }
}

impl FromIterator<(u32, f64)> for SendTimes {
    fn from_iter<T: IntoIterator<Item = (u32, f64)>>(times: T) -> Self {
        Self(times.into_iter().collect())
    }
}

fn watch(mut link: SocketLink, is_over: &AtomicBool) -> SendTimes {
    let clock = Stopwatch::start();
    let mut lane = StateLane::default();
    let mut times = SendTimes::default();
    let mut newest = Tick(0);
    let mut due = SEND_EVERY;
    while !is_over.load(Ordering::Relaxed) {
        let now = clock.elapsed();
        if now >= due {
            due = now + SEND_EVERY;
            // A link that is gone says so when it is read.
            let _ = link.send_state(&acknowledgement(&mut lane, now, newest));
        }
        match link.receive(due.saturating_sub(now)) {
            None => {}
            Some(Received::Gone) => return times,
            Some(Received::State(datagram)) => {
                let at_ms = unix_ms();
                if let Some(tick) = take(&mut lane, clock.elapsed(), &datagram) {
                    times.note(tick.0, at_ms);
                    newest = tick;
                }
                // Others are sent more often at times: who asks for State gets the next tick's.
                let _ = link.send_frame(&ClientFrame::Use(LinkUse::Active));
            }
            Some(Received::Control(frame)) => {
                if let Ok(ServerFrame::Message { sequence, .. }) =
                    decode(&frame, protocol::MAX_CONTROL_FRAME)
                {
                    let _ = link.send_frame(&ClientFrame::Ack(sequence));
                }
            }
        }
    }
    let _ = link.leave(1);
    times
}

fn take(lane: &mut StateLane, now: Duration, datagram: &[u8]) -> Option<Tick> {
    let (header, body) = split(datagram).ok()?;
    let (snapshot, _) = split_snapshot(body).ok()?;
    lane.receive(now, header, |_| {});
    Some(snapshot.tick)
}

/// No input, which steers nowhere.
fn acknowledgement(lane: &mut StateLane, now: Duration, newest: Tick) -> Vec<u8> {
    let header = lane.send(now, newest);
    let batch = InputBatch::<GameInput> {
        newest,
        view_lag: 0,
        inputs: std::iter::empty().collect(),
    };
    [encode(&header), encode(&batch)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_that_was_not_witnessed_lies_between_its_neighbours() {
        let times: SendTimes = [(3, 100.0), (6, 150.0), (60, 1_000.0)]
            .into_iter()
            .collect();
        assert_eq!(times.at(6), Some(150.0));
        assert!((times.at(5).unwrap() - 133.3).abs() < 0.1);
        assert_eq!(times.at(30), None, "the room stood still");
        assert_eq!((times.at(2), times.at(61)), (None, None));
        let corrected = times.corrected([(6, 195.0), (6, 300.0), (5, 300.0), (30, 700.0)], 50.0);
        assert_eq!(corrected.at(6), Some(145.0), "it came in 50 ms later");
        assert_eq!(corrected.at(5), times.at(5), "it was long on its way");
        assert_eq!(corrected.at(30), Some(650.0), "nobody else knows");
        assert_eq!(
            times.ticks_between(100.0, 1_000.0).collect::<Vec<_>>(),
            [3, 6]
        );
    }
}
