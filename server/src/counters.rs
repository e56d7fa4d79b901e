//! Names of what the server counts. Every drop of a peer's bytes has one.

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};

use protocol::rung::Rung;

/// A State datagram that a newer one replaced before it was sent.
pub(crate) fn state_superseded(rung: Rung) {
    counter!("game_server_state_superseded_total", "rung" => rung.name()).increment(1);
}

/// Whether the keys for logins can't be read.
pub(crate) fn login_keys_fault() -> Gauge {
    gauge!("game_server_login_keys_fault")
}

/// Something of a peer's that was not taken.
pub(crate) fn refused(what: &'static str, reason: &'static str) {
    counter!("game_server_refused_total", "what" => what, "reason" => reason).increment(1);
}

/// Counts a link for as long as it lives.
pub(crate) struct LiveLink(Rung);

impl LiveLink {
    /// A link that came up.
    pub(crate) fn new(rung: Rung) -> Self {
        counter!("game_server_links_opened_total", "rung" => rung.name()).increment(1);
        Self::gauge(rung).increment(1.0);
        Self(rung)
    }

    fn gauge(rung: Rung) -> Gauge {
        gauge!("game_server_links", "rung" => rung.name())
    }
}

impl Drop for LiveLink {
    fn drop(&mut self) {
        Self::gauge(self.0).decrement(1.0);
    }
}

/// Tells the program's version.
pub(crate) fn set_build_info(version: &'static str) {
    gauge!("game_server_build_info", "version" => version).set(1.0);
}

/// Whether nobody new comes in, for the server is about to end.
pub(crate) fn draining() -> Gauge {
    gauge!("game_server_draining")
}

/// Finished games that the database has taken.
pub(crate) fn games_kept() -> Counter {
    counter!("game_server_games_kept_total")
}

/// Finished games that no database will ever have.
pub(crate) fn games_lost(reason: &'static str) -> Counter {
    counter!("game_server_games_lost_total", "reason" => reason)
}

/// Times that the database or the disk didn't do what it was asked.
pub(crate) fn storage_faults(part: &'static str) -> Counter {
    counter!("game_server_storage_faults_total", "part" => part)
}

/// Whether the database answered when it was last asked.
pub(crate) fn database_up() -> Gauge {
    gauge!("game_server_database_up")
}

/// Finished games that wait for the database.
pub(crate) fn outbox_games() -> Gauge {
    gauge!("game_server_outbox_games")
}

/// Seconds since the oldest of them ended.
pub(crate) fn outbox_age() -> Gauge {
    gauge!("game_server_outbox_age_seconds")
}

/// Rooms that run.
pub(crate) fn rooms() -> Gauge {
    gauge!("game_server_rooms")
}

/// Nodes of the fleet, as the store has them.
pub(crate) fn fleet_nodes() -> Gauge {
    gauge!("game_server_fleet_nodes")
}

/// Whether the fleet's store answers.
pub(crate) fn fleet_store_up() -> Gauge {
    gauge!("game_server_fleet_store_up")
}

/// Requests that were handed on to another node of the fleet.
pub(crate) fn handed_on() -> Counter {
    counter!("game_server_handed_on_total")
}

/// The most rooms, and the most players in them.
pub(crate) fn set_capacity(rooms: usize, seats: usize) {
    gauge!("game_server_rooms_max").set(rooms as f64);
    gauge!("game_server_sessions_max").set(rooms.saturating_mul(seats) as f64);
}

/// Sessions that hold a seat or a place.
pub(crate) fn sessions() -> Gauge {
    gauge!("game_server_sessions")
}

/// Tasks that live, as the runtime counts them.
pub(crate) fn tasks() -> Gauge {
    gauge!("game_server_tasks")
}

/// Rooms that ended by a panic.
pub(crate) fn rooms_failed() -> Counter {
    counter!("game_server_rooms_failed_total")
}

/// When the certificate ends, in seconds since 1970.
pub(crate) fn certificate_ends() -> Gauge {
    gauge!("game_server_certificate_end_seconds")
}

/// 1 while there is no certificate that can be served in the place of the present one: the operator's files hold none, or
/// an authority issues none.
pub(crate) fn certificate_fault() -> Gauge {
    gauge!("game_server_certificate_fault")
}

/// Times that the operator's files were loaded again, or that an authority issued a certificate.
pub(crate) fn certificates_loaded() -> Counter {
    counter!("game_server_certificates_loaded_total")
}

/// Bytes that the kernel grants a UDP socket in a direction.
pub(crate) fn udp_buffers(socket: &'static str, direction: &'static str) -> Gauge {
    gauge!("game_server_udp_buffer_bytes", "socket" => socket, "direction" => direction)
}

/// Packets that the kernel dropped because nobody read them in time.
pub(crate) fn udp_dropped(socket: &'static str) -> Counter {
    counter!("game_server_udp_dropped_total", "socket" => socket)
}

/// A link that asks for a place to wait in, on its way to a seat.
pub(crate) fn link_begun(rung: Rung) {
    counter!("game_server_links_begun_total", "rung" => rung.name()).increment(1);
}

/// Round trips of players, once a second each, by the rung that carries State.
pub(crate) fn round_trip(rung: Rung) -> Histogram {
    histogram!("game_server_round_trip_seconds", "rung" => rung.name())
}

/// How old the newest snapshot is that a player is known to have, once a second each.
pub(crate) fn acked_age(rung: Rung) -> Histogram {
    histogram!("game_server_acked_snapshot_age_seconds", "rung" => rung.name())
}

/// Lines left out of the log because there were many like them.
pub(crate) fn log_lines_left_out() -> Counter {
    counter!("game_server_log_lines_left_out_total")
}

/// Orders at an authority that brought no certificate.
pub(crate) fn certificate_orders_failed() -> Counter {
    counter!("game_server_certificate_orders_failed_total")
}

/// Something that a game did and must not.
pub(crate) fn game_fault(kind: &'static str) {
    counter!("game_server_game_faults_total", "kind" => kind).increment(1);
}

/// Counters of a room's hot path, looked up once.
pub(crate) struct RoomCounters {
    /// Snapshots handed to links.
    pub(crate) snapshots: Counter,
    /// Of these, those sent between two because a path was rough.
    pub(crate) extra_snapshots: Counter,
    /// Their bytes.
    pub(crate) snapshot_bytes: Counter,
    /// How long a tick takes, in seconds.
    pub(crate) tick: Histogram,
    /// How long after it was due a tick begins, in seconds.
    pub(crate) lateness: Histogram,
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
            snapshots: counter!("game_server_snapshots_total"),
            extra_snapshots: counter!("game_server_snapshots_extra_total"),
            snapshot_bytes: counter!("game_server_snapshot_bytes_total"),
            tick: histogram!("game_server_tick_seconds"),
            lateness: histogram!("game_server_tick_lateness_seconds"),
            overruns: counter!("game_server_tick_overruns_total"),
            skipped: counter!("game_server_ticks_skipped_total"),
            late_inputs: counter!("game_server_inputs_late_total"),
            early_inputs: counter!("game_server_inputs_early_total"),
        }
    }
}
