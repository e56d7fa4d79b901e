//! Reliable messages over links that come and go: numbered, kept until acknowledged, sent again on
//! the next link. Within one link the transport already delivers in order.

use std::collections::VecDeque;

use thiserror::Error;

/// The queue is full: the peer has not acknowledged for too long, and the session should end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error(
    "more than {} messages or {} bytes unacknowledged",
    Outbox::MAX_MESSAGES,
    Outbox::MAX_BYTES
)]
pub struct OutboxFull;

/// Messages sent and not yet acknowledged.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    unacknowledged: VecDeque<Vec<u8>>,
    bytes: usize,
    acknowledged: u32,
}

impl Outbox {
    /// Most messages held.
    pub const MAX_MESSAGES: usize = 256;

    /// Most bytes held.
    pub const MAX_BYTES: usize = 256 * 1024;

    /// Keeps a frame until it is acknowledged. `frame` builds the bytes from the message's number.
    ///
    /// # Errors
    /// [`OutboxFull`], when the peer acknowledges too slowly.
    pub fn push(&mut self, frame: impl FnOnce(u32) -> Vec<u8>) -> Result<&[u8], OutboxFull> {
        let frame = frame(self.next_sequence());
        if self.unacknowledged.len() == Self::MAX_MESSAGES
            || self.bytes + frame.len() > Self::MAX_BYTES
        {
            return Err(OutboxFull);
        }
        self.bytes += frame.len();
        self.unacknowledged.push_back(frame);
        Ok(self.unacknowledged.back().map_or(&[], Vec::as_slice))
    }

    /// Forgets what the peer has taken. A number that was never given out is ignored; says whether it was.
    pub fn acknowledge(&mut self, sequence: u32) -> bool {
        if sequence >= self.next_sequence() {
            return false;
        }
        while self.acknowledged < sequence {
            self.acknowledged += 1;
            self.bytes -= self
                .unacknowledged
                .pop_front()
                .map_or(0, |frame| frame.len());
        }
        true
    }

    /// What a new link must carry first, oldest first.
    pub fn unacknowledged(&self) -> impl Iterator<Item = &[u8]> {
        self.unacknowledged.iter().map(Vec::as_slice)
    }

    fn next_sequence(&self) -> u32 {
        let waiting = u32::try_from(self.unacknowledged.len()).unwrap_or(u32::MAX);
        self.acknowledged.saturating_add(waiting).saturating_add(1)
    }
}

/// Which messages have been taken.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inbox {
    delivered: u32,
}

impl Inbox {
    /// Whether a message with this number is the next one. One that was taken before is not, nor
    /// one behind a gap, which only a broken peer can cause.
    pub fn accept(&mut self, sequence: u32) -> bool {
        let is_next = self.delivered.checked_add(1) == Some(sequence);
        if is_next {
            self.delivered = sequence;
        }
        is_next
    }

    /// The number to acknowledge.
    #[must_use]
    pub fn delivered(&self) -> u32 {
        self.delivered
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_a_change_of_links_once_each() {
        let mut outbox = Outbox::default();
        let mut inbox = Inbox::default();
        for _ in 0..3 {
            outbox
                .push(|sequence| sequence.to_le_bytes().to_vec())
                .unwrap();
        }
        assert!(inbox.accept(1));
        outbox.acknowledge(1);
        let again: Vec<u32> = outbox
            .unacknowledged()
            .map(|frame| u32::from_le_bytes(frame.try_into().unwrap()))
            .collect();
        assert_eq!(again, [2, 3]);
        assert!(inbox.accept(2));
        assert!(!inbox.accept(2));
        assert!(inbox.accept(3));
        assert!(!inbox.accept(5));
        assert_eq!(inbox.delivered(), 3);
    }

    #[test]
    fn a_peer_that_never_acknowledges_fills_the_outbox() {
        let mut outbox = Outbox::default();
        let pushed = (0..1_000)
            .take_while(|_| outbox.push(|_| vec![0; 10]).is_ok())
            .count();
        assert_eq!(pushed, Outbox::MAX_MESSAGES);
        outbox.acknowledge(999);
        assert_eq!(outbox.push(|_| vec![0; 10]), Err(OutboxFull));
        outbox.acknowledge(1);
        assert!(outbox.push(|_| vec![0; 10]).is_ok());
    }
}
