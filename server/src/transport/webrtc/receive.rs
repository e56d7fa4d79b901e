//! What a packet that came in leads to: a check or an answer of ICE, a record of a peer who is proven to
//! be there, or one of a peer who may have moved.

use std::net::SocketAddr;
use std::time::Instant;

use super::credentials::Credentials;
use super::entry::Entry;
use super::hub::Hub;
use super::routes::{PeerKey, Route};
use super::strays::LastRecord;
use super::stun::{self, Transaction};
use crate::counters;

/// Bytes of a check of ours to a browser.
pub(super) const CHECK_LENGTH: usize = 96;

impl Hub {
    pub(super) fn receive(&mut self, from: SocketAddr, packet: &[u8]) {
        match self.routes.find(from, packet) {
            Route::Check(key) => self.hear(key, packet, |hub, entry, now| {
                hub.on_check(key, entry, now, from, packet);
            }),
            Route::Answer(key) => self.hear(key, packet, |hub, entry, now| {
                hub.on_answer(key, entry, now, from, packet);
            }),
            Route::Proven(key) => self.hear(key, packet, |hub, entry, now| {
                hub.on_packet(entry, now, from, packet);
            }),
            Route::Stray(number) => self.on_stray(from, packet, number),
            Route::Nobody => counters::refused("udp-packet", "no-peer"),
        }
    }

    /// As [`Self::with_peer`], if the peer hasn't sent too much.
    fn hear(
        &mut self,
        key: PeerKey,
        packet: &[u8],
        act: impl FnOnce(&mut Self, &mut Entry, Instant),
    ) {
        let now = self.clock.instant();
        let entry = self.peers.get_mut(&key);
        if entry.is_some_and(|entry| entry.takes(now, packet)) {
            self.with_peer(key, act);
        }
    }

    fn on_check(
        &mut self,
        key: PeerKey,
        entry: &mut Entry,
        now: Instant,
        from: SocketAddr,
        packet: &[u8],
    ) {
        if !entry.peer.credentials.vouch_for(packet) {
            counters::refused("udp-packet", "bad-integrity");
            return;
        }
        self.note_path(key, entry, now, from, packet.len());
        if stun::is_nomination(packet) {
            entry.paths.nominate(now, from);
        }
        entry.paths.choose();
        if entry.paths.is_proven(from) {
            entry.heard = now;
        }
        if entry.paths.current() == Some(from) {
            hand_in(entry, now, packet);
        } else {
            self.ask(key, entry, now, from);
            if let Some(grant) = entry.peer.credentials.grant(packet, from) {
                self.send_to(key, entry, now, from, &grant);
            }
        }
    }

    fn on_answer(
        &mut self,
        key: PeerKey,
        entry: &mut Entry,
        now: Instant,
        from: SocketAddr,
        packet: &[u8],
    ) {
        let is_good = entry.peer.credentials.vouch_for(packet);
        let answered = stun::transaction(packet).filter(|_| is_good);
        let Some(checks) = answered.and_then(|check| self.proof(key, entry, now, from, check))
        else {
            counters::refused("udp-packet", "bad-integrity");
            return;
        };
        if let Some(before) = self.routes.prove(from, &checks, key)
            && let Some(other) = self.peers.get_mut(&before)
        {
            other.paths.lose(from);
        }
        entry.heard = now;
        entry.paths.choose();
        // The agent waits for the answers to its own checks.
        hand_in(entry, now, packet);
    }

    /// Whether an answer proves its peer to be at an address: then the checks that went there.
    fn proof(
        &mut self,
        key: PeerKey,
        entry: &mut Entry,
        now: Instant,
        from: SocketAddr,
        answered: Transaction,
    ) -> Option<Vec<Transaction>> {
        if let Some(checks) = entry.paths.answer(now, from, answered) {
            return Some(checks);
        }
        let stray = self.strays.answer(from, key, answered)?;
        if let Some(forgotten) = entry.paths.prove(now, from) {
            self.routes.forget_path(&forgotten, key);
        }
        Some(stray.asked.iter().map(|(_, check)| *check).collect())
    }

    fn on_packet(&mut self, entry: &mut Entry, now: Instant, from: SocketAddr, packet: &[u8]) {
        entry.paths.hear(now, from, packet.len());
        entry.paths.choose();
        // Who forges its address can't keep a peer alive.
        if hand_in(entry, now, packet) {
            entry.heard = now;
        }
    }

    /// Looks whether a peer has moved to where a record came from.
    fn on_stray(&mut self, from: SocketAddr, packet: &[u8], number: u64) {
        counters::refused("udp-packet", "stray");
        let now = self.clock.instant();
        if let Some(forgotten) = self.strays.hear(now, from, packet.len()) {
            self.routes.forget_stray(&forgotten);
        }
        let last = |entry: &Entry| {
            let number = entry.peer.newest_record()?;
            let heard_at = entry.heard;
            Some(LastRecord { number, heard_at })
        };
        let peers = self.peers.iter();
        let peers = peers.filter_map(|(key, entry)| Some((*key, last(entry)?)));
        let Some(key) = self
            .strays
            .whom_to_ask(now, from, number, CHECK_LENGTH, peers)
        else {
            return;
        };
        let check = self.peers.get(&key).map(|entry| &entry.peer.credentials);
        let Some(check) = check.and_then(Credentials::check) else {
            return;
        };
        if let Some(transaction) = stun::transaction(&check) {
            self.strays.ask(from, key, transaction, check.len());
            self.routes.add_check(transaction, key);
            self.send(from, &check);
        }
    }

    fn note_path(
        &mut self,
        key: PeerKey,
        entry: &mut Entry,
        now: Instant,
        from: SocketAddr,
        length: usize,
    ) {
        if let Some(forgotten) = entry.paths.hear(now, from, length) {
            self.routes.forget_path(&forgotten, key);
        }
    }

    /// Checks whether the peer is at an address that isn't proven.
    fn ask(&mut self, key: PeerKey, entry: &mut Entry, now: Instant, at: SocketAddr) {
        if !entry.paths.is_proven(at)
            && let Some(check) = entry.peer.credentials.check()
        {
            self.send_to(key, entry, now, at, &check);
        }
    }
}

/// Gives a packet to the stack, as from the one address that it knows; says whether it is certainly the peer's.
fn hand_in(entry: &mut Entry, now: Instant, packet: &[u8]) -> bool {
    let told = entry.paths.told();
    told.is_some_and(|told| entry.peer.receive(now, told, packet))
}
