//! The program: binds, starts every part, and takes it all down again.

mod admission;
mod descriptions;
mod error;
mod fleet;
mod front;

mod persistence;
mod recorder;
mod upkeep;

use std::future::Future;
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::middleware::from_fn_with_state;
use certs::Certificates;
use certs::acme::{Challenges, Folder};
use protocol::MAX_SEATS;
use rustls::server::ResolvesServerCert;
use signaling::{Origin, RoomDirectory};
use tokio::runtime::Handle;
use tokio::task::JoinError;
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tracing::{info, warn};

use crate::accept::Acceptor;
use crate::acme::{self, CertificateAuthority};
use crate::agones;
use crate::beside::Beside;
use crate::bind::bind;
use crate::clock::Clock;
use crate::config::Config;
use crate::connections::Connections;
use crate::cores::Cores;
use crate::game::{Game, Refusal, RoomInfo};
use crate::http_runtime::HttpRuntime;
use crate::listener::{self, Server};
use crate::operations::{self, Names, Sources};
use crate::page::Page;
use crate::redirect::{self, Redirect};
use crate::rooms::Rooms;
use crate::rungs::rungs;
use crate::transport::attach::Gate;
use crate::transport::udp;
use crate::transport::udp_watch::UdpWatch;
use crate::transport::webrtc::{self, WebRtc};
use crate::transport::webtransport;
use crate::{counters, descriptors, headers, http, renewal, systemd, tls};
use admission::Admission;
pub use error::ServeError;
use fleet::OpenFleet;
pub use front::serve_signaling;
use persistence::OpenStores;
use upkeep::keep_up;

/// The version of this server.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Why a node of a fleet ends whose name another has.
const NAME_TAKEN: &str = "node: another server of the fleet has taken this name";

/// How long parts may take to end.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Where a server listens, once it does.
#[derive(Clone, Debug)]
pub struct Listening {
    /// TCP and UDP, one port number.
    pub address: SocketAddr,
    /// UDP of WebRTC; the same port where the kernel can share it.
    pub webrtc: SocketAddr,
    /// Whether HTTP is HTTPS.
    pub is_secure: bool,
}

/// What is served: a game's rooms and its page.
pub struct Service<F> {
    /// Places for players in a room, 1 to [`MAX_SEATS`].
    pub seats: usize,
    /// Makes the game of a new room, or refuses to. Called off every lock, on a thread that may block.
    pub create: F,
    /// What a browser gets at `/`.
    pub page: Page,
}

