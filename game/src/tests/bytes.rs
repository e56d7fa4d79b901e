//! What snapshots cost in a real match: every figure is printed, the promised ones are bounds.

use std::collections::VecDeque;

use crate::wire::encode_delta;
use protocol::datagram::{DatagramHeader, SnapshotHeader};

use super::*;
use crate::bots::Mind;
use crate::random::Random;
use protocol::codec::encode;

/// Ticks from one snapshot to the next, and from one datagram of a client to the next.
const SNAPSHOT_EVERY: u32 = 3;
const ACK_EVERY: u32 = 2;

/// Half of a round trip of 100 ms.
const ONE_WAY: u32 = 3;

/// Tick of a room that has run for an hour: ticks then take as many bytes as they usually do.
const UPTIME: u32 = 3_600 * RATE as u32;

/// One direction of a path: what is under way, and when it comes in.
#[derive(Default)]
struct Path(VecDeque<(Tick, Tick)>);

impl Path {
    fn send(&mut self, now: Tick, about: Tick, loss_percent: u32, random: &mut Random) {
        if random.below(100) >= loss_percent {
            self.0.push_back((now.plus(ONE_WAY), about));
        }
    }

    /// The newest that has come in by now.
    fn take(&mut self, now: Tick) -> Option<Tick> {
        let mut newest = None;
        while self.0.front().is_some_and(|(arrives, _)| *arrives <= now) {
            newest = newest.max(self.0.pop_front().map(|(_, about)| about));
        }
        newest
    }
}

/// A player that steers as bots do, and its share of the netcode.
struct Client {
    seat: Seat,
    mind: Mind,
    down: Path,
    up: Path,
    received: Option<Tick>,
    acked: Option<Tick>,
    told: VecDeque<Held>,
    bytes_by_second: Vec<usize>,
}

#[derive(Default)]
struct Figures {
    snapshots: usize,
    bytes: usize,
    own_bits: u32,
    circle_bits: u32,
    knibble_bits: u32,
    moved_circles: usize,
    moved_entities: usize,
    ticks_back: usize,
    seconds: Vec<usize>,
}

impl Client {
    fn new(room: &mut Room, random: &mut Random) -> Self {
        Self {
            seat: room.join("Ada").unwrap(),
            mind: Mind::new(random),
            down: Path::default(),
            up: Path::default(),
            received: None,
            acked: None,
            told: VecDeque::new(),
            bytes_by_second: Vec::new(),
        }
    }

    fn steer(&mut self, room: &mut Room, random: &mut Random) {
        let game = &room.game;
        let steered = self
            .mind
            .steer(self.seat, &game.arena, game.tick, &game.rules, random);
        room.inputs[usize::from(self.seat.0)] = Some(steered);
    }

    /// Acknowledges and is told, as it falls due.
    fn exchange(&mut self, room: &mut Room, loss: u32, random: &mut Random, figures: &mut Figures) {
        let now = room.ctx.tick();
        self.received = self.received.max(self.down.take(now));
        self.acked = self.acked.max(self.up.take(now));
        if (now.0 + u32::from(self.seat.0)).is_multiple_of(ACK_EVERY)
            && let Some(received) = self.received
        {
            self.up.send(now, received, loss, random);
        }
        if now.0.is_multiple_of(SNAPSHOT_EVERY) {
            self.snapshot(room, figures);
            self.down.send(now, now, loss, random);
        }
    }

    fn snapshot(&mut self, room: &mut Room, figures: &mut Figures) {
        let now = room.ctx.tick();
        let nothing = Held::default();
        let is_acked = |held: &&Held| held.tick.is_some() && held.tick == self.acked;
        let held = self.told.iter().find(is_acked).unwrap_or(&nothing);
        let age = held.age(now);
        let mut bytes = encode(&DatagramHeader::default());
        bytes.extend(encode(&SnapshotHeader {
            tick: now.plus(UPTIME),
            baseline_age: age,
            input_lead: 2,
        }));
        let budget = MAX_DATAGRAM - bytes.len();
        let told = room
            .game
            .write_snapshot(self.seat, held.basis(now, budget), &mut bytes);
        let bits = encode_delta(held.told.baseline(), told.view(), age, &mut Vec::new());
        figures.snapshots += 1;
        figures.bytes += bytes.len();
        figures.own_bits += bits.own;
        figures.circle_bits += bits.circles;
        figures.knibble_bits += bits.knibbles;
        figures.ticks_back += usize::from(age);
        figures.count_moved(held.told.view(), told.view());
        let second = (now.0 - room.game.phase.started.0) / u32::from(RATE);
        self.bytes_by_second.resize(1 + second as usize, 0);
        self.bytes_by_second[second as usize] += bytes.len();
        self.told.push_back(Held::of(told, now));
        if self.told.len() > 64 {
            self.told.pop_front();
        }
    }
}

