//! A virtual player: a client, the networks it is on, and the sockets between it and the room. It carries out its plan;
//! it knows no room and judges nothing.

use std::time::Duration;

use client::session::{Event, Outgoing, Received, SocketId};
use netlab::player::CirclesCodec;
use protocol::bounded::BoundedString;
use protocol::codec::encode;
use protocol::control::{Attach, ClientFrame, ClientMessage, LinkId};
use protocol::ids::SessionId;
use protocol::name::PlayerName;
use server::room::SocketId as RoomSocket;

use super::fault_injection::FaultInjector;
use super::pipe::Pipe;
use super::scenario::{GuestPlan, Kind, Move};
use super::send_queue::SocketMessage;
use super::steering::steering;
use netlab::path::{PathConfig, PathModel};

/// Links that a player who reconnects holds at most.
const MOST_LINKS: usize = 3;

/// So often a player says something that must arrive.
const SAY_EVERY: Duration = Duration::from_millis(700);

/// A player's end of its session.
pub(super) type Client = client::session::ClientSession<CirclesCodec>;

/// One network that a player is on.
pub(super) struct Network {
    pub(super) up: PathModel,
    pub(super) down: PathModel,
    round_trip: Duration,
}

/// One socket, both directions.
pub(super) struct Wire {
    pub(super) socket: SocketId,
    network: usize,
    pub(super) is_datagram: bool,
    pub(super) up: Pipe,
    pub(super) down: Pipe,
    pub(super) server: ServerEnd,
    /// When the server finds out that it is dead.
    pub(super) dies_at: Option<Duration>,
    /// Not the player's: somebody else shows the same token.
    is_stray: bool,
}

/// The server's end of a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ServerEnd {
    /// Waits for an attach.
    Waiting,
    /// Known to the room as this.
    Attached(RoomSocket),
    /// Closed by the room.
    Closed,
}

/// One virtual player.
pub(super) struct Guest {
    pub(super) session: SessionId,
    player: u64,
    pub(super) name: PlayerName,
    pub(super) client: Client,
    pub(super) networks: Vec<Network>,
    pub(super) wires: Vec<Wire>,
    plan: GuestPlan,
    moves_made: usize,
    next_tick: Duration,
    tick: Duration,
    links_opened: u64,
    reconnects: usize,
    network: usize,
    heard_at: Duration,
    said_at: Duration,
    /// Numbers of what the player said, in order.
    pub(super) said: Vec<u32>,
    /// Nothing new is said.
    is_quiet: bool,
    /// The session has ended: nothing is said or opened.
    is_over: bool,
    pub(super) fault_injector: Option<FaultInjector>,
    /// Log of sockets that are gone.
    pub(super) sent: Vec<(Duration, usize)>,
    pub(super) corrupted: u64,
}

impl Guest {
    pub(super) fn new(number: usize, plan: GuestPlan, tick_rate: u16) -> Self {
        let networks = plan.networks.iter().map(|pair| {
            let (up, down) = pair.paths().expect("a scenario's paths are valid");
            let most = |config: &PathConfig| config.delay_ms + config.jitter.ms;
            let round_trip = Duration::from_secs_f64((most(&pair.up) + most(&pair.down)) / 1e3);
            Network {
                up,
                down,
                round_trip,
            }
        });
        let name = number.to_string();
        Self {
            session: SessionId(number as u64),
            player: number as u64,
            name: PlayerName::parse(&name).expect("a number is a name"),
            client: Client::new(plan.clock.read(Duration::ZERO), tick_rate),
            networks: networks.collect(),
            wires: Vec::new(),
            moves_made: 0,
            // Players' ticks come at moments of their own.
            next_tick: Duration::from_micros(1_370 * (number as u64 + 1)),
            tick: Duration::from_secs(1) / u32::from(tick_rate),
            links_opened: 0,
            reconnects: 0,
            network: 0,
            heard_at: Duration::ZERO,
            said_at: Duration::ZERO,
            said: Vec::new(),
            is_quiet: false,
            is_over: false,
            fault_injector: plan
                .fault_injection
                .map(|fault_injection| FaultInjector::new(fault_injection, number as u64)),
            sent: Vec::new(),
            corrupted: 0,
            plan,
        }
    }

