//! A room driven by hand: what it does when sockets of a player come, die, or are not read. No link and no client.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use game::config::GameConfig;
use game::wire::GameInput;
use game::{BattleCircles, Rules};
use protocol::codec::{decode, encode, encode_into};
use protocol::control::{
    ClientFrame, ClientMessage, CloseReason, LinkId, ServerFrame, ServerMessage,
};
use protocol::datagram::DatagramHeader;
use protocol::ids::{PlayerId, RoomId, SessionId};
use protocol::input::InputBatch;
use protocol::name::PlayerName;
use protocol::rung::Rung;
use protocol::send_queue::QueueFull;
use protocol::sequence::Sequence;
use protocol::tick::Tick;
use server::game::Player;
use server::link::{LinkSender, Tagged};
use server::room::{Inbound, InboundLane, Room, RoomHost, RoomSetup, SeatClaim, SocketId};
use tests::one_session::OneSession;
use tests::pair::Counts;

const SESSION: SessionId = SessionId(7);

/// A socket that keeps what it is given.
#[derive(Default)]
struct Sink {
    frames: Mutex<Vec<Vec<u8>>>,
    closed: Mutex<Option<CloseReason>>,
    is_full: AtomicBool,
    snapshots: AtomicUsize,
}

impl LinkSender for Sink {
    fn rung(&self) -> Rung {
        Rung::WebSocket
    }

    fn is_backlogged(&self) -> bool {
        false
    }

    fn send_state(&self, _: &[u8]) {
        self.snapshots.fetch_add(1, Ordering::Relaxed);
    }

    fn send_control(&self, frame: Tagged) -> Result<(), QueueFull> {
        if self.is_full.load(Ordering::Relaxed) {
            return Err(QueueFull);
        }
        self.frames.lock().unwrap().push(frame.message().to_vec());
        Ok(())
    }

    fn close(&self, reason: CloseReason) {
        self.closed.lock().unwrap().get_or_insert(reason);
    }
}

impl Sink {
    /// Numbers of the messages that it was given, and whether the first says welcome.
    fn messages(&self) -> (Vec<u32>, bool) {
        let frames = self.frames.lock().unwrap();
        let (mut numbers, mut is_welcome) = (Vec::new(), false);
        for frame in frames.iter() {
            if let ServerFrame::Message { sequence, message } = decode(frame, 16_384).unwrap() {
                is_welcome |= sequence == 1 && matches!(message, ServerMessage::Welcome(_));
                numbers.push(sequence);
            }
        }
        (numbers, is_welcome)
    }
}

struct Stage {
    room: Room<BattleCircles>,
    sessions: Arc<OneSession>,
}

impl Stage {
    fn new() -> Self {
        let rules = Rules::new(GameConfig::default(), 60).unwrap();
        let sessions = Arc::new(OneSession::new(SESSION));
        let setup = RoomSetup {
            host: Arc::clone(&sessions) as Arc<dyn RoomHost>,
            id: RoomId::parse("pair").unwrap(),
            incarnation: Default::default(),
            node: String::new(),
            seats: game::wire::MAX_SEATS,
            tick_rate: 60,
            snapshot_rate: 20,
            seat_timeout: Duration::from_secs(60),
            linger: Duration::from_secs(5),
            unix_origin: Duration::ZERO,
        };
        let room = Room::new(Duration::ZERO, BattleCircles::new(rules, 1), setup);
        Self { room, sessions }
    }

    fn attach(&mut self, link: u64, stripe: u8) -> (SocketId, Arc<Sink>) {
        let sink = Arc::<Sink>::default();
        let socket = SocketId::new(LinkId(link), stripe);
        let sender = Arc::clone(&sink) as Arc<dyn LinkSender>;
        let claim = SeatClaim {
            session: SESSION,
            player: Player::guest(PlayerId::from_bits(1), PlayerName::parse("Ada").unwrap()),
            options: None,
            resumes: None,
        };
        let now = self.room.next_tick();
        self.room.attach(now, claim, socket, sender);
        (socket, sink)
    }

    fn say(&mut self, socket: SocketId, frame: &ClientFrame<'_>) {
        self.room.take_inbound(Inbound {
            session: SESSION,
            socket,
            lane: InboundLane::Control,
            bytes: encode(frame).into(),
            at: self.room.next_tick(),
        });
    }

    /// Hands in a datagram with one input, at a moment before the next tick.
    fn steer(&mut self, socket: SocketId, at: Duration, number: u16) {
        self.steer_and_acknowledge(socket, at, number, DatagramHeader::NOTHING_RECEIVED);
    }

    /// The same; the first snapshot came in `ack_delay` milliseconds ago.
    fn steer_and_acknowledge(
        &mut self,
        socket: SocketId,
        at: Duration,
        number: u16,
        ack_delay: u8,
    ) {
        let header = DatagramHeader {
            sequence: Sequence(number),
            ack_delay,
            ..DatagramHeader::default()
        };
        let mut bytes = encode(&header);
        let inputs = InputBatch {
            newest: Tick(number.into()),
            view_lag: 0,
            inputs: [GameInput::default()].into_iter().collect(),
        };
        encode_into(&inputs, &mut bytes);
        self.room.take_inbound(Inbound {
            session: SESSION,
            socket,
            lane: InboundLane::State,
            bytes: bytes.into(),
            at,
        });
    }

