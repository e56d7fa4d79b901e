//! The players: real clients of the `client` crate, in a few threads.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use client::native::{Connector, Player, PlayerOptions, PlayerStats, Trust};
use client::session::GameCodec;
use netlab::clock::Stopwatch;
use protocol::rung::Rung;
use protocol::tick::Tick;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

/// How long a player goes one way.
const TURN_TICKS: u32 = 40;

/// How long the first snapshot may take.
const FIRST_SNAPSHOT: Duration = Duration::from_secs(10);

/// What a player does at a moment: right and down.
pub trait Steer: GameCodec {
    /// An input that goes one way.
    fn steer(x: i8, y: i8) -> Self::Input;
}

impl Steer for netlab::player::CirclesCodec {
    fn steer(x: i8, y: i8) -> Self::Input {
        game::wire::GameInput::steering(x, y)
    }
}

impl Steer for crate::fixed::FixedSizeCodec {
    fn steer(x: i8, y: i8) -> Self::Input {
        crate::fixed::Steering { x, y }
    }
}

/// How a crowd joins.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The server.
    pub origin: String,
    /// How they connect.
    pub rung: Rung,
    /// How many.
    pub players: usize,
    /// Sockets of a WebSocket link.
    pub sockets: u8,
    /// Joins at once.
    pub abreast: usize,
}

/// Players who are in.
pub struct Crowd<G: GameCodec> {
    players: Vec<Player<G>>,
    /// How long it took all of them.
    pub joined_in: Duration,
    /// Why others aren't.
    pub failed: Vec<String>,
}

/// What a crowd has seen over a span.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// Snapshots decoded.
    pub snapshots: u64,
    /// Datagrams that never came.
    pub missing: u64,
    /// Datagrams that couldn't be decoded.
    pub undecodable: u64,
    /// Bytes received, without what transports add.
    pub bytes_in: u64,
    /// Bytes sent, likewise.
    pub bytes_out: u64,
    /// Ages of snapshots at their receipt, in order.
    pub ages: Vec<Duration>,
}

/// Goes one way, and then another.
fn wander<G: Steer>(seed: u64) -> impl FnMut(Tick) -> G::Input + Send + 'static {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let (mut x, mut y) = (0, 0);
    move |tick| {
        if tick.0 % TURN_TICKS == 0 || (x, y) == (0, 0) {
            let [one, other, ..] = random.next_u32().to_le_bytes();
            // Any way: each byte's upper seven bits are within an input's range.
            (x, y) = (
                (one >> 1).cast_signed() - 63,
                (other >> 1).cast_signed() - 63,
            );
        }
        G::steer(x, y)
    }
}

impl<G> Crowd<G>
where
    G: Steer + 'static,
    G::View: Send + Sync,
    G::Input: Send + Default + 'static,
{
    /// Lets all of them in. `on_progress` hears of each.
    ///
    /// # Errors
    /// When TLS can't be set up.
    pub async fn enter(wish: &Wish, on_progress: impl Fn()) -> io::Result<Self> {
        let connector = Connector::new(&Trust::Anything)?;
        let abreast = Arc::new(Semaphore::new(wish.abreast));
        let clock = Stopwatch::start();
        let mut joining = JoinSet::new();
        for number in 0..wish.players {
            let (connector, abreast) = (connector.clone(), Arc::clone(&abreast));
            let options = PlayerOptions {
                name: format!("Player {number}"),
                rung: wish.rung,
                sockets: wish.sockets,
                ..PlayerOptions::new(&wish.origin)
            };
            joining.spawn(async move {
                let _turn = abreast.acquire().await;
                enter_one::<G>(&connector, &options, number as u64).await
            });
        }
        let (mut players, mut failed) = (Vec::new(), Vec::new());
        while let Some(joined) = joining.join_next().await {
            match joined {
                Ok(Ok(player)) => players.push(player),
                Ok(Err(fault)) => failed.push(fault),
                Err(fault) => failed.push(fault.to_string()),
            }
            on_progress();
        }
        Ok(Self {
            players,
            joined_in: clock.elapsed(),
            failed,
        })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.players.len()
    }

    /// Whether nobody came in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.players.is_empty()
    }

    /// A span begins; to be given to [`Self::seen_since`].
    #[must_use]
    pub fn begin(&self) -> Vec<PlayerStats> {
        let begun = self.players.iter().map(|player| {
            drop(player.take_ages());
            player.stats()
        });
        begun.collect()
    }

    /// What all have seen over a span.
    #[must_use]
    pub fn seen_since(&self, begun: &[PlayerStats]) -> Seen {
        let mut seen = Seen::default();
        for (player, before) in self.players.iter().zip(begun) {
            let now = player.stats();
            seen.snapshots += now.snapshots - before.snapshots;
            seen.missing += now.missing.saturating_sub(before.missing);
            seen.undecodable += now.undecodable - before.undecodable;
            seen.bytes_in += now.bytes_in - before.bytes_in;
            seen.bytes_out += now.bytes_out - before.bytes_out;
            seen.ages.extend(player.take_ages());
        }
        seen.ages.sort_unstable();
        seen
    }

    /// All leave.
    pub async fn leave(self) {
        let leaving: JoinSet<PlayerStats> = self.players.into_iter().map(Player::leave).collect();
        leaving.join_all().await;
    }
}

async fn enter_one<G>(
    connector: &Connector,
    options: &PlayerOptions,
    seed: u64,
) -> Result<Player<G>, String>
where
    G: Steer + 'static,
    G::View: Send + Sync,
    G::Input: Send + Default + 'static,
{
    let player = Player::<G>::connect_by(connector, options).await;
    let mut player = player.map_err(|fault| fault.to_string())?;
    player.set_input_source(wander::<G>(seed));
    let first = async {
        while player.newest().is_none() {
            if player.next_event().await.is_none() {
                return Err("the session ended before its first snapshot".to_owned());
            }
        }
        Ok(())
    };
    let first = tokio::time::timeout(FIRST_SNAPSHOT, first).await;
    first.map_err(|_| "no snapshot in time".to_owned())??;
    Ok(player)
}
