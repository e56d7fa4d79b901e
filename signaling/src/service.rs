//! What the routes need of the server around them.

use std::sync::Arc;

use async_trait::async_trait;
use protocol::control::LinkId;
use thiserror::Error;

use crate::budget::{AddressPrefix, Rate};
use crate::directory::RoomDirectory;
use crate::login::Logins;
use crate::reach::{Authority, Reach};
use crate::records::PlayerRecords;
use crate::rungs::RungOffer;
use crate::token::{Claims, TokenKey};

/// An SDP offer of a client that was admitted.
#[derive(Clone, Debug)]
pub struct Offer {
    /// What its token says.
    pub claims: Claims,
    /// The link's number.
    pub link: LinkId,
    /// Whose budget it draws on, if there is one.
    pub budget: Option<AddressPrefix>,
    /// The offer itself.
    pub sdp: String,
}

/// Turns an SDP offer into an answer.
#[async_trait]
pub trait SdpExchange: Send + Sync {
    /// Answers at once, without waiting for candidates.
    ///
    /// # Errors
    /// [`SdpError`].
    async fn answer(&self, offer: Offer) -> Result<String, SdpError>;
}

/// Why there is no SDP answer.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SdpError {
    /// Not SDP, or not an offer of exactly one data-channel section.
    #[error("the offer is not a data-channel offer: {0}")]
    NotADataChannelOffer(String),
    /// Too many connections are being set up.
    #[error("too many connections are being set up; try again in a moment")]
    Busy,
    /// WebRTC isn't served here.
    #[error("this server does not offer WebRTC")]
    NotOffered,
}

/// Whether the server can take players.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It can.
    Ready,
    /// It can, though what it keeps of players can't be reached.
    WithoutDatabase,
    /// It is starting or shutting down.
    NotReady,
}

/// What the health routes ask.
pub trait Health: Send + Sync {
    /// Whether new players may come.
    fn readiness(&self) -> Readiness;
    /// Seconds since 1970.
    fn unix_seconds(&self) -> u64;
}

/// Makes the rungs for a client that reached us by an authority, best first.
pub type RungsFor = dyn Fn(&Authority) -> Vec<RungOffer> + Send + Sync;

/// What the router needs of the server around it.
#[derive(Clone)]
pub struct Signaling {
    /// Signs and judges tokens.
    pub tokens: TokenKey,
    /// How long a token lasts, in seconds.
    pub token_lifetime: u64,
    /// This node's name in tokens.
    pub node: String,
    /// Ticks a second.
    pub tick_rate: u16,
    /// Snapshots a second.
    pub snapshot_rate: u16,
    /// Who judges logins, where they are taken.
    pub logins: Option<Arc<Logins>>,
    /// What is kept of players; nothing on a server that keeps nothing.
    pub records: Option<Arc<dyn PlayerRecords>>,
    /// Where rooms are.
    pub directory: Arc<dyn RoomDirectory>,
    /// Who answers offers.
    pub sdp: Arc<dyn SdpExchange>,
    /// Whether we can take players, and the time.
    pub health: Arc<dyn Health>,
    /// What is offered to whom.
    pub rungs: Arc<RungsFor>,
    /// What the operator says of the way here.
    pub reach: Arc<Reach>,
    /// How often an address may join, or offer.
    pub requests: Arc<Rate>,
}