    /// When something happens next on this player's side or links.
    pub(super) fn next_due(&self) -> Duration {
        let wires = self.wires.iter().flat_map(|wire| {
            [wire.up.next_due(), wire.down.next_due(), wire.dies_at]
                .into_iter()
                .flatten()
        });
        let next_move = self.plan.moves.get(self.moves_made).map(|(at, _)| *at);
        wires.chain(next_move).fold(self.next_tick, Duration::min)
    }

    /// Takes what came down, and lets `heard` know of all that it told, with its arrival.
    pub(super) fn receive(
        &mut self,
        now: Duration,
        mut arrived: impl FnMut(&Client, SocketId, &SocketMessage, &[Event]),
    ) {
        let own_now = self.plan.clock.read(now);
        for index in 0..self.wires.len() {
            while let Some(message) = self.wires[index].down.pop_due(now) {
                let socket = self.wires[index].socket;
                if self.wires[index].is_stray {
                    continue;
                }
                self.client.receive(own_now, socket, received(&message));
                self.flush();
                let events: Vec<Event> = std::iter::from_fn(|| self.client.poll_event()).collect();
                self.heard_at = now;
                self.is_over |= events
                    .iter()
                    .any(|event| matches!(event, Event::SessionClosed(_)));
                arrived(&self.client, socket, &message, &events);
            }
        }
    }

    /// Makes the moves that are due, and the client's tick.
    pub(super) fn act(&mut self, now: Duration) {
        while let Some((at, step)) = self.plan.moves.get(self.moves_made).copied()
            && at <= now
        {
            self.moves_made += 1;
            self.make(now, step);
        }
        if self.next_tick > now {
            return;
        }
        self.next_tick += self.tick;
        self.say(now);
        self.reconnect(now);
        for wire in self.wires.iter().filter(|wire| !wire.is_stray) {
            let is_backlogged = wire.up.queue().has_state();
            self.client.set_backlogged(wire.socket, is_backlogged);
        }
        let player = self.player;
        self.client
            .handle_timeout(self.plan.clock.read(now), |tick| steering(player, tick));
        self.flush();
    }

    /// Sends what both ends have to send.
    pub(super) fn pump(&mut self, now: Duration) {
        for wire in &mut self.wires {
            let network = &mut self.networks[wire.network];
            wire.up.pump(now, &mut network.up);
            wire.down.pump(now, &mut network.down);
        }
    }

    /// Takes out a socket that both ends are done with.
    pub(super) fn remove(&mut self, index: usize) -> Wire {
        let wire = self.wires.remove(index);
        self.sent.extend(&wire.down.log.sent);
        self.corrupted += wire.up.log.corrupted + wire.down.log.corrupted;
        wire
    }

    /// A socket has died; the client may know it already.
    pub(super) fn lose(&mut self, now: Duration, wire: &Wire) {
        if !wire.is_stray {
            let own_now = self.plan.clock.read(now);
            self.client.lose(own_now, wire.socket);
            self.flush();
        }
    }

    /// The networks lose nothing any more, and the player says nothing new.
    pub(super) fn mend(&mut self, now: Duration) {
        self.is_quiet = true;
        self.plan.moves.clear();
        self.moves_made = 0;
        for (network, pair) in self.networks.iter_mut().zip(&self.plan.networks) {
            for (path, config) in [(&mut network.up, &pair.up), (&mut network.down, &pair.down)] {
                let mended = PathConfig {
                    delay_ms: config.delay_ms,
                    ..PathConfig::default()
                };
                path.reconfigure(now, mended)
                    .expect("a delay that was valid before");
            }
        }
    }

    fn make(&mut self, now: Duration, step: Move) {
        let own_now = self.plan.clock.read(now);
        match step {
            Move::Open { kind, network } => self.open(now, kind, network),
            Move::Use(link, usage) => self.client.use_link(own_now, LinkId(link), usage),
            Move::Close(link) => self.client.close(own_now, LinkId(link)),
            Move::Cut {
                link,
                stripe,
                noticed_after,
            } => {
                let socket = SocketId {
                    link: LinkId(link),
                    stripe,
                };
                self.client.lose(own_now, socket);
                for wire in &mut self.wires {
                    if wire.socket == socket {
                        wire.up.cut();
                        wire.down.cut();
                        wire.dies_at = Some(now + noticed_after);
                    }
                }
            }
            Move::Replay(link) => {
                self.wire_up(LinkId(link), Kind::Datagrams, self.network, true);
                self.attach_stray(LinkId(link));
            }
            Move::Hide(is_hidden) => self.client.hide(own_now, is_hidden),
            Move::Leave => {
                self.is_quiet = true;
                self.client.say(own_now, ClientMessage::Leave);
            }
        }
        self.flush();
    }

