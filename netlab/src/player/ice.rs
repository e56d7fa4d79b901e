//! Somebody who has joined and had an offer answered, and then makes ICE checks as it likes: good ones, as only who has
//! the credentials can. It never sets the connection up.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use rtc::crypto::RTCCryptoProvider;
use rtc::ice::attributes::control::AttrControlling;
use rtc::ice::attributes::priority::PriorityAttr;
use rtc::ice::attributes::use_candidate::UseCandidateAttr;
use rtc::stun::attributes::ATTR_USERNAME;
use rtc::stun::fingerprint::FINGERPRINT;
use rtc::stun::integrity::MessageIntegrity;
use rtc::stun::message::{BINDING_REQUEST, Message, TransactionId};
use rtc::stun::textattrs::Username;

use super::Admission;
use crate::http;

const UFRAG: &str = "abcd";

/// As browsers make it, less what the server doesn't need.
const OFFER: &str = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n\
    m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:abcd\r\n\
    a=ice-pwd:0123456789abcdef01234567\r\na=ice-options:trickle\r\na=fingerprint:sha-256 \
    00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n\
    a=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n";

/// A peer by its credentials.
pub struct IceClient {
    ufrag: String,
    password: String,
    crypto: Arc<dyn RTCCryptoProvider>,
}

impl IceClient {
    /// Joins a room of `server` and has an offer answered.
    ///
    /// # Errors
    /// When either is refused.
    pub fn join(server: SocketAddr, name: &str, room: &str) -> io::Result<Self> {
        let seat = Admission::ask(server, name, room).map_err(io::Error::other)?;
        Self::offer(&seat, 1)
    }

    /// Has an offer answered for a link of a seat.
    ///
    /// # Errors
    /// When it is refused.
    pub fn offer(seat: &Admission, link: u64) -> io::Result<Self> {
        let answer = post_offer(seat, link)?;
        let value = |name: &str| {
            let line = answer.body.lines().find_map(|line| line.strip_prefix(name));
            line.map(str::to_owned)
                .ok_or_else(|| io::Error::other(format!("{}: {}", answer.status, answer.body)))
        };
        Ok(Self {
            ufrag: value("a=ice-ufrag:")?,
            password: value("a=ice-pwd:")?,
            crypto: rtc::crypto::default_provider().map_err(io::Error::other)?,
        })
    }

    /// A good check that nominates, as a browser would send it.
    ///
    /// # Errors
    /// When it can't be built.
    pub fn check(&self) -> io::Result<Vec<u8>> {
        let mut message = Message::new();
        message
            .build(&[
                Box::new(BINDING_REQUEST),
                Box::new(TransactionId::new()),
                Box::new(Username::new(
                    ATTR_USERNAME,
                    format!("{}:{UFRAG}", self.ufrag),
                )),
                Box::<UseCandidateAttr>::default(),
                Box::new(AttrControlling(1)),
                Box::new(PriorityAttr(1)),
                Box::new(MessageIntegrity::new_short_term_integrity_with_provider(
                    self.password.clone(),
                    self.crypto.crypto(),
                )),
                Box::new(FINGERPRINT),
            ])
            .map_err(io::Error::other)?;
        Ok(message.raw)
    }
}

/// Sends an offer for a link of a seat, whatever becomes of it.
///
/// # Errors
/// When there is no answer.
pub fn post_offer(seat: &Admission, link: u64) -> io::Result<http::Answer> {
    let authorization = format!("authorization: Bearer {}", seat.token);
    let headers = ["content-type: application/sdp", &authorization];
    let target = format!("/v1/webrtc?link={link}");
    http::request(seat.server, "POST", &target, &headers, OFFER.as_bytes())
}
