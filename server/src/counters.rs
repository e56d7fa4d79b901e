//! Names of what the server counts. Every drop of a peer's bytes has one.

use metrics::{Counter, Gauge, counter, gauge};

use crate::transport::Rung;

/// A State datagram that a newer one replaced before it was sent.
pub(crate) fn state_superseded(rung: Rung) {
    counter!("battle_circles_state_superseded_total", "rung" => rung.label()).increment(1);
}

/// Something of a peer's that was not taken.
pub(crate) fn refused(what: &'static str, reason: &'static str) {
    counter!("battle_circles_refused_total", "what" => what, "reason" => reason).increment(1);
}

/// Counts a link for as long as it lives.
pub(crate) struct LiveLink(Rung);

impl LiveLink {
    /// A link that came up.
    pub(crate) fn new(rung: Rung) -> Self {
        counter!("battle_circles_links_opened_total", "rung" => rung.label()).increment(1);
        Self::gauge(rung).increment(1.0);
        Self(rung)
    }

    fn gauge(rung: Rung) -> Gauge {
        gauge!("battle_circles_links", "rung" => rung.label())
    }
}

impl Drop for LiveLink {
    fn drop(&mut self) {
        Self::gauge(self.0).decrement(1.0);
    }
}

/// Rooms that run.
pub(crate) fn rooms() -> Gauge {
    gauge!("battle_circles_rooms")
}

/// Sessions that hold a seat or a place.
pub(crate) fn sessions() -> Gauge {
    gauge!("battle_circles_sessions")
}

/// Tasks that live, as the runtime counts them.
pub(crate) fn tasks() -> Gauge {
    gauge!("battle_circles_tasks")
}

/// Rooms that ended by a panic.
pub(crate) fn rooms_failed() -> Counter {
    counter!("battle_circles_rooms_failed_total")
}

/// Counters of a room's hot path, looked up once.
#[derive(Clone)]
pub(crate) struct RoomCounters {
    /// Snapshots handed to links.
    pub(crate) snapshots: Counter,
    /// Of these, those sent between two because a path was rough.
    pub(crate) extra_snapshots: Counter,
    /// Their bytes.
    pub(crate) snapshot_bytes: Counter,
    /// Ticks that began over a tick late.
    pub(crate) overruns: Counter,
    /// Ticks left out because the room could not keep up.
    pub(crate) skipped: Counter,
    /// Inputs that came after their tick.
    pub(crate) late_inputs: Counter,
    /// Inputs too far ahead.
    pub(crate) early_inputs: Counter,
}

impl RoomCounters {
    pub(crate) fn new() -> Self {
        Self {
            snapshots: counter!("battle_circles_snapshots_total"),
            extra_snapshots: counter!("battle_circles_snapshots_extra_total"),
            snapshot_bytes: counter!("battle_circles_snapshot_bytes_total"),
            overruns: counter!("battle_circles_tick_overruns_total"),
            skipped: counter!("battle_circles_ticks_skipped_total"),
            late_inputs: counter!("battle_circles_inputs_late_total"),
            early_inputs: counter!("battle_circles_inputs_early_total"),
        }
    }
}
