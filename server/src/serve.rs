//! The program: binds, starts every part, and takes it all down again.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use certs::acme::{Challenges, Folder};
use certs::{CertificateError, Certificates};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use protocol::MAX_SEATS;
use signaling::{Health, Origin, Rate, Readiness, Signaling, TokenKey};
use thiserror::Error;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};

use crate::accept::Acceptor;
use crate::acme::{self, CertificateAuthority};
use crate::beside::Beside;
use crate::bind::bind;
use crate::clock::Clock;
use crate::config::{Config, ConfigError};
use crate::connections::Connections;
use crate::game::{Game, Refusal, RoomInfo};
use crate::login_keys::{self, LoginSettings};
use crate::page::Page;
use crate::redirect::{self, Redirect};
use crate::rooms::{RoomLimits, Rooms, TOKEN_RENEWAL};
use crate::rungs::rungs;
use crate::transport::attach::Gate;
use crate::transport::udp;
use crate::transport::udp_watch::UdpWatch;
use crate::transport::webrtc::{self, WebRtcError};
use crate::transport::webtransport::{self, WebTransportError};
use crate::{descriptors, headers, http, renewal, systemd, tls};

/// Joins and offers that are taken from one address, at once and then a second: a room of friends who come back together
/// behind one carrier, but no flood.
const MOST_REQUESTS: NonZeroU32 = NonZeroU32::new(120).unwrap();
const REQUESTS_A_SECOND: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// How long parts may take to end.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(5);

/// Upper bounds of the histograms' buckets, in seconds: of ticks, of which a default one may take 16.7 ms, and of paths.
const TICK_BOUNDS: [f64; 8] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.0167, 0.05, 0.2];
const PATH_BOUNDS: [f64; 11] = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0, 3.0];

/// How often the metrics are tidied.
const UPKEEP: Duration = Duration::from_secs(5);

