//! The WebRTC rung: one UDP socket for all peers, and no media. The protocol itself is `rtc`, the
//! sans-IO core of the `webrtc` crate; this module moves its bytes and its time.
//!
//! ICE-lite: we offer our address and wait to be called. Of two negotiated data channels, `state`
//! (id 0) is unordered and never retransmits, `control` (id 1) is reliable.

mod credentials;
mod entry;
mod flights;
pub mod fuzzing;
mod guard;
mod hub;
mod nomination;
mod offer;
mod pace;
mod paths;
mod peer;
mod rate_limit;
mod receive;
mod routes;
mod strays;
mod stun;

use std::io;
use std::net::{IpAddr, UdpSocket};
use std::panic::{AssertUnwindSafe, catch_unwind};

use async_trait::async_trait;
use signaling::{Offer, SdpError, SdpExchange};
use thiserror::Error;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio_util::task::TaskTracker;

use super::attach::Gate;
use super::udp_socket::PacketSocket;
use crate::clock::Clock;
use hub::{Hub, NewPeer};
use peer::PeerFactory;

/// Offers that may wait for the hub.
const OFFER_QUEUE: usize = 64;

/// Why WebRTC can't be served.
#[derive(Debug, Error)]
pub enum WebRtcError {
    /// The socket can't be used.
    #[error("WebRTC socket: {0}")]
    Socket(#[from] io::Error),
    /// No DTLS identity could be made.
    #[error("DTLS identity: {0}")]
    Identity(String),
}

/// Serves peers on `socket`, which they reach by `addresses`, until the gate closes.
///
/// # Errors
/// [`WebRtcError`], before anything is served.
pub(crate) fn serve(
    socket: UdpSocket,
    addresses: &[IpAddr],
    public_port: Option<u16>,
    gate: Gate,
    clock: Clock,
    (tasks, core): (&TaskTracker, &Handle),
) -> Result<WebRtc, WebRtcError> {
    let port = public_port.unwrap_or(socket.local_addr()?.port());
    let factory = PeerFactory::new(addresses, port)?;
    let (offers, queue) = mpsc::channel(OFFER_QUEUE);
    let socket = {
        let _entered = core.enter();
        PacketSocket::new(socket)?
    };
    let (hub, ready) = Hub::new(socket, gate, clock);
    tasks.spawn_on(hub.run(queue, ready), core);
    Ok(WebRtc {
        factory,
        offers,
        clock,
    })
}

/// Answers offers and hands the new peers to the hub.
pub(crate) struct WebRtc {
    factory: PeerFactory,
    offers: mpsc::Sender<NewPeer>,
    clock: Clock,
}

#[async_trait]
impl SdpExchange for WebRtc {
    async fn answer(&self, offer: Offer) -> Result<String, SdpError> {
        let Offer {
            claims,
            link,
            budget,
            sdp,
        } = offer;
        let offer = offer::accept(&sdp)?;
        // The SDP and DTLS parsers are not ours; a fault in them refuses this one offer.
        let made = catch_unwind(AssertUnwindSafe(|| {
            self.factory.make(self.clock.instant(), &offer)
        }));
        let peer = made
            .unwrap_or_else(|_| Err("the offer can't be handled".to_owned()))
            .map_err(SdpError::NotADataChannelOffer)?;
        let (accepted, answer) = oneshot::channel();
        self.offers
            .try_send(NewPeer {
                peer,
                claims,
                link,
                budget,
                accepted,
            })
            .map_err(|_| SdpError::Busy)?;
        answer.await.map_err(|_| SdpError::Busy)
    }
}
