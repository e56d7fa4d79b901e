//! Admission without rooms: hands joins on to the nodes of a fleet, and keeps nothing itself. Any number of these may run, and
//! none between two joins.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use certs::acme::Challenges;
use signaling::{Health, Offer, Readiness, SdpError, SdpExchange, Signaling};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::info;

use super::fleet::OpenFleet;
use super::{Listening, ServeError, VERSION, admission, recorder};
use crate::accept::Acceptor;
use crate::beside::Beside;
use crate::bind::bind_front;
use crate::clock::Clock;
use crate::config::Config;
use crate::connections::Connections;
use crate::fleet::Fleet;
use crate::http;
use crate::http_runtime::HttpRuntime;
use crate::listener::{self, Server};
use crate::operations::{self, Names, Sources};
use crate::page::Page;
use crate::{counters, descriptors, headers, systemd, tls};

/// Serves admission alone until `shutdown` resolves. `on_listening` is called once. `seats` are those of a room.
///
/// # Errors
/// [`ServeError`], before anything is served or when HTTP ends.
pub async fn serve_signaling(
    config: Config,
    seats: usize,
    page: Page,
    on_listening: impl FnOnce(&Listening),
    shutdown: impl Future<Output = ()>,
) -> Result<(), ServeError> {
    let metrics = recorder::install();
    let clock = Clock::start();
    let tcp = bind_front(&config)?;
    let beside = Beside::bind(&config, tcp.local_addr()?)?;
    let is_secure = config.is_tls();
    let tls = if is_secure {
        let certificates = tls::certificates(&config, clock)?;
        tls::for_tcp(&config, &certificates, &Challenges::default())?
    } else {
        None
    };
    counters::set_build_info(VERSION);
    let reach = Arc::new(config.reach(is_secure)?);
    let tokens = admission::token_key(&config, None)?;
    let fleet = OpenFleet::front(&config, clock, &tokens).await?;
    let requests = admission::requests();
    let stop = CancellationToken::new();
    let signaling = Signaling {
        tokens,
        token_lifetime: 0,
        node: String::new(),
        logins: None,
        records: None,
        tick_rate: config.tick_rate,
        snapshot_rate: config.snapshot_rate,
        directory: fleet.directory(),
        sdp: Arc::new(NoRooms),
        health: Arc::new(Front {
            clock,
            fleet: fleet.part(),
            stop: stop.clone(),
        }),
        rungs: Arc::new(|_| Vec::new()),
        reach: Arc::clone(&reach),
        requests: Arc::clone(&requests),
    };
    let health = Arc::clone(&signaling.health);
    let forwarding = fleet.forwarding(None, (&reach, &requests), seats);
    let runtime = HttpRuntime::start().map_err(ServeError::Http)?;
    let acceptor = Acceptor {
        reach,
        is_proxy_protocol: config.proxy_protocol,
        connections: Connections::new(descriptors::connections_beside(0)),
    };
    let sources = Sources {
        recorder: metrics,
        runtimes: Arc::new([runtime.handle().metrics()]),
    };
    let names = Names::of(&config);
    let mut router = http::admission(signaling, Some(forwarding)).merge(page.router());
    if !beside.has_operators() {
        let reach = Arc::clone(&acceptor.reach);
        router = router.merge(operations::local_metrics(
            sources.clone(),
            names.clone(),
            reach,
        ));
    }
    let tasks = TaskTracker::new();
    let operations = operations::router(sources, health, names);
    beside.serve(
        operations,
        Router::new(),
        &acceptor,
        &stop,
        (&tasks, runtime.handle()),
    );
    let listening = Listening {
        address: tcp.local_addr()?,
        webrtc: SocketAddr::from(([0, 0, 0, 0], 0)),
        is_secure,
    };
    let server = Server {
        acceptor,
        tls,
        router: headers::guarded(router),
    };
    let served = listener::serve(tcp, server, stop.clone());
    let served = runtime.handle().spawn(served);
    on_listening(&listening);
    info!(address = %listening.address, is_secure, version = VERSION, "listening, without rooms");
    systemd::ready();
    shutdown.await;
    stop.cancel();
    fleet.leave().await;
    super::flatten(served.await)
}

/// Answers no offers: a client sends its own to the node that has its room.
struct NoRooms;

#[async_trait::async_trait]
impl SdpExchange for NoRooms {
    async fn answer(&self, _: Offer) -> Result<String, SdpError> {
        Err(SdpError::NotOffered)
    }
}

struct Front {
    clock: Clock,
    fleet: Arc<Fleet>,
    stop: CancellationToken,
}

impl Health for Front {
    fn readiness(&self) -> Readiness {
        if self.stop.is_cancelled() || !self.fleet.has_begun() {
            Readiness::NotReady
        } else {
            Readiness::Ready
        }
    }

    fn unix_seconds(&self) -> u64 {
        self.clock.unix_seconds()
    }
}