/// Why the server can't start. Each is one line.
#[derive(Debug, Error)]
pub enum ServeError {
    /// The port is taken or may not be used.
    #[error("cannot listen on {address} ({protocol}): {reason}")]
    Bind {
        /// Where.
        address: SocketAddr,
        /// TCP or UDP.
        protocol: &'static str,
        /// Why, and what to do.
        reason: String,
    },
    /// A game wants more seats in a room than the engine has, or none.
    #[error("a room of {seats} seats: there may be 1 to {MAX_SEATS}")]
    Seats {
        /// What it wants.
        seats: usize,
    },
    /// No usable certificate.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The TLS settings can't be used.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// QUIC can't be served.
    #[error(transparent)]
    WebTransport(#[from] WebTransportError),
    /// WebRTC can't be served.
    #[error(transparent)]
    WebRtc(#[from] WebRtcError),
    /// A setting makes no sense.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// HTTP ended by itself.
    #[error("HTTP: {0}")]
    Http(#[from] std::io::Error),
}

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
    let metrics = install_recorder();
    let clock = Clock::start();
    let drain = Duration::from_secs(config.drain);
    let (tcp, udp) = bind(&config)?;
    let beside = Beside::bind(&config, tcp.local_addr()?)?;
    let certificates = tls::certificates(&config, clock)?;
    let challenges = Challenges::default();
    let tls = tls::for_tcp(&config, &certificates, &challenges)?;
    let kernel = UdpWatch::new(&udp)?;
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

    let tokens = config
        .token_secret
        .as_ref()
        .map_or_else(TokenKey::random, |secret| TokenKey::new(secret.as_bytes()));
    let limits = room_limits(&config, service.seats);
    let rooms = Rooms::new(clock, tokens.clone(), limits.clone(), service.create);
    let stop = CancellationToken::new();
    let gate = Gate::new(Arc::clone(&rooms), stop.clone());
    let tasks = TaskTracker::new();

    let addresses = udp::reachable_addresses(&config.public_addresses()?, config.listen);
    let public_port = config.public_udp_port.filter(|_| udp.is_shared);
    let sdp = webrtc::serve(
        udp.webrtc,
        &addresses,
        public_port,
        gate.clone(),
        clock,
        &tasks,
    )?;
    let resolver = Arc::new(certificates.clone());
    webtransport::serve(udp.quic, resolver, Arc::clone(&reach), gate.clone(), &tasks)?;
    renew(&config, &certificates, &challenges, clock, &stop, &tasks)?;

    let redirect = Arc::new(Redirect::new(
        config.public_origin.as_deref(),
        certificates.clone(),
        listening.address.port(),
    ));

    let logins = config.login.as_ref().map(LoginSettings::judge);
    if let (Some(login), Some(logins)) = (&config.login, &logins) {
        let source = login.source().map_err(|reason| ConfigError::Value {
            key: "login.keys",
            reason,
        })?;
        tasks.spawn(login_keys::keep_fresh(
            Arc::clone(logins),
            source,
            stop.clone(),
        ));
    }
    let requests = Arc::new(Rate::new(REQUESTS_A_SECOND, MOST_REQUESTS));
    let signaling = Signaling {
        tokens,
        token_lifetime: limits.token_lifetime.as_secs(),
        node: config.node.clone(),
        logins,
        tick_rate: config.tick_rate,
        snapshot_rate: config.snapshot_rate,
        directory: Arc::clone(&rooms) as Arc<dyn signaling::RoomDirectory>,
        sdp: Arc::new(sdp),
        health: Arc::new(Node {
            clock,
            rooms: Arc::clone(&rooms),
            stop: stop.clone(),
        }),
        rungs: Arc::new(rungs(
            config.clone(),
            certificates,
            clock,
            listening.clone(),
        )),
        reach: Arc::clone(&reach),
        requests: Arc::clone(&requests),
    };
    let handle = Handle::new();
    let acceptor = Acceptor {
        reach,
        is_proxy_protocol: config.proxy_protocol,
        connections,
    };
    let mut router = http::router(signaling, gate.clone(), service.page);
    let operations = http::operations(metrics.clone());
    if !beside.has_operators() {
        router = router.merge(operations.clone());
    }
    let router = headers::guarded(router, is_secure_page);
    let redirects = redirect::router(Arc::clone(&redirect), challenges);
    beside.serve(operations, redirects, &acceptor, &handle, &tasks);
    let http = http::serve_players(tcp, tls, acceptor, router, redirect, handle.clone());
    tokio::pin!(http);
    on_listening(&listening);
    info!(address = %listening.address, is_secure = listening.is_secure, "listening");
    systemd::ready();

    let drained = async {
        shutdown.await;
        info!(drain_seconds = drain.as_secs(), "shutting down");
        systemd::stopping(drain + 2 * SHUTDOWN_TIMEOUT);
        if !drain.is_zero() {
            rooms.drain(drain).await;
        }
    };
    tokio::select! {
        ended = &mut http => return ended.map_err(ServeError::Http),
        never = keep_up(metrics, kernel, &rooms, &requests) => match never {},
        () = drained => {}
    }
    rooms.close().await;
    stop.cancel();
    http::shut_down(&handle);
    tasks.close();
    let ended = async {
        gate.emptied().await;
        tasks.wait().await;
        http.await
    };
    match tokio::time::timeout(SHUTDOWN_TIMEOUT, ended).await {
        Ok(outcome) => outcome.map_err(ServeError::Http),
        Err(_) => {
            warn!("some connections did not end in time");
            Ok(())
        }
    }
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
    if let Some(settings) = config.acme.clone() {
        let folder = Folder::open(&settings.store, &settings.directory)?;
        let authority = CertificateAuthority {
            settings,
            folder,
            challenges: challenges.clone(),
            clock,
        };
        tasks.spawn(acme::keep_issued(certificates, authority, clock, stop));
    } else {
        let files = [config.certificate.clone(), config.key.clone()];
        let files: Vec<PathBuf> = files.into_iter().flatten().collect();
        tasks.spawn(renewal::keep_fresh(certificates, &files, clock, stop));
    }
    Ok(())
}

/// A process has one recorder of metrics; further servers in it (tests) share its registry.
fn install_recorder() -> PrometheusHandle {
    let buckets = |name: &str, bounds: &[f64]| (Matcher::Full(name.to_owned()), bounds.to_vec());
    let all = [
        buckets("game_server_tick_seconds", &TICK_BOUNDS),
        buckets("game_server_round_trip_seconds", &PATH_BOUNDS),
        buckets("game_server_acked_snapshot_age_seconds", &PATH_BOUNDS),
    ];
    let builder = all
        .into_iter()
        .try_fold(PrometheusBuilder::new(), |builder, (name, bounds)| {
            builder.set_buckets_for_metric(name, &bounds)
        });
    // It refuses empty lists alone.
    let recorder = builder.unwrap_or_default().build_recorder();
    let metrics = recorder.handle();
    let _ = metrics::set_global_recorder(recorder);
    metrics
}

fn room_limits(config: &Config, seats: usize) -> RoomLimits {
    let seat_timeout = Duration::from_secs(config.seat_timeout);
    RoomLimits {
        node: config.node.clone(),
        // As long as a seat may wait for a player whose last two renewals were lost.
        token_lifetime: seat_timeout + 2 * TOKEN_RENEWAL,
        max_rooms: config.max_rooms,
        capacity: seats,
        places_of_address: config.max_players_per_address,
        rooms_of_address: config.max_rooms_per_address,
        tick_rate: config.tick_rate,
        snapshot_rate: config.snapshot_rate,
        seat_timeout,
        linger: Duration::from_secs(config.room_linger),
    }
}

/// Tidies what grows old by itself: places that nobody came to take, and the samples of histograms,
/// which pile up until somebody asks for them.
async fn keep_up(
    metrics: PrometheusHandle,
    mut kernel: UdpWatch,
    rooms: &Rooms,
    requests: &Rate,
) -> Infallible {
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let mut upkeep = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            _ = second.tick() => {
                rooms.expire_places();
                systemd::alive();
            }
            _ = upkeep.tick() => {
                metrics.run_upkeep();
                requests.tidy();
                kernel.poll();
            }
        }
    }
}

struct Node {
    clock: Clock,
    rooms: Arc<Rooms>,
    stop: CancellationToken,
}

impl Health for Node {
    fn readiness(&self) -> Readiness {
        if self.stop.is_cancelled() || self.rooms.is_draining() {
            Readiness::NotReady
        } else {
            Readiness::Ready
        }
    }

    fn unix_seconds(&self) -> u64 {
        self.clock.unix_seconds()
    }
}
