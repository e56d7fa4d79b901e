//! A player's task: hands the session what happens and when, and carries out what it says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::control::{ClientMessage, LinkId, LinkUse};
use protocol::tick::Tick;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use super::clock::{Clock, instant, since_1970};
use super::player::Timed;
use super::send_queue::SendQueue;
use super::socket::{Inbound, Message};
use super::stats::{Meter, PlayerStats};
use crate::session::{ClientSession, Event, GameCodec, Outgoing, SocketId, StoredView};

/// How long sockets may take to close once the player is done.
const GOODBYE: Duration = Duration::from_secs(2);

/// What a player's owner wants.
pub(super) enum Command {
    Act(Vec<u8>),
    Hide(bool),
    Use(LinkId, LinkUse),
    Close(LinkId),
    Leave,
}

/// What a player does in a tick.
pub(super) type InputSource<G> = Box<dyn FnMut(Tick) -> <G as GameCodec>::Input + Send>;

/// What a player's task and its owner both see.
pub(super) struct Shared<G: GameCodec> {
    input: Mutex<InputSource<G>>,
    /// The session's, as of late.
    token: Mutex<String>,
    seen: Mutex<Seen<G>>,
}

struct Seen<G: GameCodec> {
    meter: Meter,
    newest: Option<(Tick, StoredView<G>)>,
}

impl<G: GameCodec> Shared<G> {
    pub(super) fn new(input: InputSource<G>, token: String) -> Self {
        Self {
            input: Mutex::new(input),
            token: Mutex::new(token),
            seen: Mutex::new(Seen {
                meter: Meter::default(),
                newest: None,
            }),
        }
    }

    pub(super) fn set_input(&self, input: InputSource<G>) {
        *lock(&self.input) = input;
    }

    pub(super) fn token(&self) -> String {
        lock(&self.token).clone()
    }

    pub(super) fn stats(&self) -> PlayerStats {
        lock(&self.seen).meter.stats()
    }

    pub(super) fn take_ages(&self) -> Vec<Duration> {
        lock(&self.seen).meter.take_ages()
    }

    pub(super) fn newest(&self) -> Option<(Tick, StoredView<G>)> {
        lock(&self.seen).newest.clone()
    }
}

/// One player's session, and what it is connected to.
pub(super) struct Driver<G: GameCodec> {
    clock: Clock,
    session: ClientSession<G>,
    sockets: HashMap<SocketId, Arc<SendQueue>>,
    inbound: mpsc::Receiver<Inbound>,
    commands: mpsc::Receiver<Command>,
    events: mpsc::Sender<Timed>,
    shared: Arc<Shared<G>>,
    is_over: bool,
}

impl<G: GameCodec> Driver<G> {
    pub(super) fn new(
        (tick_rate, input_lead): (u16, u16),
        inbound: mpsc::Receiver<Inbound>,
        commands: mpsc::Receiver<Command>,
        events: mpsc::Sender<Timed>,
        shared: Arc<Shared<G>>,
    ) -> Self {
        let clock = Clock::start();
        let mut session = ClientSession::new(clock.now(), tick_rate);
        session.set_input_lead(input_lead);
        Self {
            session,
            clock,
            sockets: HashMap::new(),
            inbound,
            commands,
            events,
            shared,
            is_over: false,
        }
    }

    /// Plays until the session is over or nobody owns the player any more, then closes what is open.
    pub(super) async fn run(mut self) {
        while !self.is_over {
            let due = self.session.poll_timeout();
            let due = due.map(|due| self.clock.instant_at(due).into());
            tokio::select! {
                Some(inbound) = self.inbound.recv() => self.take(inbound),
                command = self.commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => break,
                },
                () = sleep_until(due) => self.pass_time(),
            }
            self.drain();
        }
        self.finish().await;
    }

    fn take(&mut self, inbound: Inbound) {
        let now = self.clock.now();
        match inbound {
            Inbound::Opened { id, queue, token } => {
                self.sockets.insert(id, queue);
                self.session.open(id, token.as_deref());
            }
            Inbound::Received(socket, message) => {
                lock(&self.shared.seen).meter.bytes_in += message.len() as u64;
                self.session.receive(now, socket, message.as_received());
                if matches!(message, Message::Closed) {
                    self.sockets.remove(&socket);
                }
            }
        }
    }

    fn obey(&mut self, command: Command) {
        let now = self.clock.now();
        match command {
            Command::Act(action) => self.session.say(now, ClientMessage::Action(&action)),
            Command::Hide(is_hidden) => self.session.hide(now, is_hidden),
            Command::Use(link, usage) => self.session.use_link(now, link, usage),
            Command::Close(link) => self.session.close(now, link),
            Command::Leave => self.session.say(now, ClientMessage::Leave),
        }
    }

    fn pass_time(&mut self) {
        for (socket, queue) in &self.sockets {
            self.session.set_backlogged(*socket, queue.has_state());
        }
        let mut input = lock(&self.shared.input);
        self.session.handle_timeout(self.clock.now(), &mut *input);
    }

    fn drain(&mut self) {
        let shared = Arc::clone(&self.shared);
        let mut seen = lock(&shared.seen);
        while let Some(transmit) = self.session.poll_transmit() {
            if let Outgoing::State(bytes) | Outgoing::Control(bytes) = &transmit.outgoing {
                seen.meter.bytes_out += bytes.len() as u64;
            }
            if let Some(queue) = self.sockets.get(&transmit.socket) {
                queue.put(transmit.outgoing);
            }
        }
        while let Some(event) = self.session.poll_event() {
            self.note(event, &mut seen);
        }
        seen.meter.on_session(&self.session);
    }

    fn note(&mut self, event: Event, seen: &mut Seen<G>) {
        match &event {
            Event::Welcome(welcome) => seen.meter.on_welcome(welcome),
            Event::Snapshot {
                tick,
                is_newest: true,
                ..
            } => {
                seen.meter.on_snapshot(*tick, since_1970());
                let view = self.session.view(*tick);
                seen.newest = view.map(|view| (*tick, Arc::clone(view)));
            }
            Event::Token(token) => lock(&self.shared.token).clone_from(token),
            Event::SessionClosed(_) => self.is_over = true,
            _ => {}
        }
        let at = instant();
        if let Err(TrySendError::Full(_)) = self.events.try_send(Timed { at, event }) {
            seen.meter.events_dropped += 1;
        }
    }

    /// Lets the sockets' tasks send what waits, and waits for their ends.
    async fn finish(mut self) {
        for queue in self.sockets.values() {
            queue.put(Outgoing::Close);
        }
        let gone = async {
            while !self.sockets.is_empty() {
                match self.inbound.recv().await {
                    Some(Inbound::Received(socket, Message::Closed)) => {
                        self.sockets.remove(&socket);
                    }
                    // One that opens as the player leaves is not wanted any more.
                    Some(Inbound::Opened { queue, .. }) => queue.put(Outgoing::Close),
                    Some(_) => {}
                    None => return,
                }
            }
        };
        let _ = tokio::time::timeout(GOODBYE, gone).await;
    }
}

async fn sleep_until(due: Option<tokio::time::Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
