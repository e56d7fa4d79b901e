//! A recorded session: whole datagrams in both directions, some of them lost, with the view that the
//! client holds after each that came. What a client in another language should get from the same bytes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use game::config::GameConfig;
use game::wire::{Baseline, GameInput, decode_delta};
use game::{BattleCircles, Rules};
use protocol::codec::{encode, encode_into};
use protocol::control::{CloseReason, LinkId};
use protocol::datagram::{split, split_snapshot};
use protocol::ids::{PlayerId, RoomId, SessionId};
use protocol::input::InputBatch;
use protocol::name::PlayerName;
use protocol::rung::Rung;
use protocol::send_queue::QueueFull;
use protocol::state_lane::StateLane;
use protocol::tick::Tick;
use serde_json::{Value, json};
use server::game::Player;
use server::link::{LinkSender, Tagged};
use server::room::{Inbound, InboundLane, Room, RoomSetup, SeatClaim, SocketId};
use tests::one_session::OneSession;

use crate::file::{check, hex, push_lines};

const SESSION: SessionId = SessionId(1);

/// Snapshots of the session, and the numbers of those that never arrive.
const SNAPSHOTS: usize = 24;
const LOST: [usize; 4] = [3, 9, 10, 17];

/// The way of a datagram, in ticks.
const ONE_WAY: u32 = 3;

/// Keeps the datagrams that it was given.
#[derive(Default)]
struct Wire(Mutex<Vec<Vec<u8>>>);

impl LinkSender for Wire {
    fn rung(&self) -> Rung {
        Rung::WebTransport
    }

    fn is_backlogged(&self) -> bool {
        false
    }

    fn send_state(&self, datagram: &[u8]) {
        self.0.lock().unwrap().push(datagram.to_vec());
    }

    fn send_control(&self, _: Tagged) -> Result<(), QueueFull> {
        Ok(())
    }

    fn close(&self, _: CloseReason) {}
}

fn room(wire: Arc<Wire>) -> (Room<BattleCircles>, SocketId) {
    let rules = Rules::new(GameConfig::default(), 60).unwrap();
    let setup = RoomSetup {
        host: Arc::new(OneSession::new(SESSION)),
        id: RoomId::parse("golden").unwrap(),
        incarnation: Default::default(),
        node: String::new(),
        seats: 12,
        tick_rate: 60,
        snapshot_rate: 20,
        seat_timeout: Duration::from_secs(60),
        linger: Duration::from_secs(5),
        unix_origin: Duration::ZERO,
    };
    let mut room = Room::new(Duration::ZERO, BattleCircles::new(rules, 11), setup);
    let claim = SeatClaim {
        session: SESSION,
        player: Player::guest(PlayerId::from_bits(1), PlayerName::parse("Ada").unwrap()),
        options: None,
        resumes: None,
    };
    let socket = SocketId::new(LinkId(0), 0);
    room.attach(room.next_tick(), claim, socket, wire);
    (room, socket)
}

/// The client's end: what it holds, and what it answers.
#[derive(Default)]
struct Client {
    lane: StateLane,
    held: BTreeMap<Tick, Baseline>,
}

impl Client {
    /// Takes a datagram; what it then holds.
    fn take(&mut self, now: Duration, datagram: &[u8]) -> (Tick, Baseline) {
        let (header, body) = split(datagram).unwrap();
        let (snapshot, delta) = split_snapshot(body).unwrap();
        let nothing = Baseline::default();
        let baseline = match snapshot.baseline_age {
            0 => &nothing,
            age => &self.held[&snapshot.tick.minus(u32::from(age))],
        };
        let result = decode_delta(baseline, snapshot.baseline_age, delta).unwrap();
        self.held.insert(snapshot.tick, result.clone());
        self.lane.receive(now, header, |_| {});
        (snapshot.tick, result)
    }

    fn answer(&mut self, now: Duration, seen: Tick) -> Vec<u8> {
        let newest = seen.plus(2 * ONE_WAY);
        let mut datagram = encode(&self.lane.send(now, newest));
        let input = GameInput::steering(100, -40);
        let batch = InputBatch {
            newest,
            view_lag: 6,
            inputs: [input; 3].into_iter().collect(),
        };
        encode_into(&batch, &mut datagram);
        datagram
    }
}

fn record() -> Vec<Value> {
    let wire = Arc::<Wire>::default();
    let (mut room, socket) = room(Arc::clone(&wire));
    let mut client = Client::default();
    let mut steps = Vec::new();
    let mut up: Vec<(u64, Vec<u8>)> = Vec::new();
    let tick = |ticks: u64| Duration::from_micros(ticks * 1_000_000 / 60);
    for number in 1.. {
        for (due, datagram) in up.extract_if(.., |(due, _)| *due <= number) {
            room.take_inbound(Inbound {
                session: SESSION,
                socket,
                lane: InboundLane::State,
                bytes: datagram.into(),
                at: tick(due),
            });
        }
        room.tick(room.next_tick());
        for down in std::mem::take(&mut *wire.0.lock().unwrap()) {
            if LOST.contains(&steps.len()) {
                steps.push(json!({ "down": hex(&down), "lost": true }));
                continue;
            }
            let arrives = number + u64::from(ONE_WAY);
            let (shown, held) = client.take(tick(arrives), &down);
            let answer = client.answer(tick(arrives + 1), shown);
            steps.push(json!({
                "down": hex(&down),
                "lost": false,
                "tick": shown,
                "view": held.view(),
                "up": hex(&answer),
            }));
            up.push((arrives + 1 + u64::from(ONE_WAY), answer));
        }
        if steps.len() == SNAPSHOTS {
            break;
        }
    }
    steps
}

#[test]
fn a_recorded_session_comes_to_its_golden_views() {
    let mut text = String::from("[\n");
    push_lines(&mut text, &record());
    text.push_str("]\n");
    check("session.json", &text);
}
