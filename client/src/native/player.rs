//! A player in its owner's hands.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use protocol::control::{LinkId, LinkUse};
use protocol::rung::Rung;
use protocol::tick::Tick;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::admission::Admission;
use super::connector::Connector;
use super::driver::{Command, Driver, Shared};
use super::error::{ConnectError, LinkError};
use super::socket::{Inbound, Port};
use super::stats::PlayerStats;
use super::{PlayerOptions, webrtc, websocket, webtransport};
use crate::session::{Event, GameCodec, SocketId, StoredView};

/// How long a socket may take to open.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long the server may take to answer a leave.
const FAREWELL: Duration = Duration::from_secs(2);

/// Messages from sockets that may wait for the player's task; then the sockets wait, and their peers.
const INBOUND: usize = 64;

/// Commands of its owner's that may wait; then the owner waits.
const COMMANDS: usize = 64;

/// Events that may wait to be read; further ones are dropped and counted.
const EVENTS: usize = 1_024;

/// An event, and when it was learnt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timed {
    /// When.
    pub at: Instant,
    /// What.
    pub event: Event,
}

/// One player. When it is dropped its links close; the server keeps the seat for a while, for another link.
pub struct Player<G: GameCodec> {
    connector: Connector,
    admission: Admission,
    sockets: u8,
    /// What all numbers of its links share.
    link_key: u64,
    next_link: AtomicU32,
    inbound: mpsc::Sender<Inbound>,
    commands: mpsc::Sender<Command>,
    events: mpsc::Receiver<Timed>,
    shared: Arc<Shared<G>>,
    task: JoinHandle<()>,
}

