//! A player that keeps to the rules, does nothing, and notes what it is sent: a bystander while others misbehave, and
//! a witness of when the server sent which tick.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use game::wire::GameInput;
use protocol::codec::{decode, encode};
use protocol::control::{ClientFrame, CloseReason, ServerFrame};
use protocol::datagram::{split, split_snapshot};
use protocol::input::InputBatch;
use protocol::state_lane::StateLane;
use protocol::tick::Tick;

use super::{PlayerLink, Received};
use crate::clock::{Stopwatch, unix_ms};

/// How often it sends acknowledgements.
const SEND_EVERY: Duration = Duration::from_millis(50);

/// A player on a thread of its own.
#[derive(Debug)]
pub struct Observer {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Seen>,
}

/// What it was sent.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Snapshots in the order they came.
    pub snapshots: Vec<SeenSnapshot>,
    /// Why the server ended the link, if it did.
    pub goodbye: Option<CloseReason>,
}

/// One snapshot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeenSnapshot {
    /// Its datagram's number.
    pub sequence: u16,
    /// The tick that it shows.
    pub tick: u32,
    /// When it came in, in milliseconds since 1970.
    pub at_ms: f64,
}

impl Observer {
    /// Plays on by a link that has shown its token.
    pub fn start(link: impl PlayerLink + 'static) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&stop);
        let thread = std::thread::spawn(move || play(link, &is_over));
        Self { stop, thread }
    }

    /// Stops, and tells.
    pub fn stop(self) -> Seen {
        self.stop.store(true, Ordering::Relaxed);
        self.thread
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Seen {
    /// The longest time between two snapshots, in milliseconds.
    pub fn longest_gap_ms(&self) -> f64 {
        self.snapshots
            .windows(2)
            .map(|pair| pair[1].at_ms - pair[0].at_ms)
            .fold(0.0, f64::max)
    }

    /// When each tick's snapshot came in.
    pub fn times_by_tick(&self) -> HashMap<u32, f64> {
        self.snapshots
            .iter()
            .map(|snapshot| (snapshot.tick, snapshot.at_ms))
            .collect()
    }
}

fn play(mut link: impl PlayerLink, is_over: &AtomicBool) -> Seen {
    let clock = Stopwatch::start();
    let mut lane = StateLane::default();
    let mut seen = Seen::default();
    let mut due = SEND_EVERY;
    while !is_over.load(Ordering::Relaxed) {
        let now = clock.elapsed();
        if now >= due {
            due = now + SEND_EVERY;
            // A link that is gone says so when it is read.
            let _ = link.send_state(&acknowledgement(&mut lane, now, &seen));
        }
        match link.receive(due.saturating_sub(now)) {
            None => {}
            Some(Received::Gone) => return seen,
            Some(Received::State(datagram)) => {
                if let Some(snapshot) = take(&mut lane, clock.elapsed(), &datagram) {
                    seen.snapshots.push(snapshot);
                }
            }
            Some(Received::Control(frame)) => match decode(&frame, protocol::MAX_CONTROL_FRAME) {
                Ok(ServerFrame::Message { sequence, .. }) => {
                    let _ = link.send_frame(&ClientFrame::Ack(sequence));
                }
                Ok(ServerFrame::Close(reason)) => {
                    seen.goodbye = Some(reason);
                    return seen;
                }
                _ => {}
            },
        }
    }
    let _ = link.leave(1);
    seen
}

fn take(lane: &mut StateLane, now: Duration, datagram: &[u8]) -> Option<SeenSnapshot> {
    let at_ms = unix_ms();
    let (header, body) = split(datagram).ok()?;
    let (snapshot, _) = split_snapshot(body).ok()?;
    lane.receive(now, header, |_| {});
    Some(SeenSnapshot {
        sequence: header.sequence.0,
        tick: snapshot.tick.0,
        at_ms,
    })
}

/// No input, which steers nowhere.
fn acknowledgement(lane: &mut StateLane, now: Duration, seen: &Seen) -> Vec<u8> {
    let newest = Tick(seen.snapshots.last().map_or(0, |snapshot| snapshot.tick));
    let header = lane.send(now, newest);
    let batch = InputBatch::<GameInput> {
        newest,
        inputs: std::iter::empty().collect(),
    };
    [encode(&header), encode(&batch)].concat()
}
