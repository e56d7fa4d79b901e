//! Players without a browser: no ladder, nothing measured but what comes in. All share one thread.

use std::time::Duration;

use client::native::PlayerOptions;

use super::super::ground::Ground;
use super::{Crowd, CrowdError, PlayerRecord, at_once};
use crate::clock::Stopwatch;
use crate::player::{Observer, ObserverHost, SeenSnapshot};
use crate::sdk_page::Arrival;
use crate::transport_under_test::TransportUnderTest;
use protocol::rung::Rung;

/// Sockets of a link, as browsers have it once its segments are lost.
const WIDE_BUNDLE: u8 = 6;

/// Players who observe.
pub(in super::super) struct NativeCrowd<'a> {
    ground: &'a Ground,
    rung: Rung,
    /// Sockets of a WebSocket link.
    sockets: u8,
    size: usize,
    players: Vec<Player>,
}

struct Player {
    /// Milliseconds.
    first_snapshot: Option<f64>,
    observer: Result<Observer, String>,
}

impl<'a> NativeCrowd<'a> {
    /// So many of them; `None` where they can't play by this way.
    pub(in super::super) fn come(
        ground: &'a Ground,
        way: TransportUnderTest,
        size: usize,
    ) -> Option<Self> {
        Some(Self {
            ground,
            rung: way.rung().filter(|rung| *rung != Rung::WebRtc)?,
            sockets: if way == TransportUnderTest::OneWebSocket {
                1
            } else {
                WIDE_BUNDLE
            },
            size,
            players: Vec::new(),
        })
    }

    /// Gets in.
    fn enter(&self, host: &ObserverHost, number: usize, room: &str, limit: Duration) -> Player {
        let clock = Stopwatch::start();
        let mut entered = host.enter(&self.options(number, room));
        let has_come = entered.as_mut().is_ok_and(|observer| {
            observer.wait_for_snapshot(clock.remaining(limit).unwrap_or_default())
        });
        Player {
            first_snapshot: has_come.then(|| clock.elapsed().as_secs_f64() * 1e3),
            observer: entered.map_err(|error| error.to_string()),
        }
    }

    fn options(&self, number: usize, room: &str) -> PlayerOptions {
        PlayerOptions {
            name: format!("Player {number}"),
            room: Some(room.to_owned()),
            rung: self.rung,
            sockets: self.sockets,
            ..PlayerOptions::new(self.ground.origin())
        }
    }
}

impl Crowd for NativeCrowd<'_> {
    fn join(&mut self, room: &str, limit: Duration) -> Result<(), CrowdError> {
        let seats = vec![(); self.size];
        let entered = self.ground.at_players(|| {
            // Its thread is on the players' host, as this one is.
            let host = ObserverHost::start().map_err(|error| CrowdError::new(error.to_string()))?;
            at_once(&seats, |number, ()| {
                Ok::<_, CrowdError>(self.enter(&host, number, room, limit))
            })
        })?;
        self.players = entered?;
        Ok(())
    }

    fn begin(&mut self) -> Result<(), CrowdError> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), CrowdError> {
        Ok(())
    }

    fn tell(&mut self) -> Result<Vec<PlayerRecord>, CrowdError> {
        let rung = self.rung;
        let records = self.players.drain(..).map(|player| {
            let (arrivals, refusal) = match player.observer {
                Ok(observer) => (arrivals(observer, rung), None),
                Err(refusal) => (Vec::new(), Some(refusal)),
            };
            PlayerRecord {
                arrivals,
                first_snapshot: player.first_snapshot,
                course: None,
                felt: None,
                refusal,
            }
        });
        Ok(records.collect())
    }

    fn last_words(&self) -> Vec<String> {
        let refused = self
            .players
            .iter()
            .filter_map(|player| player.observer.as_ref().err());
        refused.cloned().collect()
    }
}

fn arrivals(observer: Observer, rung: Rung) -> Vec<Arrival> {
    let seen = observer.stop().snapshots;
    let arrival = |seen: &SeenSnapshot| Arrival {
        sequence: seen.sequence,
        tick: seen.tick,
        at_ms: seen.at_ms,
        link: 1,
        rung,
    };
    seen.iter().map(arrival).collect()
}
