//! QUIC as `quinn` has it, with nothing around it: datagrams both ways.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use quinn::{ClientConfig, Connection, Endpoint, ServerConfig};
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::runtime::{Builder, Runtime};

use super::{INPUT, INPUT_PERIOD, SNAPSHOT, SNAPSHOT_PERIOD, Seen, offset};

const NAME: &str = "localhost";

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Sends to whoever has connected. Tells its certificate.
///
/// # Errors
/// When the socket can't be used.
pub fn serve(address: SocketAddr, on_listening: impl FnOnce(String)) -> anyhow::Result<()> {
    let made = rcgen::generate_simple_self_signed([NAME.to_owned()])?;
    let certificate = made.cert.der().clone();
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let config = ServerConfig::with_single_cert(vec![certificate.clone()], key)?;
    runtime()?.block_on(async {
        let endpoint = Endpoint::server(config, address)?;
        on_listening(STANDARD.encode(&certificate));
        let players: Arc<Mutex<Vec<Connection>>> = Arc::default();
        tokio::spawn(send(Arc::clone(&players)));
        while let Some(incoming) = endpoint.accept().await {
            let players = Arc::clone(&players);
            tokio::spawn(async move {
                if let Ok(connection) = incoming.await {
                    let player = connection.clone();
                    let players = || players.lock().unwrap_or_else(PoisonError::into_inner);
                    players().push(player);
                    while connection.read_datagram().await.is_ok() {}
                }
            });
        }
        Ok(())
    })
}

async fn send(players: Arc<Mutex<Vec<Connection>>>) {
    let mut snapshots = tokio::time::interval(SNAPSHOT_PERIOD);
    loop {
        snapshots.tick().await;
        for player in &*players.lock().unwrap_or_else(PoisonError::into_inner) {
            // One that has gone takes nothing.
            let _ = player.send_datagram(Bytes::from_static(&SNAPSHOT));
        }
    }
}

/// Players, each with a connection, in a thread.
///
/// # Errors
/// When they don't come in.
pub fn play(server: SocketAddr, players: usize, certificate: &str) -> anyhow::Result<Seen> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(STANDARD.decode(certificate)?))?;
    let config = ClientConfig::with_root_certificates(Arc::new(roots))?;
    let seen = Seen::default();
    let (runtime, counted) = (runtime()?, seen.clone());
    let connections: anyhow::Result<Vec<Connection>> = runtime.block_on(async {
        let mut connections = Vec::new();
        for _ in 0..players {
            // Each has a socket of its own: one for all would overflow when a snapshot comes for each.
            let endpoint = Endpoint::client((Ipv4Addr::LOCALHOST, 0).into())?;
            let connecting = endpoint.connect_with(config.clone(), server, NAME)?;
            connections.push(connecting.await.context("a player doesn't come in")?);
        }
        Ok(connections)
    });
    let connections = connections?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            for (index, connection) in connections.into_iter().enumerate() {
                tokio::spawn(one(connection, offset(index, players), counted.clone()));
            }
            std::future::pending::<()>().await;
        });
    });
    Ok(seen)
}

async fn one(connection: Connection, begin: Duration, seen: Seen) -> anyhow::Result<()> {
    tokio::time::sleep(begin).await;
    let mut inputs = tokio::time::interval(INPUT_PERIOD);
    loop {
        tokio::select! {
            _ = inputs.tick() => connection.send_datagram(Bytes::from_static(&INPUT))?,
            received = connection.read_datagram() => {
                if received?.len() == SNAPSHOT.len() {
                    seen.one_more();
                }
            }
        }
    }
}
