//! What `netlab run` found out, as its JSON holds it: for machines, for `netlab compare`, and for the reports that
//! people read. It only holds; what the figures are is worked out in [`crate::judge`].

mod counts;
mod feel;
mod figure;
pub mod file;
mod grid;
mod group;
pub mod html;
pub mod junit;
mod number;
mod plot;
pub mod progress;
mod silence;
pub mod table;
mod text;

pub use feel::Feel;
use serde::{Deserialize, Serialize};

use crate::transport_under_test::TransportUnderTest;
use protocol::rung::Rung;

/// Counts up when a reader of an older report would misread it.
pub const REPORT_VERSION: u32 = 1;

/// Everything of one `netlab run`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`REPORT_VERSION`].
    pub version: u32,
    /// When it began, in milliseconds since 1970.
    pub began_unix_ms: f64,
    /// The arguments that repeat it.
    pub command: Vec<String>,
    /// Where the path was.
    pub place: Place,
    /// What the place can't do, in words, for example that a relay can't lose TCP's segments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
    /// Each profile that was played, as it stood in the profile file.
    pub profiles: Vec<ProfileNote>,
    /// One entry per profile, player, way and repeat, in the order played.
    pub runs: Vec<Run>,
    /// What was asked of the runs, and what came of it.
    pub verdict: Verdict,
}

/// Where the emulated path was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Two network namespaces and a forwarder between: every packet meets the path.
    Namespaces,
    /// A relay of UDP datagrams and TCP bytes on this host.
    Relay,
}

/// A profile, for a reader who hasn't the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProfileNote {
    /// Its name in the file.
    pub name: String,
    /// What it is, in a line.
    pub summary: String,
    /// Where its figures are from.
    pub source: String,
}

/// One player's game on one path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The profile's name.
    pub profile: String,
    /// Who played: `chromium`, `firefox` or `native`.
    pub player: String,
    /// What it played over.
    pub way: TransportUnderTest,
    /// Counts from 1; each repeat has network conditions of its own, and all ways of a repeat have the same.
    pub repeat: u32,
    /// The seed of the network conditions.
    pub seed: u64,
    /// How long was measured, in seconds, from the moment the path was put in force.
    pub seconds: f64,
    /// What the player got.
    pub figures: Figures,
    /// What an ideal sender would have got through the same network conditions.
    pub floor: Figures,
    /// What the connection did beside bringing snapshots; the floor has none of it.
    pub connection: Connection,
    /// What the player felt of it; none where it has no frames, or doesn't tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feel: Option<Feel>,
    /// What the player got, over time; of several at once, the one in the middle by starved time.
    pub series: Series,
    /// What each of the others got, where several played at once; the figures are those of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_series: Vec<Series>,
    /// The same as `series` of the ideal sender.
    pub floor_series: Series,
    /// Why the run is no measurement: the server died, the browser hung. Figures are then those up to that moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

impl Run {
    /// Why it is no measurement, if it is none; no figure of it then counts.
    pub fn fault(&self) -> Option<&str> {
        match &self.failure {
            Some(failure) => Some(&failure.reason),
            None if self.figures.sent == 0 => Some("the server made no snapshot"),
            None if self.figures.arrived == 0 => Some("no snapshot came in"),
            None => None,
        }
    }
}

/// How snapshots came in. Times in milliseconds. A snapshot counts once, when its first copy comes in.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Figures {
    /// Snapshots that the server made for this player while it was measured.
    pub sent: u32,
    /// Of these, those that came in.
    pub arrived: u32,
    /// Of these, those that came later than the path's longest own delay plus 50 ms.
    pub late: u32,
    /// Of these, those that came after a newer one, and so were of no use.
    pub superseded: u32,
    /// From the server's send to the receipt, of those that were no older than what was held.
    pub age: Quantiles,
    /// Spans of more than 150 ms without a new snapshot.
    pub gaps: u32,
    /// The longest span without a new snapshot.
    pub longest_gap: f64,
    /// Share of time that lies more than 150 ms after the newest snapshot came in, in percent.
    pub starved_percent: f64,
}

/// The middle and the tail; all zero without any value.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Quantiles {
    /// Half lie below.
    pub p50: f64,
    /// 95 of 100 lie below.
    pub p95: f64,
    /// 99 of 100 lie below.
    pub p99: f64,
    /// The largest.
    pub max: f64,
}

/// What the connection did. Times in milliseconds; `None` where the player can't tell.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Connection {
    /// From the click to the first snapshot, on the path as it is while it is measured.
    pub first_snapshot: Option<f64>,
    /// Moves from one rung to another, the first choice not counted.
    pub rung_changes: Option<u32>,
    /// The rung that carried the game at the end.
    pub settled_on: Option<Rung>,
    /// Payload bytes that the player received and sent.
    pub bytes: Option<Bytes>,
    /// Bytes that the path carried down to the player while it was measured, all headers included.
    pub link_bytes_down: Option<u64>,
    /// Round trip as the player measures it.
    pub rtt_seen: Option<f64>,
    /// Mean round trip of the path as it was set, without queues.
    pub rtt_set: f64,
    /// TCP segments that the server's host sent again.
    pub tcp_retransmitted: Option<u64>,
    /// State datagrams that came in more than once under the same number.
    pub repeated: Option<u32>,
    /// Time in which the player's page itself stood still; it is left out of nothing.
    pub standstill: Option<f64>,
    /// How late the path itself let packets out, in milliseconds at p99: the lab's own error.
    pub link_lateness_p99: Option<f64>,
}

/// Payload bytes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Bytes {
    /// Received.
    pub down: u64,
    /// Sent.
    pub up: u64,
}

/// What came when: one entry per snapshot that came in, in order of arrival.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Series {
    /// When it came in, in milliseconds from the start of the measurement.
    pub at: Vec<f64>,
    /// Its age then, in milliseconds.
    pub age: Vec<f64>,
    /// Whether it was newer than all before it.
    pub is_new: Vec<bool>,
}

/// Why a run is no measurement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// In a line.
    pub reason: String,
    /// The server's last lines of log.
    pub log: Vec<String>,
}

/// What was asked, and what came of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Verdict {
    /// Every check, in the order of the runs.
    pub checks: Vec<Check>,
}

impl Verdict {
    /// Whether nothing failed. True without any check.
    pub fn passed(&self) -> bool {
        self.checks.iter().all(|check| check.passed)
    }
}

/// One threshold held against all repeats of one profile, player and way: the median counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The profile's name.
    pub profile: String,
    /// As [`Run::player`].
    pub player: String,
    /// As [`Run::way`].
    pub way: TransportUnderTest,
    /// The threshold's key in the profile file, or `ran` for a run that was no measurement.
    pub key: String,
    /// What it may be, in words with a unit, for example `≤ 75 ms`.
    pub bound: String,
    /// What it was in each repeat.
    pub measured: Vec<f64>,
    /// Whether the median keeps to the bound.
    pub passed: bool,
    /// The whole line for a person.
    pub line: String,
}
