//! A room of Battle Circles, with clients that say anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use game::config::GameConfig;
use game::{BattleCircles, Rules};
use protocol::MAX_DATAGRAM;
use protocol::codec::{decode, encode};
use protocol::control::{CloseReason, LinkId, ServerFrame};
use protocol::datagram::{AckBits, DatagramHeader, split, split_snapshot};
use protocol::ids::{PlayerId, RoomId, SessionId};
use protocol::name::PlayerName;
use protocol::rung::Rung;
use protocol::send_queue::QueueFull;
use protocol::sequence::Sequence;
use server::game::Player;
use server::link::{LinkSender, Tagged};
use server::room::{Inbound, InboundLane, Next, Room, RoomHost, RoomSetup, SeatClaim, SocketId};

use crate::allocation::within;
use crate::script::Script;

const TICK_RATE: u16 = 60;

/// Bytes for one event and for each tick of it: snapshots of all players, events of the game.
const MOST_OF_AN_EVENT: usize = 256 * 1024;
const PER_TICK: usize = 128 * 1024;

/// A list on which all sessions have their place for ever.
struct Everyone;

impl RoomHost for Everyone {
    fn holds(&self, _: SessionId) -> bool {
        true
    }

    fn renew_token(&self, _: SessionId) -> (String, Duration) {
        ("token".to_owned(), Duration::from_secs(1))
    }

    fn end(&self, _: SessionId) {}

    fn end_room(&self) {}

    fn retire_room(&self) -> bool {
        false
    }
}

/// A link that takes whatever it is given, and looks whether a client could.
#[derive(Default)]
struct Link {
    is_closed: AtomicBool,
}

impl LinkSender for Link {
    fn rung(&self) -> Rung {
        Rung::WebSocket
    }

    fn is_backlogged(&self) -> bool {
        false
    }

    fn send_state(&self, datagram: &[u8]) {
        assert!(datagram.len() <= MAX_DATAGRAM);
        let (_, body) = split(datagram).expect("a header");
        assert!(split_snapshot(body).is_ok());
    }

    fn send_control(&self, frame: Tagged) -> Result<(), QueueFull> {
        let frame = frame.message();
        assert!(
            !self.is_closed.load(Ordering::Relaxed),
            "a frame behind the goodbye"
        );
        assert!(decode::<ServerFrame<'_>>(&frame, protocol::MAX_CONTROL_FRAME).is_ok());
        Ok(())
    }

    fn close(&self, _: CloseReason) {
        self.is_closed.store(true, Ordering::Relaxed);
    }
}

/// A script: links of four players come and go, datagrams and frames come in on them, the room ticks.
pub fn room(bytes: &[u8]) {
    let mut script = Script::new(bytes);
    let mut room = new_room();
    let mut sockets = Vec::new();
    while let (Some(event), Some(argument)) = (script.byte(), script.byte()) {
        let ticks = ticks(event);
        let next = within(
            MOST_OF_AN_EVENT + 4 * bytes.len() + PER_TICK * ticks,
            || act(&mut room, &mut sockets, &mut script, event, argument),
        );
        if next == Some(Next::End) {
            return;
        }
    }
}

fn new_room() -> Room<BattleCircles> {
    let rules = Rules::new(GameConfig::default(), TICK_RATE).expect("the default rules are valid");
    let setup = RoomSetup {
        host: Arc::new(Everyone),
        id: RoomId::parse("fuzz").expect("a plain name"),
        incarnation: Default::default(),
        node: String::new(),
        seats: game::wire::MAX_SEATS,
        tick_rate: TICK_RATE,
        snapshot_rate: 20,
        seat_timeout: Duration::from_secs(60),
        linger: Duration::from_secs(5),
        unix_origin: Duration::ZERO,
    };
    Room::new(Duration::ZERO, BattleCircles::new(rules, 1), setup)
}

fn act(
    room: &mut Room<BattleCircles>,
    sockets: &mut Vec<(SessionId, SocketId)>,
    script: &mut Script<'_>,
    event: u8,
    argument: u8,
) -> Option<Next> {
    let at = room.next_tick();
    let (session, socket) = sockets
        .get(usize::from(argument) % sockets.len().max(1))
        .copied()
        .unwrap_or_else(|| (SessionId(0), SocketId::new(LinkId(0), 0)));
    let inbound = |lane, bytes: Vec<u8>| Inbound {
        session,
        socket,
        lane,
        bytes: bytes.into(),
        at,
    };
    match event & 7 {
        0 => {
            let claim = claim(argument & 3);
            let socket = SocketId::new(LinkId(u64::from(argument >> 2 & 7)), argument >> 5);
            sockets.push((claim.session, socket));
            room.attach(at, claim, socket, Arc::new(Link::default()));
        }
        1 => room.detach(at, session, socket),
        2 => room.violated(at, session, socket),
        3 => {
            let datagram = [&header(script)?, script.chunk()?].concat();
            room.take_inbound(inbound(InboundLane::State, datagram));
        }
        4 => room.take_inbound(inbound(InboundLane::State, script.chunk()?.to_vec())),
        5 => room.take_inbound(inbound(InboundLane::Control, script.chunk()?.to_vec())),
        _ => {
            for _ in 0..ticks(event) {
                if room.tick(room.next_tick()) == Next::End {
                    return Some(Next::End);
                }
            }
        }
    }
    Some(Next::Tick)
}

/// How long an event lets time pass, if it does.
fn ticks(event: u8) -> usize {
    1 << (event >> 3 & 3)
}

fn claim(number: u8) -> SeatClaim {
    SeatClaim {
        session: SessionId(number.into()),
        player: Player::guest(
            PlayerId::from_bits(number.into()),
            PlayerName::parse("fuzz").expect("a name"),
        ),
        options: None,
        resumes: None,
    }
}

/// A header whose numbers are small, as the first ones are.
fn header(script: &mut Script<'_>) -> Option<Vec<u8>> {
    Some(encode(&DatagramHeader {
        sequence: Sequence(script.byte()?.into()),
        ack: Sequence(script.byte()?.into()),
        ack_bits: AckBits(u32::MAX),
        ack_delay: script.byte()?,
    }))
}