impl<G> Player<G>
where
    G: GameCodec + 'static,
    G::View: Send + Sync,
    G::Input: Send + Default + 'static,
{
    /// Joins, and opens a link on the rung of `options`. Many players of one process had better share a connector:
    /// [`Self::connect_by`].
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn connect(options: &PlayerOptions) -> Result<Self, ConnectError> {
        Self::connect_by(&Connector::new(&options.trust)?, options).await
    }

    /// As [`Self::connect`], with the TLS set-up and UDP socket of others; `options.trust` doesn't count.
    ///
    /// # Errors
    /// [`ConnectError`].
    pub async fn connect_by(
        connector: &Connector,
        options: &PlayerOptions,
    ) -> Result<Self, ConnectError> {
        let admission = Admission::ask(connector, options).await?;
        let player = Self::sit(connector, admission, options);
        player.open_link(options.rung).await?;
        Ok(player)
    }

    /// Takes what a join was answered, without opening a link; of the options only those that concern links and inputs count. To be called
    /// on a tokio runtime.
    #[must_use]
    pub fn sit(connector: &Connector, admission: Admission, options: &PlayerOptions) -> Self {
        let (inbound, received) = mpsc::channel(INBOUND);
        let (commands, wanted) = mpsc::channel(COMMANDS);
        let (told, events) = mpsc::channel(EVENTS);
        let shared = Arc::new(Shared::new(
            Box::new(|_| G::Input::default()),
            admission.token.clone(),
        ));
        let driver = Driver::<G>::new(
            (admission.tick_rate, options.input_lead),
            received,
            wanted,
            told,
            Arc::clone(&shared),
        );
        Self {
            connector: connector.clone(),
            admission,
            sockets: options.sockets.clamp(1, protocol::control::MAX_STRIPES),
            link_key: rand::random(),
            next_link: AtomicU32::new(1),
            inbound,
            commands,
            events,
            shared,
            task: tokio::spawn(driver.run()),
        }
    }

    /// Opens a further link; [`Event::Attached`] tells when it holds the seat. Links that are open stay.
    ///
    /// # Errors
    /// [`LinkError`]. Sockets of a bundle that were opened before one failed stay, too.
    pub async fn open_link(&self, rung: Rung) -> Result<LinkId, LinkError> {
        let count = self.next_link.fetch_add(1, Ordering::Relaxed);
        let link = LinkId::new(self.link_key, count);
        let url = self.admission.url(rung)?;
        match rung {
            Rung::WebSocket => self.open_bundle(link, url).await?,
            Rung::WebTransport => {
                let opening = webtransport::open(&self.connector, url);
                let opened = in_time(rung, url, opening).await?;
                let port = self.port(SocketId { link, stripe: 0 }, true).await?;
                tokio::spawn(webtransport::run(opened, port));
            }
            Rung::WebRtc => {
                let token = self.shared.token();
                let opening = webrtc::open(&self.connector, url, &token, link);
                let opened = in_time(rung, url, opening).await?;
                let port = self.port(SocketId { link, stripe: 0 }, false).await?;
                tokio::spawn(webrtc::run(opened, port));
            }
        }
        Ok(link)
    }

    async fn open_bundle(&self, link: LinkId, url: &str) -> Result<(), LinkError> {
        for stripe in 0..self.sockets {
            let opening = websocket::open(&self.connector, url);
            let socket = in_time(Rung::WebSocket, url, opening).await?;
            let port = self.port(SocketId { link, stripe }, true).await?;
            tokio::spawn(websocket::run(socket, port));
        }
        Ok(())
    }

    /// Does this in each tick from now on. The default until then is the input's default.
    pub fn set_input(&self, input: G::Input) {
        self.shared.set_input(Box::new(move |_| input.clone()));
    }

    /// Asks this for the input of each tick from now on, in order. It must not wait.
    pub fn set_input_source(&self, source: impl FnMut(Tick) -> G::Input + Send + 'static) {
        self.shared.set_input(Box::new(source));
    }

    /// Does something that isn't an input of a tick: it arrives once and in order. `action` is the game's encoding.
    pub async fn act(&self, action: Vec<u8>) {
        self.command(Command::Act(action)).await;
    }

    /// Hides the player's view, or shows it again; meanwhile the server parks the seat.
    pub async fn hide(&self, is_hidden: bool) {
        self.command(Command::Hide(is_hidden)).await;
    }

    /// Says how a link is to be used.
    pub async fn use_link(&self, link: LinkId, usage: LinkUse) {
        self.command(Command::Use(link, usage)).await;
    }

    /// Closes a link.
    pub async fn close_link(&self, link: LinkId) {
        self.command(Command::Close(link)).await;
    }

    /// What has happened next; `None` once the session is over and all has been read. At most 1,024 events wait:
    /// further ones are dropped, which [`PlayerStats::events_dropped`] counts.
    pub async fn next_event(&mut self) -> Option<Timed> {
        self.events.recv().await
    }

    /// The newest snapshot's tick and view.
    #[must_use]
    pub fn newest(&self) -> Option<(Tick, StoredView<G>)> {
        self.shared.newest()
    }

    /// The figures up to now.
    #[must_use]
    pub fn stats(&self) -> PlayerStats {
        self.shared.stats()
    }

    /// Ages of the snapshots that came since the last call, or of the last 4,096 of them.
    #[must_use]
    pub fn take_ages(&self) -> Vec<Duration> {
        self.shared.take_ages()
    }

    /// What the join was answered. Its token expires; [`Self::token`] is good.
    #[must_use]
    pub fn admission(&self) -> &Admission {
        &self.admission
    }

    /// The session's token as of late, which another player may show to take the seat over.
    #[must_use]
    pub fn token(&self) -> String {
        self.shared.token()
    }

    /// Gives the seat up, and returns the last figures when the server has said goodbye, or hasn't within 2 s.
    pub async fn leave(self) -> PlayerStats {
        self.command(Command::Leave).await;
        // Without its owner the task closes the sockets, whatever the server says.
        let _ = tokio::time::timeout(FAREWELL, self.task).await;
        self.shared.stats()
    }

    async fn port(&self, id: SocketId, shows_token: bool) -> Result<Port, LinkError> {
        let token = shows_token.then(|| self.shared.token());
        let port = Port::open(id, token, self.inbound.clone()).await;
        port.ok_or(LinkError::SessionOver)
    }

    /// A player whose session is over obeys nothing.
    async fn command(&self, command: Command) {
        let _ = self.commands.send(command).await;
    }
}

/// Bounds how long a socket may take, and puts what went wrong in words.
async fn in_time<T>(
    rung: Rung,
    url: &str,
    opening: impl Future<Output = Result<T, String>>,
) -> Result<T, LinkError> {
    let opened = tokio::time::timeout(PATIENCE, opening).await;
    let opened = opened.map_err(|_| LinkError::TimedOut {
        rung,
        url: url.to_owned(),
        seconds: PATIENCE.as_secs(),
    })?;
    opened.map_err(|reason| LinkError::Failed {
        rung,
        url: url.to_owned(),
        reason,
    })
}