/// Serves a game until `shutdown` resolves. `on_listening` is called once.
///
/// # Errors
/// [`ServeError`], before anything is served or when HTTP ends.
pub async fn serve<G: Game>(
    config: Config,
    service: Service<impl Fn(RoomInfo<G::Options>) -> Result<G, Refusal> + Send + Sync + 'static>,
    on_listening: impl FnOnce(&Listening),
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    if !(1..=MAX_SEATS).contains(&service.seats) {
        return Err(ServeError::Seats {
            seats: service.seats,
        });
    }
    let metrics = recorder::install();
    let mut shutdown = pin!(shutdown);
    let Some(config) = agones::with_given_port(config, shutdown.as_mut()).await else {
        return Ok(());
    };
    let clock = Clock::start();
    let drain = Duration::from_secs(config.drain);
    let cores = Cores::start(Cores::available(), clock, config.tick_rate);
    let cores = cores.map_err(ServeError::Threads)?;
    let (tcp, udp) = bind(&config, cores.runtimes().count())?;
    let beside = Beside::bind(&config, tcp.local_addr()?)?;
    let certificates = tls::certificates(&config, clock)?;
    let challenges = Challenges::default();
    let tls = tls::for_tcp(&config, &certificates, &challenges)?;
    let kernel = UdpWatch::new(&udp)?;
    counters::set_build_info(VERSION);
    counters::draining().set(0.0);
    counters::set_capacity(config.max_rooms, service.seats);
    let players = config.max_rooms.saturating_mul(service.seats);
    let connections = Connections::new(descriptors::connections_beside(players));
    let listening = Listening {
        address: tcp.local_addr()?,
        webrtc: udp.webrtc.local_addr()?,
        is_secure: tls.is_some(),
    };
    let reach = Arc::new(config.reach(listening.is_secure)?);
    let public = reach.public_origin.as_ref();
    let is_secure_page = listening.is_secure || public.is_some_and(Origin::is_secure);
    if !udp.is_shared {
        warn!(
            port = listening.webrtc.port(),
            "WebRTC has a UDP port of its own"
        );
    }

    let mut stores = OpenStores::open(&config, clock).await?;
    let tokens = admission::token_key(&config, stores.directory.as_ref())?;
    let limits = admission::room_limits(&config, service.seats);
    let fleet = OpenFleet::join(&config, clock, &tokens).await?;
    let mut persistence = stores.persistence.clone();
    if let Some(fleet) = &fleet {
        persistence.keeper = Some(fleet.keeper());
    }
    let rooms = Rooms::new(
        (clock, cores.clone()),
        tokens.clone(),
        limits,
        persistence,
        service.create,
    );
    rooms.restore(std::mem::take(&mut stores.rooms));
    let directory = match &fleet {
        Some(fleet) => fleet.run(&rooms),
        None => Arc::clone(&rooms) as Arc<dyn RoomDirectory>,
    };
    let requests = admission::requests();
    let stop = CancellationToken::new();
    let gate = Gate::new(Arc::clone(&rooms), stop.clone());
    let tasks = TaskTracker::new();

    let resolver = Arc::new(certificates.clone()) as Arc<dyn ResolvesServerCert>;
    webtransport::serve(udp.quic, &cores, &resolver, &reach, &gate, &tasks)?;
    let webrtc = (udp.webrtc, udp.is_shared);
    let sdp = serve_webrtc(&config, webrtc, &gate, clock, (&tasks, &cores))?;
    renew(&config, &certificates, &challenges, clock, &stop, &tasks)?;

    let redirect = Arc::new(Redirect::new(
        config.public_origin.as_deref(),
        certificates.clone(),
        listening.address.port(),
    ));

    let admission = Admission {
        config: &config,
        clock,
        tokens,
        rooms: &rooms,
        directory,
        fleet: fleet.as_ref().map(OpenFleet::part),
        records: stores.records.clone(),
        reach: &reach,
        requests: &requests,
        stop: &stop,
    };
    let rungs = rungs(config.clone(), certificates, clock, listening.clone());
    let signaling = admission.signaling(Arc::new(sdp), Arc::new(rungs), &tasks)?;
    let acceptor = Acceptor {
        reach: Arc::clone(&reach),
        is_proxy_protocol: config.proxy_protocol,
        connections,
    };
    let http = HttpRuntime::start().map_err(ServeError::Http)?;
    let main = Handle::current();
    let runtimes = cores.runtimes().chain([&main, http.handle()]);
    let sources = Sources {
        recorder: metrics.clone(),
        runtimes: runtimes.map(Handle::metrics).collect(),
    };
    let names = Names::of(&config);
    let health = Arc::clone(&signaling.health);
    let forwarding = fleet.as_ref();
    let forwarding =
        forwarding.map(|fleet| fleet.forwarding(Some(&rooms), (&reach, &requests), service.seats));
    let mut router = http::router(signaling, gate.clone(), service.page, forwarding);
    if !beside.has_operators() {
        let metrics = operations::local_metrics(sources.clone(), names.clone(), reach);
        router = router.merge(metrics);
    }
    if is_secure_page {
        router = headers::strict_transport(router);
    }
    if tls.is_some() {
        let to_tls = from_fn_with_state(Arc::clone(&redirect), redirect::from_plain);
        router = router.layer(to_tls);
    }
    let operations = operations::router(sources, health, names);
    let redirects = redirect::router(redirect, challenges);
    let beside_it = (&tasks, http.handle());
    beside.serve(operations, redirects, &acceptor, &stop, beside_it);
    let server = Server {
        acceptor,
        tls,
        router: headers::guarded(router),
    };
    let players = listener::serve(tcp, server, stop.clone());
    let mut players = AbortOnDropHandle::new(http.handle().spawn(players));
    on_listening(&listening);
    info!(
        address = %listening.address,
        is_secure = listening.is_secure,
        version = VERSION,
        "listening"
    );
    systemd::ready();
    agones::tell(&config, &rooms, &stop, &tasks);

    let drained = async {
        shutdown.await;
        info!(drain_seconds = drain.as_secs(), "shutting down");
        counters::draining().set(1.0);
        systemd::stopping(drain + 2 * SHUTDOWN_TIMEOUT);
        if !drain.is_zero() {
            rooms.drain(drain).await;
        }
    };
    let deposed = async {
        match &fleet {
            Some(fleet) => fleet.part().deposed().await,
            None => std::future::pending().await,
        }
    };
    let mut fault = None;
    tokio::select! {
        ended = &mut players => return flatten(ended),
        () = deposed => fault = Some(ServeError::Fleet(NAME_TAKEN.to_owned())),
        never = keep_up(metrics, kernel, &rooms, &requests) => match never {},
        () = drained => {}
    }
    match fleet {
        Some(fleet) => fleet.close(&rooms).await,
        None => rooms.close(false).await,
    }
    stores.close().await;
    stop.cancel();
    tasks.close();
    let ended = async {
        gate.emptied().await;
        tasks.wait().await;
        players.await
    };
    match tokio::time::timeout(SHUTDOWN_TIMEOUT, ended).await {
        Ok(ended) => flatten(ended)?,
        Err(_) => warn!("some connections did not end in time"),
    }
    fault.map_or(Ok(()), Err)
}

