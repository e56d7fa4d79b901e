//! A [`SendQueue`] between a room, which must not block, and a connection's writer, which sleeps while
//! there is nothing to write.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use protocol::control::CloseReason;

use crate::counters;
use crate::link::{CONTROL_CAPACITY, Tagged};
use protocol::rung::Rung;
use protocol::send_queue::QueueFull;
use protocol::send_queue::{Outgoing, SendQueue};

/// How long a peer may take to show that it has its goodbye, by closing the link.
pub(crate) const GOODBYE_TIMEOUT: Duration = Duration::from_millis(1_500);

/// The queue and its wake-ups. One task waits for it.
#[derive(Debug)]
pub(crate) struct SharedQueue {
    rung: Rung,
    inner: Mutex<Inner>,
    /// What the queue says of itself, for those who only look.
    has_state: AtomicBool,
    is_closing: AtomicBool,
}

#[derive(Debug)]
struct Inner {
    queue: SendQueue<Tagged>,
    /// The task that waits, from its first time on.
    waker: Option<Waker>,
}

impl SharedQueue {
    pub(crate) fn new(rung: Rung) -> Self {
        let inner = Inner {
            queue: SendQueue::new(CONTROL_CAPACITY),
            waker: None,
        };
        Self {
            rung,
            inner: Mutex::new(inner),
            has_state: AtomicBool::new(false),
            is_closing: AtomicBool::new(false),
        }
    }

    pub(crate) fn has_state(&self) -> bool {
        self.has_state.load(Ordering::Relaxed)
    }

    /// Whether nothing waits, and more is taken.
    pub(crate) fn is_idle(&self) -> bool {
        self.lock().queue.is_idle()
    }

    pub(crate) fn put_state(&self, datagram: Tagged) {
        self.with_queue(|queue| {
            if queue.put_state(datagram) {
                counters::state_superseded(self.rung);
            }
        });
    }

    pub(crate) fn put_control(&self, frame: Tagged) -> Result<(), QueueFull> {
        self.with_queue(|queue| queue.put_control(frame))
    }

    pub(crate) fn close(&self, reason: CloseReason) {
        self.with_queue(|queue| queue.hang_up(Some(Tagged::goodbye(reason))));
    }

    /// Has the task that waits look again.
    pub(crate) fn wake(&self) {
        self.with_queue(|_| ());
    }

    /// Returns a while after [`Self::close`], when a peer that doesn't read has had its chance to
    /// be told.
    pub(crate) async fn goodbye_timed_out(&self) {
        let mut is_registered = false;
        poll_fn(|context| {
            if !std::mem::replace(&mut is_registered, true) {
                self.lock().wait(context);
            }
            if self.is_closing() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
        tokio::time::sleep(GOODBYE_TIMEOUT).await;
    }

    /// What to do next, at once.
    pub(crate) fn take_next(&self) -> Outgoing<Tagged> {
        let mut inner = self.lock();
        let next = inner.queue.take_next();
        self.tell(&inner.queue);
        next
    }

    /// The Control frame that is next, at once.
    pub(crate) fn take_control(&self) -> Option<Tagged> {
        self.lock().queue.take_control()
    }

    /// The State datagram that waits.
    pub(crate) fn take_state(&self) -> Option<Tagged> {
        let mut inner = self.lock();
        let state = inner.queue.take_state();
        self.tell(&inner.queue);
        state
    }

    /// Whether it has been closed.
    pub(crate) fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Acquire)
    }

    /// Ready when [`Self::take_next`] has something; else the task is woken when it may have.
    pub(crate) fn poll_wait(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut inner = self.lock();
        if !inner.queue.is_idle() {
            return Poll::Ready(());
        }
        inner.wait(context);
        Poll::Pending
    }

    fn with_queue<T>(&self, change: impl FnOnce(&mut SendQueue<Tagged>) -> T) -> T {
        let mut inner = self.lock();
        let result = change(&mut inner.queue);
        self.tell(&inner.queue);
        if let Some(waker) = &inner.waker {
            waker.wake_by_ref();
        }
        result
    }

    fn tell(&self, queue: &SendQueue<Tagged>) {
        self.has_state.store(queue.has_state(), Ordering::Relaxed);
        self.is_closing.store(queue.is_closing(), Ordering::Release);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn wait(&mut self, context: &Context<'_>) {
        match &mut self.waker {
            Some(waker) => waker.clone_from(context.waker()),
            None => self.waker = Some(context.waker().clone()),
        }
    }
}
