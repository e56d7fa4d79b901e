//! What an attacker, or a broken client, does to the datagrams that it sends: they are tampered with as they reach the
//! server. What comes of it is for others to judge.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use game::wire::GameInput;
use protocol::codec::{encode, encode_into};
use protocol::datagram::{DatagramHeader, split};
use protocol::input::{InputBatch, decode_batch};
use protocol::sequence::Sequence;

use super::random_source::RandomSource;

/// Datagrams kept to be sent again: some seconds of them.
const KEPT: usize = 200;

/// Something done to each datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InjectedFault {
    /// It acknowledges a snapshot that has not been sent.
    AcksUnsent,
    /// It acknowledges snapshots that are on their way, or lost.
    AcksAhead,
    /// Older ones come again with it, in any order.
    Replays,
    /// It comes forty times.
    Flood,
    /// Its inputs are for ticks that are far ahead.
    FarInputs,
    /// Its inputs are for ticks that are over.
    OldInputs,
    /// It announces 255 inputs.
    ManyInputs,
    /// Some of its bits are flipped, or it is cut off, or goes on.
    Mangled,
    /// Bytes at random stand in its place.
    Noise,
}

impl InjectedFault {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::AcksUnsent,
        Self::AcksAhead,
        Self::Replays,
        Self::Flood,
        Self::FarInputs,
        Self::OldInputs,
        Self::ManyInputs,
        Self::Mangled,
        Self::Noise,
    ];
}

/// What a player does, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultInjection {
    /// What.
    pub fault: InjectedFault,
    /// From when.
    pub from: Duration,
    /// Until when.
    pub until: Duration,
}

/// Injects one player's fault.
#[derive(Debug)]
pub(super) struct FaultInjector {
    fault: InjectedFault,
    span: Range<Duration>,
    random: RandomSource,
    kept: VecDeque<Bytes>,
}

impl FaultInjector {
    pub(super) fn new(fault_injection: FaultInjection, seed: u64) -> Self {
        Self {
            fault: fault_injection.fault,
            span: fault_injection.from..fault_injection.until,
            random: RandomSource::new(seed),
            kept: VecDeque::new(),
        }
    }

    /// What comes in the place of a datagram of the player's.
    pub(super) fn tamper(&mut self, now: Duration, datagram: Bytes) -> Vec<Bytes> {
        if self.fault == InjectedFault::Replays {
            if self.kept.len() == KEPT {
                self.kept.pop_front();
            }
            self.kept.push_back(datagram.clone());
        }
        if !self.span.contains(&now) {
            return vec![datagram];
        }
        match self.fault {
            InjectedFault::AcksUnsent => {
                let ahead = self.random.between(20.0, 30_000.0) as u16;
                vec![acking(&datagram, ahead, 0x5555_5555)]
            }
            InjectedFault::AcksAhead => {
                let ahead = self.random.below(4) as u16;
                vec![acking(&datagram, ahead, u32::MAX)]
            }
            InjectedFault::Replays => {
                let again = (0..3).map(|_| self.kept[self.random.below(self.kept.len())].clone());
                let mut come: Vec<Bytes> = again.collect();
                come.insert(self.random.below(4), datagram);
                come
            }
            InjectedFault::Flood => vec![datagram; 40],
            InjectedFault::FarInputs => {
                let ahead = [61.0, 600.0, 1e6, 4e9][self.random.below(4)] as u32;
                vec![for_tick(&datagram, |tick| tick.saturating_add(ahead))]
            }
            InjectedFault::OldInputs => vec![for_tick(&datagram, |tick| tick.saturating_sub(100))],
            InjectedFault::ManyInputs => vec![announcing_many(&datagram)],
            InjectedFault::Mangled => vec![self.mangled(&datagram)],
            InjectedFault::Noise => vec![self.noise()],
        }
    }

    /// Its number stays: one from the far future would make all that follow old.
    fn mangled(&mut self, datagram: &[u8]) -> Bytes {
        let mut bytes = datagram.to_vec();
        for _ in 0..=self.random.below(4) {
            let place = 2 + self.random.below(bytes.len().saturating_sub(2));
            match self.random.below(6) {
                0 => bytes.truncate(place),
                1 => bytes.push(self.random.below(256) as u8),
                _ => {
                    if let Some(byte) = bytes.get_mut(place) {
                        *byte ^= 1 << self.random.below(8);
                    }
                }
            }
        }
        bytes.into()
    }

    fn noise(&mut self) -> Bytes {
        let length = self.random.below(1_200);
        (0..length).map(|_| self.random.below(256) as u8).collect()
    }
}

/// The same with another acknowledgement.
fn acking(datagram: &Bytes, ahead: u16, bits: u32) -> Bytes {
    let Ok((mut header, body)) = split(datagram) else {
        return datagram.clone();
    };
    header.ack = Sequence(header.ack.0.wrapping_add(ahead));
    header.ack_bits.0 |= bits;
    header.ack_delay = header.ack_delay.min(DatagramHeader::LONGEST_DELAY);
    [encode(&header), body.to_vec()].concat().into()
}

/// The same with inputs for other ticks.
fn for_tick(datagram: &Bytes, other: impl Fn(u32) -> u32) -> Bytes {
    let Some((header, mut batch)) = parts(datagram) else {
        return datagram.clone();
    };
    batch.newest.0 = other(batch.newest.0);
    let mut bytes = encode(&header);
    encode_into(&batch, &mut bytes);
    bytes.into()
}

fn announcing_many(datagram: &Bytes) -> Bytes {
    let Some((header, batch)) = parts(datagram) else {
        return datagram.clone();
    };
    let mut bytes = encode(&header);
    encode_into(&batch.newest, &mut bytes);
    encode_into(&255u32, &mut bytes);
    bytes.extend([7; 2 * 255]);
    bytes.into()
}

fn parts(datagram: &[u8]) -> Option<(DatagramHeader, InputBatch<GameInput>)> {
    let (header, body) = split(datagram).ok()?;
    Some((header, decode_batch(body).ok()?))
}
