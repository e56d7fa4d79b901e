//! The sockets of one link: one on most rungs, up to four on the WebSocket's. State is striped over
//! them, so that one that stalls holds up only its share.

use std::sync::Arc;

use protocol::control::{CloseReason, LinkId, MAX_STRIPES};
use protocol::sequence::Sequence;

use super::Socket;
use crate::transport::{Link, LinkFull, Tagged};

/// A link's live sockets by stripe.
pub(super) struct Bundle {
    pub(super) id: LinkId,
    sockets: [Option<(Socket, Arc<dyn Link>)>; MAX_STRIPES as usize],
}

impl Bundle {
    pub(super) fn new(id: LinkId) -> Self {
        Self {
            id,
            sockets: [const { None }; MAX_STRIPES as usize],
        }
    }

    pub(super) fn open(&mut self, socket: Socket, sender: Arc<dyn Link>) {
        if let Some(slot) = self.sockets.get_mut(usize::from(socket.stripe)) {
            *slot = Some((socket, sender));
        }
    }

    /// Whether this very socket is one of the link's.
    pub(super) fn holds(&self, socket: Socket) -> bool {
        self.sockets
            .iter()
            .flatten()
            .any(|(held, _)| *held == socket)
    }

    /// Forgets a socket; says whether it was the one that carried Control.
    pub(super) fn forget(&mut self, stripe: u8) -> bool {
        let carried_control = self.control_stripe() == Some(usize::from(stripe));
        if let Some(slot) = self.sockets.get_mut(usize::from(stripe)) {
            *slot = None;
        }
        carried_control
    }

    /// Sends down the socket whose turn it is, or the next that has nothing waiting.
    pub(super) fn send_state(&self, sequence: Sequence, datagram: Tagged) {
        let open: Vec<&Arc<dyn Link>> = self
            .sockets
            .iter()
            .flatten()
            .map(|(_, sender)| sender)
            .collect();
        if open.is_empty() {
            return;
        }
        let turn = usize::from(sequence.0) % open.len();
        let socket = (0..open.len())
            .map(|step| open[(turn + step) % open.len()])
            .find(|socket| !socket.is_backlogged())
            .unwrap_or(open[turn]);
        socket.send_state(datagram);
    }

    pub(super) fn send_control(&self, frame: Tagged) -> Result<(), LinkFull> {
        match self.control_stripe().and_then(|stripe| self.socket(stripe)) {
            Some(socket) => socket.send_control(frame),
            None => Ok(()),
        }
    }

    /// Answers on the very socket that asked.
    pub(super) fn answer(&self, stripe: u8, frame: Tagged) -> Result<(), LinkFull> {
        self.socket(usize::from(stripe))
            .map_or(Ok(()), |socket| socket.send_control(frame))
    }

    pub(super) fn close(&self, reason: CloseReason) {
        for (_, sender) in self.sockets.iter().flatten() {
            sender.close(reason);
        }
    }

    fn socket(&self, stripe: usize) -> Option<&Arc<dyn Link>> {
        self.sockets
            .get(stripe)
            .and_then(Option::as_ref)
            .map(|(_, sender)| sender)
    }

    fn control_stripe(&self) -> Option<usize> {
        self.sockets.iter().position(Option::is_some)
    }
}
