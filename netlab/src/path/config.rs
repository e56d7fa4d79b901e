//! What one direction of a path is like, as code or a profile file says it; the ranges are checked in `ranges`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::random::JitterDraws;
use super::ranges;
use crate::trace::TraceLane;

/// One direction of a path. The default is perfect: no delay, no loss, no bound.
///
/// Unknown keys and figures out of range are errors that name the key.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PathConfig {
    /// One-way delay in ms, 0 to 60,000. Default 0.
    #[serde(deserialize_with = "ranges::delay_ms")]
    pub delay_ms: f64,
    /// Delay that varies from packet to packet, on top of `delay_ms`. Default none.
    #[serde(deserialize_with = "ranges::checked")]
    pub jitter: Jitter,
    /// Which packets are lost. Default none.
    #[serde(deserialize_with = "ranges::checked")]
    pub loss: Loss,
    /// Share of packets that come out twice, in percent. Default 0.
    #[serde(deserialize_with = "ranges::duplicate_percent")]
    pub duplicate_percent: f64,
    /// Share of packets of which one byte is flipped, in percent. Default 0.
    #[serde(deserialize_with = "ranges::corrupt_percent")]
    pub corrupt_percent: f64,
    /// The bottleneck. Default unlimited.
    #[serde(deserialize_with = "ranges::checked")]
    pub bandwidth: Bandwidth,
    /// Whether every UDP packet is swallowed, as by a firewall that knows only TCP. Default no.
    pub udp_blackhole: bool,
    /// Spans in which nothing passes, as in a handover or a tunnel. Default none.
    #[serde(deserialize_with = "ranges::checked_all")]
    pub gaps: Vec<Gap>,
    /// When a NAT before the server forgets its mappings, in order, so that the server sees the client's next packets
    /// come from new ports. Counts in the direction from the client to the server only. Default never.
    #[serde(deserialize_with = "ranges::checked_in_order")]
    pub nat_rebindings: Vec<NatRebinding>,
    /// A recorded trace, which counts from the configuration's start: its delay comes on top of `delay_ms`, its loss
    /// beside `loss`, and `jitter.order` holds for its delays too. No key of a file sets it: see
    /// [`super::PathPair::replaying`]. Default none.
    #[serde(skip)]
    pub trace: Option<Arc<TraceLane>>,
    /// Changes over time, in order. Default none.
    #[serde(deserialize_with = "ranges::checked_in_order")]
    pub schedule: Vec<ScheduleStep>,
}

/// Which packets are lost.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "snake_case", deny_unknown_fields)]
pub enum Loss {
    /// None.
    #[default]
    #[serde(deserialize_with = "ranges::no_more_keys")]
    None,
    /// Each packet for itself.
    Uniform {
        /// Share of packets lost, in percent.
        percent: f64,
    },
    /// Gilbert–Elliott by packet: a good state that loses nothing and a bad one that loses all; so the share lost is
    /// `bad_packets / (good_packets + bad_packets)`. A sender of more packets meets shorter bursts in time: compare
    /// senders under [`Loss::Fades`].
    Bursts {
        /// Mean packets in a row that pass, at least 1.
        good_packets: f64,
        /// Mean packets in a row that are lost, at least 1.
        bad_packets: f64,
    },
    /// Gilbert–Elliott in continuous time: nothing passes during a fade, however many packets are sent. Lengths of
    /// fades and of the spans between are exponential.
    Fades {
        /// Mean length of a fade in ms, more than 0 and up to 60,000.
        mean_ms: f64,
        /// Share of time that is faded, in percent, less than 100.
        faded_percent: f64,
    },
}

/// Delay that varies from packet to packet, evenly from 0 to `ms`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Jitter {
    /// The most it adds, in ms, 0 to 60,000. Default 0.
    pub ms: f64,
    /// Whether packets may overtake each other through it. Default kept.
    pub order: Order,
    /// Share of packets that it touches, in percent. Default 100.
    pub touched_percent: f64,
}

