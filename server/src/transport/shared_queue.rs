//! A [`SendQueue`] between a room, which must not block, and a connection's writer, which sleeps while
//! there is nothing to write.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use protocol::control::CloseReason;
use tokio::sync::Notify;

use crate::counters;
use crate::link::{CONTROL_CAPACITY, Tagged};
use protocol::rung::Rung;
use protocol::send_queue::QueueFull;
use protocol::send_queue::{Outgoing, SendQueue};

/// How long a peer may take to show that it has its goodbye, by closing the link.
pub(crate) const GOODBYE_TIMEOUT: Duration = Duration::from_millis(1_500);

/// The queue and its wake-ups.
#[derive(Debug)]
pub(crate) struct SharedQueue {
    rung: Rung,
    queue: Mutex<SendQueue<Tagged>>,
    wake: Notify,
    closing: Notify,
}

impl SharedQueue {
    pub(crate) fn new(rung: Rung) -> Self {
        Self {
            rung,
            queue: Mutex::new(SendQueue::new(CONTROL_CAPACITY)),
            wake: Notify::new(),
            closing: Notify::new(),
        }
    }

    pub(crate) fn has_state(&self) -> bool {
        self.lock().has_state()
    }

    pub(crate) fn put_state(&self, datagram: Tagged) {
        if self.lock().put_state(datagram) {
            counters::state_superseded(self.rung);
        }
        self.wake.notify_one();
    }

    pub(crate) fn put_control(&self, frame: Tagged) -> Result<(), QueueFull> {
        self.lock().put_control(frame)?;
        self.wake.notify_one();
        Ok(())
    }

    pub(crate) fn close(&self, reason: CloseReason) {
        self.lock().hang_up(Some(Tagged::goodbye(reason)));
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
    pub(crate) fn take_next(&self) -> Outgoing<Tagged> {
        self.lock().take_next()
    }

    /// Waits until [`Self::take_next`] may have something.
    pub(crate) async fn wait(&self) {
        self.wake.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, SendQueue<Tagged>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
