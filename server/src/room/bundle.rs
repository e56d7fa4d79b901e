//! The sockets of one link: one on most rungs, up to four on the WebSocket's. State is striped over
//! them, so that one that stalls holds up only its share; and it gets no more while it does.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use protocol::control::{CloseReason, LinkId, MAX_STRIPES};
use protocol::sequence::Sequence;
use protocol::session::Session;

use super::Socket;
use crate::counters;
use crate::transport::{Link, Rung, Tagged};

/// A socket whose oldest datagram is unacknowledged for so much longer than a round trip stalls: a
/// lost segment holds up all behind it. Acks come 30 times a second.
const STALL: Duration = Duration::from_millis(80);

/// Datagrams of one socket that are remembered until they are acknowledged.
const MOST_IN_FLIGHT: usize = 64;

/// A link's live sockets by stripe.
pub(super) struct Bundle {
    pub(super) id: LinkId,
    /// The socket that carries Control: the first that opened, while it lives. Were it to change
    /// without need, what is under way on the old one could be lost with it.
    control: Option<u8>,
    sockets: [Option<Stripe>; MAX_STRIPES as usize],
}

struct Stripe {
    socket: Socket,
    sender: Arc<dyn Link>,
    /// Datagrams sent on it that may still be acknowledged, oldest first.
    in_flight: VecDeque<(Sequence, Duration)>,
}

impl Stripe {
    fn stalls(&mut self, now: Duration, session: &Session) -> bool {
        while let Some((sequence, sent_at)) = self.in_flight.front() {
            if session.awaits_ack(*sequence) {
                let patience = session.path().round_trip().unwrap_or_default() + STALL;
                return now.saturating_sub(*sent_at) > patience;
            }
            self.in_flight.pop_front();
        }
        false
    }
}

impl Bundle {
    pub(super) fn new(id: LinkId) -> Self {
        Self {
            id,
            control: None,
            sockets: [const { None }; MAX_STRIPES as usize],
        }
    }

    pub(super) fn open(&mut self, socket: Socket, sender: Arc<dyn Link>) {
        if let Some(slot) = self.sockets.get_mut(usize::from(socket.stripe)) {
            *slot = Some(Stripe {
                socket,
                sender,
                in_flight: VecDeque::new(),
            });
            self.control.get_or_insert(socket.stripe);
        }
    }

    /// Whether this very socket is one of the link's.
    pub(super) fn holds(&self, socket: Socket) -> bool {
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
    pub(super) fn gains_from_extra(&self) -> bool {
        self.stripes()
            .any(|stripe| stripe.sender.rung() != Rung::WebSocket)
    }

    /// Whether no socket is left.
    pub(super) fn is_empty(&self) -> bool {
        self.stripes().next().is_none()
    }

    /// Sends down the socket whose turn it is among those that neither stall nor have something
    /// waiting; among all, when none is free.
    pub(super) fn send_state(
        &mut self,
        now: Duration,
        session: &Session,
        sequence: Sequence,
        datagram: Tagged,
    ) {
        let mut open: Vec<&mut Stripe> = self.sockets.iter_mut().flatten().collect();
        if open.len() > 1 {
            let is_free: Vec<bool> = open
                .iter_mut()
                .map(|stripe| !stripe.stalls(now, session) && !stripe.sender.is_backlogged())
                .collect();
            if is_free.contains(&true) {
                let mut is_free = is_free.into_iter();
                open.retain(|_| is_free.next().unwrap_or(true));
            }
        }
        let turn = usize::from(sequence.0) % open.len().max(1);
        if let Some(stripe) = open.get_mut(turn) {
            stripe.sender.send_state(datagram);
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