/// Whether packets may overtake each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Each comes out no earlier than those before it; the held-up ones hold up those behind.
    #[default]
    Kept,
    /// Each comes out at its own time.
    Free,
}

/// A bottleneck with a queue in front.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bandwidth {
    /// Rate in 1,000 bits per second, at least 1; `inf` is no bound.
    pub kbit_per_s: f64,
    /// Most bytes that wait or are under transmission, at least 1,500. Default 65,536.
    #[serde(default = "default_queue_bytes")]
    pub queue_bytes: usize,
    /// What it drops when the queue fills. Default its tail.
    #[serde(default)]
    pub drop: DropPolicy,
}

/// Which packets a filling queue drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropPolicy {
    /// Those that find no room.
    #[default]
    Tail,
    /// Those that find no room, and before that some at random: none up to half full, then more and more, evenly up
    /// to all when it is full. It is random early detection (Floyd and Jacobson 1993) with the present length of the
    /// queue in place of its mean.
    Early,
}

/// A moment at which a NAT forgets its mappings.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NatRebinding {
    /// When, in seconds from the configuration's start, no earlier than the one before.
    pub at_s: f64,
    /// Whether it forgets TCP connections too, which end by that. Default no: NATs forget idle UDP after as little as
    /// two minutes (RFC 4787, section 4.3) and established TCP after two hours (RFC 5382, section 5).
    #[serde(default)]
    pub tcp: bool,
}

/// A span in which nothing passes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gap {
    /// When it begins, in seconds from the configuration's start.
    pub at_s: f64,
    /// How long it lasts, in ms, more than 0 and up to 600,000.
    pub for_ms: f64,
    /// It comes again after each so many seconds, longer than itself. Default: once.
    #[serde(default)]
    pub every_s: Option<f64>,
}

/// A change at a given time; what it leaves out stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScheduleStep {
    /// When, in seconds from the configuration's start, no earlier than the step before.
    pub at_s: f64,
    /// As [`PathConfig::delay_ms`].
    #[serde(default)]
    pub delay_ms: Option<f64>,
    /// As [`PathConfig::jitter`].
    #[serde(default)]
    pub jitter: Option<Jitter>,
    /// As [`PathConfig::loss`].
    #[serde(default)]
    pub loss: Option<Loss>,
    /// As [`PathConfig::duplicate_percent`].
    #[serde(default)]
    pub duplicate_percent: Option<f64>,
    /// As [`PathConfig::corrupt_percent`].
    #[serde(default)]
    pub corrupt_percent: Option<f64>,
    /// As [`PathConfig::bandwidth`]; `{ kbit_per_s = inf }` lifts the bound.
    #[serde(default)]
    pub bandwidth: Option<Bandwidth>,
    /// As [`PathConfig::udp_blackhole`].
    #[serde(default)]
    pub udp_blackhole: Option<bool>,
}

impl Default for Jitter {
    fn default() -> Self {
        Self {
            ms: 0.0,
            order: Order::Kept,
            touched_percent: 100.0,
        }
    }
}

impl Jitter {
    /// What it adds to one packet, in ms.
    pub(super) fn stretch_ms(&self, draws: JitterDraws) -> f64 {
        if draws.whether * 100.0 < self.touched_percent {
            draws.share * self.ms
        } else {
            0.0
        }
    }
}

impl Bandwidth {
    /// No bound.
    pub const UNLIMITED: Self = Self {
        kbit_per_s: f64::INFINITY,
        queue_bytes: DEFAULT_QUEUE_BYTES,
        drop: DropPolicy::Tail,
    };
}

impl Default for Bandwidth {
    fn default() -> Self {
        Self::UNLIMITED
    }
}

const DEFAULT_QUEUE_BYTES: usize = 65_536;

fn default_queue_bytes() -> usize {
    DEFAULT_QUEUE_BYTES
}
