//! What waits to go out on one transport connection: a bounded queue of Control frames, and at most
//! one State datagram, the newest. No lock, task or socket.

use std::collections::VecDeque;

use protocol::codec::encode;
use protocol::control::{CloseReason, ServerFrame};
use protocol::reliable::Outbox;

use crate::link::{LinkFull, Tagged};

/// Control frames that may wait on one connection: all messages that a session keeps, and some that
/// it doesn't.
pub const CONTROL_CAPACITY: usize = Outbox::MAX_MESSAGES + 64;

/// Control in order, then the newest State; and after the goodbye nothing.
#[derive(Debug, Default)]
pub struct SendQueue {
    control: VecDeque<Tagged>,
    state: Option<Tagged>,
    is_closing: bool,
}

/// What a connection's writer does next.
#[derive(Debug)]
pub enum Outgoing {
    /// Writes this.
    Message(Tagged),
    /// Everything is written: flushes.
    Idle,
    /// Ends the connection.
    Close,
}

impl SendQueue {
    /// Whether a State datagram waits.
    #[must_use]
    pub fn has_state(&self) -> bool {
        self.state.is_some()
    }

    /// Queues a State datagram in the place of one that waits; says whether one did. After the
    /// goodbye it is dropped.
    pub fn put_state(&mut self, datagram: Tagged) -> bool {
        !self.is_closing && self.state.replace(datagram).is_some()
    }

    /// Queues a Control frame. After the goodbye it is dropped.
    ///
    /// # Errors
    /// [`LinkFull`], when [`CONTROL_CAPACITY`] frames wait already.
    pub fn put_control(&mut self, frame: Tagged) -> Result<(), LinkFull> {
        if self.is_closing {
            return Ok(());
        }
        if self.control.len() >= CONTROL_CAPACITY {
            return Err(LinkFull);
        }
        self.control.push_back(frame);
        Ok(())
    }

    /// Queues the server's goodbye; nothing may follow it.
    pub fn close(&mut self, reason: CloseReason) {
        let goodbye = encode(&ServerFrame::Close(reason));
        self.hang_up(Some(Tagged::control(&goodbye)));
    }

    /// Takes nothing more after a last frame, if there is one.
    pub fn hang_up(&mut self, farewell: Option<Tagged>) {
        if !self.is_closing {
            self.is_closing = true;
            self.state = None;
            self.control.extend(farewell);
        }
    }

    /// Whether nothing more is taken.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.is_closing
    }

    /// Takes what goes out next, where both lanes share a stream.
    pub fn take_next(&mut self) -> Outgoing {
        if let Some(frame) = self.take_control() {
            return Outgoing::Message(frame);
        }
        if self.is_closing {
            return Outgoing::Close;
        }
        self.take_state().map_or(Outgoing::Idle, Outgoing::Message)
    }

    /// Takes the next Control frame.
    pub fn take_control(&mut self) -> Option<Tagged> {
        self.control.pop_front()
    }

    /// Takes the State datagram that waits.
    pub fn take_state(&mut self) -> Option<Tagged> {
        self.state.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(byte: u8) -> Tagged {
        Tagged::new(vec![Tagged::STATE, byte])
    }

    #[test]
    fn the_newest_state_wins_and_control_goes_first() {
        let mut queue = SendQueue::default();
        assert!(!queue.put_state(state(1)));
        assert!(queue.put_state(state(2)));
        queue.put_control(Tagged::control(&[9])).unwrap();
        let taken: Vec<Vec<u8>> = std::iter::from_fn(|| match queue.take_next() {
            Outgoing::Message(message) => Some(message.with_lane().to_vec()),
            _ => None,
        })
        .collect();
        assert_eq!(taken, [vec![Tagged::CONTROL, 9], vec![Tagged::STATE, 2]]);
        assert!(!queue.has_state());
    }

    #[test]
    fn a_peer_that_does_not_read_fills_the_control_queue() {
        let mut queue = SendQueue::default();
        let taken = (0..10_000).take_while(|_| queue.put_control(Tagged::control(&[1])).is_ok());
        assert_eq!(taken.count(), CONTROL_CAPACITY);
    }

    #[test]
    fn nothing_follows_the_goodbye() {
        let mut queue = SendQueue::default();
        queue.close(CloseReason::Left);
        queue.close(CloseReason::TooSlow);
        queue.put_state(state(1));
        queue.put_control(Tagged::control(&[9])).unwrap();
        assert!(matches!(queue.take_next(), Outgoing::Message(_)));
        assert!(matches!(queue.take_next(), Outgoing::Close));
    }
}
