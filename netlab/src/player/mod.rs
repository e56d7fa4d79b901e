//! Peers without a browser: an observer that plays by the rules (it is a [`client::native::Player`]), and links with
//! every byte in a test's hands, for what no player would send.

mod admission;
mod circles;
pub mod forger;
mod ice;
mod initials;
mod observer;
mod quic;
mod socket;

use std::io;
use std::time::Duration;

pub use admission::Admission;
pub use circles::CirclesCodec;
pub use forger::Forger;
pub use ice::{IceClient, post_offer};
pub use initials::Initials;
pub use observer::{Observer, ObserverHost, Seen, SeenSnapshot};
use protocol::codec::{decode, encode};
use protocol::control::{Attach, ClientFrame, ClientMessage, CloseReason, LinkId, ServerFrame};
pub use quic::{QuicLink, RawQuic};
pub use socket::SocketLink;

/// What came in on a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Received {
    /// A State datagram.
    State(Vec<u8>),
    /// A Control frame.
    Control(Vec<u8>),
    /// The link is gone; nothing follows.
    Gone,
}

impl Received {
    /// The reason, if this is a goodbye.
    pub fn goodbye(&self) -> Option<CloseReason> {
        match self {
            Self::Control(bytes) => match decode(bytes, protocol::MAX_CONTROL_FRAME) {
                Ok(ServerFrame::Close(reason)) => Some(reason),
                _ => None,
            },
            _ => None,
        }
    }
}

/// One live link, with every byte in the test's hands.
pub trait PlayerLink: Send {
    /// Sends a State datagram, whatever it is.
    ///
    /// # Errors
    /// When the link can't take it.
    fn send_state(&mut self, datagram: &[u8]) -> io::Result<()>;

    /// Sends a Control frame, whatever it is.
    ///
    /// # Errors
    /// When the link can't take it.
    fn send_control(&mut self, frame: &[u8]) -> io::Result<()>;

    /// What comes in next, up to `limit`; `None` when nothing has.
    fn receive(&mut self, limit: Duration) -> Option<Received>;

    /// Sends a well-formed frame.
    ///
    /// # Errors
    /// When the link can't take it.
    fn send_frame(&mut self, frame: &ClientFrame<'_>) -> io::Result<()> {
        self.send_control(&encode(frame))
    }

    /// Shows a token, as the first frame of a link must.
    ///
    /// # Errors
    /// When the link can't take it, or the token is longer than any can be.
    fn attach(&mut self, token: &str, link: u64, stripe: u8) -> io::Result<()> {
        let token = protocol::bounded::BoundedString::new(token)
            .ok_or_else(|| io::Error::other("no token is that long"))?;
        self.send_frame(&ClientFrame::Attach(Attach {
            token,
            link: LinkId(link),
            stripe,
        }))
    }

    /// Gives the seat up.
    ///
    /// # Errors
    /// When the link can't take it.
    fn leave(&mut self, sequence: u32) -> io::Result<()> {
        self.send_frame(&ClientFrame::Message {
            sequence,
            message: ClientMessage::Leave,
        })
    }

    /// Reads on until something is as wanted; `None` when nothing has been, up to `limit`, or the link has gone.
    fn wait_for<T>(
        &mut self,
        limit: Duration,
        mut wanted: impl FnMut(&Received) -> Option<T>,
    ) -> Option<T>
    where
        Self: Sized,
    {
        let clock = crate::clock::Stopwatch::start();
        while let Some(left) = clock.remaining(limit) {
            let received = self.receive(left)?;
            if let Some(found) = wanted(&received) {
                return Some(found);
            }
            if received == Received::Gone {
                return None;
            }
        }
        None
    }

    /// Reads on until the server says goodbye, and gives its reason.
    fn wait_for_goodbye(&mut self, limit: Duration) -> Option<CloseReason>
    where
        Self: Sized,
    {
        self.wait_for(limit, Received::goodbye)
    }

    /// Reads on until the first State datagram.
    fn wait_for_state(&mut self, limit: Duration) -> Option<Vec<u8>>
    where
        Self: Sized,
    {
        self.wait_for(limit, |received| match received {
            Received::State(datagram) => Some(datagram.clone()),
            _ => None,
        })
    }
}
