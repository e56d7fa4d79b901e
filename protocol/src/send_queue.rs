//! What waits to go out on one transport connection, at either end: a bounded queue of Control frames,
//! and at most one State datagram, the newest. No lock, task or socket.

use std::collections::VecDeque;

use thiserror::Error;

/// As many Control frames wait as may: the peer doesn't read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the connection's queue of Control frames is full")]
pub struct QueueFull;

/// Control in order, then the newest State; and after the goodbye nothing. `M` is a message as the
/// transport writes it.
#[derive(Debug)]
pub struct SendQueue<M> {
    control: VecDeque<M>,
    capacity: usize,
    state: Option<M>,
    is_closing: bool,
}

/// What a connection's writer does next.
#[derive(Debug, PartialEq, Eq)]
pub enum Outgoing<M> {
    /// Writes this.
    Message(M),
    /// Everything is written: flushes.
    Idle,
    /// Ends the connection.
    Close,
}

impl<M> SendQueue<M> {
    /// An empty one, in which so many Control frames may wait.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            control: VecDeque::new(),
            capacity,
            state: None,
            is_closing: false,
        }
    }

    /// Whether a State datagram waits.
    #[must_use]
    pub fn has_state(&self) -> bool {
        self.state.is_some()
    }

    /// Whether nothing waits, and more is taken.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.control.is_empty() && self.state.is_none() && !self.is_closing
    }

    /// Queues a State datagram in the place of one that waits; says whether one did. After the
    /// goodbye it is dropped.
    pub fn put_state(&mut self, datagram: M) -> bool {
        !self.is_closing && self.state.replace(datagram).is_some()
    }

    /// Queues a Control frame. After the goodbye it is dropped.
    ///
    /// # Errors
    /// [`QueueFull`], when as many wait as may.
    pub fn put_control(&mut self, frame: M) -> Result<(), QueueFull> {
        if self.is_closing {
            return Ok(());
        }
        if self.control.len() >= self.capacity {
            return Err(QueueFull);
        }
        self.control.push_back(frame);
        Ok(())
    }

    /// Takes nothing more after a last frame, if there is one. State that waits is dropped.
    pub fn hang_up(&mut self, goodbye: Option<M>) {
        if !self.is_closing {
            self.is_closing = true;
            self.state = None;
            self.control.extend(goodbye);
        }
    }

    /// Whether nothing more is taken.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.is_closing
    }

    /// Takes what goes out next, where both lanes share a stream.
    pub fn take_next(&mut self) -> Outgoing<M> {
        if let Some(frame) = self.take_control() {
            return Outgoing::Message(frame);
        }
        if self.is_closing {
            return Outgoing::Close;
        }
        self.take_state().map_or(Outgoing::Idle, Outgoing::Message)
    }

    /// Takes the next Control frame.
    pub fn take_control(&mut self) -> Option<M> {
        self.control.pop_front()
    }

    /// Takes the State datagram that waits.
    pub fn take_state(&mut self) -> Option<M> {
        self.state.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_state_wins_and_control_goes_first_and_in_order() {
        let mut queue = SendQueue::new(2);
        assert!(!queue.put_state("old"));
        queue.put_control("first").unwrap();
        assert!(queue.put_state("new"));
        queue.put_control("second").unwrap();
        let taken = std::iter::from_fn(|| match queue.take_next() {
            Outgoing::Message(message) => Some(message),
            _ => None,
        });
        assert_eq!(taken.collect::<Vec<_>>(), ["first", "second", "new"]);
        assert!(!queue.has_state());
    }

    #[test]
    fn a_peer_that_does_not_read_fills_the_control_queue() {
        let mut queue = SendQueue::new(300);
        let taken = (0..10_000).take_while(|number| queue.put_control(*number).is_ok());
        assert_eq!(taken.count(), 300);
    }

    #[test]
    fn nothing_follows_the_goodbye() {
        let mut queue = SendQueue::new(9);
        queue.put_state("state");
        queue.hang_up(Some("goodbye"));
        queue.hang_up(Some("another"));
        queue.put_state("state");
        queue.put_control("frame").unwrap();
        assert_eq!(queue.take_next(), Outgoing::Message("goodbye"));
        assert_eq!(queue.take_next(), Outgoing::Close);
    }
}