/// How the listener for players ended.
fn flatten(ended: Result<std::io::Result<()>, JoinError>) -> Result<(), ServeError> {
    ended
        .map_err(std::io::Error::from)
        .flatten()
        .map_err(ServeError::Http)
}

/// Serves WebRTC on its socket; gives who answers offers.
fn serve_webrtc(
    config: &Config,
    (socket, is_shared): (UdpSocket, bool),
    gate: &Gate,
    clock: Clock,
    (tasks, cores): (&TaskTracker, &Cores),
) -> Result<WebRtc, ServeError> {
    let addresses = udp::reachable_addresses(&config.public_addresses()?, config.listen);
    // NAT leads the public port to the one that QUIC has too.
    let public_port = config.public_udp_port.filter(|_| is_shared);
    // One thread for all of WebRTC.
    let here = Handle::current();
    let core = cores.last().unwrap_or(&here);
    Ok(webrtc::serve(
        socket,
        &addresses,
        public_port,
        gate.clone(),
        clock,
        (tasks, core),
    )?)
}

/// Keeps the certificates fresh until `stop`, each kind in its way.
fn renew(
    config: &Config,
    certificates: &Certificates,
    challenges: &Challenges,
    clock: Clock,
    stop: &CancellationToken,
    tasks: &TaskTracker,
) -> Result<(), ServeError> {
    let (certificates, stop) = (certificates.clone(), stop.clone());
    let hosts = config.player_hosts();
    if let Some(settings) = config.acme.clone() {
        let folder = Folder::open(&settings.store, &settings.directory)?;
        let authority = CertificateAuthority {
            settings,
            folder,
            challenges: challenges.clone(),
            clock,
        };
        tasks.spawn(acme::keep_issued(
            certificates,
            authority,
            hosts,
            clock,
            stop,
        ));
    } else {
        let files = [config.certificate.clone(), config.key.clone()];
        let files: Vec<PathBuf> = files.into_iter().flatten().collect();
        tasks.spawn(renewal::keep_fresh(
            certificates,
            &files,
            hosts,
            clock,
            stop,
        ));
    }
    Ok(())
}
