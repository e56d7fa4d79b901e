//! What a run has measured, for people and for tools.

use std::fmt;
use std::time::Duration;

use protocol::rung::Rung;
use serde::{Deserialize, Serialize};

use crate::crowd::Seen;
use crate::served::Look;

/// The figures of a run. All of the server's are over the measured span, and per snapshot that a player has decoded.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figures {
    /// How players connected.
    pub rung: Rung,
    /// Whether nothing was simulated.
    pub transport_only: bool,
    /// Players who were in.
    pub players: usize,
    /// Joins that came to nothing.
    pub failed_joins: usize,
    /// From a join to its first snapshot, all of them, one after another and some at once.
    pub joins_a_second: f64,
    /// The measured span.
    pub seconds: f64,
    /// Decoded by all players.
    pub snapshots_a_second: f64,
    /// Age of a snapshot at its receipt, in milliseconds: median, and the 99th and 99.9th percentiles.
    pub age_ms: [f64; 3],
    /// Processor time of the server in its own code, in microseconds a snapshot.
    pub user_us: f64,
    /// Processor time of the kernel for the server.
    pub system_us: f64,
    /// Times a thread of the server was put aside, a snapshot.
    pub context_switches: f64,
    /// Of one core, that the server used.
    pub cores: f64,
    /// Bytes of memory that a player took.
    pub memory_a_player: f64,
    /// Bytes of a snapshot with the protocol's header, without what transports add.
    pub bytes_in_a_snapshot: f64,
    /// Bytes that a player sent in a second, likewise.
    pub bytes_out_a_second: f64,
    /// Datagrams that never came, of a million.
    pub missing_of_a_million: f64,
    /// Datagrams that couldn't be decoded.
    pub undecodable: u64,
    /// Ticks that took longer than they may.
    pub tick_overruns: f64,
    /// By how much ticks were late, the 99th percentile, in milliseconds.
    pub tick_lateness_p99_ms: f64,
}

/// What is known of a run's players.
#[derive(Clone, Debug)]
pub struct Players {
    /// How they connected.
    pub rung: Rung,
    /// Whether nothing was simulated.
    pub transport_only: bool,
    /// How many were in.
    pub joined: usize,
    /// How many weren't.
    pub failed: usize,
    /// How long all took.
    pub joined_in: Duration,
    /// The server's memory before the first, in bytes.
    pub empty_memory: u64,
}

impl Figures {
    /// Of a run whose server was looked at before and after a span.
    #[must_use]
    pub fn of(players: &Players, seen: &Seen, span: Duration, before: &Look, after: &Look) -> Self {
        let used = after.used.since(before.used);
        let snapshots = seen.snapshots.max(1) as f64;
        let count = players.joined.max(1) as f64;
        let seconds = span.as_secs_f64();
        let micros = |time: Duration| time.as_secs_f64() * 1e6 / snapshots;
        let lateness = "game_server_tick_lateness_seconds";
        let lateness = after
            .metrics
            .quantile_since(&before.metrics, lateness, 0.99);
        let overruns = "game_server_tick_overruns_total";
        Self {
            rung: players.rung,
            transport_only: players.transport_only,
            players: players.joined,
            failed_joins: players.failed,
            joins_a_second: count / players.joined_in.as_secs_f64(),
            seconds,
            snapshots_a_second: seen.snapshots as f64 / seconds,
            age_ms: [0.5, 0.99, 0.999].map(|share| quantile(&seen.ages, share)),
            user_us: micros(used.user),
            system_us: micros(used.system),
            context_switches: used.switches as f64 / snapshots,
            cores: (used.user + used.system).as_secs_f64() / seconds,
            memory_a_player: after.memory.saturating_sub(players.empty_memory) as f64 / count,
            bytes_in_a_snapshot: seen.bytes_in as f64 / snapshots,
            bytes_out_a_second: seen.bytes_out as f64 / count / seconds,
            missing_of_a_million: seen.missing as f64 * 1e6 / snapshots,
            undecodable: seen.undecodable,
            tick_overruns: after.count(overruns) - before.count(overruns),
            tick_lateness_p99_ms: lateness.unwrap_or(0.0) * 1e3,
        }
    }

    /// Processor time of a snapshot in microseconds.
    #[must_use]
    pub fn cpu_us(&self) -> f64 {
        self.user_us + self.system_us
    }
}

/// Of sorted values, by the nearest rank, in milliseconds.
fn quantile(sorted: &[Duration], share: f64) -> f64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    let age = sorted.get(rank.saturating_sub(1));
    age.map_or(f64::NAN, |age| age.as_secs_f64() * 1e3)
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [p50, p99, p999] = self.age_ms;
        writeln!(
            f,
            "{} players on {}, {:.0} joins a second, {} failed; {:.1} s measured",
            self.players, self.rung, self.joins_a_second, self.failed_joins, self.seconds
        )?;
        writeln!(
            f,
            "  {:.0} snapshots a second of {:.0} B, {:.0} of a million missing; age {p50:.1} / {p99:.1} / {p999:.1} ms (p50, p99, p99.9)",
            self.snapshots_a_second, self.bytes_in_a_snapshot, self.missing_of_a_million
        )?;
        writeln!(
            f,
            "  server: {:.1} µs a snapshot (user {:.1}, system {:.1}), {:.2} context switches; {:.2} of a core",
            self.cpu_us(),
            self.user_us,
            self.system_us,
            self.context_switches,
            self.cores
        )?;
        write!(
            f,
            "  {:.0} KiB of memory a player; ticks late by {:.1} ms (p99), {:.0} overruns",
            self.memory_a_player / 1_024.0,
            self.tick_lateness_p99_ms,
            self.tick_overruns
        )
    }
}
