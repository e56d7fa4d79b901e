//! What waits to go out on one socket: Control frames in order, and at most one State datagram, the newest.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::session::Outgoing;

/// Control frames that may wait; a socket on which more do is closed.
const CAPACITY: usize = 1_024;

/// The queue between a player, which must not block, and a socket's task.
#[derive(Debug, Default)]
pub(super) struct SendQueue {
    waiting: Mutex<Waiting>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    control: VecDeque<Vec<u8>>,
    state: Option<Vec<u8>>,
    is_closed: bool,
}

impl SendQueue {
    /// Takes what is to be sent. After [`Outgoing::Close`] nothing is taken any more.
    pub(super) fn put(&self, outgoing: Outgoing) {
        let mut waiting = self.lock();
        match outgoing {
            _ if waiting.is_closed => {}
            Outgoing::State(datagram) => waiting.state = Some(datagram),
            Outgoing::Control(frame) if waiting.control.len() < CAPACITY => {
                waiting.control.push_back(frame);
            }
            Outgoing::Control(_) | Outgoing::Close => {
                waiting.is_closed = true;
                waiting.state = None;
            }
        }
        drop(waiting);
        self.wake.notify_one();
    }

    /// Whether a datagram waits.
    pub(super) fn has_state(&self) -> bool {
        self.lock().state.is_some()
    }

    /// The next thing to send, Control first; waits for it.
    pub(super) async fn next(&self) -> Outgoing {
        loop {
            if let Some(next) = self.take() {
                return next;
            }
            self.wake.notified().await;
        }
    }

    fn take(&self) -> Option<Outgoing> {
        let mut waiting = self.lock();
        if let Some(frame) = waiting.control.pop_front() {
            return Some(Outgoing::Control(frame));
        }
        if let Some(datagram) = waiting.state.take() {
            return Some(Outgoing::State(datagram));
        }
        waiting.is_closed.then_some(Outgoing::Close)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_datagram_replaces_one_that_waits_and_control_keeps_its_order() {
        let queue = SendQueue::default();
        queue.put(Outgoing::State(vec![1]));
        queue.put(Outgoing::Control(vec![2]));
        queue.put(Outgoing::State(vec![3]));
        queue.put(Outgoing::Control(vec![4]));
        let sent: Vec<_> = std::iter::from_fn(|| queue.take()).collect();
        let expected = [
            Outgoing::Control(vec![2]),
            Outgoing::Control(vec![4]),
            Outgoing::State(vec![3]),
        ];
        assert_eq!(sent, expected);
    }

    #[test]
    fn a_socket_closes_after_its_frames_and_takes_nothing_more() {
        let queue = SendQueue::default();
        queue.put(Outgoing::Control(vec![1]));
        queue.put(Outgoing::Close);
        queue.put(Outgoing::Control(vec![2]));
        assert_eq!(queue.take(), Some(Outgoing::Control(vec![1])));
        assert_eq!(queue.take(), Some(Outgoing::Close));
    }

    #[test]
    fn a_peer_that_takes_nothing_closes_the_socket() {
        let queue = SendQueue::default();
        for _ in 0..=CAPACITY {
            queue.put(Outgoing::Control(vec![0]));
        }
        let sent = std::iter::from_fn(|| queue.take()).take(CAPACITY + 1);
        assert_eq!(sent.last(), Some(Outgoing::Close));
    }
}
