//! A link as rooms see it: what kind it is, the messages it carries, and the half that sends. Rooms
//! and transports both stand on this; how bytes reach a peer is the transports' matter.

use bytes::Bytes;
use protocol::codec::encode;
use protocol::control::{CloseReason, ServerFrame};
use protocol::reliable::Outbox;
use protocol::rung::Rung;
use protocol::send_queue::QueueFull;

/// Control frames that may wait on one connection: all messages that a session keeps, and some that
/// it doesn't.
pub const CONTROL_CAPACITY: usize = Outbox::MAX_MESSAGES + 64;

/// A message that waits, with its lane in the first byte, which the WebSocket sends along and other rungs leave off.
#[derive(Clone, Debug)]
pub struct Tagged(Bytes);

impl Tagged {
    /// First byte of a State datagram.
    pub const STATE: u8 = 0;
    /// First byte of a Control frame.
    pub const CONTROL: u8 = 1;

    /// Takes bytes whose first is the lane.
    #[must_use]
    pub fn new(tagged: impl Into<Bytes>) -> Self {
        Self(tagged.into())
    }

    /// A State datagram.
    #[must_use]
    pub fn state(datagram: &[u8]) -> Self {
        Self::new([&[Self::STATE], datagram].concat())
    }

    /// A Control frame.
    #[must_use]
    pub fn control(frame: &[u8]) -> Self {
        Self::new([&[Self::CONTROL], frame].concat())
    }

    /// The last Control frame of a link.
    #[must_use]
    pub fn goodbye(reason: CloseReason) -> Self {
        Self::control(&encode(&ServerFrame::Close(reason)))
    }

    /// Lane and message.
    #[must_use]
    pub fn with_lane(&self) -> Bytes {
        self.0.clone()
    }

    /// The message alone.
    #[must_use]
    pub fn message(&self) -> Bytes {
        self.0.slice(1.min(self.0.len())..)
    }
}

/// The sending half of one transport connection, as a room holds it. No call blocks.
pub trait LinkSender: Send + Sync {
    /// What kind of link it is.
    fn rung(&self) -> Rung;

    /// Whether an earlier State datagram still waits, so that a further one would replace it.
    fn is_backlogged(&self) -> bool;

    /// Sends a State datagram. When the peer is slow the newest replaces what waits.
    fn send_state(&self, datagram: &[u8]);

    /// Queues a Control frame.
    ///
    /// # Errors
    /// [`QueueFull`], when [`CONTROL_CAPACITY`] frames wait already.
    fn send_control(&self, frame: Tagged) -> Result<(), QueueFull>;

    /// Ends the link, after what is queued, telling the peer why.
    fn close(&self, reason: CloseReason);
}
