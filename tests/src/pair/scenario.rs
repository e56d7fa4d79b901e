//! What one run is made of: a room's rates, its virtual players, their links and what they do with them. Data only; a
//! scenario and its seed say everything about a run.

use std::time::Duration;

use protocol::control::LinkUse;

use super::fault_injection::FaultInjection;
use super::pipe::Checksum;
use netlab::path::PathPair;

/// One run.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// The game's seed, and the name of the run.
    pub seed: u64,
    /// How long it runs before the paths are mended, so that what is on its way can arrive.
    pub length: Duration,
    /// The room's rates.
    pub rates: Rates,
    /// How long the seat of a silent player is kept.
    pub seat_timeout: Duration,
    /// When the room's task stands still, and for how long.
    pub stalls: Vec<(Duration, Duration)>,
    /// Who plays.
    pub guests: Vec<GuestPlan>,
}

/// Steps and snapshots a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Ticks.
    pub tick: u16,
    /// Snapshots; the tick rate is a whole multiple.
    pub snapshot: u16,
}

/// One virtual player.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GuestPlan {
    /// Networks that the player is on, such as Wi-Fi and cellular. All links over one share its path.
    pub networks: Vec<PathPair>,
    /// What the player does, in order of time.
    pub moves: Vec<(Duration, Move)>,
    /// The kinds of link that the player opens in turn, over the last network used, when nothing has come for
    /// `patience`; none when it only does what `moves` says.
    pub reconnects: Vec<Kind>,
    /// See `reconnects`.
    pub patience: Duration,
    /// How the player's clock differs from the server's.
    pub clock: ClockFault,
    /// What becomes of corrupted datagrams.
    pub checksum: Checksum,
    /// What the player does that no honest client does.
    pub fault_injection: Option<FaultInjection>,
}

/// What a link is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// State in datagrams, Control in a stream beside it: WebTransport and WebRTC.
    Datagrams,
    /// This many sockets that are streams alone: WebSockets.
    Streams(u8),
}

/// Something that a player does. Links are numbered from 1 as they are opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Opens a link over one of the networks.
    Open {
        /// Of which kind.
        kind: Kind,
        /// Over which network.
        network: usize,
    },
    /// Says how a link is to be used.
    Use(u64, LinkUse),
    /// Closes a link.
    Close(u64),
    /// One socket of a link dies, with all that is on its way. The player knows at once.
    Cut {
        /// Of which link.
        link: u64,
        /// Which of its sockets.
        stripe: u8,
        /// How long the server doesn't know.
        noticed_after: Duration,
    },
    /// Attaches again under the number of a link that there was.
    Replay(u64),
    /// The page is hidden, or seen again.
    Hide(bool),
    /// The player leaves for good.
    Leave,
}

/// A clock that isn't the server's. It shows some hours at the start, so that it can be put back.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum ClockFault {
    /// None.
    #[default]
    Right,
    /// It runs at another speed from one moment to another.
    Runs {
        /// Its seconds in one of the server's.
        rate: f64,
        /// From when.
        from: Duration,
        /// Until when.
        until: Duration,
    },
    /// It jumps at one moment, and back to what it was at another.
    Jumps {
        /// By so many seconds; back, if negative. At most [`ClockFault::START`].
        seconds: f64,
        /// From when.
        from: Duration,
        /// Until when.
        until: Duration,
    },
}

impl ClockFault {
    /// What it shows at the start.
    pub const START: Duration = Duration::from_secs(10_800);

    /// What the clock shows at a moment of the server's.
    pub fn read(&self, now: Duration) -> Duration {
        let right = Self::START + now;
        match *self {
            Self::Right => right,
            Self::Runs { rate, from, until } => {
                let spell = now.min(until).saturating_sub(from);
                right - spell + spell.mul_f64(rate)
            }
            Self::Jumps {
                seconds,
                from,
                until,
            } => {
                let by = Duration::from_secs_f64(seconds.abs());
                match (from..until).contains(&now) {
                    false => right,
                    true if seconds > 0.0 => right + by,
                    true => right - by,
                }
            }
        }
    }
}

impl Kind {
    /// How many sockets such a link has.
    pub fn sockets(self) -> u8 {
        match self {
            Self::Datagrams => 1,
            Self::Streams(count) => count,
        }
    }
}

impl Default for Scenario {
    /// A minute of nobody, at the server's default rates.
    fn default() -> Self {
        Self {
            seed: 0,
            length: Duration::from_secs(60),
            rates: Rates {
                tick: 60,
                snapshot: 20,
            },
            seat_timeout: Duration::from_secs(60),
            stalls: Vec::new(),
            guests: Vec::new(),
        }
    }
}
