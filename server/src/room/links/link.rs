//! One link: a socket on most rungs, up to eight on the WebSocket's. State is striped over
//! them, so that one that stalls holds up only its share; and it gets no more while it does.
//!
//! A second datagram behind a lost one makes recovery slower: the kernel's first probe repeats the
//! last segment, not the lost one. So a socket on which nothing is under way comes first.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use protocol::control::{CloseReason, LinkId, LinkUse, MAX_STRIPES};
use protocol::sequence::Sequence;

use crate::counters;
use crate::link::{LinkSender, Tagged};
use crate::path::DownPath;
use crate::room::SocketId;
use protocol::rung::Rung;

/// A socket whose oldest datagram is unacknowledged for so much longer than a round trip stalls: a
/// lost segment holds up all behind it. Acks come 30 times a second.
const STALL: Duration = Duration::from_millis(80);

/// Datagrams of one socket that are remembered until they are acknowledged.
const MOST_IN_FLIGHT: usize = 64;

/// A live link, with its sockets by stripe.
pub(in crate::room) struct Link {
    pub(super) id: LinkId,
    /// How the client wants it used.
    pub(super) usage: LinkUse,
    /// When something last came in on it.
    pub(super) heard_at: Duration,
    /// The socket that carries Control: the first that opened, while it lives. Were it to change
    /// without need, what is under way on the old one could be lost with it.
    control: Option<u8>,
    sockets: [Option<Stripe>; MAX_STRIPES as usize],
}

struct Stripe {
    socket: SocketId,
    sender: Arc<dyn LinkSender>,
    /// Datagrams sent on it that may still be acknowledged, oldest first.
    in_flight: VecDeque<(Sequence, Duration)>,
    /// When State last went down it, if ever.
    used_at: Option<Duration>,
}

impl Stripe {
    fn forget_acknowledged(&mut self, path: &DownPath) {
        while let Some((sequence, _)) = self.in_flight.front() {
            if path.awaits_ack(*sequence) {
                return;
            }
            self.in_flight.pop_front();
        }
    }

    fn stalls(&self, now: Duration, path: &DownPath) -> bool {
        let patience = path.round_trip().unwrap_or_default() + STALL;
        let oldest = self.in_flight.front();
        oldest.is_some_and(|(_, sent_at)| now.saturating_sub(*sent_at) > patience)
    }
}

impl Link {
    pub(super) fn new(now: Duration, id: LinkId) -> Self {
        Self {
            id,
            usage: LinkUse::Active,
            heard_at: now,
            control: None,
            sockets: [const { None }; MAX_STRIPES as usize],
        }
    }

    pub(super) fn open(&mut self, socket: SocketId, sender: Arc<dyn LinkSender>) {
        if let Some(slot) = self.sockets.get_mut(usize::from(socket.stripe)) {
            *slot = Some(Stripe {
                socket,
                sender,
                in_flight: VecDeque::new(),
                used_at: None,
            });
            self.control.get_or_insert(socket.stripe);
        }
    }

    /// Whether a further socket may be one of the link's: only WebSockets are bundled, and each
    /// stripe is there once.
    pub(super) fn takes(&self, stripe: u8, rung: Rung) -> bool {
        let is_websocket = |stripe: &Stripe| stripe.sender.rung() == Rung::WebSocket;
        let is_free = self.stripes().all(|other| other.socket.stripe != stripe);
        is_free && rung == Rung::WebSocket && self.stripes().all(is_websocket)
    }

    /// What kind of link it is; nothing once its sockets are gone.
    pub(in crate::room) fn rung(&self) -> Option<Rung> {
        self.stripes().next().map(|stripe| stripe.sender.rung())
    }

    /// Whether this very socket is one of the link's.
    pub(super) fn holds(&self, socket: SocketId) -> bool {
        self.stripes().any(|stripe| stripe.socket == socket)
    }

    /// Forgets a socket; says whether it was the one that carried Control.
    pub(super) fn forget(&mut self, stripe: u8) -> bool {
        if let Some(slot) = self.sockets.get_mut(usize::from(stripe)) {
            *slot = None;
        }
        let carried_control = self.control == Some(stripe);
        if carried_control {
            let next = self.stripes().next().map(|stripe| stripe.socket.stripe);
            self.control = next;
        }
        carried_control
    }

    /// Whether more frequent State is of use on this link. Not on streams: a fade that stalls one
    /// would meet the next ones sooner, and stall them all.
    pub(in crate::room) fn gains_from_extra(&self) -> bool {
        self.stripes()
            .any(|stripe| stripe.sender.rung() != Rung::WebSocket)
    }

    /// Whether no socket is left.
    pub(super) fn is_empty(&self) -> bool {
        self.stripes().next().is_none()
    }

