//! The ICE credentials of one peer and us, and the STUN messages that they make and judge
//! (RFC 8445 §7, short-term credentials of RFC 8489 §9.1).

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use rtc::crypto::RTCCryptoProvider;
use rtc::ice::attributes::control::{AttrControlled, AttrControlling};
use rtc::ice::attributes::priority::PriorityAttr;
use rtc::ice::attributes::use_candidate::UseCandidateAttr;
use rtc::stun::attributes::ATTR_USERNAME;
use rtc::stun::fingerprint::FINGERPRINT;
use rtc::stun::integrity::MessageIntegrity;
use rtc::stun::message::{BINDING_REQUEST, BINDING_SUCCESS, Message, Setter, TransactionId};
use rtc::stun::textattrs::Username;
use rtc::stun::xoraddr::XorMappedAddress;

use super::stun;

/// Priority of a peer-reflexive candidate of the first component (RFC 8445 §5.1.2.1).
const PRIORITY: u32 = (110 << 24) | (65_535 << 8) | 255;

/// One side's user name and password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) ufrag: String,
    pub(super) password: String,
}

/// Both sides'.
#[derive(Clone)]
pub(super) struct Credentials {
    pub(super) ours: Login,
    pub(super) theirs: Login,
    pub(super) crypto: Arc<dyn RTCCryptoProvider>,
}

impl Credentials {
    /// Whether the peer has made this check, or granted one of ours: its MESSAGE-INTEGRITY says so.
    pub(super) fn vouch_for(&self, packet: &[u8]) -> bool {
        let key = if stun::is_request(packet) {
            &self.ours.password
        } else if stun::is_success(packet) {
            &self.theirs.password
        } else {
            return false;
        };
        let mut message = Message::new();
        message.raw = packet.to_vec();
        message.decode().is_ok()
            && MessageIntegrity::check(&mut message, key.as_bytes(), self.crypto.crypto()).is_ok()
    }

    /// A check of ours, to see whether the peer is where a packet came from.
    pub(super) fn check(&self) -> Option<Bytes> {
        let username = format!("{}:{}", self.theirs.ufrag, self.ours.ufrag);
        self.request(username, &self.theirs, &[&AttrControlled(0)])
    }

    /// A nomination as the peer would make it.
    pub(super) fn nomination(&self) -> Option<Bytes> {
        let username = format!("{}:{}", self.ours.ufrag, self.theirs.ufrag);
        let nominates: [&dyn Setter; 2] = [&UseCandidateAttr, &AttrControlling(0)];
        self.request(username, &self.ours, &nominates)
    }

    /// Grants a check that came from `from`.
    pub(super) fn grant(&self, check: &[u8], from: SocketAddr) -> Option<Bytes> {
        let mut asked = Message::new();
        asked.raw = check.to_vec();
        asked.decode().ok()?;
        let mapped = XorMappedAddress {
            ip: from.ip(),
            port: from.port(),
        };
        let mut message = Message::new();
        message
            .build(&[
                Box::new(asked),
                Box::new(BINDING_SUCCESS),
                Box::new(mapped),
                Box::new(self.integrity(&self.ours)),
                Box::new(FINGERPRINT),
            ])
            .ok()?;
        Some(Bytes::from(message.raw))
    }

    fn request(&self, username: String, login: &Login, role: &[&dyn Setter]) -> Option<Bytes> {
        let mut message = Message::new();
        message
            .build(&[
                Box::new(BINDING_REQUEST),
                Box::new(TransactionId::new()),
                Box::new(Username::new(ATTR_USERNAME, username)),
            ])
            .ok()?;
        for attribute in role {
            attribute.add_to(&mut message).ok()?;
        }
        PriorityAttr(PRIORITY).add_to(&mut message).ok()?;
        self.integrity(login).add_to(&mut message).ok()?;
        FINGERPRINT.add_to(&mut message).ok()?;
        Some(Bytes::from(message.raw))
    }

    fn integrity(&self, login: &Login) -> MessageIntegrity<'_> {
        MessageIntegrity::new_short_term_integrity_with_provider(
            login.password.clone(),
            self.crypto.crypto(),
        )
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(crate) fn login(name: &str) -> Login {
        Login {
            ufrag: name.to_owned(),
            password: format!("password of {name}, long enough"),
        }
    }

    /// Credentials of both ends, ours first.
    pub(crate) fn ends() -> (Credentials, Credentials) {
        let crypto = rtc::crypto::default_provider().unwrap();
        let end = |ours, theirs| Credentials {
            ours: login(ours),
            theirs: login(theirs),
            crypto: Arc::clone(&crypto),
        };
        (end("us", "them"), end("them", "us"))
    }

    #[test]
    fn only_who_knows_the_password_makes_or_grants_a_check() {
        let (us, them) = ends();
        let check = them.check().unwrap();
        assert_eq!(stun::local_ufrag(&check), Some("us"));
        assert!(us.vouch_for(&check));
        let grant = us.grant(&check, "10.0.0.1:9".parse().unwrap()).unwrap();
        assert!(them.vouch_for(&grant));
        assert_eq!(stun::transaction(&grant), stun::transaction(&check));
        assert!(grant.len() <= check.len());

        let stranger = Credentials {
            ours: login("them"),
            theirs: Login {
                password: "guessed".to_owned(),
                ..login("us")
            },
            ..them.clone()
        };
        assert!(!us.vouch_for(&stranger.check().unwrap()));
        for cut in 0..check.len() {
            assert!(!us.vouch_for(&check[..cut]), "{cut}");
        }
        assert!(!us.vouch_for(&[22; 60]));
    }
}
