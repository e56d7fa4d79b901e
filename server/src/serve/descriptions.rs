//! What each figure is, in a line for whoever looks at `/metrics`; docs/operating.md says what to do about it.

use metrics::{counter, describe_counter, describe_gauge, describe_histogram};
use protocol::rung::Rung;

/// Counters that are there from the start. Those by reason appear with their first event.
const COUNTERS: [(&str, &str); 12] = [
    ("game_server_snapshots_total", "Snapshots sent"),
    (
        "game_server_snapshots_extra_total",
        "Snapshots sent between two because a path was rough",
    ),
    (
        "game_server_snapshot_bytes_total",
        "Bytes of snapshots, without headers",
    ),
    (
        "game_server_tick_overruns_total",
        "Ticks that began over a tick late",
    ),
    (
        "game_server_ticks_skipped_total",
        "Ticks left out because a room could not keep up",
    ),
    (
        "game_server_inputs_late_total",
        "Inputs whose tick was over",
    ),
    ("game_server_inputs_early_total", "Inputs too far ahead"),
    (
        "game_server_games_kept_total",
        "Finished games that the database has taken",
    ),
    (
        "game_server_rooms_failed_total",
        "Rooms that ended by a fault of the game",
    ),
    (
        "game_server_certificates_loaded_total",
        "Renewals of the certificate taken",
    ),
    (
        "game_server_certificate_orders_failed_total",
        "Orders at the authority that brought no certificate",
    ),
    (
        "game_server_log_lines_left_out_total",
        "Log lines left out because there were many alike",
    ),
];

/// The same, for each rung.
const COUNTERS_BY_RUNG: [(&str, &str); 3] = [
    (
        "game_server_links_begun_total",
        "Links that asked for a place to wait in",
    ),
    ("game_server_links_opened_total", "Links that took a seat"),
    (
        "game_server_state_superseded_total",
        "Datagrams that a newer one replaced before they left",
    ),
];

const COUNTERS_BY_REASON: [(&str, &str); 6] = [
    (
        "game_server_games_lost_total",
        "Finished games that no database will ever have",
    ),
    (
        "game_server_storage_faults_total",
        "Times that database or disk failed to do what they were asked",
    ),
    (
        "game_server_refused_total",
        "What came from peers and was not taken",
    ),
    (
        "game_server_requests_refused_total",
        "Problems answered over HTTP",
    ),
    (
        "game_server_game_faults_total",
        "What the game did and must not",
    ),
    (
        "game_server_udp_dropped_total",
        "Packets that the kernel dropped unread",
    ),
];

const GAUGES: [(&str, &str); 17] = [
    (
        "game_server_fleet_store_up",
        "1 while the fleet's store answers",
    ),
    (
        "game_server_fleet_nodes",
        "Nodes of the fleet that are there",
    ),
    ("game_server_database_up", "1 while the database answers"),
    (
        "game_server_outbox_games",
        "Finished games that wait for the database",
    ),
    (
        "game_server_outbox_age_seconds",
        "Time since the oldest of them ended",
    ),
    ("game_server_build_info", "1; the program's version"),
    (
        "game_server_draining",
        "1 while nobody new comes in, before the end",
    ),
    (
        "game_server_sessions",
        "Players that hold a seat or a place",
    ),
    ("game_server_sessions_max", "Players that there can be"),
    ("game_server_rooms", "Rooms that run"),
    ("game_server_rooms_max", "Rooms that there can be"),
    ("game_server_links", "Connections that hold a seat"),
    ("game_server_tasks", "Tasks of the runtime"),
    (
        "game_server_udp_buffer_bytes",
        "What the kernel grants a UDP socket",
    ),
    (
        "game_server_certificate_end_seconds",
        "When the certificate ends, in seconds since 1970",
    ),
    (
        "game_server_certificate_fault",
        "1 while no fresh certificate can be had, or browsers refuse the one that is served",
    ),
    (
        "game_server_login_keys_fault",
        "1 while the keys for logins can't be read",
    ),
];

const HISTOGRAMS: [(&str, &str); 7] = [
    ("game_server_tick_seconds", "How long a tick takes"),
    (
        "game_server_tick_lateness_seconds",
        "How long after it was due a tick begins",
    ),
    (
        "game_server_round_trip_seconds",
        "Players' round trips, once a second each",
    ),
    (
        "game_server_acked_snapshot_age_seconds",
        "Age of the newest snapshot a player is known to have, once a second each",
    ),
    (
        "game_server_report_lost_ratio",
        "Share of snapshots lost, once for each match and session",
    ),
    (
        "game_server_report_holes_per_minute",
        "Gaps a minute, once for each match and session",
    ),
    (
        "game_server_report_round_trip_seconds",
        "Round trip, once for each match and session",
    ),
];

/// Tells the recorder.
pub(super) fn describe() {
    for (name, text) in COUNTERS {
        describe_counter!(name, text);
        counter!(name).increment(0);
    }
    for (name, text) in COUNTERS_BY_RUNG {
        describe_counter!(name, text);
        for rung in Rung::ALL {
            counter!(name, "rung" => rung.name()).increment(0);
        }
    }
    for (name, text) in COUNTERS_BY_REASON {
        describe_counter!(name, text);
    }
    for (name, text) in GAUGES {
        describe_gauge!(name, text);
    }
    for (name, text) in HISTOGRAMS {
        describe_histogram!(name, text);
    }
}