    /// Sends down the socket that has rested longest; rather down one on which nothing is under way,
    /// and on one that stalls or has something waiting only when all do.
    pub(super) fn send_state(
        &mut self,
        now: Duration,
        path: &DownPath,
        sequence: Sequence,
        datagram: &[u8],
    ) {
        for stripe in self.sockets.iter_mut().flatten() {
            stripe.forget_acknowledged(path);
        }
        let rested = |stripe: &Stripe| (!stripe.in_flight.is_empty(), stripe.used_at);
        let sockets = self.sockets.iter().flatten();
        let chosen = sockets.min_by_key(|stripe| (stripe.stalls(now, path), rested(stripe)));
        let Some(mut chosen) = chosen else { return };
        if chosen.sender.is_backlogged() {
            let is_stuck =
                |stripe: &Stripe| stripe.stalls(now, path) || stripe.sender.is_backlogged();
            let sockets = self.sockets.iter().flatten();
            let other = sockets.min_by_key(|stripe| (is_stuck(stripe), rested(stripe)));
            chosen = other.unwrap_or(chosen);
        }
        let slot = usize::from(chosen.socket.stripe);
        if let Some(stripe) = self.sockets.get_mut(slot).and_then(Option::as_mut) {
            stripe.sender.send_state(datagram);
            stripe.used_at = Some(now);
            if stripe.in_flight.len() == MOST_IN_FLIGHT {
                stripe.in_flight.pop_front();
            }
            stripe.in_flight.push_back((sequence, now));
        }
    }

    /// Sends a frame down the socket that carries Control.
    pub(super) fn send_control(&self, frame: Tagged) {
        if let Some(stripe) = self.control {
            self.answer(stripe, frame);
        }
    }

    /// Answers on the very socket that asked. One whose peer doesn't read it is closed: what the
    /// player must know goes down another, or the next.
    pub(super) fn answer(&self, stripe: u8, frame: Tagged) {
        let socket = self.sockets.get(usize::from(stripe));
        let Some(Stripe { sender, .. }) = socket.and_then(Option::as_ref) else {
            return;
        };
        if sender.send_control(frame).is_err() {
            counters::refused("link", "too-slow");
            sender.close(CloseReason::TooSlow);
        }
    }

    pub(super) fn close(&self, reason: CloseReason) {
        for stripe in self.stripes() {
            stripe.sender.close(reason);
        }
    }

    fn stripes(&self) -> impl Iterator<Item = &Stripe> {
        self.sockets.iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use protocol::datagram::{AckBits, DatagramHeader};
    use protocol::tick::Tick;

    use super::*;
    use protocol::send_queue::QueueFull;

    /// What went down which socket, in order.
    #[derive(Default)]
    struct Log(Mutex<Vec<u8>>);

    struct Wire(u8, Arc<Log>);

    impl LinkSender for Wire {
        fn rung(&self) -> Rung {
            Rung::WebSocket
        }

        fn is_backlogged(&self) -> bool {
            false
        }

        fn send_state(&self, _: &[u8]) {
            self.1.0.lock().unwrap().push(self.0);
        }

        fn send_control(&self, _: Tagged) -> Result<(), QueueFull> {
            Ok(())
        }

        fn close(&self, _: CloseReason) {}
    }

    /// Sends 20 a second down four sockets for `count` snapshots. Those that `arrives` let through
    /// are acknowledged 140 ms later. Gives the sockets in the order used.
    fn play(count: u16, arrives: impl Fn(u16) -> bool) -> Vec<u8> {
        let log = Arc::new(Log::default());
        let mut link = Link::new(Duration::ZERO, LinkId(1));
        for stripe in 0..4 {
            let wire = Wire(stripe, Arc::clone(&log));
            link.open(SocketId::new(LinkId(1), stripe), Arc::new(wire));
        }
        let mut path = DownPath::default();
        for number in 0..count {
            let now = Duration::from_millis(50) * u32::from(number);
            if let Some(ack) = number.checked_sub(3) {
                let bits = (0..32).filter(|back| ack > *back && arrives(ack - 1 - back));
                let header = DatagramHeader {
                    sequence: Sequence(number),
                    ack: Sequence(ack),
                    ack_bits: AckBits(bits.fold(0, |all, back| all | 1 << back)),
                    ack_delay: 10,
                };
                if arrives(ack) {
                    path.receive(now, header);
                }
            }
            let sequence = path.send(now, Tick(u32::from(number))).sequence;
            link.send_state(now, &path, sequence, &[]);
        }
        drop(link);
        Arc::into_inner(log).unwrap().0.into_inner().unwrap()
    }

    #[test]
    fn only_websockets_join_a_link_of_websockets() {
        let mut link = Link::new(Duration::ZERO, LinkId(1));
        let wire = Wire(0, Arc::default());
        link.open(SocketId::new(LinkId(1), 0), Arc::new(wire));
        assert!(link.takes(1, Rung::WebSocket));
        assert!(!link.takes(1, Rung::WebTransport) && !link.takes(1, Rung::WebRtc));
        assert!(!link.takes(0, Rung::WebSocket), "it is there already");
        for rung in [Rung::WebTransport, Rung::WebRtc] {
            assert!(!SocketId::new(LinkId(1), 1).suits(rung));
        }
        assert!(SocketId::new(LinkId(1), 1).suits(Rung::WebSocket));
    }

    #[test]
    fn state_goes_down_all_sockets_in_turn() {
        assert_eq!(play(9, |_| true), [0, 1, 2, 3, 0, 1, 2, 3, 0]);
    }

    #[test]
    fn a_socket_with_something_under_way_rests_while_another_is_free() {
        let used = play(30, |number| number != 9);
        let lost_on = used[9];
        let after = &used[10..];
        assert!(!after.contains(&lost_on), "{used:?}");
    }

    #[test]
    fn when_all_have_something_under_way_the_one_that_rested_longest_is_used() {
        let used = play(30, |number| number < 9);
        assert_eq!(
            used[20..24].iter().map(|socket| 1 << socket).sum::<u8>(),
            15
        );
    }
}
