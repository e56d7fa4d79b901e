//! Acknowledgements of State datagrams: what the peer sent and we hold, what we sent and the peer
//! holds. After Glenn Fiedler's "Reliability and Congestion Avoidance over UDP".

use core::time::Duration;

use crate::sequence::Sequence;
use crate::tick::Tick;

/// How new a datagram is against those received before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Newer than all before it.
    Newest,
    /// Overtaken by a newer one, but not seen before.
    Late,
    /// Seen before, or too old to tell.
    Duplicate,
}

/// The datagrams that came in, as the newest number and a bit for each of the 32 before it.
#[derive(Clone, Debug, Default)]
pub struct ReceivedWindow {
    newest: Option<(Sequence, Duration)>,
    bits: u32,
}

impl ReceivedWindow {
    /// How `sequence` would be judged, without remembering it.
    #[must_use]
    pub fn judge(&self, sequence: Sequence) -> Freshness {
        let Some((newest, _)) = self.newest else {
            return Freshness::Newest;
        };
        match sequence.distance(newest) {
            1.. => Freshness::Newest,
            -32..=-1 if self.bits & bit(newest.distance(sequence)) == 0 => Freshness::Late,
            _ => Freshness::Duplicate,
        }
    }

    /// Remembers that `sequence` came in at `now`, and says how new it is.
    pub fn receive(&mut self, now: Duration, sequence: Sequence) -> Freshness {
        let freshness = self.judge(sequence);
        match (freshness, self.newest) {
            (Freshness::Newest, Some((newest, _))) => {
                let step = sequence.distance(newest);
                let shifted = u32::try_from(step)
                    .ok()
                    .and_then(|step| self.bits.checked_shl(step));
                self.bits = shifted.unwrap_or(0) | if step <= 32 { bit(step) } else { 0 };
                self.newest = Some((sequence, now));
            }
            (Freshness::Newest, None) => self.newest = Some((sequence, now)),
            (Freshness::Late, Some((newest, _))) => self.bits |= bit(newest.distance(sequence)),
            _ => {}
        }
        freshness
    }

    /// The newest number received and when, if any came.
    #[must_use]
    pub fn newest(&self) -> Option<(Sequence, Duration)> {
        self.newest
    }

    /// Bit *i* says that the number *i + 1* before the newest came in.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.bits
    }
}

/// What the sender remembers of one State datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentDatagram {
    /// Its number.
    pub sequence: Sequence,
    /// When it was handed to the links.
    pub sent_at: Duration,
    /// The tick it was about: the snapshot's, or the newest input's.
    pub tick: Tick,
    state: SentState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SentState {
    InFlight,
    Acked,
    Lost,
}

/// One acknowledgement that was news.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AckedDatagram {
    /// The datagram that the peer now is known to hold.
    pub datagram: SentDatagram,
    /// Whether it is the very one that the peer's header names, so that its delay is known.
    pub is_newest: bool,
}

/// The datagrams that went out, in a ring of [`SentWindow::CAPACITY`].
#[derive(Clone, Debug)]
pub struct SentWindow {
    ring: Vec<Option<SentDatagram>>,
    next: Sequence,
    /// The oldest number of which it has not been said yet that it was lost.
    undecided: Sequence,
    newest_acked: Option<SentDatagram>,
    /// The newest number that the peer has named, and those of the 63 before it that it has vouched for: bit *i* is the one
    /// *i* before it.
    vouched: (Sequence, u64),
}

impl Default for SentWindow {
    fn default() -> Self {
        Self {
            ring: vec![None; Self::CAPACITY],
            next: Sequence(0),
            undecided: Sequence(0),
            newest_acked: None,
            vouched: (Sequence(0), 0),
        }
    }
}

impl SentWindow {
    /// Datagrams remembered. An ack for an older one is ignored.
    pub const CAPACITY: usize = 128;

    /// A datagram more than this many numbers behind the newest acked counts as lost. An ack that
    /// still comes later is taken all the same.
    const REORDER_WINDOW: i32 = 8;

    /// Takes the next number for a datagram about `tick` that goes out at `now`.
    pub fn send(&mut self, now: Duration, tick: Tick) -> Sequence {
        let sequence = self.next;
        self.next = sequence.next();
        if usize::from(sequence.0.wrapping_sub(self.undecided.0)) >= Self::CAPACITY {
            self.undecided = self.undecided.next();
        }
        *self.slot(sequence) = Some(SentDatagram {
            sequence,
            sent_at: now,
            tick,
            state: SentState::InFlight,
        });
        sequence
    }

    /// Whether the number has been sent and is still remembered.
    #[must_use]
    pub fn contains(&self, sequence: Sequence) -> bool {
        self.ring
            .get(usize::from(sequence.0) % Self::CAPACITY)
            .is_some_and(|slot| slot.is_some_and(|sent| sent.sequence == sequence))
    }

    /// Whether the number is still to be given out, so that an ack for it is a peer's mistake or malice.
    #[must_use]
    pub fn is_unsent(&self, sequence: Sequence) -> bool {
        sequence.distance(self.next) >= 0
    }

