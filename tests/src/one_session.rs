//! The list of sessions of a room that is driven by hand: one session, which holds its place until it is over.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use protocol::ids::SessionId;
use server::room::RoomHost;

/// One session, whether or not it is over.
#[derive(Debug)]
pub struct OneSession {
    session: SessionId,
    is_over: AtomicBool,
}

impl OneSession {
    /// One that holds its place.
    #[must_use]
    pub fn new(session: SessionId) -> Self {
        Self {
            session,
            is_over: AtomicBool::new(false),
        }
    }

    /// Whether the room has ended it.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}

impl RoomHost for OneSession {
    fn holds(&self, session: SessionId) -> bool {
        session == self.session && !self.is_over()
    }

    fn renew_token(&self, _: SessionId) -> (String, Duration) {
        ("token".to_owned(), Duration::from_secs(60))
    }

    fn end(&self, _: SessionId) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    fn end_room(&self) {}

    fn retire_room(&self) -> bool {
        true
    }
}
