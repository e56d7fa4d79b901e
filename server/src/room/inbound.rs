//! What comes into a room from its links: who says it, on which socket, in which lane.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use protocol::control::{LinkId, MAX_STRIPES};
use protocol::ids::SessionId;

use crate::game::Player;
use protocol::rung::Rung;

/// One socket of a link, as a room tells it from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketId {
    pub(super) link: LinkId,
    pub(super) stripe: u8,
    /// Given out once: a socket that was refused under the same link and stripe isn't this one.
    number: u64,
}

impl SocketId {
    /// A socket unlike all before it: the `stripe`-th of `link`.
    #[must_use]
    pub fn new(link: LinkId, stripe: u8) -> Self {
        static GIVEN_OUT: AtomicU64 = AtomicU64::new(0);
        Self {
            link,
            stripe,
            number: GIVEN_OUT.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Whether a link of this rung can have such a socket: only WebSockets come in bundles.
    pub(crate) fn suits(self, rung: Rung) -> bool {
        match rung {
            Rung::WebSocket => self.stripe < MAX_STRIPES,
            Rung::WebTransport | Rung::WebRtc => self.stripe == 0,
        }
    }
}

/// For whom a link attaches.
#[derive(Clone, Debug)]
pub struct SeatClaim {
    /// The session.
    pub session: SessionId,
    /// Who it is, for a seat that is new.
    pub player: Player,
    /// What the game is asked for, for a seat that is new; the default when there are none.
    pub options: Option<serde_json::Value>,
    /// The session whose seat it takes over with its first link.
    pub resumes: Option<SessionId>,
}

/// What came in on a link.
#[derive(Clone, Debug)]
pub struct Inbound {
    /// Whose link.
    pub session: SessionId,
    /// Which of its sockets.
    pub socket: SocketId,
    /// Which lane.
    pub lane: InboundLane,
    /// The datagram or frame, unjudged.
    pub bytes: Bytes,
    /// When it came in.
    pub at: Duration,
}

/// The lane of [`Inbound`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboundLane {
    /// A datagram.
    State,
    /// A frame.
    Control,
}