impl Figures {
    fn count_moved(&mut self, old: &View, new: &View) {
        let moved = |circle: &&crate::wire::CircleView| old.circle(circle.seat) != Some(*circle);
        let circles = new.circles.iter().filter(moved).count();
        let came = new
            .knibbles
            .iter()
            .filter(|knibble| old.knibble(knibble.slot) != Some(*knibble));
        let gone = old
            .knibbles
            .iter()
            .filter(|knibble| new.knibble(knibble.slot).is_none());
        self.moved_circles += circles;
        self.moved_entities += circles + came.count() + gone.count();
        self.moved_entities += usize::from(new.own.is_some() && new.own != old.own);
    }

    fn bytes_per_moved_circle(&self) -> f64 {
        f64::from(self.circle_bits) / 8.0 / self.moved_circles as f64
    }

    fn bytes_per_moved_entity(&self) -> f64 {
        self.bytes as f64 / self.moved_entities as f64
    }

    /// Of all seconds of all clients, the one at this share of them, in kbit.
    fn kilobits(&mut self, share: f64) -> f64 {
        self.seconds.sort_unstable();
        let index = (self.seconds.len() - 1) as f64 * share;
        self.seconds[index as usize] as f64 * 8.0 / 1_000.0
    }

    fn mean_kilobits(&self) -> f64 {
        let bytes: usize = self.seconds.iter().sum();
        bytes as f64 * 8.0 / 1_000.0 / self.seconds.len() as f64
    }

    fn print(&mut self, name: &str) {
        let each = |bits: u32| f64::from(bits) / 8.0 / self.snapshots as f64;
        let mean = |count: usize| count as f64 / self.snapshots as f64;
        let (own, circles, knibbles) = (
            each(self.own_bits),
            each(self.circle_bits),
            each(self.knibble_bits),
        );
        println!(
            "{name}: {:.1} B a snapshot (header 14, own {own:.1}, circles {circles:.1}, knibbles \
             {knibbles:.1}), baseline {:.1} ticks old",
            mean(self.bytes),
            mean(self.ticks_back),
        );
        println!(
            "  {:.2} B per moved circle (of {:.1}), whole datagram {:.2} B per moved entity (of \
             {:.1})",
            self.bytes_per_moved_circle(),
            mean(self.moved_circles),
            self.bytes_per_moved_entity(),
            mean(self.moved_entities),
        );
        println!(
            "  kbit/s in each second: p50 {:.1}, mean {:.1}, p95 {:.1}, most {:.1}",
            self.kilobits(0.5),
            self.mean_kilobits(),
            self.kilobits(0.95),
            self.kilobits(1.0),
        );
    }
}

/// Matches of twelve circles, so many of them players', to the last one standing.
fn play_matches(players: usize, loss_percent: u32) -> Figures {
    let mut figures = Figures::default();
    for seed in 0..2 {
        let config = GameConfig {
            bots_fill_to: 12,
            ..patient()
        };
        let mut room = Room::new(config, seed);
        let mut random = Random::new(seed + 100);
        let mut clients: Vec<Client> = (0..players)
            .map(|_| Client::new(&mut room, &mut random))
            .collect();
        room.run_to(Phase::Playing);
        while room.phase() == Phase::Playing {
            for client in &mut clients {
                client.steer(&mut room, &mut random);
            }
            room.step();
            if room.phase() != Phase::Playing {
                break;
            }
            for client in &mut clients {
                client.exchange(&mut room, loss_percent, &mut random, &mut figures);
            }
        }
        for mut client in clients {
            // The last second is not a whole one.
            client.bytes_by_second.pop();
            figures.seconds.extend(client.bytes_by_second);
        }
    }
    figures
}

#[test]
fn a_match_of_twelve_stays_within_four_and_a_half_bytes_and_sixteen_kilobits() {
    for (players, loss_percent) in [(1, 0), (1, 5), (12, 0), (12, 5)] {
        let mut figures = play_matches(players, loss_percent);
        figures.print(&format!("{players} players, {loss_percent} % loss"));
        assert!(figures.snapshots > 1_500 * players);
        assert!(figures.bytes_per_moved_circle() <= 4.5);
        assert!(figures.kilobits(1.0) <= 16.0);
    }
}
