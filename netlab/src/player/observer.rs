//! A player that keeps to the rules, does nothing, and notes what it is sent: a bystander while others misbehave, and
//! a witness of when the server sent which tick.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use client::native::{ConnectError, Connector, Player, PlayerOptions, Timed, Trust};
use client::session::Event;
use protocol::control::CloseReason;
use tokio::runtime::Runtime;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use super::CirclesCodec;
use crate::clock::unix_ms;

/// Where observers live: one thread for all of them, in the network namespace of the thread that makes it.
#[derive(Clone)]
pub struct ObserverHost {
    runtime: Arc<Runtime>,
    connector: Connector,
}

/// A player, and what it notes.
pub struct Observer {
    host: ObserverHost,
    stop: oneshot::Sender<()>,
    has_snapshot: watch::Receiver<bool>,
    task: JoinHandle<Seen>,
}

/// What it was sent.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Snapshots in the order they came, repeats included.
    pub snapshots: Vec<SeenSnapshot>,
    /// Why the server ended the link, if it did.
    pub goodbye: Option<CloseReason>,
}

/// One snapshot.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeenSnapshot {
    /// Its datagram's number.
    pub sequence: u16,
    /// The tick that it shows.
    pub tick: u32,
    /// When it came in, in milliseconds since 1970.
    pub at_ms: f64,
}

impl ObserverHost {
    /// Starts its thread. Any certificate is believed.
    ///
    /// # Errors
    /// When the system has none.
    pub fn start() -> Result<Self, ConnectError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        Ok(Self {
            runtime: Arc::new(runtime),
            connector: Connector::new(&Trust::Anything)?,
        })
    }

    /// Lets a player in. It plays when this returns; its first snapshot may still be on its way.
    ///
    /// # Errors
    /// When there is no seat, or no link.
    pub fn enter(&self, options: &PlayerOptions) -> Result<Observer, ConnectError> {
        let connecting = Player::connect_by(&self.connector, options);
        let player = self.runtime.block_on(connecting)?;
        let (stop, stopped) = oneshot::channel();
        let (came, has_snapshot) = watch::channel(false);
        let task = self.runtime.spawn(observe(player, stopped, came));
        Ok(Observer {
            host: self.clone(),
            stop,
            has_snapshot,
            task,
        })
    }
}

impl Observer {
    /// Lets a player in, on a thread of its own, and waits for its first snapshot.
    ///
    /// # Errors
    /// When there is no seat, no link, or no snapshot within 5 s.
    pub fn enter(options: &PlayerOptions) -> Result<Self, ConnectError> {
        let mut observer = ObserverHost::start()?.enter(options)?;
        if !observer.wait_for_snapshot(Duration::from_secs(5)) {
            let error = std::io::Error::other("no snapshot within 5 s");
            return Err(ConnectError::Setup(error));
        }
        Ok(observer)
    }

    /// Waits for the first snapshot; says whether it came.
    pub fn wait_for_snapshot(&mut self, limit: Duration) -> bool {
        let came = self.has_snapshot.wait_for(|has_snapshot| *has_snapshot);
        let came = async { tokio::time::timeout(limit, came).await };
        let came = self.host.runtime.block_on(came);
        came.is_ok_and(|came| came.is_ok())
    }

    /// Leaves, and tells.
    ///
    /// # Panics
    /// When the observer has.
    pub fn stop(self) -> Seen {
        // One whose session is over has stopped already.
        let _ = self.stop.send(());
        let seen = self.host.runtime.block_on(self.task);
        seen.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()))
    }
}

impl Seen {
    /// The longest time between two snapshots, in milliseconds.
    pub fn longest_gap_ms(&self) -> f64 {
        self.snapshots
            .windows(2)
            .map(|pair| pair[1].at_ms - pair[0].at_ms)
            .fold(0.0, f64::max)
    }

    /// When each tick's snapshot came in.
    pub fn times_by_tick(&self) -> HashMap<u32, f64> {
        self.snapshots
            .iter()
            .map(|snapshot| (snapshot.tick, snapshot.at_ms))
            .collect()
    }

    fn note(&mut self, told: Timed) {
        match told.event {
            Event::Snapshot { sequence, tick, .. } | Event::Repeat { sequence, tick } => {
                self.snapshots.push(SeenSnapshot {
                    sequence: sequence.0,
                    tick: tick.0,
                    at_ms: unix_ms() - told.at.elapsed().as_secs_f64() * 1e3,
                });
            }
            Event::SessionClosed(reason) | Event::LinkClosed(_, reason) => {
                self.goodbye = Some(reason);
            }
            _ => {}
        }
    }
}

async fn observe(
    mut player: Player<CirclesCodec>,
    mut stopped: oneshot::Receiver<()>,
    came: watch::Sender<bool>,
) -> Seen {
    let mut seen = Seen::default();
    loop {
        tokio::select! {
            told = player.next_event() => match told {
                Some(told) => seen.note(told),
                None => return seen,
            },
            // Whoever forgets an observer doesn't want it to play on.
            _ = &mut stopped => {
                player.leave().await;
                return seen;
            }
        }
        came.send_if_modified(|came| !std::mem::replace(came, !seen.snapshots.is_empty()));
    }
}
