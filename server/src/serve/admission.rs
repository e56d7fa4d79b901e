//! Puts together what admission needs of the server around it: rooms, tokens, logins, budgets, and how it stands.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use signaling::{
    Health, PlayerRecords, Rate, Reach, Readiness, RoomDirectory, RungsFor, SdpExchange, Signaling,
    TokenKey,
};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::ServeError;
use crate::clock::Clock;
use crate::config::{Config, ConfigError, LoginSettings};
use crate::fleet::Fleet;
use crate::login_keys;
use crate::rooms::{RoomLimits, Rooms, TOKEN_RENEWAL};
use crate::storage::{DataDirectory, Records, StorageError};

/// Joins and offers that are taken from one address, at once and then a second: a room of friends who come back together
/// behind one carrier, but no flood.
const MOST_REQUESTS: NonZeroU32 = NonZeroU32::new(120).unwrap();
const REQUESTS_A_SECOND: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// What there is before anybody can be admitted.
pub(super) struct Admission<'a> {
    pub(super) config: &'a Config,
    pub(super) clock: Clock,
    pub(super) tokens: TokenKey,
    pub(super) rooms: &'a Arc<Rooms>,
    pub(super) directory: Arc<dyn RoomDirectory>,
    pub(super) fleet: Option<Arc<Fleet>>,
    pub(super) records: Option<Arc<Records>>,
    pub(super) reach: &'a Arc<Reach>,
    pub(super) requests: &'a Arc<Rate>,
    pub(super) stop: &'a CancellationToken,
}

impl Admission<'_> {
    /// What the routes need. The keys of logins are kept fresh from now on.
    ///
    /// # Errors
    /// Settings of logins that make no sense.
    pub(super) fn signaling(
        self,
        sdp: Arc<dyn SdpExchange>,
        rungs: Arc<RungsFor>,
        tasks: &TaskTracker,
    ) -> Result<Signaling, ServeError> {
        let Self { config, rooms, .. } = self;
        let logins = config.login.as_ref().map(LoginSettings::judge);
        if let (Some(settings), Some(logins)) = (&config.login, &logins) {
            let source = settings.source().map_err(|reason| ConfigError::Value {
                key: "login.keys",
                reason,
            })?;
            let stop = self.stop.clone();
            tasks.spawn(login_keys::keep_fresh(Arc::clone(logins), source, stop));
        }
        Ok(Signaling {
            tokens: self.tokens,
            token_lifetime: token_lifetime(config).as_secs(),
            node: config.node.clone(),
            logins,
            tick_rate: config.tick_rate,
            snapshot_rate: config.snapshot_rate,
            directory: self.directory,
            records: self
                .records
                .clone()
                .map(|records| records as Arc<dyn PlayerRecords>),
            sdp,
            health: Arc::new(Node {
                clock: self.clock,
                rooms: Arc::clone(rooms),
                records: self.records,
                fleet: self.fleet,
                stop: self.stop.clone(),
            }),
            rungs,
            reach: Arc::clone(self.reach),
            requests: Arc::clone(self.requests),
        })
    }
}

/// How often an address may join, or offer.
pub(super) fn requests() -> Arc<Rate> {
    Arc::new(Rate::new(REQUESTS_A_SECOND, MOST_REQUESTS))
}

/// The key that signs tokens: the operator's, else one that is kept, else one of this process.
pub(super) fn token_key(
    config: &Config,
    directory: Option<&DataDirectory>,
) -> Result<TokenKey, StorageError> {
    Ok(match (&config.token_secret, directory) {
        (Some(secret), _) => TokenKey::new(secret.as_bytes()),
        (None, Some(directory)) => TokenKey::new(&directory.token_secret()?),
        (None, None) => TokenKey::random(),
    })
}

/// As long as a seat may wait for a player whose last two renewals were lost.
fn token_lifetime(config: &Config) -> Duration {
    Duration::from_secs(config.seat_timeout) + 2 * TOKEN_RENEWAL
}

/// The bounds of rooms with so many seats.
pub(super) fn room_limits(config: &Config, seats: usize) -> RoomLimits {
    RoomLimits {
        node: config.node.clone(),
        token_lifetime: token_lifetime(config),
        max_rooms: config.max_rooms,
        capacity: seats,
        places_of_address: config.max_players_per_address,
        rooms_of_address: config.max_rooms_per_address,
        tick_rate: config.tick_rate,
        snapshot_rate: config.snapshot_rate,
        seat_timeout: Duration::from_secs(config.seat_timeout),
        linger: Duration::from_secs(config.room_linger),
    }
}

struct Node {
    clock: Clock,
    rooms: Arc<Rooms>,
    fleet: Option<Arc<Fleet>>,
    records: Option<Arc<Records>>,
    stop: CancellationToken,
}

impl Health for Node {
    fn readiness(&self) -> Readiness {
        let is_starting = self.fleet.as_ref().is_some_and(|fleet| !fleet.has_begun());
        if is_starting || self.stop.is_cancelled() || self.rooms.is_draining() {
            Readiness::NotReady
        } else if self
            .records
            .as_ref()
            .is_some_and(|records| !records.is_reachable())
        {
            Readiness::WithoutDatabase
        } else {
            Readiness::Ready
        }
    }

    fn unix_seconds(&self) -> u64 {
        self.clock.unix_seconds()
    }
}
