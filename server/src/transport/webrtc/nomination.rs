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

use super::credentials::Credentials;
use super::stun;

/// What nominates a peer's pair.
#[derive(Debug, Default)]
pub(super) struct Nomination {
    early: Option<Bytes>,
    done_for: Option<SocketAddr>,
}

impl Nomination {
    /// Sees a packet of the peer's before the agent does.
    pub(super) fn received(&mut self, packet: &[u8]) {
        if stun::is_nomination(packet) {
            self.early = Some(Bytes::copy_from_slice(packet));
        }
    }

    /// The nomination to give to the agent after `packet`, if that says that our check of the pair
    /// with `from` succeeded. Once for each address.
    pub(super) fn due(
        &mut self,
        from: SocketAddr,
        packet: &[u8],
        credentials: &Credentials,
    ) -> Option<Bytes> {
        if !stun::is_success(packet) || self.done_for == Some(from) {
            return None;
        }
        self.done_for = Some(from);
        self.early.take().or_else(|| credentials.nomination())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::webrtc::credentials::tests::ends;

    #[test]
    fn a_pair_is_nominated_once_when_our_check_succeeds() {
        let (us, them) = ends();
        let from = "10.0.0.1:9".parse().unwrap();
        let nominates = us.nomination().unwrap();
        let success = them.grant(&us.check().unwrap(), from).unwrap();
        assert!(stun::is_nomination(&nominates) && us.vouch_for(&nominates));

        let mut early = Nomination::default();
        early.received(&nominates);
        assert_eq!(early.due(from, &nominates, &us), None);
        assert_eq!(early.due(from, &success, &us), Some(nominates));
        assert_eq!(early.due(from, &success, &us), None);

        let mut lost = Nomination::default();
        let made = lost.due(from, &success, &us).unwrap();
        assert!(stun::is_nomination(&made));
        assert_eq!(stun::local_ufrag(&made), Some("us"));
    }
}
