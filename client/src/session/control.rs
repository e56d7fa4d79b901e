//! The session's reliable messages, over whichever socket carries Control: numbered, acknowledged, sent again when
//! Control moves and when an answer doesn't come.

use std::collections::BTreeMap;
use std::time::Duration;

use protocol::codec::encode;
use protocol::control::{ClientFrame, ClientMessage, ServerMessage};
use protocol::reliable::{Inbox, Outbox};

use super::event::SocketId;
use super::links::Links;

/// Messages unacknowledged for so long are sent again: the peer may have moved while they flew.
const REPEAT_AFTER: Duration = Duration::from_secs(2);

/// So often the server is told that we are still there.
const PING_EVERY: Duration = Duration::from_secs(5);

/// Messages kept that have overtaken others, while Control moves; further ones come again.
const MOST_AHEAD: usize = 64;

/// Both directions of Control.
#[derive(Debug, Default)]
pub(super) struct ControlLane {
    outbox: Outbox,
    inbox: Inbox,
    /// Encoded messages behind a gap, by number.
    ahead: BTreeMap<u32, Vec<u8>>,
    socket: Option<SocketId>,
    sent_at: Duration,
    pinged_at: Duration,
}

impl ControlLane {
    pub(super) fn new(now: Duration) -> Self {
        Self {
            sent_at: now,
            pinged_at: now,
            ..Self::default()
        }
    }

    pub(super) fn say(&mut self, now: Duration, message: ClientMessage<'_>, links: &mut Links) {
        let frame = self
            .outbox
            .push(|sequence| encode(&ClientFrame::Message { sequence, message }));
        if let (Ok(frame), Some(socket)) = (frame, self.socket) {
            links.send(socket, frame.to_vec());
            self.sent_at = now;
        }
    }

    pub(super) fn acknowledge(&mut self, sequence: u32) {
        self.outbox.acknowledge(sequence);
    }

    pub(super) fn is_acknowledged(&self) -> bool {
        self.outbox.unacknowledged().next().is_none()
    }

    /// Takes a message; gives back the encodings of all whose turn it is.
    pub(super) fn take(&mut self, sequence: u32, message: &ServerMessage<'_>) -> Vec<Vec<u8>> {
        if sequence > self.inbox.delivered() && self.ahead.len() < MOST_AHEAD {
            self.ahead.insert(sequence, encode(message));
        }
        let mut due = Vec::new();
        while let Some(next) = self.ahead.remove(&(self.inbox.delivered() + 1)) {
            self.inbox.accept(self.inbox.delivered() + 1);
            due.push(next);
        }
        due
    }

    /// What has been taken.
    pub(super) fn ack(&self) -> ClientFrame<'static> {
        ClientFrame::Ack(self.inbox.delivered())
    }

    /// Goes over to the socket that carries Control now.
    pub(super) fn settle(&mut self, now: Duration, links: &mut Links) {
        let socket = links.control_socket();
        if socket == self.socket {
            return;
        }
        self.socket = socket;
        if let Some(socket) = socket {
            if self.inbox.delivered() > 0 {
                links.send(socket, encode(&self.ack()));
            }
            self.repeat(now, links);
        }
    }

    pub(super) fn poll(&mut self, now: Duration, links: &mut Links) {
        let Some(socket) = self.socket else {
            return;
        };
        if !self.is_acknowledged() && now.abs_diff(self.sent_at) >= REPEAT_AFTER {
            self.repeat(now, links);
        }
        if now.abs_diff(self.pinged_at) >= PING_EVERY {
            self.pinged_at = now;
            links.send(socket, encode(&ClientFrame::Ping(0)));
        }
    }

    /// When [`Self::poll`] is due.
    pub(super) fn next_due(&self) -> Option<Duration> {
        self.socket?;
        let ping = self.pinged_at + PING_EVERY;
        if self.is_acknowledged() {
            return Some(ping);
        }
        Some(ping.min(self.sent_at + REPEAT_AFTER))
    }

    fn repeat(&mut self, now: Duration, links: &mut Links) {
        self.sent_at = now;
        if let Some(socket) = self.socket {
            for frame in self.outbox.unacknowledged() {
                links.send(socket, frame.to_vec());
            }
        }
    }
}