    /// Takes a peer's ack and ack bits; calls `on_acked` for each datagram it newly vouches for,
    /// oldest first, and `on_lost` for each that can no longer be acked.
    pub fn acknowledge(
        &mut self,
        ack: Sequence,
        bits: u32,
        mut on_acked: impl FnMut(AckedDatagram),
        mut on_lost: impl FnMut(SentDatagram),
    ) {
        if !self.contains(ack) {
            return;
        }
        let mut news = self.take_news(ack, bits);
        while news != 0 {
            let back = 63 - news.leading_zeros();
            news &= !(1 << back);
            let sequence = Sequence(self.vouched.0.0.wrapping_sub(back as u16));
            let Some(sent) = self.slot(sequence) else {
                continue;
            };
            if sent.sequence != sequence || sent.state == SentState::Acked {
                continue;
            }
            sent.state = SentState::Acked;
            let datagram = *sent;
            let is_news = self
                .newest_acked
                .is_none_or(|newest| datagram.sequence.is_newer_than(newest.sequence));
            if is_news {
                self.newest_acked = Some(datagram);
            }
            on_acked(AckedDatagram {
                datagram,
                is_newest: sequence == ack,
            });
        }
        self.expire(ack, &mut on_lost);
    }

    /// What an ack vouches for that none has before, as bits before the newest number named.
    fn take_news(&mut self, ack: Sequence, bits: u32) -> u64 {
        let named = 1 | u64::from(bits) << 1;
        let (newest, vouched) = self.vouched;
        let ahead = ack.distance(newest);
        let shifted = |bits: u64, by: u32| bits.checked_shl(by).unwrap_or(0);
        let (newest, before, named) = if ahead >= 0 {
            (ack, shifted(vouched, ahead.unsigned_abs()), named)
        } else {
            (newest, vouched, shifted(named, ahead.unsigned_abs()))
        };
        self.vouched = (newest, before | named);
        named & !before
    }

    /// The newest datagram that the peer is known to hold.
    #[must_use]
    pub fn newest_acked(&self) -> Option<SentDatagram> {
        self.newest_acked
    }

    /// Whether an ack for this number may still come: it is remembered, not acked, and in reach of the ack bits.
    #[must_use]
    pub fn awaits_ack(&self, sequence: Sequence) -> bool {
        let sent = self
            .ring
            .get(usize::from(sequence.0) % Self::CAPACITY)
            .copied()
            .flatten();
        let is_in_reach = self
            .newest_acked
            .is_none_or(|newest| newest.sequence.distance(sequence) <= 32);
        is_in_reach
            && sent.is_some_and(|sent| sent.sequence == sequence && sent.state != SentState::Acked)
    }

    fn expire(&mut self, ack: Sequence, on_lost: &mut impl FnMut(SentDatagram)) {
        while ack.distance(self.undecided) > Self::REORDER_WINDOW {
            let undecided = self.undecided;
            self.undecided = undecided.next();
            if let Some(sent) = self.slot(undecided)
                && sent.sequence == undecided
                && sent.state == SentState::InFlight
            {
                sent.state = SentState::Lost;
                on_lost(*sent);
            }
        }
    }

    fn slot(&mut self, sequence: Sequence) -> &mut Option<SentDatagram> {
        let index = usize::from(sequence.0) % Self::CAPACITY;
        #[expect(
            clippy::indexing_slicing,
            reason = "the ring has CAPACITY slots from the start"
        )]
        &mut self.ring[index]
    }
}

fn bit(distance: i32) -> u32 {
    u32::try_from(distance - 1)
        .ok()
        .and_then(|shift| 1u32.checked_shl(shift))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::from_millis(1);

    #[test]
    fn a_late_datagram_is_new_once() {
        let mut window = ReceivedWindow::default();
        assert_eq!(window.receive(NOW, Sequence(10)), Freshness::Newest);
        assert_eq!(window.receive(NOW, Sequence(12)), Freshness::Newest);
        assert_eq!(window.receive(NOW, Sequence(11)), Freshness::Late);
        assert_eq!(window.receive(NOW, Sequence(11)), Freshness::Duplicate);
        assert_eq!(window.receive(NOW, Sequence(12)), Freshness::Duplicate);
        assert_eq!(window.bits(), 0b11);
        assert_eq!(window.receive(NOW, Sequence(44)), Freshness::Newest);
        assert_eq!(window.bits(), 1 << 31);
        assert_eq!(window.receive(NOW, Sequence(11)), Freshness::Duplicate);
    }

    #[test]
    fn acks_report_each_datagram_once_and_the_missing_as_lost() {
        let mut sent = SentWindow::default();
        for tick in 0..40 {
            sent.send(NOW, Tick(tick));
        }
        let mut acked = Vec::new();
        let mut lost = Vec::new();
        sent.acknowledge(
            Sequence(3),
            0b101,
            |a| acked.push(a.datagram.tick.0),
            |_| {},
        );
        assert_eq!(acked, [0, 2, 3]);
        acked.clear();
        sent.acknowledge(
            Sequence(39),
            u32::MAX,
            |a| acked.push(a.datagram.tick.0),
            |l| lost.push(l.tick.0),
        );
        assert_eq!(acked, (7..=39).collect::<Vec<_>>());
        lost.sort_unstable();
        assert_eq!(lost, [1, 4, 5, 6]);
        assert_eq!(sent.newest_acked().unwrap().tick, Tick(39));
    }

    #[test]
    fn an_ack_for_what_was_never_sent_is_ignored() {
        let mut sent = SentWindow::default();
        sent.send(NOW, Tick(0));
        for ack in [1, 2, 129, 32_000, u16::MAX] {
            let panics = |_| panic!("nothing to ack");
            sent.acknowledge(Sequence(ack), u32::MAX, panics, |_| {});
        }
        assert!(sent.newest_acked().is_none());
        assert!(sent.is_unsent(Sequence(1)) && !sent.is_unsent(Sequence(0)));
    }
}