    /// Puts what the client has to send into its sockets.
    fn flush(&mut self) {
        while let Some(transmit) = self.client.poll_transmit() {
            let mut wires = self.wires.iter().filter(|wire| !wire.is_stray);
            let Some(wire) = wires.find(|wire| wire.socket == transmit.socket) else {
                continue;
            };
            let queue = wire.up.queue();
            match transmit.outgoing {
                Outgoing::State(datagram) => queue.put_state(datagram.into()),
                // A client that has so much to say has lost its link long ago, and says it again on the next.
                Outgoing::Control(frame) => {
                    let _ = queue.put_control(frame.into());
                }
                Outgoing::Close => queue.hang_up(None),
            }
        }
    }

    /// Somebody else shows the token on the newest socket.
    fn attach_stray(&self, link: LinkId) {
        let attach = Attach {
            token: BoundedString::new(&self.token()).unwrap_or_default(),
            link,
            stripe: 0,
        };
        if let Some(wire) = self.wires.last() {
            let frame = encode(&ClientFrame::Attach(attach));
            let _ = wire.up.queue().put_control(frame.into());
        }
    }

    fn open(&mut self, now: Duration, kind: Kind, network: usize) {
        self.links_opened += 1;
        self.heard_at = now;
        self.network = network;
        let link = LinkId(self.links_opened);
        self.wire_up(link, kind, network, false);
        let token = self.token();
        for stripe in 0..kind.sockets() {
            self.client.open(SocketId { link, stripe }, Some(&token));
        }
        self.flush();
    }

    /// The session's number stands for the token, which is signaling's to judge.
    fn token(&self) -> String {
        self.session.0.to_string()
    }

    fn wire_up(&mut self, link: LinkId, kind: Kind, network: usize, is_stray: bool) {
        let round_trip = self.networks[network].round_trip;
        let checksum = self.plan.checksum;
        let is_datagram = kind == Kind::Datagrams;
        let wire = |stripe| {
            let pipe = || Pipe::new(is_datagram, round_trip, checksum);
            Wire {
                socket: SocketId { link, stripe },
                network,
                is_datagram,
                up: pipe(),
                down: pipe(),
                server: ServerEnd::Waiting,
                dies_at: None,
                is_stray,
            }
        };
        self.wires.extend((0..kind.sockets()).map(wire));
    }

    /// Says the next number, now and then.
    fn say(&mut self, now: Duration) {
        if self.is_quiet || self.is_over || now.saturating_sub(self.said_at) < SAY_EVERY {
            return;
        }
        self.said_at = now;
        let number = self.said.len() as u32;
        self.said.push(number);
        let own_now = self.plan.clock.read(now);
        self.client
            .say(own_now, ClientMessage::Action(&encode(&number)));
        self.flush();
    }

    /// Opens another link when all is silent, and lets the oldest go.
    fn reconnect(&mut self, now: Duration) {
        let kinds = &self.plan.reconnects;
        if self.is_over
            || kinds.is_empty()
            || now.saturating_sub(self.heard_at) < self.plan.patience
        {
            return;
        }
        let kind = kinds[self.reconnects % kinds.len()];
        self.reconnects += 1;
        self.open(now, kind, self.network);
        let links: Vec<LinkId> = self.client.links().collect();
        for oldest in links.iter().take(links.len().saturating_sub(MOST_LINKS)) {
            self.client.close(self.plan.clock.read(now), *oldest);
        }
        self.flush();
    }
}

/// A message as the client takes it.
fn received(message: &SocketMessage) -> Received<'_> {
    match message {
        SocketMessage::State(datagram) => Received::State(datagram),
        SocketMessage::Control(frame) => Received::Control(frame),
        SocketMessage::End => Received::Closed,
    }
}