    fn tick_until(&mut self, now: Duration) {
        while self.room.next_tick() <= now {
            self.tick();
        }
    }

    fn detach(&mut self, socket: SocketId) {
        let now = self.room.next_tick();
        self.room.detach(now, SESSION, socket);
    }

    fn tick(&mut self) {
        self.room.tick(self.room.next_tick());
    }
}

#[test]
fn what_was_lost_with_a_socket_comes_down_another() {
    for order in [[0, 1, 2], [1, 0, 2], [2, 1, 0]] {
        let mut stage = Stage::new();
        let sockets = order.map(|stripe| stage.attach(1, stripe));
        stage.tick();
        let (told, _) = sockets[0].1.messages();
        assert!(!told.is_empty());
        stage.detach(sockets[0].0);
        stage.tick();
        let next = sockets[1..]
            .iter()
            .map(|(_, sink)| sink.messages())
            .find(|(numbers, _)| !numbers.is_empty());
        let (again, is_welcome) = next.expect("another socket carries Control");
        assert!(is_welcome && again.starts_with(&told), "{again:?}");
    }
}

#[test]
fn a_socket_that_is_not_read_is_closed_and_the_session_goes_on() {
    let mut stage = Stage::new();
    let (first, first_sink) = stage.attach(1, 0);
    let (_, second_sink) = stage.attach(1, 1);
    stage.tick();
    first_sink.is_full.store(true, Ordering::Relaxed);
    stage.say(first, &ClientFrame::Ping(1));
    assert_eq!(
        *first_sink.closed.lock().unwrap(),
        Some(CloseReason::TooSlow)
    );
    // As its transport does when it is closed.
    stage.detach(first);
    stage.tick();
    assert!(!stage.sessions.is_over());
    assert_eq!(*second_sink.closed.lock().unwrap(), None);
    assert!(second_sink.messages().1);
}

#[test]
fn a_player_who_acknowledges_nothing_for_ever_is_sent_away() {
    let mut stage = Stage::new();
    let (socket, sink) = stage.attach(1, 0);
    let mut ticks = 0;
    while !stage.sessions.is_over() {
        stage.tick();
        stage.say(socket, &ClientFrame::Ping(1));
        ticks += 1;
        assert!(ticks < 60 * 600, "messages pile up for ten minutes");
    }
    assert_eq!(*sink.closed.lock().unwrap(), Some(CloseReason::Backlogged));
    let (told, _) = sink.messages();
    assert_eq!(told.len(), protocol::reliable::Outbox::MAX_MESSAGES);
}

#[test]
fn sixty_datagrams_a_second_on_each_of_three_links_are_no_flood() {
    let (mut stage, counts) = Counts::of(|| {
        let mut stage = Stage::new();
        let sockets = [1, 2, 3].map(|link| stage.attach(link, 0).0);
        for number in 0..600u16 {
            let at = Duration::from_secs(1).mul_f64(f64::from(number) / 60.0);
            stage.tick_until(at);
            for socket in sockets {
                stage.steer(socket, at, number);
            }
        }
        stage
    });
    stage.tick();
    let refused = counts.above_zero("game_server_refused_total");
    let copies = ("game_server_refused_total datagram duplicate".into(), 1_200);
    assert_eq!(refused, [copies].into());
}

#[test]
fn a_flood_is_refused_and_the_session_goes_on() {
    let (stage, counts) = Counts::of(|| {
        let mut stage = Stage::new();
        let (socket, _) = stage.attach(1, 0);
        for number in 0..5_000u16 {
            let at = Duration::from_millis(number.into());
            stage.tick_until(at);
            stage.steer(socket, at, number);
        }
        stage
    });
    let refused = counts.read("game_server_refused_total datagram flood");
    assert_eq!(refused, 5 * (1_000 - 300));
    assert!(!stage.sessions.is_over());
}

#[test]
fn who_is_not_heard_for_two_seconds_gets_two_snapshots_a_second_until_heard_again() {
    let mut stage = Stage::new();
    let (socket, sink) = stage.attach(1, 0);
    let seconds = Duration::from_secs;
    let taken = || sink.snapshots.swap(0, Ordering::Relaxed);
    let soon = Duration::from_millis(80);
    stage.tick_until(soon);
    stage.steer_and_acknowledge(socket, soon, 0, 20);
    stage.tick_until(seconds(1));
    taken();
    stage.tick_until(seconds(2));
    assert!((19..=21).contains(&taken()), "20 a second at first");
    stage.tick_until(seconds(3));
    taken();
    stage.tick_until(seconds(23));
    assert!((39..=41).contains(&taken()), "2 a second when silent");
    stage.steer(socket, seconds(23), 1);
    stage.tick();
    assert_eq!(taken(), 1, "at once");
    stage.tick_until(seconds(24));
    assert!((18..=21).contains(&taken()), "20 a second again");
}

#[test]
fn a_hidden_page_gets_no_snapshots() {
    let mut stage = Stage::new();
    let (socket, sink) = stage.attach(1, 0);
    let hidden = ClientFrame::Message {
        sequence: 1,
        message: ClientMessage::Hidden(true),
    };
    stage.say(socket, &hidden);
    stage.tick_until(Duration::from_secs(10));
    assert_eq!(sink.snapshots.load(Ordering::Relaxed), 0);
}
