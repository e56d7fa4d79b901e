//! Links: one live transport connection each, whatever the rung. A transport moves bytes between
//! a peer and a [`Port`](crate::room::Port) into a room; it knows nothing of sessions' state, rooms or games.

pub(crate) mod attach;
mod congestion;
mod flood;
pub(crate) mod shared_queue;
pub(crate) mod udp;
pub(crate) mod udp_socket;
pub(crate) mod udp_watch;
pub(crate) mod webrtc;
pub(crate) mod websocket;
pub(crate) mod webtransport;

use std::time::Instant;

/// Sleeps until the next timer is due, if any is set.
async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
