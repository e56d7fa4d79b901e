//! What is to be played, and in which order.

use std::fmt;

use crate::browser::BrowserKind;
use crate::path::Order;
use crate::profile::Profile;
use crate::relay::Relay;
use crate::report::{Connection, Failure, Figures, Place, Run, Series};
use crate::transport_under_test::TransportUnderTest;
use protocol::rung::Rung;

/// Everything that is asked for.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The networks.
    pub profiles: Vec<Profile>,
    /// What to play over.
    pub ways: Vec<TransportUnderTest>,
    /// Who plays.
    pub players: Vec<PlayerKind>,
    /// How many of them at once in each run, at least 1: as much again is measured in the same time.
    pub size: usize,
    /// Length of each run; default: each profile's own.
    pub seconds: Option<f64>,
    /// Runs of each kind, each with network conditions of its own.
    pub repeats: u32,
    /// The network conditions of the first repeat; the next one has the next number.
    pub seed: u64,
    /// Whether browsers play with the game's own page, which draws. In software it takes time, which the figures then
    /// hold too.
    pub has_picture: bool,
    /// Where the path is.
    pub place: Place,
    /// The arguments that repeat it.
    pub command: Vec<String>,
}

/// Who plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlayerKind {
    /// The real client in a browser.
    Browser(BrowserKind),
    /// Players without a browser, which hold one link and only note what comes in.
    Native,
}

/// One run to come.
pub(super) struct Step<'a> {
    pub(super) profile: &'a Profile,
    pub(super) player: PlayerKind,
    pub(super) way: TransportUnderTest,
    pub(super) repeat: u32,
    pub(super) seed: u64,
    seconds: Option<f64>,
}

impl PlayerKind {
    /// Its name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Browser(kind) => kind.name(),
            Self::Native => "native",
        }
    }
}

impl Plan {
    /// How many runs it has.
    pub fn runs(&self) -> usize {
        self.players
            .iter()
            .map(|player| self.steps_of(*player).count())
            .sum()
    }

    /// What a reader of the report must know of what was left out, and of what is in the figures.
    pub(super) fn remarks(&self) -> Vec<String> {
        let left_out = |is_meant: fn(PlayerKind) -> bool| -> Option<String> {
            let player = self.players.iter().find(|player| is_meant(**player))?;
            let cannot = |way: &&TransportUnderTest| !self.can_play(*player, **way);
            let names: Vec<&str> = self
                .ways
                .iter()
                .filter(cannot)
                .map(|way| way.name())
                .collect();
            (!names.is_empty()).then(|| names.join(", "))
        };
        let mut remarks = Vec::new();
        if self.place == Place::Relay {
            remarks.push(Relay::limits().to_owned());
        }
        if let Some(ways) = left_out(|player| player == PlayerKind::Native) {
            remarks.push(format!(
                "Native players hold one link and have neither WebRTC nor Socket.IO: {ways} left out."
            ));
        }
        let keeps_order = |profile: &Profile| {
            let jitter = profile.down.jitter;
            jitter.ms > 0.0 && jitter.order == Order::Kept
        };
        if self.size > 1 && self.profiles.iter().any(keeps_order) {
            remarks.push(
                "The players of a run share the link. Where it has jitter and keeps packets in order, one waits for \
                 another's, so ages lie some milliseconds higher than with --players 1."
                    .to_owned(),
            );
        }
        if self.has_picture {
            remarks.push(
                "Browsers drew the game, and the time that took is in the figures.".to_owned(),
            );
        }
        if let Some(ways) = left_out(|player| player != PlayerKind::Native) {
            let why = if self.has_picture {
                "The game's own page always opens all its sockets, and has no Socket.IO"
            } else {
                "Socket.IO has a port of its own, which the relay does not carry"
            };
            remarks.push(format!("{why}: {ways} left out."));
        }
        remarks
    }

    fn can_play(&self, player: PlayerKind, way: TransportUnderTest) -> bool {
        match player {
            PlayerKind::Native => {
                way.rung().is_some_and(|rung| rung != Rung::WebRtc)
                    && way != TransportUnderTest::SocketIo
            }
            PlayerKind::Browser(_) => match way {
                TransportUnderTest::OneWebSocket => !self.has_picture,
                TransportUnderTest::SocketIo => {
                    !self.has_picture && self.place == Place::Namespaces
                }
                _ => true,
            },
        }
    }

    /// Ways change fastest, so that whatever else the machine does falls on all of them.
    pub(super) fn steps_of(&self, player: PlayerKind) -> impl Iterator<Item = Step<'_>> {
        self.profiles.iter().flat_map(move |profile| {
            (1..=self.repeats).flat_map(move |repeat| {
                let ways = self
                    .ways
                    .iter()
                    .filter(move |way| self.can_play(player, **way));
                ways.map(move |way| Step {
                    profile,
                    player,
                    way: *way,
                    repeat,
                    seed: self.seed.wrapping_add(u64::from(repeat) - 1),
                    seconds: self.seconds,
                })
            })
        })
    }
}

impl Step<'_> {
    /// How long is measured.
    pub(super) fn seconds(&self) -> f64 {
        self.seconds.unwrap_or(self.profile.seconds)
    }

    /// The run with nothing measured.
    pub(super) fn blank_run(&self, failure: Option<Failure>) -> Run {
        Run {
            profile: self.profile.name.clone(),
            player: self.player.name().to_owned(),
            way: self.way,
            repeat: self.repeat,
            seed: self.seed,
            seconds: 0.0,
            figures: Figures::default(),
            floor: Figures::default(),
            connection: Connection::default(),
            feel: None,
            series: Series::default(),
            other_series: Vec::new(),
            floor_series: Series::default(),
            failure,
        }
    }
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            profile,
            player,
            way,
            repeat,
            ..
        } = self;
        write!(
            out,
            "{} · {} · {way} · repeat {repeat}",
            profile.name,
            player.name()
        )
    }
}
