//! A sender of snapshots that does as its [`SendRate`] says, before a bottleneck in virtual time.

use std::collections::VecDeque;
use std::time::Duration;

use protocol::send_rate::SendRate;
use protocol::sequence::Sequence;

const EVERY_MS: u64 = 50;
const QUEUE_BYTES: f64 = 8_192.0;

/// What a snapshot takes of the path beside its own bytes.
const OVERHEAD: f64 = 70.0;

/// A sender whose snapshots would have `wanted` bytes, with a path of `round_trip`.
struct Sender {
    rate: SendRate,
    wanted: usize,
    round_trip: f64,
    bytes_per_ms: f64,
    /// Bytes of others that stand before the bottleneck, whatever we do.
    foreign: f64,
    queue: f64,
    sequence: u16,
    acks: VecDeque<(f64, Sequence, f64)>,
    sent: Vec<(u64, usize)>,
    /// How long each took, when it was sent.
    delays: Vec<(u64, f64)>,
}

impl Sender {
    fn new(kbit_per_s: f64, wanted: usize) -> Self {
        Self {
            rate: SendRate::default(),
            wanted,
            round_trip: 40.0,
            bytes_per_ms: kbit_per_s / 8.0,
            foreign: 0.0,
            queue: 0.0,
            sequence: 0,
            acks: VecDeque::new(),
            sent: Vec::new(),
            delays: Vec::new(),
        }
    }

    /// Plays from one second to another.
    fn play(&mut self, from_s: u64, to_s: u64) {
        for now in (from_s * 1_000..to_s * 1_000).step_by(EVERY_MS as usize) {
            self.queue = (self.queue - self.bytes_per_ms * EVERY_MS as f64).max(self.foreign);
            self.take_acks(now);
            let at = Duration::from_millis(now);
            self.rate.judge(at, 0.0);
            if let Some(granted) = self.rate.grant(at) {
                self.send(now, granted);
            }
        }
    }

    fn take_acks(&mut self, now: u64) {
        while let Some((due, sequence, took)) = self.acks.front().copied()
            && due <= now as f64
        {
            self.acks.pop_front();
            let due = Duration::from_secs_f64(due / 1e3);
            self.rate.on_acked(due, sequence);
            self.rate
                .on_round_trip(due, Duration::from_secs_f64(took / 1e3));
        }
    }

    fn send(&mut self, now: u64, granted: usize) {
        let bytes = self.wanted.min(granted);
        let sequence = Sequence(self.sequence);
        self.sequence += 1;
        self.rate
            .on_sent(Duration::from_millis(now), sequence, bytes, granted);
        self.sent.push((now, bytes));
        if self.queue + bytes as f64 + OVERHEAD > QUEUE_BYTES {
            return;
        }
        self.queue += bytes as f64 + OVERHEAD;
        let waited = self.queue / self.bytes_per_ms;
        self.delays.push((now, waited));
        let took = waited + self.round_trip;
        self.acks.push_back((now as f64 + took, sequence, took));
    }

    /// Snapshots a second from one second to another, and the mean of their bytes.
    fn sent_between(&self, from_s: u64, to_s: u64) -> (f64, f64) {
        let range = from_s * 1_000..to_s * 1_000;
        let sent: Vec<_> = self
            .sent
            .iter()
            .filter(|(at, _)| range.contains(at))
            .collect();
        let bytes: usize = sent.iter().map(|(_, bytes)| bytes).sum();
        let seconds = (to_s - from_s) as f64;
        (
            sent.len() as f64 / seconds,
            bytes as f64 / sent.len() as f64,
        )
    }

    /// Of those sent from one second to another, the 99th percentile of the time in the queue, in milliseconds.
    fn waited(&self, from_s: u64, to_s: u64) -> f64 {
        let range = from_s * 1_000..to_s * 1_000;
        let delays = self.delays.iter().filter(|(at, _)| range.contains(at));
        let mut delays: Vec<f64> = delays.map(|(_, waited)| *waited).collect();
        delays.sort_by(f64::total_cmp);
        let rank = delays.len() * 99 / 100;
        delays.get(rank).copied().unwrap_or(f64::INFINITY)
    }
}

#[test]
fn a_path_with_room_gets_all_that_is_wanted() {
    let mut sender = Sender::new(1_000.0, 600);
    sender.play(0, 60);
    let (rate, bytes) = sender.sent_between(0, 60);
    assert!(rate > 19.9 && bytes == 600.0, "{rate} a second of {bytes}");
}

#[test]
fn on_a_slow_path_hardly_anything_waits_once_it_is_known() {
    for (kbit_per_s, least_rate) in [(64.0, 15.0), (32.0, 8.0)] {
        let mut sender = Sender::new(kbit_per_s, 400);
        sender.play(0, 60);
        let waited = sender.waited(10, 60);
        let (rate, bytes) = sender.sent_between(10, 60);
        println!("{kbit_per_s}: waited {waited:.0} ms, {rate:.1} a second of {bytes:.0} bytes");
        assert!(waited < 150.0, "{kbit_per_s} kbit/s: {waited} ms");
        assert!(rate >= least_rate, "{kbit_per_s} kbit/s: {rate} a second");
        // Two thirds of the path are used at least.
        let used = rate * (bytes + OVERHEAD) * 8.0 / 1e3 / kbit_per_s;
        assert!(used > 0.55, "{used} of {kbit_per_s} kbit/s");
    }
}

#[test]
fn what_is_wanted_is_sent_again_when_the_path_widens() {
    let mut sender = Sender::new(32.0, 300);
    sender.play(0, 20);
    let (rate, bytes) = sender.sent_between(10, 20);
    assert!(rate * bytes < 4_000.0, "{rate} a second of {bytes}");
    sender.bytes_per_ms = 250.0;
    sender.play(20, 60);
    let (rate, bytes) = sender.sent_between(50, 60);
    assert!(rate > 19.0 && bytes > 290.0, "{rate} a second of {bytes}");
}

#[test]
fn a_queue_of_others_does_not_starve_us() {
    let mut sender = Sender::new(64.0, 300);
    sender.play(0, 10);
    sender.foreign = 6_000.0;
    sender.play(10, 25);
    let (rate, _) = sender.sent_between(13, 25);
    assert!(rate >= 10.0, "{rate} a second");
}
