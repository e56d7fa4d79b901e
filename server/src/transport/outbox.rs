//! What waits to go out on a stream-like link: a bounded queue of Control frames, and at most one
//! State datagram, the newest.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use protocol::codec::encode;
use protocol::control::{CloseReason, ServerFrame};
use tokio::sync::Notify;

use super::{LinkFull, Rung, Tagged};
use crate::counters;

/// Control frames that may wait on one link.
pub(crate) const CONTROL_CAPACITY: usize = 256;

/// How long a peer may take to show that it has its goodbye, by closing the link.
pub(crate) const GOODBYE_TIMEOUT: Duration = Duration::from_millis(1_500);

/// The queue between a room, which must not block, and a link's writer.
#[derive(Debug)]
pub(crate) struct Outbox {
    rung: Rung,
    waiting: Mutex<Waiting>,
    wake: Notify,
    closing: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    control: VecDeque<Tagged>,
    state: Option<Tagged>,
    is_closing: bool,
}

/// What a link's writer does next.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// Writes this.
    Message(Tagged),
    /// Everything is written: flushes.
    Idle,
    /// Ends the link.
    Close,
}

impl Outbox {
    pub(crate) fn new(rung: Rung) -> Self {
        Self {
            rung,
            waiting: Mutex::default(),
            wake: Notify::new(),
            closing: Notify::new(),
        }
    }

    pub(crate) fn has_state(&self) -> bool {
        self.lock().state.is_some()
    }

    pub(crate) fn put_state(&self, datagram: Tagged) {
        let mut waiting = self.lock();
        if waiting.is_closing {
            return;
        }
        let replaced = waiting.state.replace(datagram);
        drop(waiting);
        if replaced.is_some() {
            counters::state_superseded(self.rung);
        }
        self.wake.notify_one();
    }

    pub(crate) fn put_control(&self, frame: Tagged) -> Result<(), LinkFull> {
        let mut waiting = self.lock();
        if waiting.is_closing {
            return Ok(());
        }
        if waiting.control.len() >= CONTROL_CAPACITY {
            return Err(LinkFull);
        }
        waiting.control.push_back(frame);
        drop(waiting);
        self.wake.notify_one();
        Ok(())
    }

    /// Queues the goodbye; nothing may follow it.
    pub(crate) fn close(&self, reason: CloseReason) {
        let mut waiting = self.lock();
        if !waiting.is_closing {
            waiting.is_closing = true;
            waiting.state = None;
            waiting
                .control
                .push_back(Tagged::control(&encode(&ServerFrame::Close(reason))));
        }
        drop(waiting);
        self.wake.notify_one();
        self.closing.notify_one();
    }

    /// Returns a while after [`Self::close`], when a peer that doesn't read has had its chance to
    /// be told.
    pub(crate) async fn goodbye_timed_out(&self) {
        self.closing.notified().await;
        tokio::time::sleep(GOODBYE_TIMEOUT).await;
    }

    /// What to do next, at once.
    pub(crate) fn next(&self) -> Outgoing {
        let mut waiting = self.lock();
        if let Some(frame) = waiting.control.pop_front() {
            return Outgoing::Message(frame);
        }
        if waiting.is_closing {
            return Outgoing::Close;
        }
        waiting
            .state
            .take()
            .map_or(Outgoing::Idle, Outgoing::Message)
    }

    /// Waits until [`Self::next`] may have something.
    pub(crate) async fn wait(&self) {
        self.wake.notified().await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_state_wins_and_control_goes_first() {
        let outbox = Outbox::new(Rung::WebSocket);
        outbox.put_state(Tagged::new(vec![Tagged::STATE, 1]));
        outbox.put_state(Tagged::new(vec![Tagged::STATE, 2]));
        outbox.put_control(Tagged::control(&[9])).unwrap();
        let taken: Vec<Vec<u8>> = std::iter::from_fn(|| match outbox.next() {
            Outgoing::Message(message) => Some(message.with_lane().to_vec()),
            _ => None,
        })
        .collect();
        assert_eq!(taken, [vec![Tagged::CONTROL, 9], vec![Tagged::STATE, 2]]);
        assert!(!outbox.has_state());
    }

    #[test]
    fn a_peer_that_does_not_read_fills_the_control_queue() {
        let outbox = Outbox::new(Rung::WebSocket);
        let taken = (0..10_000).take_while(|_| outbox.put_control(Tagged::control(&[1])).is_ok());
        assert_eq!(taken.count(), CONTROL_CAPACITY);
    }

    #[test]
    fn nothing_follows_the_goodbye() {
        let outbox = Outbox::new(Rung::WebSocket);
        outbox.close(CloseReason::Left);
        outbox.close(CloseReason::TooSlow);
        outbox.put_state(Tagged::new(vec![Tagged::STATE]));
        outbox.put_control(Tagged::control(&[9])).unwrap();
        assert!(matches!(outbox.next(), Outgoing::Message(_)));
        assert!(matches!(outbox.next(), Outgoing::Close));
    }
}
