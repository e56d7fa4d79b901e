//! A server of the second game, and what its players hear.

use std::net::SocketAddr;
use std::time::Duration;

use protocol::tick::Tick;
use server::config::Config;
use server::game::{Refusal, RoomInfo};
use server::{Page, Service};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::client::{Client, Heard};
use crate::tally::{Tally, Wishes};

/// How long a slow room takes to be made.
pub(crate) const SLOW: Duration = Duration::from_secs(2);

/// One whose label is "slow" takes its time.
pub(crate) fn create_tally(room: RoomInfo<Wishes>) -> Result<Tally, Refusal> {
    if room.options.label == "slow" {
        std::thread::sleep(SLOW);
    }
    Tally::new(&room.options.label)
}

/// The other game on a free port.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) stop: oneshot::Sender<()>,
    pub(crate) task: JoinHandle<()>,
    pub(crate) folder: TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::start_with(Config::default()).await
    }

    pub(crate) async fn start_with(config: Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            listen: "127.0.0.1".parse().unwrap(),
            port: 0,
            certificate_directory: folder.path().join("certificates"),
            data_directory: folder.path().join("data"),
            room_linger: 0,
            ..config
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let (listening, address) = oneshot::channel();
        let task = tokio::spawn(async move {
            let announce = move |at: &server::Listening| listening.send(at.address).unwrap();
            let shutdown = async { drop(stopped.await) };
            let service = Service {
                seats: 4,
                create: create_tally,
                page: Page::none(),
            };
            server::serve(config, service, announce, shutdown)
                .await
                .unwrap();
        });
        Self {
            address: address.await.unwrap(),
            stop,
            task,
            folder,
        }
    }
}

/// Serves the other game until the sender is dropped.
pub(crate) async fn serve() -> (SocketAddr, oneshot::Sender<()>, TempDir) {
    let server = Server::start().await;
    (server.address, server.stop, server.folder)
}

pub(crate) fn is_sum(wanted: u64) -> impl Fn(&Heard) -> bool {
    move |heard| matches!(heard, Heard::Snapshot { sum, .. } if *sum == wanted)
}

pub(crate) async fn first_tick(client: &mut Client) -> Tick {
    match client
        .hear_until(|heard| matches!(heard, Heard::Snapshot { .. }))
        .await
    {
        Heard::Snapshot { tick, .. } => tick,
        other => panic!("{other:?}"),
    }
}
