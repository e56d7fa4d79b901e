//! Ways for the fuzz targets to what WebRTC reads of a peer: the offer, the packets' routes, and the stack behind them.
//! Not an interface.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use bytes::Bytes;

use super::guard::sctp::SctpFilter;
use super::peer::{Peer, PeerFactory};
use super::receive::CHECK_LENGTH;
use super::routes::{Route, Routes};
use super::strays::{LastRecord, Strays};
use super::stun::Transaction;
use super::{WebRtcError, offer};

/// The offer as the stack gets it, if it is one.
#[must_use]
pub fn accept_offer(offer: &str) -> Option<String> {
    offer::accept(offer).ok()
}

/// Takes offers.
pub struct Offers(PeerFactory);

impl Offers {
    /// For peers that reach us by `address`.
    ///
    /// # Errors
    /// When no identity can be made.
    pub fn new(address: IpAddr, port: u16) -> Result<Self, WebRtcError> {
        PeerFactory::new(&[address], port).map(Self)
    }

    /// The peer of an offer that was accepted, if the stack takes it.
    #[must_use]
    pub fn take(&self, now: Instant, offer: &str) -> Option<OfferingPeer> {
        self.0.make(now, offer).ok().map(OfferingPeer)
    }
}

/// A peer whose offer was taken.
pub struct OfferingPeer(Peer);

impl OfferingPeer {
    /// The answer to its offer.
    #[must_use]
    pub fn answer(&self) -> &str {
        &self.0.answer
    }

    /// The check that it would make, under its password.
    #[must_use]
    pub fn check(&self) -> Option<Bytes> {
        self.0.credentials.nomination()
    }

    /// How it would grant a check of ours.
    #[must_use]
    pub fn grant(&self, check: &[u8], from: SocketAddr) -> Option<Bytes> {
        let mut theirs = self.0.credentials.clone();
        std::mem::swap(&mut theirs.ours, &mut theirs.theirs);
        theirs.grant(check, from)
    }

    /// Takes a packet; gives those that are to go out, and how many messages came.
    pub fn receive(
        &mut self,
        now: Instant,
        from: SocketAddr,
        packet: &[u8],
    ) -> (Vec<Bytes>, usize) {
        self.0.receive(now, from, packet);
        self.0.wake(now);
        let mut packets = Vec::new();
        let messages = self.0.drain(now, &mut packets);
        (packets, messages.len())
    }
}

/// Which SCTP packets of a peer's the stack gets.
#[derive(Default)]
pub struct SctpGuard(SctpFilter);

impl SctpGuard {
    /// Whether the stack gets a packet of the peer's.
    pub fn admits(&mut self, packet: &[u8]) -> bool {
        self.0.admit(packet).is_ok()
    }

    /// The stack sends this.
    pub fn note_sent(&mut self, packet: &[u8]) {
        self.0.note_sent(packet);
    }
}

/// Whom packets are for, without the peers.
pub struct Demultiplexer {
    routes: Routes,
    strays: Strays,
}

/// What a packet came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Routed {
    /// It is for this peer.
    Peer(u64),
    /// It has this number, and some peer may have moved to where it came from.
    Stray(u64),
    /// It is nobody's.
    Nobody,
}

impl Demultiplexer {
    /// Without peers.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self {
            routes: Routes::default(),
            strays: Strays::new(now),
        }
    }

    /// A peer that calls itself so towards us.
    pub fn add_peer(&mut self, ufrag: &str, key: u64) {
        self.routes.add_peer(ufrag, key);
    }

    /// A peer is gone.
    pub fn forget_peer(&mut self, ufrag: &str) {
        self.routes.forget_peer(ufrag);
    }

    /// A peer has proved to be at an address.
    pub fn prove(&mut self, address: SocketAddr, key: u64) {
        let _ = self.routes.prove(address, &[], key);
    }

    /// Whom a packet is for.
    #[must_use]
    pub fn route(&self, from: SocketAddr, packet: &[u8]) -> Routed {
        match self.routes.find(from, packet) {
            Route::Check(key) | Route::Answer(key) | Route::Proven(key) => Routed::Peer(key),
            Route::Stray(number) => Routed::Stray(number),
            Route::Nobody => Routed::Nobody,
        }
    }

    /// Looks for the peer of a stray packet, as the hub does: of those that were last heard then, with that number. Gives
    /// whom it asks, by `check`.
    pub fn look_for(
        &mut self,
        now: Instant,
        from: SocketAddr,
        (number, length): (u64, usize),
        peers: &[(u64, u64, Instant)],
        check: Transaction,
    ) -> Option<u64> {
        if let Some(forgotten) = self.strays.hear(now, from, length) {
            self.routes.forget_stray(&forgotten);
        }
        let peers = peers.iter().map(|&(key, number, heard_at)| {
            let last = LastRecord { number, heard_at };
            (key, last)
        });
        let key = self
            .strays
            .whom_to_ask(now, from, number, CHECK_LENGTH, peers)?;
        self.strays.ask(from, key, check, CHECK_LENGTH);
        self.routes.add_check(check, key);
        Some(key)
    }

    /// The answer to a check came from an address; says whether that proves the peer to be there.
    pub fn answer(&mut self, from: SocketAddr, key: u64, answered: Transaction) -> bool {
        let Some(stray) = self.strays.answer(from, key, answered) else {
            return false;
        };
        let checks: Vec<Transaction> = stray.asked.iter().map(|(_, check)| *check).collect();
        let _ = self.routes.prove(from, &checks, key);
        true
    }
}
