//! A queue between a player, which must not block, and a socket's task, which sleeps while there is
//! nothing to send.

use std::sync::{Mutex, MutexGuard, PoisonError};

use protocol::send_queue;
use tokio::sync::Notify;

use crate::session::Outgoing;

/// Control frames that may wait; a socket on which more do is closed.
const CAPACITY: usize = 1_024;

/// The queue and its wake-up.
#[derive(Debug)]
pub(super) struct SendQueue {
    queue: Mutex<send_queue::SendQueue<Vec<u8>>>,
    wake: Notify,
}

impl Default for SendQueue {
    fn default() -> Self {
        Self {
            queue: Mutex::new(send_queue::SendQueue::new(CAPACITY)),
            wake: Notify::new(),
        }
    }
}

impl SendQueue {
    /// Takes what is to be sent. After [`Outgoing::Close`] nothing is taken any more.
    pub(super) fn put(&self, outgoing: Outgoing) {
        let mut queue = self.lock();
        match outgoing {
            Outgoing::State(datagram) => drop(queue.put_state(datagram)),
            Outgoing::Control(frame) => {
                if queue.put_control(frame).is_err() {
                    queue.hang_up(None);
                }
            }
            Outgoing::Close => queue.hang_up(None),
        }
        drop(queue);
        self.wake.notify_one();
    }

    /// Whether a datagram waits.
    pub(super) fn has_state(&self) -> bool {
        self.lock().has_state()
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
        let mut queue = self.lock();
        let next = queue.take_control().map(Outgoing::Control);
        let next = next.or_else(|| queue.take_state().map(Outgoing::State));
        next.or_else(|| queue.is_closing().then_some(Outgoing::Close))
    }

    fn lock(&self) -> MutexGuard<'_, send_queue::SendQueue<Vec<u8>>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
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
