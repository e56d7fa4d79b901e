//! A full room of Battle Circles: 60 ticks a second, and 30 snapshots a second to each of twelve players, who acknowledge
//! them and steer 30 times a second.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use game::config::GameConfig;
use game::wire::GameInput;
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
use server::game::Player;
use server::link::{LinkSender, Tagged};
use server::room::{Inbound, InboundLane, Room, RoomHost, RoomSetup, SeatClaim, SocketId};

const PLAYERS: u64 = 12;
const TICK_RATE: u16 = 60;

/// Keeps the newest datagram.
#[derive(Default)]
struct Wire(Mutex<Vec<u8>>);

impl LinkSender for Wire {
    fn rung(&self) -> Rung {
        Rung::WebTransport
    }

    fn is_backlogged(&self) -> bool {
        false
    }

    fn send_state(&self, datagram: &[u8]) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.clear();
        held.extend_from_slice(datagram);
    }

    fn send_control(&self, _: Tagged) -> Result<(), QueueFull> {
        Ok(())
    }

    fn close(&self, _: CloseReason) {}
}

/// Nothing outlives the room.
struct NoHost;

impl RoomHost for NoHost {
    fn holds(&self, _: SessionId) -> bool {
        true
    }

    fn renew_token(&self, _: SessionId) -> (String, Duration) {
        ("token".to_owned(), Duration::from_secs(60))
    }

    fn end(&self, _: SessionId) {}

    fn end_room(&self) {}

    fn retire_room(&self) -> bool {
        true
    }
}

struct Guest {
    session: SessionId,
    socket: SocketId,
    wire: Arc<Wire>,
    lane: StateLane,
    seen: Tick,
}

impl Guest {
    /// Takes the newest snapshot.
    fn look(&mut self, now: Duration) {
        let datagram = self.wire.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Ok((header, body)) = split(&datagram)
            && let Ok((snapshot, _)) = split_snapshot(body)
            && snapshot.tick > self.seen
        {
            self.seen = snapshot.tick;
            self.lane.receive(now, header, |_| {});
        }
    }

    /// What it says: three inputs, of which two are repeats.
    fn speak(&mut self, now: Duration, tick: Tick) -> Inbound {
        let mut datagram = encode(&self.lane.send(now, tick));
        let angle = tick.0 as f32 / 40.0 + self.session.0 as f32;
        let input = GameInput::steering((angle.cos() * 100.0) as i8, (angle.sin() * 100.0) as i8);
        let batch = InputBatch {
            newest: tick,
            view_lag: 6,
            inputs: [input; 3].into_iter().collect(),
        };
        encode_into(&batch, &mut datagram);
        Inbound {
            session: self.session,
            socket: self.socket,
            lane: InboundLane::State,
            bytes: Bytes::from(datagram),
            at: now,
        }
    }
}

fn room() -> Option<Room<BattleCircles>> {
    let setup = RoomSetup {
        host: Arc::new(NoHost),
        id: RoomId::parse("bench")?,
        incarnation: Default::default(),
        node: String::new(),
        seats: PLAYERS as usize,
        tick_rate: TICK_RATE,
        snapshot_rate: 30,
        seat_timeout: Duration::from_secs(60),
        linger: Duration::from_secs(5),
        unix_origin: Duration::ZERO,
    };
    let rules = Rules::new(GameConfig::default(), TICK_RATE).ok()?;
    Some(Room::new(
        Duration::ZERO,
        BattleCircles::new(rules, 11),
        setup,
    ))
}

fn seat(room: &mut Room<BattleCircles>, number: u64) -> Option<Guest> {
    let guest = Guest {
        session: SessionId(number),
        socket: SocketId::new(LinkId(number), 0),
        wire: Arc::default(),
        lane: StateLane::default(),
        seen: Tick(0),
    };
    let name = PlayerName::parse(&format!("Ada {number}")).ok()?;
    let claim = SeatClaim {
        session: guest.session,
        player: Player::guest(PlayerId::from_bits(number.into()), name),
        options: None,
        resumes: None,
    };
    let wire = Arc::clone(&guest.wire);
    room.attach(room.next_tick(), claim, guest.socket, wire);
    Some(guest)
}

/// So many seconds of the room.
///
/// # Panics
/// When the room can't be made.
pub(crate) fn seconds(seconds: u32) {
    let mut room = room().expect("a room");
    let seated = (1..=PLAYERS).map(|number| seat(&mut room, number));
    let mut guests: Vec<Guest> = seated.collect::<Option<_>>().expect("players");
    for number in 1..=seconds * u32::from(TICK_RATE) {
        let now = room.next_tick();
        for (guest, phase) in guests.iter_mut().zip(0u32..) {
            if (number + phase) % 2 == 0 {
                guest.look(now);
                room.take_inbound(guest.speak(now, Tick(number + 3)));
            }
        }
        let _ = room.tick(now);
    }
}
