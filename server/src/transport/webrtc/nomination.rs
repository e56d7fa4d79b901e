//! Nominates a pair for the client, once our own check of it has succeeded.
//!
//! A client nominates by a check with USE-CANDIDATE. `rtc-ice` 0.21 neither answers nor remembers
//! one that comes before its own check of the pair has succeeded, though RFC 8445 §7.3.1.5 wants it
//! remembered, and Firefox nominates with its first check; and where the nomination is lost, the
//! client waits about a second before it nominates again. We offer one address only, so there is
//! nothing to choose: the agent is given a nomination as soon as a pair works, the client's own
//! where it came too early, else one in its name, under the password that both know.

use std::net::SocketAddr;

use bytes::Bytes;
use rtc::crypto::RTCCryptoProvider;
use rtc::ice::attributes::control::AttrControlling;
use rtc::ice::attributes::priority::PriorityAttr;
use rtc::ice::attributes::use_candidate::UseCandidateAttr;
use rtc::stun::attributes::ATTR_USERNAME;
use rtc::stun::fingerprint::FINGERPRINT;
use rtc::stun::integrity::MessageIntegrity;
use rtc::stun::message::{BINDING_REQUEST, Message, TransactionId};
use rtc::stun::textattrs::Username;

use super::stun;

/// Priority of a peer-reflexive candidate of the first component (RFC 8445 §5.1.2.1).
const PRIORITY: u32 = (110 << 24) | (65_535 << 8) | 255;

/// What nominates a peer's pair.
#[derive(Debug)]
pub(super) struct Nomination {
    /// `ours:theirs`, taken from the peer's checks.
    username: Option<String>,
    early: Option<Bytes>,
    password: String,
    done_for: Option<SocketAddr>,
}

impl Nomination {
    /// For a peer that checks under our `password`.
    pub(super) fn new(password: String) -> Self {
        Self {
            username: None,
            early: None,
            password,
            done_for: None,
        }
    }

    /// Sees a packet of the peer's before the agent does.
    pub(super) fn received(&mut self, packet: &[u8]) {
        if stun::is_nomination(packet) {
            self.early = Some(Bytes::copy_from_slice(packet));
        }
        if let Some(username) = stun::username(packet) {
            self.username = Some(username.to_owned());
        }
    }

    /// The nomination to give to the agent after `packet`, if that says that our check of the pair
    /// with `from` succeeded. Once for each address.
    pub(super) fn due(
        &mut self,
        from: SocketAddr,
        packet: &[u8],
        crypto: &dyn RTCCryptoProvider,
    ) -> Option<Bytes> {
        if !stun::is_success(packet) || self.done_for == Some(from) {
            return None;
        }
        self.done_for = Some(from);
        self.early.take().or_else(|| self.in_its_name(crypto))
    }

    fn in_its_name(&self, crypto: &dyn RTCCryptoProvider) -> Option<Bytes> {
        let mut message = Message::new();
        message
            .build(&[
                Box::new(BINDING_REQUEST),
                Box::new(TransactionId::new()),
                Box::new(Username::new(ATTR_USERNAME, self.username.clone()?)),
                Box::<UseCandidateAttr>::default(),
                Box::new(AttrControlling(0)),
                Box::new(PriorityAttr(PRIORITY)),
                Box::new(MessageIntegrity::new_short_term_integrity_with_provider(
                    self.password.clone(),
                    crypto.crypto(),
                )),
                Box::new(FINGERPRINT),
            ])
            .ok()?;
        Some(Bytes::from(message.raw))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(kind: u16, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut packet = kind.to_be_bytes().to_vec();
        packet.extend([0, 0, 0x21, 0x12, 0xa4, 0x42]);
        packet.extend([7; 12]);
        for (attribute, value) in attributes {
            packet.extend(attribute.to_be_bytes());
            packet.extend((value.len() as u16).to_be_bytes());
            packet.extend(*value);
        }
        packet
    }

    #[test]
    fn a_pair_is_nominated_once_when_our_check_succeeds() {
        let crypto = rtc::crypto::default_provider().unwrap();
        let from = "10.0.0.1:9".parse().unwrap();
        let success = packet(0x0101, &[]);

        let mut early = Nomination::new("password".into());
        let request = packet(0x0001, &[(0x0006, b"us:thems"), (0x0025, b"")]);
        early.received(&request);
        assert_eq!(early.due(from, &request, &*crypto), None);
        assert_eq!(
            early.due(from, &success, &*crypto).as_deref(),
            Some(&request[..])
        );
        assert_eq!(early.due(from, &success, &*crypto), None);

        let mut lost = Nomination::new("password".into());
        assert_eq!(
            lost.due("10.0.0.2:9".parse().unwrap(), &success, &*crypto),
            None
        );
        lost.received(&packet(0x0001, &[(0x0006, b"us:thems")]));
        let made = lost.due(from, &success, &*crypto).unwrap();
        assert!(stun::is_nomination(&made));
        assert_eq!(stun::username(&made), Some("us:thems"));
    }
}
