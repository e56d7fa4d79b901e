//! Players without a browser: no ladder, no WebRTC, nothing measured but what comes in.

use std::time::Duration;

use super::super::ground::Ground;
use super::{Crowd, CrowdError, PlayerRecord, at_once};
use crate::clock::Stopwatch;
use crate::player::{Observer, PlayerLink, QuicLink, Seat, SocketBundle};
use crate::rung::Rung;
use crate::sdk_page::Arrival;
use crate::way::Way;

/// Sockets of a link, as browsers have it once its segments are lost.
const WIDE_BUNDLE: u8 = 6;

/// Threads that play.
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
    pub(in super::super) fn come(ground: &'a Ground, way: Way, size: usize) -> Option<Self> {
        Some(Self {
            ground,
            rung: way.rung().filter(|rung| *rung != Rung::WebRtc)?,
            sockets: if way == Way::OneWebSocket {
                1
            } else {
                WIDE_BUNDLE
            },
            size,
            players: Vec::new(),
        })
    }

    /// Gets in. On the players' host.
    fn enter(&self, number: usize, room: &str, limit: Duration) -> Player {
        let clock = Stopwatch::start();
        match self.open(number, room) {
            Ok(mut link) => {
                let came = link.wait_for_state(clock.remaining(limit).unwrap_or_default());
                let first_snapshot = came.map(|_| clock.elapsed().as_secs_f64() * 1e3);
                Player {
                    first_snapshot,
                    observer: Ok(Observer::start(link)),
                }
            }
            Err(error) => Player {
                first_snapshot: None,
                observer: Err(error),
            },
        }
    }

    fn open(&self, number: usize, room: &str) -> Result<AnyLink, String> {
        let words = |error: std::io::Error| error.to_string();
        let server = self.ground.server();
        let seat = Seat::take(server, &format!("Player {number}"), room)
            .map_err(|error| error.to_string())?;
        if self.rung == Rung::WebTransport {
            let mut link = QuicLink::open(server).map_err(words)?;
            link.attach(&seat.token, 1, 0).map_err(words)?;
            return Ok(AnyLink::Quic(link));
        }
        SocketBundle::open(server, self.sockets, &seat.token, 1)
            .map(AnyLink::Sockets)
            .map_err(words)
    }
}

impl Crowd for NativeCrowd<'_> {
    fn join(&mut self, room: &str, limit: Duration) -> Result<(), CrowdError> {
        let seats = vec![(); self.size];
        let entered = self.ground.at_players(|| {
            at_once(&seats, |number, ()| {
                Ok::<_, CrowdError>(self.enter(number, room, limit))
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
    let arrival = |seen: &crate::player::SeenSnapshot| Arrival {
        sequence: seen.sequence,
        tick: seen.tick,
        at_ms: seen.at_ms,
        link: 1,
        rung,
    };
    seen.iter().map(arrival).collect()
}

/// Either kind of link.
enum AnyLink {
    Quic(QuicLink),
    Sockets(SocketBundle),
}

impl PlayerLink for AnyLink {
    fn send_state(&mut self, datagram: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Quic(link) => link.send_state(datagram),
            Self::Sockets(link) => link.send_state(datagram),
        }
    }

    fn send_control(&mut self, frame: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Quic(link) => link.send_control(frame),
            Self::Sockets(link) => link.send_control(frame),
        }
    }

    fn receive(&mut self, limit: Duration) -> Option<crate::player::Received> {
        match self {
            Self::Quic(link) => link.receive(limit),
            Self::Sockets(link) => link.receive(limit),
        }
    }
}
